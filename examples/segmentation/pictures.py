"""Pictures of furnished rooms made by code, with the kind of thing that each pixel shows."""

import numpy as np
import torch

from tvdrnet_nv import Orbit, Renderer
from tvdrnet_nv.grounding.vocabulary import entry_of
from tvdrnet_nv.scenes import Room, make_room
from tvdrnet_nv.segmentation.small import KINDS, SEEN
from tvdrnet_nv.shading import UNLIT

SIZE = (SEEN, SEEN * 4 // 3)
_TRIANGLES = (25_000, 50_000, 100_000, 100_000)  # in turn: how sharp the colours are depends on it
_ANYTHING = 0.3  # share of views of anything, beside those of things
_SHELL = ("floor", "wall")
TEMPLATES = ("{}", "the {}", "a {}", "the {} in the room")


def kinds_of(room: Room) -> list[str]:
    """The kind of thing of each of a room's names: "dining table" for "dining_table_0"."""
    return [name.rsplit("_", 1)[0].replace("_", " ") for name in room.names]


def phrases(kind: str) -> list[str]:
    """What a kind of thing is called and no other is. Its own name counts as often as all others together."""
    others = [name for name in _names(kind) if not any(name in _names(one) for one in KINDS if one != kind)]
    others = [name for name in others if name != kind]
    names = [kind] * max(1, len(others)) + others
    return [template.format(name) for name in names for template in TEMPLATES]


def _names(kind: str) -> tuple[str, ...]:
    entry = entry_of(kind)
    return (kind,) if entry is None else (kind, *entry.names)


class PicturedRoom:
    """A room with its renderer.

    Args:
        seed: of the room; also says how many triangles it has.
    """

    def __init__(self, seed: int) -> None:
        self.room: Room = make_room(_TRIANGLES[seed % len(_TRIANGLES)], seed, shuffled=seed % 3 > 0)
        self.renderer = Renderer(self.room.mesh, SIZE, light=UNLIT)
        self.kinds = kinds_of(self.room)

    def take(self, count: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures [N, H, W, 3] uint8, and the number of the thing at each pixel, [N, H, W] int16; -1 for none."""
        of_face = self.room.labels[self.room.mesh.faces[:, 0].long()].long()
        with torch.no_grad():
            render = self.renderer(self._views(count, rng).camera())
            ids = render.face_ids.long()
            shown = torch.where(ids >= 0, of_face[ids.clamp_min(0)], -1)
            return (render.rgb.clamp(0, 1) * 255).round().byte(), shown.to(torch.int16)

    def _views(self, count: int, rng: np.random.Generator) -> Orbit:
        """Of things, from 1.2 to 10 times their radius, each kind as often as others; and of anything."""
        mesh, labels = self.room.mesh, self.room.labels.long()
        low, high = (bound.double().numpy() for bound in mesh.bounds)
        at = rng.uniform(low, [*high[:2], (low[2] + high[2]) / 2], (count, 3))
        distance = np.exp(rng.uniform(np.log(0.8), np.log(7.0), count))
        has_vertices = labels.bincount(minlength=len(self.kinds)) > 0  # small things may get none in a coarse room
        of_kind: dict[str, list[int]] = {}
        for i, kind in enumerate(self.kinds):
            if kind not in _SHELL and has_vertices[i]:
                of_kind.setdefault(kind, []).append(i)
        for row in range(round(_ANYTHING * count), count):
            things = of_kind[list(of_kind)[rng.integers(len(of_kind))]]
            mine = mesh.vertices[labels == things[rng.integers(len(things))]].double().numpy()
            box = mine.min(0), mine.max(0)
            radius = np.linalg.norm(box[1] - box[0]) / 2
            at[row] = (box[0] + box[1]) / 2 + radius * rng.uniform(-0.5, 0.5, 3)
            distance[row] = max(radius, 0.15) * np.exp(rng.uniform(np.log(1.2), np.log(10.0)))

        def numbers(values: np.ndarray) -> torch.Tensor:
            return torch.tensor(values, dtype=torch.float32)

        turn = numbers(rng.uniform(-10, 75, count)), numbers(rng.uniform(0, 360, count))
        return Orbit.create(numbers(distance), *turn, 60.0, at=numbers(at), up="z")


class Pictures:
    """Pictures of rooms, which are made one after the other and not kept.

    Args:
        seeds: of the rooms.
        count: of the pictures of each.
        seed: of the views.

    Attributes:
        pictures: [N, H, W, 3] uint8.
        shown: [N, H, W] int8, the number in `KINDS` of the kind at each pixel; -1 for none.
    """

    def __init__(self, seeds: range, count: int, seed: int) -> None:
        self._rng, self._count, self._next, self._oldest = np.random.default_rng(seed), count, seeds.stop, 0
        taken = [self._take(one) for one in seeds]
        self.pictures, self.shown = (torch.cat(some) for some in zip(*taken, strict=True))

    def renew(self) -> None:
        """Pictures of the next room take the place of the oldest ones."""
        rows = slice(self._oldest, self._oldest + self._count)
        self.pictures[rows], self.shown[rows] = self._take(self._next)
        self._next, self._oldest = self._next + 1, rows.stop % len(self.pictures)

    def _take(self, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        room = PicturedRoom(seed)
        pictures, shown = room.take(self._count, self._rng)
        numbers = torch.tensor([*map(KINDS.index, room.kinds), -1], dtype=torch.int8)  # the last one is no thing's
        return pictures, numbers[shown.long()]

    def batch(self, rows: torch.Tensor, random: torch.Generator | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures [B, H, W, 3] in [0, 1] and what they show; with a generator, mirrored and in other colours."""
        pictures, shown = self.pictures[rows].float() / 255, self.shown[rows]
        if random is None:
            return pictures, shown
        mirrored = torch.rand(len(rows), generator=random) < 0.5
        pictures = torch.where(mirrored[:, None, None, None], pictures.flip(2), pictures)
        shown = torch.where(mirrored[:, None, None], shown.flip(2), shown)
        # Things of all colours: a quarter of the pictures have their channels in another order.
        order = torch.rand(len(rows), 3, generator=random).argsort(1)
        order[torch.rand(len(rows), generator=random) > 0.25] = torch.arange(3)
        pictures = pictures.gather(3, order[:, None, None].expand_as(pictures))
        gain = 1 + 0.15 * (2 * torch.rand(len(rows), 1, 1, 3, generator=random) - 1)
        shift = 0.1 * (2 * torch.rand(len(rows), 1, 1, 1, generator=random) - 1)
        noise = 0.02 * torch.randn(pictures.shape, generator=random)
        return (pictures * gain + shift + noise).clamp(0, 1), shown
