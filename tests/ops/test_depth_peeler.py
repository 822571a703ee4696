from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, all_triangles, ball, normal, soup
from tvdrnet_nv.ops import DepthPeeler, RasterizeCudaContext, RasterizeGLContext, rasterize
from tvdrnet_nv.ops.depth_peeler.reference import layer_ids
from tvdrnet_nv.ops.references import rasterize as reference_rasterize

INT = torch.int32


def ids(rast: Tensor) -> Tensor:
    return rast[..., 3].long() - 1


def peel(
    pos: Tensor, tri: Tensor, resolution: tuple[int, int], layers: int, **options: object
) -> tuple[Tensor, Tensor]:
    """`layers` layers: rast and rast_db, [layers, B, H, W, 4]."""
    with DepthPeeler(CTX, pos, tri, resolution, **options) as peeler:  # type: ignore[arg-type]
        found = [peeler.rasterize_next_layer() for _ in range(layers)]
    return torch.stack([rast for rast, _ in found]), torch.stack([db for _, db in found])


# --- layers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(3))
def test_layers_like_the_reference(seed, dtype):
    """Triangles that meet, reach behind the camera and leave the view volume."""
    pos, tri = soup(seed, batch=2, vertices=14, triangles=16)
    pos = pos.to(dtype)
    want = layer_ids(pos, tri, (9, 12), 10)
    assert int((want[2] >= 0).sum()) > 20
    assert not (want[-1] >= 0).any()  # every surface was reached
    rast, _ = peel(pos, tri, (9, 12), 10)
    assert torch.equal(ids(rast), want)


@pytest.mark.parametrize("dtype", DTYPES)
def test_range_mode_like_the_reference(dtype):
    pos, tri = soup(5, batch=1, vertices=14, triangles=16)
    ranges = torch.tensor([[0, 16], [4, 9], [7, 0]], dtype=INT)
    want = layer_ids(pos[0].to(dtype), tri, (10, 9), 8, ranges)
    assert (want[1, :2] >= 0).any()
    rast, _ = peel(pos[0].to(dtype), tri, (10, 9), 8, ranges=ranges)
    assert torch.equal(ids(rast), want)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_first_layer_is_what_rasterize_gives(dtype):
    pos, tri = soup(8)
    want, want_db = rasterize(CTX, pos.to(dtype), tri, (11, 13))
    rast, db = peel(pos.to(dtype), tri, (11, 13), 1)
    assert torch.equal(rast[0], want)
    assert torch.equal(db[0], want_db)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(2))
def test_all_layers_together_hold_each_triangle_once_as_if_alone(seed, dtype):
    """In rast and rast_db, bit for bit; depths never fall from layer to layer."""
    pos, tri = soup(seed + 20, batch=1, vertices=40, triangles=60)
    pos = pos[0].to(dtype)
    one_each = torch.stack((torch.arange(60), torch.ones(60, dtype=torch.int64)), dim=1).int()
    alone, alone_db = rasterize(CTX, pos, tri, (16, 17), ranges=one_each)
    everything = torch.tensor([[0, 60]], dtype=INT)
    rast, db = peel(pos, tri, (16, 17), 60, ranges=everything)
    assert not rast[-1].any()
    for face in range(60):
        layer, _, row, column = (ids(rast) == face).nonzero(as_tuple=True)
        hit = alone[face, ..., 3] > 0
        again = torch.zeros_like(hit, dtype=torch.int64).index_put((row, column), torch.ones_like(row), accumulate=True)
        assert torch.equal(again, hit.long())
        assert torch.equal(rast[layer, 0, row, column], alone[face, row, column])
        assert torch.equal(db[layer, 0, row, column], alone_db[face, row, column])
    hit = rast[..., 3] > 0
    assert not (hit[1:] & ~hit[:-1]).any()
    depth = torch.where(hit, rast[..., 2], torch.inf)
    assert (depth[1:] >= depth[:-1]).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_equal_depths_come_in_the_order_of_ids_each_in_a_layer_of_its_own(order, dtype):
    """The same triangle three times, its vertices in another order, with one in front and one behind."""
    corners = torch.tensor([[3.0, -1, 0, 1], [-1, 3, 0.25, 1], [-1, -1, 0.125, 1]])
    in_front, behind = (corners + torch.tensor([0, 0, shift, 0.0]) for shift in (-0.5, 0.5))
    pos = torch.cat((corners, behind, in_front)).to(dtype)[None]
    tri = torch.tensor([[3, 4, 5], [0, 1, 2], list(order), [2, 1, 0], [6, 7, 8]], dtype=INT)
    rast, _ = peel(pos, tri, (5, 4), 6)
    for layer, face in enumerate((4, 1, 2, 3, 0, -1)):
        assert (ids(rast[layer]) == face).all()
    assert torch.equal(rast[1, ..., 2], rast[2, ..., 2])


