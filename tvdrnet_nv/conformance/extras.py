"""Beyond the contract, on the CPU only, and documented as ours."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import CTX, ball, normal, random_faces
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references

OURS = "promised on the CPU only"


@case("rasterize", "float64: values and derivatives to 2e-12", extra=OURS, dtypes=(torch.float64,))
def double_precision(b: TestedBackend) -> None:
    pos, tri = ball(0, batch=2)
    rast, db = ops.rasterize(CTX, pos, tri, (16, 16))
    want, want_db = references.rasterize(pos, tri, (16, 16))
    assert rast.dtype == db.dtype == torch.float64
    torch.testing.assert_close(rast, want, rtol=2e-12, atol=2e-12)
    torch.testing.assert_close(db, want_db, rtol=2e-12, atol=2e-12)


def _render(tri: Tensor, resolution: tuple[int, int]):
    def of(pos: Tensor, attr: Tensor) -> tuple[Tensor, ...]:
        rast, db = ops.rasterize(CTX, pos, tri, resolution)
        out, da = ops.interpolate(attr, rast, tri, db, "all")
        return rast[..., :2], db, out, da, ops.antialias(torch.cat((out, da), dim=-1), rast, pos, tri)

    return of


@case(
    "rasterize",
    "jvp through rasterize, interpolate and antialias agrees with backward: <J d, w> = <d, J^T w>",
    extra=OURS,
    dtypes=(torch.float64,),
)
def forward_mode(b: TestedBackend) -> None:
    pos, tri = ball(6, batch=2)
    attr = normal(7, 18, 2)
    moves = (normal(8, *pos.shape), normal(9, *attr.shape))
    render = _render(tri, (11, 12))
    values, changes = torch.func.jvp(render, (pos, attr), moves)[:2]
    leaves = (pos.requires_grad_(), attr.requires_grad_())
    for i, (value, change, again) in enumerate(zip(values, changes, render(*leaves), strict=True)):
        assert torch.equal(value, again)
        weight = normal(10 + i, *value.shape)
        back = torch.autograd.grad(again, leaves, weight, retain_graph=True, allow_unused=True)
        want = sum(float((g * d).sum()) for g, d in zip(back, moves, strict=True) if g is not None)
        have = float((change * weight).sum())
        assert abs(have) > 0.1
        assert abs(have - want) < 1e-9 * max(1, abs(want))


@case("rasterize", "results do not depend on the number of threads, bit for bit, in forward AND backward", extra=OURS)
def any_number_of_threads(b: TestedBackend) -> None:
    vertices, triangles = 900, 3000
    center = 2 * torch.rand(30, 1, 2, generator=torch.Generator().manual_seed(0)) - 1
    pos = normal(1, 2, vertices, 4)
    spread = (center + 0.15 * pos[..., :2].reshape(-1, 30, vertices // 30, 2)).reshape(2, vertices, 2)
    pos[..., 3] = pos[..., 3].abs() + 0.5
    pos[..., :2] = spread * pos[..., 3:]
    pos[..., 2] *= 0.2
    pos[:, ::90, 3] *= -0.1
    tri = random_faces(2, vertices // 30, triangles)
    tri = tri + (torch.arange(triangles, dtype=torch.int32)[:, None] % 30) * (vertices // 30)
    render, attr = _render(tri, (120, 150)), normal(3, vertices, 3)

    def results() -> list[Tensor]:
        leaves = (b.to(pos).requires_grad_(), b.to(attr).requires_grad_())
        outputs = render(*leaves)
        weights = [b.to(normal(10 + i, *o.shape)) for i, o in enumerate(outputs)]
        return [*(o.detach() for o in outputs), *torch.autograd.grad(outputs, leaves, weights)]

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        want = results()
        assert all(bool(w.any()) for w in want)
        for threads in (1, 2, 8):
            torch.set_num_threads(threads)
            for have, expected in zip(results(), want, strict=True):
                assert torch.equal(have.nan_to_num(), expected.nan_to_num())
    finally:
        torch.set_num_threads(before)
