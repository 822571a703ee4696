"""antialias, rule by rule: two pixels, and an edge between them."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import all_triangles, ball, normal, soup, to_clip
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references

WALKS = {"right": (1, 0), "left": (-1, 0), "up": (0, 1), "down": (0, -1)}


class Pair:
    """Two pixels and, in the frame of the walk, the holder's centre at (0, 0) and the other's at (1, 0)."""

    def __init__(self, b: TestedBackend, walk: str = "right") -> None:
        self.b = b
        self.step = torch.tensor(WALKS[walk], dtype=torch.float64)
        self.resolution = (1, 2) if self.step[1] == 0 else (2, 1)
        self.flipped = bool(self.step.sum() < 0)

    def clip(self, points: list[tuple[float, float]], w: float | Tensor = 1.0) -> Tensor:
        """Clip-space vertices at points of that frame."""
        x, y = torch.tensor(points, dtype=torch.float64).unbind(-1)
        across = torch.stack((-self.step[1], self.step[0]))
        center = 0.5 - torch.minimum(self.step, torch.zeros(2))
        return to_clip(center + x[:, None] * self.step + y[:, None] * across, self.resolution, w=w)

    def rast(self, holder: tuple[float, float], other: tuple[float, float]) -> Tensor:
        """A rast of the two pixels' (z/w, id + 1)."""
        pixels = [(0.2, 0.3, *holder), (0.2, 0.3, *other)]
        return torch.tensor(pixels[::-1] if self.flipped else pixels).reshape(1, *self.resolution, 4)

    def taken(
        self,
        pos: Tensor,
        tri: Tensor,
        holder: tuple[float, float] = (0.0, 1.0),
        other: tuple[float, float] = (0.0, 0.0),
    ) -> tuple[float, float]:
        """What the holder and the other take of each other's colour."""
        color = torch.tensor([0.0, 1.0] if self.flipped else [1.0, 0.0]).reshape(1, *self.resolution, 1)
        out = self.b.antialias(color, self.rast(holder, other), pos[None], tri).double().flatten()
        at_holder, at_other = out.flip(0) if self.flipped else out
        return 1 - float(at_holder), float(at_other)

    def check(self, have: tuple[float, float], want: tuple[float, float]) -> None:
        """Two such pairs agree."""
        self.b.assert_close(torch.tensor(have), torch.tensor(want), scale=4)


def edge_at(t: float, slope: float = 0.0) -> list[tuple[float, float]]:
    """A triangle that the walk leaves through the edge from its first to its second vertex, t pixels on.

    `slope` is how far that edge runs along the walk for each pixel across it.
    """
    return [(t - 3 * slope, -3.0), (t + 3 * slope, 3.0), (t - 6.0 - 6 * abs(slope), 0.0)]


def blend(t: float) -> tuple[float, float]:
    """What the holder and the other take at a crossing t."""
    return (max(0.5 - t, 0.0), max(t - 0.5, 0.0))


@case("antialias", "a = 1/2 - t: where a > 0 the holder takes a of the other's colour, where a < 0 the other takes |a|")
def blend_by_where_it_crosses(b: TestedBackend) -> None:
    for walk in WALKS:
        for t in (0.1, 0.25, 0.45, 0.5, 0.55, 0.75, 0.9):
            pair = Pair(b, walk)
            for points in (edge_at(t), edge_at(t)[::-1]):
                pos = pair.clip(points, w=torch.tensor([1.0, 3.0, 0.5]))
                pair.check(pair.taken(pos, all_triangles(1)), blend(t))


@case(
    "antialias", "it is a silhouette when no other triangle shares it, or the far vertex is on the triangle's own side"
)
def silhouette(b: TestedBackend) -> None:
    for walk in WALKS:
        for far, counts in (((2.0, 0.0), False), ((-2.0, 0.0), True)):
            pair = Pair(b, walk)
            tri = torch.tensor([(0, 1, 2), (1, 0, 3)], dtype=torch.int32)
            pair.check(pair.taken(pair.clip([*edge_at(0.2), far]), tri), blend(0.2) if counts else (0, 0))