def test_behind_the_last_layer_there_is_only_background():
    pos, tri = ball(3)
    with DepthPeeler(CTX, pos, tri, (8, 9)) as peeler:
        hits = []
        for _ in range(12):
            rast, db = peeler.rasterize_next_layer()
            hits.append(int((rast[..., 3] > 0).sum()))
        assert hits[0] == hits[1] > 0  # a closed surface: what goes in comes out
        assert hits[-2:] == [0, 0]
        assert not rast.any()
        assert not db.any()


def test_a_context_without_derivatives_gives_empty_ones():
    pos, tri = ball(3)
    with DepthPeeler(RasterizeGLContext(output_db=False), pos, tri, (8, 9)) as peeler:
        for _ in range(2):
            rast, db = peeler.rasterize_next_layer()
            assert rast.any()
            assert db.shape == (1, 8, 9, 0)


# --- gradients -------------------------------------------------------------------------------------------------------


@FORWARD_AD
@pytest.mark.parametrize("ranged", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_gradcheck_through_every_layer(seed, ranged):
    pos, tri = soup(seed, batch=1, vertices=8, triangles=7)
    ranges = torch.tensor([[0, 5], [1, 6]], dtype=INT) if ranged else None
    pos = (pos[0] if ranged else pos).requires_grad_()

    def uv_and_db(p: Tensor) -> tuple[Tensor, Tensor]:
        rast, db = peel(p, tri, (5, 6), 3, ranges=ranges)
        return rast[..., :2], db

    rast, _ = peel(pos, tri, (5, 6), 3, ranges=ranges)
    assert all((layer[..., 3] > 0).any() for layer in rast)
    assert torch.autograd.gradcheck(uv_and_db, (pos,), check_forward_ad=True, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_layers_gradient_is_that_of_its_triangles_alone(dtype):
    """The second layer of two sheets is the rear sheet's only layer; the reference gives its gradient."""
    sheet = torch.tensor([[-0.9, -0.8, 0, 1], [0.9, -0.7, 0.1, 1.2], [0, 0.9, 0.2, 0.9]], dtype=torch.float64)
    pos = torch.cat((sheet, sheet + torch.tensor([0, 0, 0.4, 0.0], dtype=torch.float64)))[None].to(dtype)
    weight, weight_db = normal(1, 1, 9, 8, 2), normal(2, 1, 9, 8, 4)

    def gradient(rast: Tensor, db: Tensor, leaf: Tensor) -> Tensor:
        loss = (rast[..., :2].double() * weight).sum() + (db.double() * weight_db).sum()
        return torch.autograd.grad(loss, leaf)[0].double()

    leaf = pos.clone().requires_grad_()
    rast, db = peel(leaf, all_triangles(2), (9, 8), 2)
    have = gradient(rast[1], db[1], leaf)
    leaf = pos.clone().requires_grad_()
    want = gradient(*reference_rasterize(leaf, all_triangles(2)[1:], (9, 8)), leaf)
    assert want.abs().max() > 0.1
    tolerance = {torch.float32: 1e-4, torch.float64: 1e-9}[dtype]
    torch.testing.assert_close(have, want, rtol=tolerance, atol=tolerance)


def test_grad_db_false_drops_the_gradient_of_the_derivatives_only():
    pos, tri = ball(3)
    pos.requires_grad_()
    rast, db = peel(pos, tri, (8, 8), 2, grad_db=False)
    _, want_db = peel(pos, tri, (8, 8), 2)
    assert torch.equal(db, want_db)
    assert rast.requires_grad
    assert not db.requires_grad


# --- threads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranged", [False, True])
def test_any_number_of_threads_gives_the_same_bits(ranged):
    pos, tri = soup(30, batch=2, vertices=300, triangles=1500)
    pos = pos.float()[0] if ranged else pos.float()
    ranges = torch.tensor([[0, 1500], [100, 900]], dtype=INT) if ranged else None

    def run() -> list[Tensor]:
        leaf = pos.clone().requires_grad_()
        rast, db = peel(leaf, tri, (90, 150), 4, ranges=ranges)
        weight = normal(3, *db.shape).float()
        (grad,) = torch.autograd.grad((rast[..., :2] * weight[..., :2]).sum() + (db * weight).sum(), leaf)
        return [rast.detach(), db.detach(), grad]

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        want = run()
        assert (want[0][3, ..., 3] > 0).float().mean() > 0.5
        for threads in (2, 8, 8):
            torch.set_num_threads(threads)
            assert all(torch.equal(a, b) for a, b in zip(run(), want, strict=True))
    finally:
        torch.set_num_threads(before)


# --- misuse ----------------------------------------------------------------------------------------------------------


def fresh() -> tuple[RasterizeCudaContext, Tensor, Tensor]:
    return RasterizeCudaContext(), *ball(1)


def test_layers_come_within_the_with_block_only():
    context, pos, tri = fresh()
    peeler = DepthPeeler(context, pos, tri, (4, 4))
    with pytest.raises(RuntimeError, match="within `with DepthPeeler"):
        peeler.rasterize_next_layer()
    with peeler:
        peeler.rasterize_next_layer()
    with pytest.raises(RuntimeError, match="within `with DepthPeeler"):
        peeler.rasterize_next_layer()
    with pytest.raises(RuntimeError, match="make a new one"), peeler:
        pass


def test_the_context_is_the_peelers_while_it_works():
    context, pos, tri = fresh()
    with DepthPeeler(context, pos, tri, (4, 4)) as peeler:
        with pytest.raises(RuntimeError, match="another context"):
            rasterize(context, pos, tri, (4, 4))
        with pytest.raises(RuntimeError, match="another context"), DepthPeeler(context, pos, tri, (4, 4)):
            pass
        with pytest.raises(RuntimeError, match="another context"), peeler:
            pass
        first, _ = peeler.rasterize_next_layer()  # and the refusals did no harm
        with DepthPeeler(RasterizeCudaContext(), pos, tri, (4, 4)) as nested:
            assert torch.equal(nested.rasterize_next_layer()[0], first)
        other, _ = rasterize(RasterizeCudaContext(), pos, tri, (4, 4))
        assert torch.equal(other, first)
    rasterize(context, pos, tri, (4, 4))


def test_an_error_within_the_block_gives_the_context_back():
    context, pos, tri = fresh()
    with pytest.raises(ZeroDivisionError), DepthPeeler(context, pos, tri, (4, 4)):
        raise ZeroDivisionError
    rasterize(context, pos, tri, (4, 4))
    with DepthPeeler(context, pos, tri, (4, 4)) as peeler:
        assert peeler.rasterize_next_layer()[0].any()


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"glctx": None}, TypeError, "glctx"),
        ({"pos": torch.zeros(3, 4)}, ValueError, "pos"),
        ({"pos": torch.zeros(1, 3, 4, dtype=torch.half)}, TypeError, "pos"),
        ({"tri": torch.tensor([[0, 1, 3]], dtype=INT)}, ValueError, "tri"),
        ({"resolution": (0, 4)}, ValueError, "resolution"),
        ({"pos": torch.zeros(3, 4), "ranges": torch.tensor([[0, 2]], dtype=INT)}, ValueError, "ranges"),
    ],
)
def test_wrong_arguments_are_named_at_once(change, error, says):
    valid = {"glctx": CTX, "pos": torch.zeros(1, 3, 4), "tri": all_triangles(1), "resolution": (4, 4)}
    with pytest.raises(error, match=says):
        DepthPeeler(**{**valid, **change})
