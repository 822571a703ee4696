from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import ops as dr
from tvdrnet_nv.conformance import twins
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, ROUNDING, all_triangles, ball, normal, soup, to_clip, uniform
from tvdrnet_nv.ops import antialias, antialias_construct_topology_hash, interpolate, rasterize

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
        torch.testing.assert_close(out, twins.antialias(color, rast, pos, tri), rtol=1e-12, atol=1e-12)
        at_holder, at_other = out.flatten().flip(0) if self.flipped else out.flatten()
        return 1 - float(at_holder), float(at_other)


def edge_at(t: float, slope: float = 0.0) -> list[tuple[float, float]]:
    """A triangle that the walk leaves through the edge from its first to its second vertex, t pixels on.

    `slope` is how far that edge runs along the walk for each pixel across it.
    """
    return [(t - 3 * slope, -3.0), (t + 3 * slope, 3.0), (t - 6.0 - 6 * abs(slope), 0.0)]


def taken(t: float) -> tuple[float, float]:
    return (max(0.5 - t, 0.0), max(t - 0.5, 0.0))


# --- where an edge counts --------------------------------------------------------------------------------------------


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
        torch.testing.assert_close(out, twins.antialias(covered, rast, points[None], all_triangles(1)))
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


# --- against the twin ------------------------------------------------------------------------------------------------


def assert_like_twin(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor) -> None:
    dtype = color.dtype
    outs, grads = [], []
    for op in (antialias, twins.antialias):
        leaves = [color.clone().requires_grad_(), pos.clone().requires_grad_()]
        out = op(leaves[0], rast, leaves[1], tri).double()
        outs.append(out.detach())
        grads.append([g.double() for g in torch.autograd.grad((out * normal(1, *out.shape)).sum(), leaves)])
    torch.testing.assert_close(outs[0], outs[1], rtol=ROUNDING[dtype], atol=ROUNDING[dtype])
    assert (outs[1] != color.double()).any()
    assert grads[1][1].abs().max() > 0.1
    for have, want in zip(*grads, strict=True):
        tolerance = 10 * ROUNDING[dtype] * max(1.0, float(want.abs().max()))
        torch.testing.assert_close(have, want, rtol=10 * ROUNDING[dtype], atol=tolerance)
    assert not grads[0][1][..., 2].any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("seed", range(3))
def test_random_triangles_like_the_twin(seed, channels, dtype):
    """Triangles that share vertices and edges in any number, and reach behind the camera."""
    pos, tri = soup(seed, vertices=7, triangles=14)
    rast, _ = rasterize(CTX, pos.to(dtype), tri, (9, 12))
    assert_like_twin(normal(seed, 2, 9, 12, channels).to(dtype), rast, pos.to(dtype), tri)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(3))
def test_closed_meshes_like_the_twin(seed, dtype):
    pos, tri = ball(seed, batch=2)
    rast, _ = rasterize(CTX, pos.to(dtype), tri, (16, 11))
    assert_like_twin(normal(seed, 2, 16, 11, 3).to(dtype), rast, pos.to(dtype), tri)


@pytest.mark.parametrize("dtype", DTYPES)
def test_range_mode_like_the_twin(dtype):
    """pos [V, 4], shared by all images: its gradient is summed over them."""
    pos, tri = ball(4)
    ranges = torch.tensor([[0, 32], [0, 16], [5, 20]], dtype=torch.int32)
    rast, _ = rasterize(CTX, pos[0].to(dtype), tri, (12, 12), ranges=ranges)
    assert_like_twin(normal(0, 3, 12, 12, 2).to(dtype), rast, pos[0].to(dtype), tri)


def test_one_set_of_vertices_serves_all_images_in_both_forms():
    pos, tri = ball(4)
    rast, _ = rasterize(CTX, pos.repeat(2, 1, 1), tri, (12, 12))
    color = normal(0, 2, 12, 12, 2)
    want = antialias(color, rast, pos.repeat(2, 1, 1), tri)
    assert torch.equal(antialias(color, rast, pos, tri), want)
    assert torch.equal(antialias(color, rast, pos[0], tri), want)


