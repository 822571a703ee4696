"""Wrong arguments are named before any kernel runs; the layout of right ones does not matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.conformance.errors import message_of
from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import CTX, ball, normal
from tvdrnet_nv.conformance.tested_backend import TestedBackend

INT = torch.int32
TRI = torch.tensor([[0, 1, 2], [2, 3, 4], [0, 2, 4]], dtype=INT)
RANGES = torch.tensor([[0, 3], [1, 2]], dtype=INT)
Arguments = dict[str, Any]


def _valid(b: TestedBackend) -> dict[str, Arguments]:
    rast, tri, pos = b.to(torch.zeros(2, 8, 8, 4)), b.to(TRI), b.to(torch.ones(2, 5, 4))
    return {
        "rasterize": {"glctx": b.ctx, "pos": pos, "tri": tri, "resolution": (8, 8)},
        "interpolate": {"attr": b.to(torch.ones(2, 5, 3)), "rast": rast, "tri": tri},
        "antialias": {"color": b.to(torch.ones(2, 8, 8, 3)), "rast": rast, "pos": pos, "tri": tri},
        "antialias_construct_topology_hash": {"tri": tri},
    }


def _refuses(b: TestedBackend, op: str, kind: type[Exception], names: str, **changed: object) -> None:
    """The op, called with valid arguments but for those changed, raises `kind` and names the argument and what came."""
    said = message_of(kind, lambda: getattr(ops, op)(**{**_valid(b)[op], **changed}))
    for word in names.split():
        assert word in said, f"{word!r} is not in {said!r}"


def _all_refused(b: TestedBackend, op: str, bad: list[tuple[type[Exception], str, Arguments]]) -> None:
    """Float tensors are moved to where the backend wants them, so that only what is wrong is wrong."""
    getattr(ops, op)(**_valid(b)[op])  # otherwise anything would be refused
    for kind, names, changed in bad:
        placed = {k: b.to(v) if isinstance(v, Tensor) and v.is_floating_point() else v for k, v in changed.items()}
        _refuses(b, op, kind, names, **placed)


@case("rasterize", "a wrong dtype, shape or type raises ValueError/TypeError naming the argument and what came in")
def rasterize_arguments(b: TestedBackend) -> None:
    flat = torch.ones(5, 4)
    _all_refused(
        b,
        "rasterize",
        [
            (TypeError, "glctx NoneType", {"glctx": None}),
            (TypeError, "pos list", {"pos": [[0.0]]}),
            (ValueError, "pos [2, 5, 3]", {"pos": torch.ones(2, 5, 3)}),
            (ValueError, "pos [5, 4]", {"pos": flat}),
            (TypeError, "tri list", {"tri": TRI.tolist()}),
            (TypeError, "tri int64", {"tri": TRI.long().to(b.device)}),
            (ValueError, "tri [3, 2]", {"tri": TRI[:, :2].to(b.device)}),
            (TypeError, "resolution 8", {"resolution": 8}),
            (TypeError, "resolution 8.5", {"resolution": (8.5, 8)}),
            (ValueError, "resolution 0", {"resolution": (0, 8)}),
            (ValueError, "resolution -8", {"resolution": (8, -8)}),
            (TypeError, "ranges list", {"pos": flat, "ranges": [[0, 3]]}),
            (TypeError, "ranges int64", {"pos": flat, "ranges": RANGES.long()}),
            (ValueError, "ranges [2]", {"pos": flat, "ranges": RANGES[0]}),
            (ValueError, "ranges[0] (0, 4)", {"pos": flat, "ranges": RANGES + torch.tensor([0, 1], dtype=INT)}),
            (ValueError, "ranges[0] -1", {"pos": flat, "ranges": RANGES - torch.tensor([1, 0], dtype=INT)}),
        ],
    )
    _refuses(b, "rasterize", TypeError, "pos float16", pos=torch.ones(2, 5, 4).half().to(b.device))


@case("interpolate", "a wrong dtype, shape or type raises ValueError/TypeError naming the argument and what came in")
def interpolate_arguments(b: TestedBackend) -> None:
    db = torch.zeros(2, 8, 8, 4)
    _all_refused(
        b,
        "interpolate",
        [
            (TypeError, "attr None", {"attr": None}),
            (ValueError, "attr [3]", {"attr": torch.ones(3)}),
            (ValueError, "attr [4, 5, 3] 2", {"attr": torch.ones(4, 5, 3)}),
            (ValueError, "rast [8, 8, 4]", {"rast": db[0]}),
            (ValueError, "rast [2, 8, 8, 3]", {"rast": db[..., :3]}),
            (TypeError, "tri int64", {"tri": TRI.long().to(b.device)}),
            (ValueError, "rast_db", {"diff_attrs": "all"}),
            (ValueError, "diff_attrs 'some'", {"diff_attrs": "some", "rast_db": db}),
            (TypeError, "diff_attrs 0.5", {"diff_attrs": [0.5], "rast_db": db}),
            (ValueError, "diff_attrs 3", {"diff_attrs": [0, 3], "rast_db": db}),
            (ValueError, "rast_db [1, 8, 8, 4]", {"diff_attrs": "all", "rast_db": db[:1]}),
        ],
    )


@case("antialias", "a wrong dtype, shape or type raises ValueError/TypeError naming the argument and what came in")
def antialias_arguments(b: TestedBackend) -> None:
    _all_refused(
        b,
        "antialias",
        [
            (TypeError, "color None", {"color": None}),
            (ValueError, "color [8, 8, 3]", {"color": torch.ones(8, 8, 3)}),
            (ValueError, "color [2, 7, 8, 3]", {"color": torch.ones(2, 7, 8, 3)}),
            (ValueError, "pos [2, 5, 3]", {"pos": torch.ones(2, 5, 3)}),
            (ValueError, "pos [4, 5, 4] 2", {"pos": torch.ones(4, 5, 4)}),
            (TypeError, "tri int64", {"tri": TRI.long().to(b.device)}),
        ],
    )
    _refuses(b, "antialias", TypeError, "color uint8", color=torch.ones(2, 8, 8, 3, dtype=torch.uint8).to(b.device))


@case("rasterize", "a tensor on another device is refused by name")
def another_device(b: TestedBackend) -> None:
    for op, name in (("rasterize", "tri"), ("interpolate", "tri"), ("interpolate", "rast"), ("antialias", "pos")):
        value = _valid(b)[op][name].to("meta")
        _refuses(b, op, ValueError, f"{name} meta", **{name: value})


@case("rasterize", "an index out of range is refused by name", extra="looked for on the CPU only: it costs a pass")
def index_out_of_range(b: TestedBackend) -> None:
    for op in ("rasterize", "interpolate", "antialias"):
        for bad in (5, -1, 2**31 - 1, -(2**31)):
            tri = TRI.clone()
            tri[1, 2] = bad
            _refuses(b, op, ValueError, f"tri {bad}", tri=tri)


@case("interpolate", "an id that names no triangle is refused by name", extra="looked for on the CPU only")
def id_out_of_range(b: TestedBackend) -> None:
    for op in ("interpolate", "antialias"):
        for bad in (4, -1, 0.5, 1.5, float("nan"), float("inf"), -float("inf"), 1e30):
            rast = torch.zeros(2, 8, 8, 4, dtype=b.dtype)
            rast[1, 2, 3, 3] = bad
            _refuses(b, op, ValueError, "rast id", rast=rast)


def _strided(t: Tensor) -> Tensor:
    """The same values, laid out otherwise: a view whose strides are not those of a fresh tensor."""
    view = torch.stack((t, t + 1), dim=-1).transpose(0, -1).contiguous().transpose(0, -1)[..., 0]
    assert not view.is_contiguous()
    return view


def _three_ops(b: TestedBackend, layout: Callable[[Tensor], Tensor]) -> list[Tensor]:
    """Images and gradients of the three ops, with every tensor that goes in or comes back laid out by `layout`."""
    pos, tri = ball(1, batch=2)
    pos, attr, tri = b.to(pos).requires_grad_(), b.to(normal(2, 18, 3)).requires_grad_(), layout(b.to(tri))
    rast, db = ops.rasterize(CTX, layout(pos), tri, (16, 8))
    out, da = ops.interpolate(layout(attr), layout(rast), tri, layout(db), "all")
    image = ops.antialias(layout(torch.cat((out, da), dim=-1)), layout(rast), layout(pos), tri)
    outputs = (rast[..., :2], db, out, da, image)
    weights = tuple(layout(b.to(normal(i, *o.shape))) for i, o in enumerate(outputs))
    return [*(o.detach() for o in outputs), *torch.autograd.grad(outputs, (pos, attr), weights)]


@case("rasterize", "non-contiguous inputs and gradients give what contiguous ones give")
def layout(b: TestedBackend) -> None:
    for have, want in zip(_three_ops(b, _strided), _three_ops(b, lambda t: t), strict=True):
        assert bool(want.any())
        scale = float(want.abs().max())
        torch.testing.assert_close(have, want, rtol=1e-4, atol=1e-5 * scale)


@case("rasterize", "expanded inputs, whose images share memory, give what copies give")
def expanded(b: TestedBackend) -> None:
    pos, tri = ball(3)
    have, _ = ops.rasterize(CTX, b.to(pos).expand(3, -1, -1), b.to(tri), (16, 16))
    want, _ = ops.rasterize(CTX, b.to(pos).repeat(3, 1, 1), b.to(tri), (16, 16))
    assert bool(want.any())
    assert torch.equal(have, want)


@case("rasterize", "inputs are left as they were")
def inputs_are_kept(b: TestedBackend) -> None:
    pos, tri = (b.to(t) for t in ball(1))
    attr = b.to(normal(2, 18, 3))
    rast, db = ops.rasterize(CTX, pos, tri, (16, 8))
    out, _ = ops.interpolate(attr, rast, tri, db, "all")
    given = (pos, tri, attr, rast, db, out)
    before = [t.clone() for t in given]
    ops.rasterize(CTX, pos, tri, (16, 8))
    ops.interpolate(attr, rast, tri, db, "all")
    ops.antialias(out, rast, pos, tri)
    assert all(torch.equal(have, want) for have, want in zip(given, before, strict=True))
