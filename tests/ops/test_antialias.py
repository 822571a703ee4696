"""Where an edge counts as a silhouette, and how much of its colour a pixel takes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.conformance.scenes import CTX, all_triangles, normal, to_clip
from tvdrnet_nv.ops import antialias, rasterize, references

WALKS = {"right": (1, 0), "left": (-1, 0), "up": (0, 1), "down": (0, -1)}
ACROSS = (0.1, 0.25, 0.45, 0.5, 0.55, 0.75, 0.9)


class Pair:
    """Two pixels and, in the frame of the walk, the holder's centre at (0, 0) and the other's at (1, 0).

    `run` gives what each pixel takes of the other's colour.
    """

    def __init__(self, walk: str = "right") -> None:
        self.step = torch.tensor(WALKS[walk], dtype=torch.float64)
        self.resolution = (1, 2) if self.step[1] == 0 else (2, 1)
        self.flipped = bool(self.step.sum() < 0)

    def clip(self, points: list[tuple[float, float]], w: float | Tensor = 1.0) -> Tensor:
        x, y = torch.tensor(points, dtype=torch.float64).unbind(-1)
        across = torch.stack((-self.step[1], self.step[0]))
        center = 0.5 - torch.minimum(self.step, torch.zeros(2))
        return to_clip(center + x[:, None] * self.step + y[:, None] * across, self.resolution, w=w)

    def run(self, pos: Tensor, tri: Tensor, holder=(0.0, 1.0), other=(0.0, 0.0), swap: bool = False):
        """`holder` and `other`: (z/w, id + 1) of the two pixels of rast."""
        pixels = [(0.2, 0.3, *holder), (0.2, 0.3, *other)]
        colors = [1.0, 0.0]
        if self.flipped:
            pixels, colors = pixels[::-1], colors[::-1]
        rast = torch.tensor(pixels, dtype=torch.float64).reshape(1, *self.resolution, 4)
        color = torch.tensor(colors, dtype=torch.float64).reshape(1, *self.resolution, 1)
        out = antialias(color, rast, pos, tri)
        torch.testing.assert_close(out, references.antialias(color, rast, pos, tri), rtol=1e-12, atol=1e-12)
        at_holder, at_other = out.flatten().flip(0) if self.flipped else out.flatten()
        return 1 - float(at_holder), float(at_other)


def edge_at(t: float, slope: float = 0.0) -> list[tuple[float, float]]:
    """A triangle that the walk leaves through the edge from its first to its second vertex, t pixels on.

    `slope` is how far that edge runs along the walk for each pixel across it.
    """
    return [(t - 3 * slope, -3.0), (t + 3 * slope, 3.0), (t - 6.0 - 6 * abs(slope), 0.0)]


def taken(t: float) -> tuple[float, float]:
    return (max(0.5 - t, 0.0), max(t - 0.5, 0.0))


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("t", ACROSS)
def test_a_boundary_edge_blends_by_where_it_crosses(t, walk):
    pair = Pair(walk)
    for points in (edge_at(t), edge_at(t)[::-1]):
        have = pair.run(pair.clip(points, w=torch.tensor([1.0, 3.0, 0.5])), all_triangles(1))
        assert have == pytest.approx(taken(t), abs=1e-12)


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("t", [0.2, 0.8])
@pytest.mark.parametrize(
    ("far", "counts"),
    [
        pytest.param([(2.0, 0.0)], False, id="neighbour beyond"),
        pytest.param([(-2.0, 0.0)], True, id="neighbour on the same side"),
        pytest.param([(-2.0, 0.0), (-3.0, 1.0)], True, id="three triangles on the same side"),
        pytest.param([(-2.0, 0.0), (2.0, 1.0)], False, id="three triangles, the last one beyond"),
        pytest.param([(2.0, 0.0), (-2.0, 1.0)], False, id="three triangles, the second one beyond"),
        pytest.param([(2.0, 0.0), (2.0, 1.0)], False, id="three triangles, two beyond"),
    ],
)
def test_only_a_silhouette_counts(far, counts, t, walk):
    pair = Pair(walk)
    pos = pair.clip(edge_at(t) + far)
    others = [(1, 0, 3 + i) if i % 2 == 0 else (3 + i, 0, 1) for i in range(len(far))]
    have = pair.run(pos, torch.tensor([(0, 1, 2), *others], dtype=torch.int32))
    assert have == pytest.approx(taken(t) if counts else (0, 0), abs=1e-12)


def test_the_same_triangle_twice_is_its_own_silhouette():
    pair = Pair()
    have = pair.run(pair.clip(edge_at(0.2)), torch.tensor([[0, 1, 2], [2, 1, 0]], dtype=torch.int32))
    assert have == pytest.approx(taken(0.2))


def test_neighbours_behind_the_camera_are_on_the_side_where_they_are_in_space():
    """A far vertex behind the camera projects to the wrong side of the image."""
    pair = Pair()
    tri = torch.tensor([[0, 1, 2], [1, 0, 3]], dtype=torch.int32)
    for beyond in (False, True):
        pos = pair.clip([*edge_at(0.2), (2.0 if beyond else -2.0, 0.0)])
        pos[3] -= 5 * (pos[0] + pos[1]) / 2  # moved along the plane through the eye and the edge
        assert pos[3, 3] < 0
        assert pair.run(pos, tri) == pytest.approx((0, 0) if beyond else taken(0.2))


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("slope", [-3.0, -1.05, -0.95, 0.0, 0.95, 1.05, 3.0])
def test_the_edge_must_run_mostly_across_the_walk(slope, walk):
    pair = Pair(walk)
    have = pair.run(pair.clip(edge_at(0.3, slope)), all_triangles(1))
    assert have == pytest.approx(taken(0.3) if abs(slope) <= 1 else (0, 0), abs=1e-12)


@pytest.mark.parametrize("walk", ["right", "left"])
@pytest.mark.parametrize("slope", [-1.0, 1.0])
def test_a_diagonal_edge_counts_for_horizontal_pairs(slope, walk):
    pair = Pair(walk)
    assert pair.run(pair.clip(edge_at(0.25, slope)), all_triangles(1)) == (0.25, 0.0)


def test_mostly_across_is_meant_in_pixels():
    """4 x 16 pixels: an edge that is steep in NDC is flat on the screen."""
    resolution = (4, 16)
    pos = to_clip(torch.tensor([[7.3, -6.0], [9.5, 10.0], [-30.0, 2.0]]), resolution)
    flat = to_clip(torch.tensor([[-6.0, 1.3], [22.0, 2.9], [8.0, -30.0]]), resolution)
    for points, along_rows in ((pos, True), (flat, False)):
        rast, _ = rasterize(CTX, points[None], all_triangles(1), resolution)
        covered = (rast[..., 3:] > 0).double()
        out = antialias(covered, rast, points[None], all_triangles(1))
        changed = (out != covered)[0, ..., 0]
        torch.testing.assert_close(out, references.antialias(covered, rast, points[None], all_triangles(1)))
        # One crossing for each row of a steep edge, one for each column of a flat one.
        assert torch.equal(changed.sum(1 if along_rows else 0), torch.ones(4 if along_rows else 16, dtype=torch.int64))


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize(
    ("t", "have"),
    [
        (-0.2, (0, 0)),
        (-1 / 16 - 1e-3, (0, 0)),
        (-1 / 16 + 1e-3, (0.5, 0)),
        (-0.01, (0.5, 0)),
        (0.01, (0.49, 0)),
        (0.99, (0, 0.49)),
        (1.01, (0, 0.5)),
        (17 / 16 - 1e-3, (0, 0.5)),
        (17 / 16 + 1e-3, (0, 0)),
        (1.2, (0, 0)),
    ],
)
def test_a_sixteenth_of_a_pixel_of_slack(t, have, walk):
    pair = Pair(walk)
    assert pair.run(pair.clip(edge_at(t)), all_triangles(1)) == pytest.approx(have, abs=1e-12)


@pytest.mark.parametrize("t", [-0.03, 1.03])
def test_in_the_slack_the_crossing_is_clamped_and_does_not_move(t):
    pair = Pair()
    rast = torch.tensor([[[[0.2, 0.3, 0, 1], [0, 0, 0, 0]]]], dtype=torch.float64)
    color = torch.tensor([[[[1.0], [0.0]]]], dtype=torch.float64)
    pos = pair.clip(edge_at(t)).requires_grad_()
    (grad,) = torch.autograd.grad(antialias(color, rast, pos, all_triangles(1)).sum(), pos)
    assert not grad.any()


def test_only_the_edge_that_the_walk_leaves_through_is_a_candidate():
    """The triangle's two other edges are silhouettes, and the walk's line crosses one of them behind the holder."""
    pair = Pair()
    pos = pair.clip([(0.3, -3.0), (0.3, 3.0), (-0.02, 0.0), (3.0, 0.0)])
    tri = torch.tensor([[0, 1, 2], [1, 0, 3]], dtype=torch.int32)
    assert pair.run(pos, tri) == pytest.approx((0, 0))
    assert pair.run(pos, tri[:1]) == pytest.approx(taken(0.3))


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("t", [0.2, 0.8])
def test_the_nearer_pixel_holds_and_a_hit_beats_the_background(t, walk):
    """Triangle 1 has an edge at t; triangle 2 covers everything and has no edge near."""
    pair = Pair(walk)
    big = [(-50.0, -60.0), (60.0, -50.0), (0.0, 80.0)]
    pos, tri = pair.clip(edge_at(t) + big), all_triangles(2)
    assert pair.run(pos, tri, holder=(0.9, 1), other=(0, 0)) == pytest.approx(taken(t))
    assert pair.run(pos, tri, holder=(0.1, 1), other=(0.2, 2)) == pytest.approx(taken(t))
    assert pair.run(pos, tri, holder=(-0.2, 1), other=(-0.1, 2)) == pytest.approx(taken(t))
    assert pair.run(pos, tri, holder=(0.2, 1), other=(0.1, 2)) == (0, 0)  # the other pixel's triangle has no edge here


def test_pixels_of_one_triangle_or_of_none_are_left_alone():
    pair = Pair()
    pos = pair.clip(edge_at(0.3))
    assert pair.run(pos, all_triangles(1), holder=(0, 1), other=(0, 1)) == (0, 0)
    assert pair.run(pos, all_triangles(1), holder=(0, 0), other=(0, 0)) == (0, 0)


def test_a_pixel_adds_up_its_pairs_and_blends_the_colours_that_came_in():
    """A small triangle about the middle pixel of 3 x 3; its steep edges count to the left and right, not upwards."""
    corners = torch.tensor([[-0.35, -0.7], [0.4, -0.7], [0.1, 0.9]], dtype=torch.float64)
    pos = to_clip(corners + 1.5, (3, 3))[None]
    rast, _ = rasterize(CTX, pos, all_triangles(1), (3, 3))
    assert (rast[..., 3] > 0).nonzero().tolist() == [[0, 1, 1]]
    left, right, down = 0.35 - 0.45 * 0.7 / 1.6, 0.4 - 0.3 * 0.7 / 1.6, 0.7
    color = normal(0, 1, 3, 3, 2)
    c = color[0]
    want = color.clone()
    want[0, 1, 1] += (0.5 - left) * (c[1, 0] - c[1, 1]) + (0.5 - right) * (c[1, 2] - c[1, 1])
    want[0, 0, 1] += (down - 0.5) * (c[1, 1] - c[0, 1])
    torch.testing.assert_close(antialias(color, rast, pos, all_triangles(1)), want)


def test_a_pixel_takes_from_several_holders():
    """The middle pixel is background between two triangles, each of which reaches past the middle of its way."""
    pos = to_clip(torch.tensor([[1.3, -5], [1.3, 5], [-9, 0.5], [1.8, -5], [1.8, 5], [12, 0.5]]), (1, 3))[None]
    rast, _ = rasterize(CTX, pos, all_triangles(2), (1, 3))
    assert rast[0, 0, :, 3].tolist() == [1, 0, 2]
    color = torch.tensor([1.0, 10.0, 100.0], dtype=torch.float64).reshape(1, 1, 3, 1)
    out = antialias(color, rast, pos, all_triangles(2))
    assert out.flatten().tolist() == pytest.approx([1, 10 + 0.3 * (1 - 10) + 0.2 * (100 - 10), 100])