@case("antialias", "an edge of three triangles is a silhouette when all lie on one side of it", extra="ours")
def edge_of_three(b: TestedBackend) -> None:
    pair = Pair(b)
    tri = torch.tensor([(0, 1, 2), (1, 0, 3), (4, 0, 1)], dtype=torch.int32)
    for far, counts in (
        ([(-2.0, 0.0), (-3.0, 1.0)], True),
        ([(-2.0, 0.0), (2.0, 1.0)], False),
        ([(2.0, 0.0), (-2.0, 1.0)], False),
    ):
        pair.check(pair.taken(pair.clip(edge_at(0.2) + far), tri), blend(0.2) if counts else (0, 0))


@case("antialias", "a far vertex behind the camera is on the side where it is in space")
def far_vertex_behind_the_camera(b: TestedBackend) -> None:
    pair = Pair(b)
    tri = torch.tensor([[0, 1, 2], [1, 0, 3]], dtype=torch.int32)
    for beyond in (False, True):
        pos = pair.clip([*edge_at(0.2), (2.0 if beyond else -2.0, 0.0)])
        pos[3] -= 5 * (pos[0] + pos[1]) / 2  # moved along the plane through the eye and the edge
        assert float(pos[3, 3]) < 0
        pair.check(pair.taken(pos, tri), (0, 0) if beyond else blend(0.2))


@case(
    "antialias", "the edge runs mostly across the walk: |dy| >= |dx| for a horizontal pair, the reverse for a vertical"
)
def mostly_across(b: TestedBackend) -> None:
    for walk in WALKS:
        for slope in (-3.0, -1.05, -0.95, 0.0, 0.95, 1.05, 3.0):
            pair = Pair(b, walk)
            have = pair.taken(pair.clip(edge_at(0.3, slope)), all_triangles(1))
            pair.check(have, blend(0.3) if abs(slope) <= 1 else (0, 0))


@case("antialias", "an edge at exactly 45 degrees counts for horizontal pairs")
def diagonal(b: TestedBackend) -> None:
    for walk in ("right", "left"):
        for slope in (-1.0, 1.0):
            pair = Pair(b, walk)
            pair.check(pair.taken(pair.clip(edge_at(0.25, slope)), all_triangles(1)), (0.25, 0.0))


@case("antialias", "t lies between 0 and 1, with 1/16 pixel of slack at both ends, then clamped")
def slack(b: TestedBackend) -> None:
    ends = ((-0.2, (0, 0)), (-0.064, (0, 0)), (-0.061, (0.5, 0)), (0.01, (0.49, 0)), (0.99, (0, 0.49)))
    ends += ((1.01, (0, 0.5)), (1.061, (0, 0.5)), (1.064, (0, 0)), (1.2, (0, 0)))
    for walk in WALKS:
        for t, want in ends:
            pair = Pair(b, walk)
            pair.check(pair.taken(pair.clip(edge_at(t)), all_triangles(1)), want)


@case("antialias", "the edge through which the line leaves the triangle is the only candidate")
def only_the_edge_left_through(b: TestedBackend) -> None:
    """The triangle's two other edges are silhouettes, and the walk's line crosses one of them behind the holder."""
    pair = Pair(b)
    pos = pair.clip([(0.3, -3.0), (0.3, 3.0), (-0.02, 0.0), (3.0, 0.0)])
    tri = torch.tensor([[0, 1, 2], [1, 0, 3]], dtype=torch.int32)
    pair.check(pair.taken(pos, tri), (0, 0))
    pair.check(pair.taken(pos, tri[:1]), blend(0.3))


@case("antialias", "the triangle of the nearer pixel holds (smaller z/w); a hit beats the background")
def the_nearer_holds(b: TestedBackend) -> None:
    """Triangle 1 has an edge at t; triangle 2 covers everything and has no edge near."""
    for walk in WALKS:
        for t in (0.2, 0.8):
            pair = Pair(b, walk)
            pos = pair.clip([*edge_at(t), (-50.0, -60.0), (60.0, -50.0), (0.0, 80.0)])
            tri = all_triangles(2)
            for holder, other, want in (
                ((0.9, 1), (0, 0), blend(t)),
                ((0.1, 1), (0.2, 2), blend(t)),
                ((-0.2, 1), (-0.1, 2), blend(t)),
                ((0.2, 1), (0.1, 2), (0, 0)),  # the other pixel's triangle has no edge here
            ):
                pair.check(pair.taken(pos, tri, holder=holder, other=other), want)


