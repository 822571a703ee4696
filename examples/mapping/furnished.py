"""A room that is ready to be learned from and tested with: its parts by kind, and the tasks about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from asks import KINDS, TOGETHER
from relations import Meant
from rooms import SIZE, starts_in
from shows import Part, ShowAny
from torch import Tensor

from tvdrnet_nv import Orbit, Renderer
from tvdrnet_nv.mapping import ScenePoints, Task
from tvdrnet_nv.scenes import Room

_SHARES = {"name": 0.45, "use": 0.25, "relation": 0.3}  # of the tasks that are drawn


class Furnished:
    """A room and its parts.

    Attributes:
        room, scene, renderer: the room, what the mapping sees of it, and its pictures. A varied one seems smaller in a
            larger scene, and in another light.
        start: 16 random cameras.
        parts: for each kind, what a query that names it may mean: any of them.
        single: the things by their labels, such as "chair_2".
    """

    def __init__(self, room: Room, rng: np.random.Generator, *, varied: bool = False) -> None:
        self.room, self.scene, self.renderer = room, ScenePoints.of(room.mesh, "z"), Renderer(room.mesh, SIZE)
        if varied:
            self.scene = _varied(self.scene, rng)
        self.start: Orbit = starts_in(room, rng)
        self.single: dict[str, Part] = {}
        self.parts: dict[str, list[Part]] = {}
        labels = room.labels.long()
        for kind in KINDS:
            rows = [i for i, name in enumerate(room.names) if name.rsplit("_", 1)[0] == kind]
            rows = [i for i in rows if bool((labels == i).any())]
            own = [Part(room.mesh, (labels == i).float()) for i in rows]
            self.single.update({room.names[i]: part for i, part in zip(rows, own, strict=True)})
            if kind in TOGETHER:
                own = [Part(room.mesh, torch.isin(labels, torch.tensor(rows)).float())]
            self.parts[kind] = own

    def task(self, parts: list[Part], query: Tensor, **options: object) -> Task:
        """To show one of some parts."""
        places = torch.stack([part.center for part in parts])
        return Task(self.scene, self.renderer, self.start, query, ShowAny(parts), places, **options)  # type: ignore[arg-type]

    def of_kinds(self, kinds: Sequence[str]) -> list[Part]:
        """All parts of some kinds."""
        return [part for kind in kinds for part in self.parts[kind]]

    def tasks(
        self,
        learned: Mapping[tuple[tuple[str, ...], str], Tensor],
        relations: Sequence[Meant],
        embedded: Mapping[str, Tensor],
    ) -> list[Task]:
        """What is to be learned from this room: names and uses, [P, Q] each, and relations."""
        sorts = [sort for _, sort in learned]
        found = [
            self.task(self.of_kinds(kinds), queries, weight=_SHARES[sort] / sorts.count(sort))
            for (kinds, sort), queries in learned.items()
        ]
        targets = [item.target for item in relations]
        for item in relations:
            query = torch.stack([embedded[sentence] for sentence in item.sentences])
            anchors = torch.stack([part.center for part in self.parts[item.anchor.replace(" ", "_")]])
            weight = _SHARES["relation"] / (len(set(targets)) * targets.count(item.target))
            part = self.single[item.title]
            found.append(self.task([part], query, anchors=anchors, handed=item.handed, weight=weight))
        return found


def _varied(scene: ScenePoints, rng: np.random.Generator) -> ScenePoints:
    """Within 1.05 to 1.7 times the radius, and in colours that are darker, brighter or tinted."""
    zoom = float(rng.uniform(1.05, 1.7))
    tint = torch.tensor(rng.uniform(0.6, 1.1) * rng.uniform(0.9, 1.1, 3), dtype=torch.float32)
    return replace(
        scene,
        positions=scene.positions / zoom,
        colors=(scene.colors * tint).clamp(0, 1),
        area=scene.area / zoom**2,
        radius=scene.radius * zoom,
        _drawn={},
        _shown={},
    )
