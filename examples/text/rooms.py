"""From a sentence to a camera through a model of pictures and text, in rooms that the model has not seen.

python rooms.py [--rooms 48] [--steps 3600] [--unseen 4] [--starts 8] [--out text]

Trains a small CLIPModel on pictures of furnished rooms made by code, saves it to OUT/clip as a released one is, and
loads it from there. Then each thing's name drives cameras from random starts in other rooms: the gradient of
`ImageText` goes from the sentence through the model and the renderer to the camera. No step is told where the thing is.
For `tvdr-nv optimize ROOM.ply --text "the sofa" --image-text-model OUT/clip`.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tiny_clip import ELSE, SIZE, THINGS, PicturedRoom, Pictures, make_model, save, train

from tvdrnet_nv import FocusOn, Orbit, optimize, scene_orbit
from tvdrnet_nv.language import ImageTextEncoder, load_image_text_encoder
from tvdrnet_nv.objectives import ImageText
from tvdrnet_nv.optimization import search_scene

MOVING = ("distance", "elevation", "azimuth", "at")
SENTENCE = "the {}"
_CROPS = 4
_RATE = 6.0  # of Adam


@dataclass
class Judged:
    """What views show of a thing: [N] each.

    Attributes:
        seen: the share of the thing that is in the picture and not hidden.
        size: its larger side, as a share of the picture's.
        pixels: the share of the picture that shows it.
        most: whether it covers more pixels than any other thing does.
    """

    seen: torch.Tensor
    size: torch.Tensor
    pixels: torch.Tensor
    most: torch.Tensor

    @property
    def shown(self) -> torch.Tensor:
        """[N] bool: at least half of it is seen, and it is at least a fifth of the picture long."""
        return (self.seen >= 0.5) & (self.size >= 0.2)

    def of(self, rows: torch.Tensor) -> "Judged":
        return Judged(self.seen[rows], self.size[rows], self.pixels[rows], self.most[rows])

    def row(self) -> str:
        means = [values.float().mean() for values in (self.shown, self.most, self.seen, self.pixels)]
        return f"{len(self.seen):6d} " + " ".join(f"{value:7.2f}" for value in means)


def joined(judged: list[Judged]) -> Judged:
    names = ("seen", "size", "pixels", "most")
    return Judged(*(torch.cat([getattr(item, name) for item in judged]) for name in names))


class Query:
    """A thing in a room.

    Args:
        room: the room.
        thing: its number in `THINGS`.
    """

    def __init__(self, room: PicturedRoom, thing: int) -> None:
        self.room, self.thing = room, thing
        self._focus = FocusOn(room.room.mesh, (room.vertex_things == thing).float(), size=SIZE)

    def judge(self, views: Orbit) -> Judged:
        """What the views show of it."""
        with torch.no_grad():
            camera = views.camera()
            scores = self._focus.scores(camera, (SIZE, SIZE))
            pixels = self.room.shares(self.room.renderer(camera))[:, : len(THINGS)]
        mine = pixels[:, self.thing]
        most = (pixels.argmax(1) == self.thing) & (mine > 0)
        return Judged(scores.visible * (1 - scores.cut), scores.size, mine, most)


def objective(encoder: ImageTextEncoder, thing: int, *, contrast: bool) -> ImageText:
    """Of the thing's name: 1 - cosine, or against the other things' names."""
    others = [SENTENCE.format(name) for name in THINGS if name != THINGS[thing]] + [ELSE]
    return ImageText(encoder, SENTENCE.format(THINGS[thing]), others=others if contrast else (), crops=_CROPS)


def moved(room: PicturedRoom, wanted: ImageText, start: Orbit, iterations: int) -> tuple[Orbit, Orbit]:
    """Where the gradient leads each start, and the one of them that the model likes best."""
    result = optimize(
        room.renderer, start, wanted, parameters=MOVING, method="adam", iterations=iterations, learning_rate=_RATE
    )
    best = torch.from_numpy(result.history.loss).argmin(0)
    each = result.history.viewpoints[best * len(start) + torch.arange(len(start))]
    return each, result.best


def liked(room: PicturedRoom, wanted: ImageText, views: Orbit) -> Orbit:
    """The view that the model likes best."""
    with torch.no_grad():
        return views[int(wanted(room.renderer(views.camera())).argmin())]


class Table:
    """What is found, by the kind of view and by thing."""

    def __init__(self) -> None:
        self._found: dict[str, list[list[Judged]]] = {}

    def add(self, name: str, thing: int, judged: Judged) -> None:
        self._found.setdefault(name, [[] for _ in THINGS])[thing].append(judged)

    def show(self) -> None:
        print(f"{'':50s} {'views':>6s} {'shown':>7s} {'most':>7s} {'seen':>7s} {'pixels':>7s}   shown, by thing")
        for name, of_things in self._found.items():
            shown = [joined(judged).shown.float() if judged else torch.empty(0) for judged in of_things]
            each = " ".join(f"{values.mean():4.2f}" if len(values) else "   -" for values in shown)
            print(f"{name:50s} {joined([item for judged in of_things for item in judged]).row()}   {each}")


def try_in(room: PicturedRoom, encoder: ImageTextEncoder, rng: np.random.Generator, table: Table, args) -> None:
    """Let each thing's name drive cameras in a room."""
    for thing in map(THINGS.index, args.things):
        query, start = Query(room, thing), room.random_views(args.starts, rng)
        begun = query.judge(start)
        table.add("random views, which are the starts", thing, begun)
        # What the gradient can follow: something of the thing is in the picture.
        hint = (begun.pixels > 0.01) & ~begun.shown
        wanted = objective(encoder, thing, contrast=args.loss == "contrast")
        each, best = moved(room, wanted, start, args.iterations)
        after = query.judge(each)
        table.add("each start, moved", thing, after)
        table.add("starts with a glimpse of it", thing, begun.of(hint))
        table.add("the same, moved", thing, after.of(hint))
        other = Query(room, (thing + 1) % len(THINGS))
        table.add("the moved starts, judged by another thing", thing, other.judge(each))
        table.add("the start that the model likes best", thing, query.judge(liked(room, wanted, start)))
        table.add("the moved one that the model likes best", thing, query.judge(best))
        found = search_scene(room.renderer, wanted, scene_orbit(room.room.mesh, up="z"), args.starts)
        table.add("search all over, best of 409 views", thing, query.judge(found[:1]))
        _, best = moved(room, wanted, found, args.iterations)
        table.add("its best moved, and the best of these", thing, query.judge(best))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=48, help="to train on")
    parser.add_argument("--steps", type=int, default=3600)
    parser.add_argument("--unseen", type=int, default=4, help="rooms to try it in")
    parser.add_argument("--starts", type=int, default=8, help="random cameras for each thing in each room")
    parser.add_argument("--iterations", type=int, default=32)
    parser.add_argument("--loss", choices=("contrast", "cosine"), default="contrast", help="see ImageText")
    parser.add_argument("--things", nargs="+", choices=THINGS, default=THINGS, help="to look for")
    parser.add_argument("--model", type=Path, help="take this model instead of training one")
    parser.add_argument("--out", type=Path, default=Path("text"))
    args = parser.parse_args()
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:4.0f} s  {text}", flush=True)

    unseen = [PicturedRoom(seed) for seed in range(args.unseen)]
    folder = args.model or args.out / "clip"
    if args.model is None:
        seen = Pictures([PicturedRoom(1000 + seed) for seed in range(args.rooms)], seed=0)
        others = Pictures([PicturedRoom(100 + seed) for seed in range(max(1, args.rooms // 12))], seed=1)
        say(f"{len(seen.pictures)} pictures of {args.rooms} rooms to learn from")
        torch.manual_seed(0)
        model, tokenizer = make_model()
        train(model, tokenizer, seen, others, args.steps, say)
        save(model, tokenizer, folder)
    encoder = load_image_text_encoder(folder)
    rng, table = np.random.default_rng(1), Table()
    for number, room in enumerate(unseen):
        try_in(room, encoder, rng, table, args)
        say(f"tried in room {number + 1} of {args.unseen}, seen by no training")
    table.show()


if __name__ == "__main__":
    main()
