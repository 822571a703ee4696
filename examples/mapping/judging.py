"""What a mapping makes of sentences in rooms that it has not seen, in tables."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from asks import KINDS, tests_of
from furnished import Furnished
from relations import Meant
from rooms import THINGS, best_view
from shows import Part, ShowAny

from tvdrnet_nv import Orbit, scene_orbit
from tvdrnet_nv.grounding.short_form import short_form
from tvdrnet_nv.language import TextEncoder
from tvdrnet_nv.mapping import CameraMapping, answers

SAME_SORT = {
    "chair": ("chair", "office_chair"),
    "table": ("dining_table", "coffee_table", "desk"),
    "lamp": ("lamp", "floor_lamp"),
}
"""The kinds among which a relation chooses, where they are not the word's own alone."""

_FEW = 2  # rooms, where there are many questions


class Judge:
    """Asks mappings, one after the other, and remembers what a search finds."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._mapping: CameraMapping | None = None
        self._searched: dict[int, float] = {}

    def __call__(
        self,
        mapping: CameraMapping,
        rooms: Sequence[Furnished],
        meant: Sequence[Sequence[Meant]],
        usual: Sequence[Furnished],
    ) -> None:
        """Print all tables of a mapping."""
        self._mapping = mapping
        print("\nThe first eight kinds")
        self.kinds(rooms, THINGS, first=True)
        print("\nAll kinds")
        self.kinds(rooms[:_FEW], KINDS, first=False)
        print("\nAll kinds, in rooms of the usual layout")
        self.kinds(usual, KINDS, first=False)
        print()
        self.relations(rooms[:_FEW], meant[:_FEW])

    def views(self, room: Furnished, sentences: Sequence[str]) -> list[Orbit]:
        """The mapping's view for each sentence, asked in its short form as the package asks."""
        assert self._mapping is not None
        queries = self._encoder.encode([short_form(sentence) for sentence in sentences])
        (found,) = answers(self._mapping, [room.task(room.parts["sofa"], queries)])
        return [found[i] for i in range(len(found))]

    @torch.no_grad()
    def score(self, room: Furnished, parts: list[Part], view: Orbit) -> float:
        """In [0, 1]."""
        return float(ShowAny(parts).scores(view.camera(), room.renderer.resolution)[0])

    def searched(self, room: Furnished, parts: list[Part]) -> float:
        """What a search that knows the place finds, of the best part."""
        for part in parts:
            if id(part) not in self._searched:
                task = room.task([part], torch.empty(0))
                self._searched[id(part)] = self.score(room, [part], best_view(task, part.focus))
        return max(self._searched[id(part)] for part in parts)

    def kinds(self, rooms: Sequence[Furnished], kinds: Sequence[str], first: bool) -> None:
        """Print the scores of sentences about kinds of things; only the first held-out name and wish, if so wanted."""
        table: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for room in rooms:
            default = scene_orbit(room.room.mesh, up="z")
            for kind in kinds:
                parts = room.parts[kind]
                for sort, sentences in tests_of(kind).items():
                    if first and sort in ("other names", "wishes"):
                        sentences = sentences[:1]
                    scores = [self.score(room, parts, view) for view in self.views(room, sentences)]
                    table[sort][kind].append(float(np.mean(scores)))
                table["the default view"][kind].append(self.score(room, parts, default))
                table["search"][kind].append(self.searched(room, parts))
        best = np.mean([np.mean(row) for row in table["search"].values()])
        print(f"{'':20s}   all  share  " + " ".join(f"{kind[:9]:>9s}" for kind in kinds))
        for sort, row in table.items():
            means = [float(np.mean(row[kind])) for kind in kinds]
            each = " ".join(f"{mean:9.2f}" for mean in means)
            print(f"{sort:20s} {np.mean(means):5.3f} {np.mean(means) / best:5.0%}   {each}", flush=True)

    def relations(self, rooms: Sequence[Furnished], meant: Sequence[Sequence[Meant]]) -> None:
        """Print how often the meant one of several things is shown, and its score."""
        rows: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for room, items in zip(rooms, meant, strict=True):
            for item in items:
                sort = "pairs kept apart" if item.kept else "pairs that it knows"
                self._ask(rows[f"{sort}"], room, item, item.sentences[0])
                if not item.kept:
                    self._ask(rows["other phrasings"], room, item, item.others[0])
                    self._ask(rows[f"  {item.target}"], room, item, item.sentences[0])
                    self._ask(rows[f"  {item.relation}"], room, item, item.sentences[0])
        print(f"{'relations':22s} number  right  by name  chance   score  by name  search")
        for sort, values in rows.items():
            right, bare, chance, score, named, best = np.mean(values, axis=0)
            print(
                f"{sort:22s} {len(values):6d} {right:6.0%} {bare:8.0%} {chance:7.0%}"
                f" {score:7.3f} {named:8.3f} {best:7.3f}",
                flush=True,
            )

    def _ask(self, row: list[tuple[float, ...]], room: Furnished, item: Meant, sentence: str) -> None:
        """Is the right one nearest to the middle; the same for its bare name; one over their number; scores."""
        same = [title for title in room.single if title.rsplit("_", 1)[0] in SAME_SORT.get(item.target, (item.target,))]
        parts, own = [room.single[title] for title in same], same.index(item.title)
        found = []
        for view in self.views(room, [sentence, f"the {item.target}"]):
            right = int(ShowAny(parts).nearest(view.camera())[0]) == own
            found.append((float(right), self.score(room, [parts[own]], view)))
        (right, score), (bare, named) = found
        row.append((right, bare, 1 / len(same), score, named, self.searched(room, [parts[own]])))
