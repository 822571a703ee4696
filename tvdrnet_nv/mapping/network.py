"""The network from a scene, a camera and a query to the view that answers the query."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mapping.scene_points import ScenePoints

DISTANCE_LIMITS = (0.05, 4.0)  # radii of the scene
ELEVATION_LIMIT = 85.0  # degrees to either side; next to a pole all azimuths look alike
_CAMERA = 9  # numbers that say where the start is
_OFFSET = 0.25  # radii from the point attended to, at most
# What an untrained network answers: a view from above, from any side.
_FIRST_DISTANCE, _FIRST_ELEVATION = 1.0, 45.0


class CameraMapping(nn.Module):
    """A mapping from a start camera, a query embedding and a scene to a camera that shows what the query is about.

    TVDRNet's viewpoint MLP is made anew for each scene; this one is trained over many (`train`), saved, and asked about
    scenes it has not seen. It sees a scene as bird's eye maps of its surface (`ScenePoints.slices`), which a small
    convolutional network reads; the query chooses where to look by attention over the map's cells (a softmax, whose
    mean position is the look-at point, as in soft-argmax localisation), and an MLP chooses from which side, height and
    distance. Everything is relative to the scene's centre and radius: a scene that is moved or scaled together with
    the start gets the same view, moved or scaled. Directions are the world's: rooms whose walls lie along the axes are
    best answered by a mapping that was trained on such.

    With several glances, the query first looks at one place, such as the desk, and then at another, knowing what it saw
    there and where each cell lies from there: so may "the chair next to the desk" be found.

    Args:
        query_size: Q, the numbers of a query embedding; 0 for a mapping without queries.
        sees_scene: whether it looks at the scene; without, it knows only its centre and radius.
        width: channels of the hidden layers.
        grid: cells along a side of the map, a multiple of 2.
        slices: of height.
        glances: how many times it looks, one place after the other.
        seed: of the first weights.
    """

    def __init__(
        self,
        query_size: int,
        *,
        sees_scene: bool = True,
        width: int = 48,
        grid: int = 32,
        slices: int = 8,
        glances: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if query_size < 0 or min(width, slices, glances) < 1 or grid < 2 or grid % 2:
            raise ValueError(
                f"wanted query_size >= 0, width, slices and glances >= 1, and an even grid; got "
                f"query_size={query_size}, width={width}, slices={slices}, glances={glances}, grid={grid}"
            )
        self.config = {
            "query_size": query_size,
            "sees_scene": sees_scene,
            "width": width,
            "grid": grid,
            "slices": slices,
            "glances": glances,
        }
        self.query_size, self.sees_scene, self._grid, self._slices = query_size, sees_scene, grid, slices
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.question = nn.Sequential(
                nn.Linear(_CAMERA + query_size, 2 * width), nn.ReLU(), nn.Linear(2 * width, 2 * width), nn.ReLU()
            )
            if sees_scene:
                self.eye = _Eye(4 * slices, width)
                self.ask = nn.Linear(2 * width, 2 * width)
                self.heat = nn.Conv2d(width, 1, 1)
                self.again = nn.ModuleList(_Glance(width) for _ in range(glances - 1))
            self.answer = nn.Sequential(
                nn.Linear(2 * width + (2 * width if sees_scene else 0), 2 * width),
                nn.ReLU(),
                nn.Linear(2 * width, 2 * width),
                nn.ReLU(),
                nn.Linear(2 * width, 7),
            )
        last = self.answer[-1]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            last.weight[[0, 1, 2, 5, 6]] *= 0.1
            last.bias.copy_(torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, _first_elevation(), _first_distance()]))

    def forward(self, start: Orbit, query: Tensor | None, scenes: ScenePoints | Sequence[ScenePoints]) -> Orbit:
        """The views that answer K queries; differentiable in the weights, the query and the start.

        Args:
            start: K cameras; the answers keep their field of view and their pole.
            query: [K, Q] float, or [Q] for all; only the direction of an embedding counts, not its length. None
                where Q is 0.
            scenes: one of each camera, or one for all.

        Returns:
            K cameras, elevation within ±85 degrees, distance within 0.05 to 4 radii of the scene, looking at a point
            within the scene's bounds or near by.

        Raises:
            ValueError: the numbers of cameras, queries and scenes differ, a query has another size than Q, or the
                start's pole is not the scene's.
        """
        return self.look(start, query, scenes)[0]

    def look(
        self, start: Orbit, query: Tensor | None, scenes: ScenePoints | Sequence[ScenePoints]
    ) -> tuple[Orbit, list[Tensor]]:
        """`forward`'s K views, and how much attention each glance gives to the cells of the map.

        Returns:
            The views, and for each glance [K, N²]: the attention, of sum 1, to the cells that `cells` places. No
            glances where the mapping does not see the scene.
        """
        count = len(start)
        scenes = [scenes] * count if isinstance(scenes, ScenePoints) else list(scenes)
        self._check(start, scenes)
        like = next(self.parameters())
        query = self._query(query, count).to(like)
        center = torch.stack([scene.center for scene in scenes]).to(like)
        radius = like.new_tensor([scene.radius for scene in scenes])
        near = start.to(like.device).to(like.dtype)
        question = self.question(torch.cat([_camera(near, center, radius), query], 1))
        if self.sees_scene:
            seen, place, attention = self._look(question, scenes)
        else:
            seen, place, attention = question[:, :0], None, []
        x = self.answer(torch.cat([question, seen], 1))
        offset = torch.tanh(x[:, :3])
        if place is not None:
            offset = offset * offset.new_tensor([_OFFSET, 1.0, _OFFSET]) + place
        low, high = (math.log(limit) for limit in DISTANCE_LIMITS)
        view = near.replace(
            at=center + radius[:, None] * offset @ near.frame.T,
            azimuth=torch.rad2deg(torch.atan2(x[:, 3], x[:, 4])),
            elevation=ELEVATION_LIMIT * torch.tanh(x[:, 5]),
            distance=radius * ((low + high) / 2 + (high - low) / 2 * torch.tanh(x[:, 6])).exp(),
        )
        return view.to(start.device).to(start.dtype), attention

    @property
    def cells(self) -> Tensor:
        """[N², 2] float32: the cells' middles, x and z in the orbit's axes about the scene's centre, in radii."""
        z, x = _cell_centers(self._grid // 2, torch.empty(0))
        return torch.stack([x, z], 1)

    def _look(self, question: Tensor, scenes: Sequence[ScenePoints]) -> tuple[Tensor, Tensor, list[Tensor]]:
        """What is seen where the question looks at last and all around, [K, 2 W], where that is, [K, 3], in radii, and
        each glance's attention, [K, N²].
        """
        distinct = list({id(scene): scene for scene in scenes}.values())  # what is seen of a scene is seen once
        which = {id(scene): row for row, scene in enumerate(distinct)}
        rows = torch.tensor([which[id(scene)] for scene in scenes], device=question.device)
        maps = torch.stack([scene.slices(self._grid, self._slices) for scene in distinct]).to(question)
        cells = self.eye(maps)[rows]
        scale, shift = self.ask(question)[:, :, None, None].chunk(2, dim=1)
        heat = self.heat(torch.relu(cells * (1 + scale) + shift)).flatten(1)
        flat = cells.flatten(2)
        where = torch.stack(_cell_centers(cells.shape[-1], question), 1)  # z, x
        looked = [heat.softmax(1)]
        for glance in self.again:
            seen = torch.einsum("kn,kcn->kc", looked[-1], flat)
            looked.append(glance(flat, torch.cat([question, seen], 1), where - (looked[-1] @ where)[:, None]))
        seen = torch.einsum("kn,kcn->kc", looked[-1], flat)
        z, across = (looked[-1] @ where).unbind(1)
        place = torch.stack([across, torch.zeros_like(across), z], 1)
        return torch.cat([seen, cells.mean((2, 3))], 1), place, looked

    def _query(self, query: Tensor | None, count: int) -> Tensor:
        """[K, Q], of length sqrt(Q) each."""
        size = self.query_size
        if query is None:
            if size:
                raise ValueError(f"query: none given, and the mapping wants {size} numbers")
            return torch.zeros(count, 0)
        query = query.expand(count, -1) if query.dim() == 1 else query
        if query.shape != (count, size):
            raise ValueError(f"query must have shape [{count}, {size}] or [{size}]; got {list(query.shape)}")
        return normalize(query, dim=1) * math.sqrt(size) if size else query

    @staticmethod
    def _check(start: Orbit, scenes: Sequence[ScenePoints]) -> None:
        if len(scenes) != len(start):
            raise ValueError(f"scenes must be one, or one of each of the {len(start)} cameras; got {len(scenes)}")
        for scene in scenes:
            if scene.up != start.up:
                raise ValueError(f"start's pole is {start.up}, a scene's is {scene.up}; use one for both")


class _Glance(nn.Module):
    """Attention that knows what was seen before, and where each cell lies from there."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ask = nn.Linear(3 * width, 2 * width)
        self.turn = nn.Linear(3 * width, 2)  # a direction: left of a sofa is where the sofa's left is
        self.way = nn.Linear(4, width)
        self.heat = nn.Linear(width, 1)

    def forward(self, cells: Tensor, known: Tensor, away: Tensor) -> Tensor:
        """[K, N²], from cells [K, W, N²], what is known [K, 3 W], and the ways from the last place [K, N², 2]."""
        scale, shift = self.ask(known)[:, None].chunk(2, dim=2)
        along = away @ self.turn(known)[:, :, None]
        way = self.way(torch.cat([away, away.norm(dim=2, keepdim=True), along], 2))
        return self.heat(torch.relu(cells.mT * (1 + scale) + shift + way))[..., 0].softmax(1)


class _Eye(nn.Module):
    """Maps [S, C, N, N] to features [S, W, N / 2, N / 2], each of which has seen half of the map around it."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, stride=2, padding=1)
        self.place = nn.Conv2d(2, width, 1)
        self.layers = nn.ModuleList(nn.Conv2d(width, width, 3, padding=d, dilation=d) for d in (1, 2, 4, 1))

    def forward(self, maps: Tensor) -> Tensor:
        x = self.first(maps)
        z, across = _cell_centers(x.shape[-1], x)
        where = torch.stack([across, z]).unflatten(1, x.shape[-2:])
        x = torch.relu(x + self.place(where[None]))
        for layer in self.layers:
            x = x + torch.relu(layer(x))
        return x


def _cell_centers(size: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """(z, x), [size²] each: the centres of the cells of a square of side 2."""
    axis = (torch.arange(size, dtype=like.dtype, device=like.device) + 0.5) * (2 / size) - 1
    return axis.repeat_interleave(size), axis.repeat(size)


def _camera(start: Orbit, center: Tensor, radius: Tensor) -> Tensor:
    """[K, 9]: the start's distance, angles, lens and look-at point, all about 1."""
    tilt, side = torch.deg2rad(start.elevation), torch.deg2rad(start.azimuth)
    lens = torch.tan(torch.deg2rad(start.fov) / 2).log()
    numbers = [(start.distance / radius).log(), tilt.sin(), tilt.cos(), side.sin(), side.cos(), lens]
    at = (start.at - center) @ start.frame / radius[:, None]
    return torch.cat([torch.stack(numbers, 1), at], 1)


def _first_elevation() -> float:
    return math.atanh(_FIRST_ELEVATION / ELEVATION_LIMIT)


def _first_distance() -> float:
    low, high = (math.log(limit) for limit in DISTANCE_LIMITS)
    return math.atanh((math.log(_FIRST_DISTANCE) - (low + high) / 2) / ((high - low) / 2))
