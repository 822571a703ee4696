"""Bad arguments: the message names the argument and says what came in. Unusual good ones: they change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.conformance.scenes import CTX, DTYPES, ball, normal
from tvdrnet_nv.ops import (
    RasterizeCudaContext,
    RasterizeGLContext,
    antialias,
    antialias_construct_topology_hash,
    interpolate,
    rasterize,
)

INT = torch.int32
POS = torch.rand(2, 5, 4)
FLAT_POS = torch.rand(5, 4)
TRI = torch.tensor([[0, 1, 2], [2, 3, 4], [0, 2, 4]], dtype=INT)
RANGES = torch.tensor([[0, 3], [1, 2]], dtype=INT)
RAST = torch.zeros(2, 6, 7, 4)
RAST_DB = torch.zeros(2, 6, 7, 4)
ATTR = torch.rand(2, 5, 3)
COLOR = torch.rand(2, 6, 7, 3)

VALID: dict[Callable[..., Any], dict[str, Any]] = {
    rasterize: {"glctx": CTX, "pos": POS, "tri": TRI, "resolution": (6, 7)},
    interpolate: {"attr": ATTR, "rast": RAST, "tri": TRI},
    antialias: {"color": COLOR, "rast": RAST, "pos": POS, "tri": TRI},
    antialias_construct_topology_hash: {"tri": TRI},
}


def with_id(value: float) -> Tensor:
    rast = RAST.clone()
    rast[1, 2, 3, 3] = value
    return rast


def with_index(value: int) -> Tensor:
    tri = TRI.clone()
    tri[1, 2] = value
    return tri


def strided(t: Tensor) -> Tensor:
    """The same values, laid out otherwise: a view whose strides are not those of a fresh tensor."""
    padded = torch.stack((t, t + 1), dim=-1)
    view = padded.transpose(0, -1).contiguous().transpose(0, -1)[..., 0]
    assert t.dim() < 2 or not view.is_contiguous()
    return view


@pytest.mark.parametrize("op", VALID, ids=lambda op: op.__name__)
def test_the_valid_arguments_are_valid(op):
    op(**VALID[op])


BAD = [
    # op, what is changed, the error, what its message says
    (rasterize, {"glctx": None}, TypeError, ["glctx", "NoneType"]),
    (rasterize, {"glctx": RasterizeCudaContext}, TypeError, ["glctx"]),
    (rasterize, {"pos": [[0.0]]}, TypeError, ["pos", "list"]),
    (rasterize, {"pos": POS.half()}, TypeError, ["pos", "float16"]),
    (rasterize, {"pos": POS.int()}, TypeError, ["pos", "int32"]),
    (rasterize, {"pos": POS[..., :3]}, ValueError, ["pos", "[2, 5, 3]"]),
    (rasterize, {"pos": FLAT_POS}, ValueError, ["pos", "[5, 4]"]),
    (rasterize, {"pos": POS[None]}, ValueError, ["pos", "[1, 2, 5, 4]"]),
    (rasterize, {"pos": POS.to("meta"), "tri": TRI.to("meta")}, ValueError, ["pos", "meta"]),
    (rasterize, {"tri": TRI.to("meta")}, ValueError, ["tri", "meta"]),
    (rasterize, {"tri": TRI.tolist()}, TypeError, ["tri", "list"]),
    (rasterize, {"tri": TRI.long()}, TypeError, ["tri", "int64"]),
    (rasterize, {"tri": TRI.float()}, TypeError, ["tri", "float32"]),
    (rasterize, {"tri": TRI[:, :2]}, ValueError, ["tri", "[3, 2]"]),
    (rasterize, {"tri": TRI[None]}, ValueError, ["tri", "[1, 3, 3]"]),
    (rasterize, {"tri": with_index(5)}, ValueError, ["tri", "5"]),
    (rasterize, {"tri": with_index(-1)}, ValueError, ["tri", "-1"]),
    (rasterize, {"tri": with_index(2**31 - 1)}, ValueError, ["tri", str(2**31 - 1)]),
    (rasterize, {"resolution": 6}, TypeError, ["resolution", "6"]),
    (rasterize, {"resolution": (6,)}, TypeError, ["resolution", "6"]),
    (rasterize, {"resolution": (6, 7, 8)}, TypeError, ["resolution", "(6, 7, 8)"]),
    (rasterize, {"resolution": (6.5, 7)}, TypeError, ["resolution", "6.5"]),
    (rasterize, {"resolution": ("6", 7)}, TypeError, ["resolution", "'6'"]),
    (rasterize, {"resolution": None}, TypeError, ["resolution", "None"]),
    (rasterize, {"resolution": (0, 7)}, ValueError, ["resolution", "0"]),
    (rasterize, {"resolution": (6, -7)}, ValueError, ["resolution", "-7"]),
    (rasterize, {"resolution": (6, 16385)}, ValueError, ["resolution", "16385"]),
    (rasterize, {"resolution": (10**9, 10**9)}, ValueError, ["resolution", "1000000000"]),
    (rasterize, {"pos": FLAT_POS, "ranges": [[0, 3]]}, TypeError, ["ranges", "list"]),
    (rasterize, {"pos": FLAT_POS, "ranges": RANGES.long()}, TypeError, ["ranges", "int64"]),
    (rasterize, {"pos": FLAT_POS, "ranges": RANGES[0]}, ValueError, ["ranges", "[2]"]),
    (rasterize, {"pos": FLAT_POS, "ranges": RANGES.to("meta")}, ValueError, ["ranges", "meta"]),
    (
        rasterize,
        {"pos": FLAT_POS, "ranges": RANGES + torch.tensor([0, 1], dtype=INT)},
        ValueError,
        ["ranges[0]", "(0, 4)"],
    ),
    (rasterize, {"pos": FLAT_POS, "ranges": RANGES - torch.tensor([1, 0], dtype=INT)}, ValueError, ["ranges[0]", "-1"]),
    (
        rasterize,
        {"pos": FLAT_POS, "ranges": torch.tensor([[0, 3], [2, -1]], dtype=INT)},
        ValueError,
        ["ranges[1]", "-1"],
    ),
    (
        rasterize,
        {"pos": FLAT_POS, "ranges": torch.tensor([[2**31 - 1, 2**31 - 1]], dtype=INT)},
        ValueError,
        ["ranges[0]", str(2**31 - 1)],
    ),
    (interpolate, {"attr": None}, TypeError, ["attr", "None"]),
    (interpolate, {"attr": ATTR.int()}, TypeError, ["attr", "int32"]),
    (interpolate, {"attr": ATTR[0, 0]}, ValueError, ["attr", "[3]"]),
    (interpolate, {"attr": ATTR.repeat(2, 1, 1)}, ValueError, ["attr", "[4, 5, 3]", "2"]),
    (interpolate, {"attr": ATTR[:, :4]}, ValueError, ["tri", "4"]),
    (interpolate, {"attr": ATTR.to("meta"), "rast": RAST, "tri": TRI}, ValueError, ["meta"]),
    (interpolate, {"rast": RAST[0]}, ValueError, ["rast", "[6, 7, 4]"]),
    (interpolate, {"rast": RAST[..., :3]}, ValueError, ["rast", "[2, 6, 7, 3]"]),
    (interpolate, {"rast": RAST.double()}, TypeError, ["rast", "float64"]),
    (interpolate, {"rast": RAST.int()}, TypeError, ["rast", "int32"]),
    (interpolate, {"rast": RAST.to("meta")}, ValueError, ["rast", "meta"]),
    (interpolate, {"rast": with_id(4)}, ValueError, ["rast", "another tri", "3"]),
    (interpolate, {"rast": with_id(-1)}, ValueError, ["rast", "another tri"]),
    (interpolate, {"rast": with_id(float("nan"))}, ValueError, ["rast"]),
    (interpolate, {"tri": with_index(7)}, ValueError, ["tri", "7"]),
    (interpolate, {"tri": TRI.long()}, TypeError, ["tri", "int64"]),
    (interpolate, {"tri": TRI.to("meta")}, ValueError, ["tri", "meta"]),
    (interpolate, {"diff_attrs": "all"}, ValueError, ["rast_db"]),
    (interpolate, {"diff_attrs": "some", "rast_db": RAST_DB}, ValueError, ["diff_attrs", "'some'"]),
    (interpolate, {"diff_attrs": 1, "rast_db": RAST_DB}, TypeError, ["diff_attrs", "1"]),
    (interpolate, {"diff_attrs": [0.5], "rast_db": RAST_DB}, TypeError, ["diff_attrs", "0.5"]),
    (interpolate, {"diff_attrs": [0, 3], "rast_db": RAST_DB}, ValueError, ["diff_attrs", "3"]),
    (interpolate, {"diff_attrs": [-4], "rast_db": RAST_DB}, ValueError, ["diff_attrs", "-4"]),
    (interpolate, {"diff_attrs": "all", "rast_db": RAST_DB[:1]}, ValueError, ["rast_db", "[1, 6, 7, 4]"]),
    (interpolate, {"diff_attrs": "all", "rast_db": RAST_DB.double()}, TypeError, ["rast_db", "float64"]),
    (interpolate, {"diff_attrs": "all", "rast_db": RAST_DB.to("meta")}, ValueError, ["rast_db", "meta"]),
    (antialias, {"color": COLOR.byte()}, TypeError, ["color", "uint8"]),
    (antialias, {"color": COLOR[0]}, ValueError, ["color", "[6, 7, 3]"]),
    (antialias, {"color": COLOR[:, :5]}, ValueError, ["color", "[2, 5, 7, 3]"]),
    (antialias, {"color": COLOR[:1]}, ValueError, ["color", "[1, 6, 7, 3]"]),
    (antialias, {"color": COLOR.double()}, TypeError, ["pos", "float64"]),
    (antialias, {"color": COLOR.to("meta")}, ValueError, ["meta"]),
    (antialias, {"rast": RAST.double()}, TypeError, ["rast", "float64"]),
    (antialias, {"rast": RAST.to("meta")}, ValueError, ["rast", "meta"]),
    (antialias, {"rast": with_id(4)}, ValueError, ["rast", "another tri"]),
    (antialias, {"pos": POS[..., :3]}, ValueError, ["pos", "[2, 5, 3]"]),
    (antialias, {"pos": POS.repeat(2, 1, 1)}, ValueError, ["pos", "[4, 5, 4]", "2"]),
    (antialias, {"pos": POS.double()}, TypeError, ["pos", "float64"]),
    (antialias, {"pos": POS.to("meta")}, ValueError, ["pos", "meta"]),
    (antialias, {"tri": with_index(5)}, ValueError, ["tri", "5"]),
    (antialias, {"tri": TRI.long()}, TypeError, ["tri", "int64"]),
    (antialias, {"topology_hash": 3}, TypeError, ["topology_hash", "3"]),
    (antialias_construct_topology_hash, {"tri": TRI.long()}, TypeError, ["tri", "int64"]),
    (antialias_construct_topology_hash, {"tri": TRI[0]}, ValueError, ["tri", "[3]"]),
    (antialias_construct_topology_hash, {"tri": with_index(-2)}, ValueError, ["tri", "-2"]),
    (antialias_construct_topology_hash, {"tri": TRI.to("meta")}, ValueError, ["tri", "meta"]),
]


@pytest.mark.parametrize(
    ("op", "changes", "error", "said"), BAD, ids=[f"{op.__name__}-{'-'.join(c)}-{s[-1]}" for op, c, _, s in BAD]
)
def test_bad_arguments_are_named(op, changes, error, said):
    with pytest.raises((TypeError, ValueError)) as caught:
        op(**(VALID[op] | changes))
    assert caught.type is error
    for words in said:
        assert re.search(re.escape(words), str(caught.value))


def test_too_many_triangles_are_refused():
    tri = torch.zeros(1, 3, dtype=INT).expand(2**24 + 1, 3)
    with pytest.raises(ValueError, match="tri has 16777217 triangles"):
        rasterize(CTX, torch.rand(1, 1, 4), tri, (1, 1))


@pytest.mark.parametrize("mode", ["automatic", "manual"])
def test_contexts_are_accepted_for_compatibility(mode):
    pos, tri = ball(0)
    want, want_db = rasterize(RasterizeCudaContext(device="cpu"), pos, tri, (8, 8))
    context = RasterizeGLContext(mode=mode, device="cpu")
    context.set_context()
    rast, rast_db = rasterize(context, pos, tri, (8, 8))
    context.release_context()
    assert torch.equal(rast, want)
    assert torch.equal(rast_db, want_db)
    _, none = rasterize(RasterizeGLContext(output_db=False), pos, tri, (8, 8))
    assert none.shape == (1, 8, 8, 0)


def test_an_unknown_context_mode_is_refused():
    with pytest.raises(ValueError, match=r"mode.*'vulkan'"):
        RasterizeGLContext(mode="vulkan")


@pytest.mark.parametrize("kind", [list, tuple, torch.Size])
def test_resolution_may_be_any_pair(kind):
    rast, _ = rasterize(CTX, POS, TRI, kind((3, 4)))
    assert rast.shape == (2, 3, 4, 4)


def test_positional_arguments_come_in_nvdiffrasts_order():
    rast, rast_db = rasterize(CTX, FLAT_POS, TRI, [6, 7], RANGES, False)
    out, out_da = interpolate(ATTR, rast, TRI, rast_db, [0])
    image = antialias(out, rast, FLAT_POS, TRI, antialias_construct_topology_hash(TRI), 2.0)
    assert image.shape == (2, 6, 7, 3)
    assert out_da.shape == (2, 6, 7, 2)


def results(pos: Tensor, attr: Tensor, tri: Tensor, layout: Callable[[Tensor], Tensor]) -> list[Tensor]:
    """Images and gradients of the three ops, with every tensor that goes in or comes back laid out by `layout`."""
    pos, attr = pos.clone().requires_grad_(), attr.clone().requires_grad_()
    tri = layout(tri)
    rast, rast_db = rasterize(CTX, layout(pos), tri, (9, 8))
    out, out_da = interpolate(layout(attr), layout(rast), tri, layout(rast_db), "all")
    image = antialias(layout(torch.cat((out, out_da), dim=-1)), layout(rast), layout(pos), tri)
    outputs = (rast[..., :2], rast_db, out, out_da, image)
    weights = tuple(layout(normal(i, *o.shape).to(o.dtype)) for i, o in enumerate(outputs))
    return [*(o.detach() for o in outputs), *torch.autograd.grad(outputs, (pos, attr), weights)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_layout_of_a_tensor_does_not_matter(dtype):
    pos, tri = ball(1, batch=2)
    attr = normal(2, 18, 3)
    plain = results(pos.to(dtype), attr.to(dtype), tri, lambda t: t)
    for have, want in zip(results(pos.to(dtype), attr.to(dtype), tri, strided), plain, strict=True):
        assert want.any()
        torch.testing.assert_close(have, want, rtol=1e-12 if dtype == torch.float64 else 1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ranges_may_be_strided(dtype):
    pos, tri = ball(1)
    ranges = torch.tensor([[0, 10], [3, 20]], dtype=INT)
    want, _ = rasterize(CTX, pos[0].to(dtype), tri, (9, 8), ranges=ranges)
    have, _ = rasterize(CTX, pos[0].to(dtype), tri, (9, 8), ranges=strided(ranges))
    assert torch.equal(have, want)
    assert not torch.equal(want[0], want[1])


def test_inputs_are_left_as_they_were():
    pos, tri = ball(1)
    attr = normal(2, 18, 3)
    kept = [t.clone() for t in (pos, attr, tri)]
    rast, rast_db = rasterize(CTX, pos, tri, (9, 8))
    before = rast.clone(), rast_db.clone()
    out, _ = interpolate(attr, rast, tri, rast_db, "all")
    color = out.clone()
    antialias(out, rast, pos, tri)
    for have, want in zip((pos, attr, tri, rast, rast_db, out), (*kept, *before, color), strict=True):
        assert torch.equal(have, want)


def test_ranges_are_ignored_in_instanced_mode():
    pos, tri = ball(4)
    want, _ = rasterize(CTX, pos, tri, (9, 8))
    have, _ = rasterize(CTX, pos, tri, (9, 8), ranges=torch.tensor([[3, 1]], dtype=INT))
    assert want.any()
    assert torch.equal(have, want)