def test_inside_a_closed_surface_there_is_no_silhouette():
    """An octahedron about the eye: no edge is a silhouette, whatever its colours."""
    pos = torch.zeros(6, 4, dtype=torch.float64)
    pos[0, 0] = pos[1, 1] = pos[2, 3] = 1
    pos[3:] = -pos[:3]
    pos += 0.1 * normal(0, 6, 4) * torch.tensor([1, 1, 0, 1])
    tri = torch.tensor([(a, b, c) for a in (0, 3) for b in (1, 4) for c in (2, 5)], dtype=torch.int32)
    rast, _ = rasterize(CTX, pos[None], tri, (15, 15))
    assert (rast[..., 3] > 0).all()
    assert len(rast[..., 3].unique()) > 3
    color = normal(1, 1, 15, 15, 3)
    assert torch.equal(antialias(color, rast, pos[None], tri), color)


def test_no_triangles_leave_the_image_as_it_is():
    color = normal(0, 1, 4, 5, 3).requires_grad_()
    pos = torch.ones(2, 4, dtype=torch.float64, requires_grad=True)
    out = antialias(color, torch.zeros(1, 4, 5, 4).double(), pos, torch.zeros(0, 3, dtype=torch.int32))
    assert torch.equal(out, color)
    grad_color, grad_pos = torch.autograd.grad(out.sum(), (color, pos))
    assert (grad_color == 1).all()
    assert not grad_pos.any()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("component", range(4))
def test_vertices_that_are_not_finite_do_not_spread(component, bad):
    pos, tri = ball(5)
    pos[0, int(tri[3, 0]), component] = bad
    rast, _ = rasterize(CTX, pos, tri, (12, 12))
    pos.requires_grad_()
    color = normal(0, 1, 12, 12, 2)
    out = antialias(color, rast, pos, tri)
    (grad,) = torch.autograd.grad(out.sum(), pos)
    assert (rast[..., 3] > 0).any()
    assert out.isfinite().all()
    assert grad.isfinite().all()


# --- derivatives -----------------------------------------------------------------------------------------------------