@case("antialias", "only pairs whose triangle ids differ")
def same_ids_are_left_alone(b: TestedBackend) -> None:
    pair = Pair(b)
    for pixel in ((0, 1), (0, 0)):
        assert pair.taken(pair.clip(edge_at(0.3)), all_triangles(1), holder=pixel, other=pixel) == (0, 0)


@case("antialias", "a pixel adds up what all its pairs give it; the colours blended are always the input's")
def pixels_add_up(b: TestedBackend) -> None:
    """A small triangle about the middle pixel of 3 x 3; its steep edges count to the left and right, not upwards."""
    corners = torch.tensor([[-0.35, -0.7], [0.4, -0.7], [0.1, 0.9]], dtype=torch.float64)
    pos = to_clip(corners + 1.5, (3, 3))[None]
    rast = torch.zeros(1, 3, 3, 4)
    rast[0, 1, 1] = torch.tensor([0.3, 0.3, 0, 1])
    left, right, down = 0.35 - 0.45 * 0.7 / 1.6, 0.4 - 0.3 * 0.7 / 1.6, 0.7
    color = normal(0, 1, 3, 3, 2)
    c, want = color[0], color.clone()
    want[0, 1, 1] += (0.5 - left) * (c[1, 0] - c[1, 1]) + (0.5 - right) * (c[1, 2] - c[1, 1])
    want[0, 0, 1] += (down - 0.5) * (c[1, 1] - c[0, 1])
    b.assert_close(b.antialias(color, rast, pos, all_triangles(1)), want, scale=4)


@case("antialias", "a pixel takes from several holders")
def several_holders(b: TestedBackend) -> None:
    points = torch.tensor([[1.3, -5], [1.3, 5], [-9, 0.5], [1.8, -5], [1.8, 5], [12, 0.5]], dtype=torch.float64)
    pos = to_clip(points, (1, 3))[None]
    rast = torch.zeros(1, 1, 3, 4)
    rast[0, 0, :, 3] = torch.tensor([1.0, 0, 2])
    out = b.antialias(torch.tensor([1.0, 10.0, 100.0]).reshape(1, 1, 3, 1), rast, pos, all_triangles(2))
    b.assert_close(
        out.flatten(), torch.tensor([1.0, 10 + 0.3 * (1 - 10) + 0.2 * (100 - 10), 100], dtype=torch.float64), scale=4
    )


@case("antialias", "random triangles and closed meshes blend as the reference says, any number of channels")
def like_the_reference(b: TestedBackend) -> None:
    for seed, (pos, tri) in enumerate((soup(0, vertices=7, triangles=14), soup(1), ball(0, batch=2), ball(1, batch=2))):
        rast, _ = b.rasterize(pos, tri, (16, 16))
        color = normal(seed, 2, 16, 16, 1 + 2 * seed)
        want = references.antialias(b.rounded(color), rast, b.rounded(pos), tri)
        assert bool((want != b.rounded(color)).any())
        have = b.antialias(color, rast, pos, tri).double()
        off = (have - want).abs().amax(-1) > 10 * b.tolerance
        assert float(off.double().mean()) <= (0 if b.exact else 0.02)


@case("antialias", "inside a closed surface there is no silhouette")
def no_silhouette(b: TestedBackend) -> None:
    pos = torch.zeros(6, 4, dtype=torch.float64)
    pos[0, 0] = pos[1, 1] = pos[2, 3] = 1
    pos[3:] = -pos[:3]
    pos += 0.1 * normal(0, 6, 4) * torch.tensor([1, 1, 0, 1])
    tri = torch.tensor([(i, j, k) for i in (0, 3) for j in (1, 4) for k in (2, 5)], dtype=torch.int32)
    rast, _ = b.rasterize(pos[None], tri, (16, 16))
    assert len(rast[..., 3].unique()) > 3
    color = b.rounded(normal(1, 1, 16, 16, 3))
    assert torch.equal(b.antialias(color, rast, pos[None], tri).double(), color)


@case("antialias", "no triangles leave the image as it is")
def no_triangles(b: TestedBackend) -> None:
    color = b.rounded(normal(0, 1, 4, 5, 3))
    tri = torch.zeros(0, 3, dtype=torch.int32)
    assert torch.equal(b.antialias(color, torch.zeros(1, 4, 5, 4), torch.ones(1, 2, 4), tri).double(), color)