@FORWARD_AD
@pytest.mark.parametrize("ranged", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_gradcheck(seed, ranged):
    pos, tri = soup(seed, vertices=7, triangles=6)
    ranges = torch.tensor([[0, 5], [2, 4]], dtype=torch.int32) if ranged else None
    pos = (pos[0] if ranged else pos).clone()
    rast, _ = rasterize(CTX, pos, tri, (5, 6), ranges=ranges)
    color = normal(seed, 2, 5, 6, 2)
    assert not torch.equal(antialias(color, rast, pos, tri), color)
    leaves = (color.requires_grad_(), pos.requires_grad_())
    assert torch.autograd.gradcheck(
        lambda color, pos: antialias(color, rast, pos, tri), leaves, check_forward_ad=True, atol=1e-4, rtol=1e-4
    )


@FORWARD_AD
@pytest.mark.parametrize("seed", range(2))
def test_gradcheck_of_the_three_together(seed):
    pos, tri = ball(seed)
    tri = tri[:12]
    attr = normal(seed, 18, 2)

    def render(pos: Tensor, attr: Tensor) -> Tensor:
        rast, rast_db = rasterize(CTX, pos, tri, (6, 7))
        out, out_da = interpolate(attr, rast, tri, rast_db, [0])
        return antialias(torch.cat((out, out_da), dim=-1), rast, pos, tri)

    assert render(pos, attr).any()
    leaves = (pos.requires_grad_(), attr.requires_grad_())
    assert torch.autograd.gradcheck(render, leaves, check_forward_ad=True, atol=1e-4, rtol=1e-4)


@FORWARD_AD
@pytest.mark.parametrize("ranged", [False, True])
def test_forward_and_backward_mode_agree(ranged):
    """Through torch.func's transforms, whose tensors are wrapped: <J d, w> = <d, J^T w>."""
    pos, tri = ball(6, batch=2)
    pos = pos[0] if ranged else pos
    ranges = torch.tensor([[0, 32], [4, 20]], dtype=torch.int32) if ranged else None
    attr = normal(7, 18, 2)

    def render(pos: Tensor, attr: Tensor) -> Tensor:
        rast, rast_db = rasterize(CTX, pos, tri, (11, 12), ranges=ranges)
        out, out_da = interpolate(attr, rast, tri, rast_db, [1])
        return antialias(torch.cat((out, out_da), dim=-1), rast, pos, tri)

    moves = (normal(8, *pos.shape), normal(9, *attr.shape))
    image, change = torch.func.jvp(render, (pos, attr), moves)
    weight = normal(10, *image.shape)
    leaves = (pos.requires_grad_(), attr.requires_grad_())
    want = render(*leaves)
    assert torch.equal(image, want)
    back = torch.autograd.grad((want * weight).sum(), leaves)
    have = float((change * weight).sum())
    assert abs(have) > 0.1
    assert have == pytest.approx(sum(float((g * d).sum()) for g, d in zip(back, moves, strict=True)), rel=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_three_together_like_the_twins(dtype):
    pos, tri = ball(7, batch=2)
    attr = uniform(8, 18, 3)
    images, grads = [], []
    for twin in (False, True):
        leaves = [pos.to(dtype).clone().requires_grad_(), attr.to(dtype).clone().requires_grad_()]
        if twin:
            rast, rast_db = twins.rasterize(leaves[0], tri, (12, 13))
            color, da = twins.interpolate(leaves[1], rast, tri, rast_db, "all")
            image = twins.antialias(torch.cat((color, da), dim=-1), rast, leaves[0], tri)
        else:
            rast, rast_db = rasterize(CTX, leaves[0], tri, (12, 13))
            color, da = interpolate(leaves[1], rast, tri, rast_db, "all")
            image = antialias(torch.cat((color, da), dim=-1), rast, leaves[0], tri)
        images.append(image.detach().double())
        grads.append([g.double() for g in torch.autograd.grad((image * normal(9, *image.shape)).sum(), leaves)])
    tolerance = {torch.float32: 1e-4, torch.float64: 1e-9}[dtype]
    torch.testing.assert_close(images[0], images[1], rtol=tolerance, atol=tolerance)
    for have, want in zip(*grads, strict=True):
        torch.testing.assert_close(have, want, rtol=tolerance, atol=tolerance * float(want.abs().max()))


@pytest.mark.parametrize("boost", [0.0, 2.0, 0.25])
def test_pos_gradient_boost_scales_the_gradient_of_pos_only(boost):
    pos, tri = ball(2)
    rast, _ = rasterize(CTX, pos, tri, (12, 12))
    leaves = (normal(0, 1, 12, 12, 2).requires_grad_(), pos.requires_grad_())
    plain = antialias(leaves[0], rast, pos, tri)
    boosted = antialias(leaves[0], rast, pos, tri, pos_gradient_boost=boost)
    assert torch.equal(plain, boosted)
    weight = normal(1, *plain.shape)
    want_color, want_pos = torch.autograd.grad((plain * weight).sum(), leaves)
    have_color, have_pos = torch.autograd.grad((boosted * weight).sum(), leaves)
    assert want_pos.any()
    assert torch.equal(have_color, want_color)
    torch.testing.assert_close(have_pos, boost * want_pos, rtol=1e-12, atol=0)


def test_nothing_flows_into_rast():
    pos, tri = ball(2)
    rast, _ = rasterize(CTX, pos, tri, (12, 12))
    color = normal(0, 1, 12, 12, 2).requires_grad_()
    rast.requires_grad_()
    grads = torch.autograd.grad(antialias(color, rast, pos, tri).sum(), (color, rast), allow_unused=True)
    assert grads[0].any()
    assert grads[1] is None or not grads[1].any()


# --- against the truth -----------------------------------------------------------------------------------------------
#
# In each row that a silhouette crosses steeply (each column, where it is flat) the antialiased image adds up to where
# the silhouette crosses the line through the row's centres: one exact sample a pixel, along one axis, of the true
# coverage. For a straight edge such samples average to the truth. What remains is at its ends, where a sample is
# counted wholly or not at all: at the border of the image, and at a corner, where the walk leaves the visible
# triangle through an inner edge and the silhouette goes unseen. So the error is about one sample an end, out of as
# many as the edge is pixels long; and since corners lose samples and never gain any, fine outlines come out too
# small.


def half_plane(angle: float, offset: float, size: int) -> tuple[Tensor, Tensor]:
    """A triangle that covers all of the image on one side of a line, and the line's normal (outwards)."""
    normal_ = torch.tensor((math.cos(angle), math.sin(angle)), dtype=torch.float64)
    along = torch.stack((-normal_[1], normal_[0]))
    foot = size / 2 + offset * normal_
    return torch.stack((foot - 1000 * along, foot + 1000 * along, foot - 1000 * normal_)), normal_


def length_in_square(angle: float, offset: float, size: int) -> float:
    """How long the line is within the image, by clipping it to the square."""
    n = (math.cos(angle), math.sin(angle))
    low, high = -math.inf, math.inf
    for foot, direction in ((offset * n[0], -n[1]), (offset * n[1], n[0])):
        if abs(direction) < 1e-12:
            continue
        ends = sorted(((-size / 2 - foot) / direction, (size / 2 - foot) / direction))
        low, high = max(low, ends[0]), min(high, ends[1])
    return high - low


def gradient_of_mean(points: Tensor, motion: Tensor, size: int) -> tuple[float, float]:
    """Sum of a white polygon on black, and its derivative when its corners move by `motion`; both in pixels."""
    pos = to_clip(points, (size, size))[None].requires_grad_()
    tri = torch.tensor([(0, i, i + 1) for i in range(1, len(points) - 1)], dtype=torch.int32)
    rast, _ = rasterize(CTX, pos, tri, (size, size))
    image = antialias((rast[..., 3:] > 0).double(), rast, pos, tri)
    (grad,) = torch.autograd.grad(image.sum(), pos)
    return float(image.detach().sum()), float((grad[0, :, :2] * motion * 2 / size).sum())


OFF_AXIS = [math.radians(d) for d in (3, 11, 19, 27, 35, 43, 47, 58, 71, 84, 96, 122, 151, 199, 227, 262, 290, 333)]


@pytest.mark.parametrize(
    ("size", "worst", "mean"),
    [(16, 0.16, 0.04), (32, 0.05, 0.01), (64, 0.02, 0.004), (128, 0.01, 0.002)],
)
def test_the_gradient_of_a_moving_edge_is_its_length(size, worst, mean):
    """Measured: at most 14, 3.6, 1.3 and 0.7 per cent; -3, -0.5, -0.1 and -0.04 on average."""
    errors = []
    for angle in OFF_AXIS:
        for offset in (-5.3, -1.7, 0.13, 2.9, 6.1):
            points, outwards = half_plane(angle, offset, size)
            _, slope = gradient_of_mean(points, outwards.expand(3, 2), size)
            errors.append(slope / length_in_square(angle, offset, size) - 1)
    assert max(map(abs, errors)) < worst
    assert abs(sum(errors) / len(errors)) < mean


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_gradient_of_an_edge_along_the_pixels_is_exact(degrees):
    points, outwards = half_plane(math.radians(degrees), 2.3, 16)
    value, slope = gradient_of_mean(points, outwards.expand(3, 2), 16)
    assert value == pytest.approx(16 * 10.3)
    assert slope == pytest.approx(16)


@pytest.mark.parametrize(
    ("sides", "size", "lowest", "highest", "mean"),
    [
        (3, 32, -0.08, 0.05, 0.04),
        (3, 128, -0.03, 0.02, 0.01),
        (5, 32, -0.1, 0.05, 0.05),
        (5, 128, -0.03, 0.02, 0.015),
        (7, 32, -0.15, 0.05, 0.08),
        (7, 128, -0.04, 0.02, 0.025),
        (64, 128, -0.3, 0.02, 0.25),
    ],
)
def test_the_gradient_of_a_growing_polygon_is_its_outline(sides, size, lowest, highest, mean):
    """At 128 x 128, measured on average: -0.6, -1.0, -1.7 per cent, and -21 with edges of 5 pixels (64 sides)."""
    radius, center = 0.4 * size, torch.tensor([size / 2 + 0.31, size / 2 - 0.17], dtype=torch.float64)
    area = 0.5 * sides * radius**2 * math.sin(2 * math.pi / sides)
    errors = []
    for turn in range(12):
        angle = 0.1 + 2 * math.pi * (torch.arange(sides, dtype=torch.float64) + turn / 12) / sides
        directions = torch.stack((angle.cos(), angle.sin()), dim=1)
        value, slope = gradient_of_mean(center + radius * directions, directions, size)
        assert value == pytest.approx(area, rel=0.006)
        errors.append(slope / (2 * area / radius) - 1)
    assert lowest < min(errors)
    assert max(errors) < highest
    assert abs(sum(errors) / len(errors)) < mean


# --- topology --------------------------------------------------------------------------------------------------------


def test_the_topology_may_be_built_once():
    pos, tri = ball(3, batch=2)
    topology = antialias_construct_topology_hash(tri)
    for seed in range(2):
        moved = pos + 0.05 * normal(seed, *pos.shape)
        rast, _ = rasterize(CTX, moved, tri, (12, 12))
        color = normal(seed, 2, 12, 12, 2)
        want = antialias(color, rast, moved, tri)
        assert not torch.equal(want, color)
        assert torch.equal(antialias(color, rast, moved, tri, topology_hash=topology), want)


def test_a_topology_of_another_mesh_is_refused():
    pos, tri = ball(3)
    rast, _ = rasterize(CTX, pos, tri, (8, 8))
    color = normal(0, 1, 8, 8, 1)
    other = antialias_construct_topology_hash(tri[:-1])
    with pytest.raises(ValueError, match=r"topology_hash.*31 triangles.*32"):
        antialias(color, rast, pos, tri, topology_hash=other)
    with pytest.raises(TypeError, match=r"topology_hash.*antialias_construct_topology_hash.*str"):
        antialias(color, rast, pos, tri, topology_hash="tri")


# --- the walk beyond the contract -----------------------------------------------------------------------------------


def _disk(corners: int, radius: float) -> tuple[Tensor, Tensor]:
    """A fan over a regular polygon: its outline's edges are shorter than a pixel where there are many."""
    angle = torch.arange(corners, dtype=torch.float64) * (2 * math.pi / corners) + 0.1
    rim = torch.stack((radius * angle.cos(), radius * angle.sin(), torch.zeros(corners), torch.ones(corners)), dim=1)
    inner = torch.stack((0.9 * rim[:, 0], 0.9 * rim[:, 1], rim[:, 2], rim[:, 3]), dim=1)
    center = torch.tensor([[0.0, 0, 0, 1]], dtype=torch.float64)
    i = torch.arange(corners)
    j = (i + 1) % corners
    fan = torch.stack((torch.full_like(i, 2 * corners), corners + i, corners + j), dim=1)
    ring = torch.cat((torch.stack((corners + i, i, j), dim=1), torch.stack((corners + i, j, corners + j), dim=1)))
    return torch.cat((rim, inner, center))[None], torch.cat((fan, ring)).to(torch.int32)


def _growth(walk: int, corners: int) -> float:
    """d(covered area)/d(scale) of the antialiased disk over its true value, the mean over several sizes."""
    ratios = []
    for radius in torch.linspace(0.55, 0.7, 7, dtype=torch.float64):
        pos, tri = _disk(corners, float(radius))
        scale = torch.ones((), dtype=torch.float64, requires_grad=True)
        moved = pos * torch.stack((scale, scale, scale.detach(), scale.detach()))
        rast, _ = dr.rasterize(dr.RasterizeCudaContext(), moved, tri, (32, 32))
        color = (rast[..., 3:] > 0).to(torch.float64)
        dr.antialias(color, rast, moved, tri, walk=walk).sum().backward()
        area = 0.5 * corners * math.sin(2 * math.pi / corners) * float(radius) ** 2 * 16**2
        ratios.append(float(scale.grad) / (2 * area))
    return sum(ratios) / len(ratios)


def test_walking_finds_the_silhouette_of_small_triangles():
    # 128 corners on some 60 pixels of outline: the triangle at a pixel's centre rarely has the silhouette's edge.
    assert _growth(1, 128) < 0.7
    assert abs(_growth(64, 128) - 1) < 0.05


def test_walking_changes_nothing_where_triangles_are_large():
    pos = torch.tensor([[[-0.7, -0.6, 0, 1], [0.8, -0.4, 0, 1], [0.1, 0.7, 0, 1]]], dtype=torch.float64)
    tri = torch.tensor([[0, 1, 2]], dtype=torch.int32)
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(), pos, tri, (24, 24))
    color = (rast[..., 3:] > 0).to(torch.float64)
    assert torch.equal(dr.antialias(color, rast, pos, tri, walk=64), dr.antialias(color, rast, pos, tri))


@FORWARD_AD
def test_walk_gradients_forward_and_backward():
    pos, tri = _disk(24, 0.6)
    pos = pos + 0.01 * torch.rand(pos.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(), pos, tri, (12, 12))
    color = torch.rand((1, 12, 12, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    color, pos = color.requires_grad_(), pos.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda c, p: dr.antialias(c, rast, p, tri, walk=16), (color, pos), eps=1e-7, check_forward_ad=True
    )


@pytest.mark.parametrize("walk", [0, -1, 1.5, "2"])
def test_a_walk_that_is_no_count_is_refused(walk):
    pos, tri = _disk(5, 0.6)
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(), pos, tri, (8, 8))
    with pytest.raises(ValueError, match="walk"):
        dr.antialias(rast, rast, pos, tri, walk=walk)
