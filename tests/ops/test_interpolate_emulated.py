"""The CUDA kernels of interpolate, block by block on the CPU: every bit is the CPU kernels'."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.test_rasterize_emulated import ROOM, around, clip
from tvdrnet_nv import ops
from tvdrnet_nv.ops.backends import using

RAST, DB = ops.rasterize(ops.RasterizeCudaContext(), clip(ROOM, around(ROOM)), ROOM.faces, (40, 56))


def attributes(sets: int) -> Tensor:
    return torch.randn((sets, ROOM.num_vertices, 5), generator=torch.Generator().manual_seed(0))


@FORWARD_AD
@pytest.mark.parametrize("sets", [1, 3])
@pytest.mark.parametrize("chosen", [None, "all", [3, 0, -1]])
def test_every_bit_is_the_cpus(chosen, sets: int) -> None:
    found = []
    for name in ("cpu", "cuda-emulated"):
        leaves = [x.clone().requires_grad_() for x in (attributes(sets), RAST, DB)]

        def interpolate(attr: Tensor, rast: Tensor, db: Tensor) -> Tensor:
            return torch.cat(ops.interpolate(attr, rast, ROOM.faces, rast_db=db, diff_attrs=chosen), dim=-1)

        with using(name):
            out = interpolate(*leaves)
            weights = torch.randn(out.shape, generator=torch.Generator().manual_seed(1))
            gradients = torch.autograd.grad((out * weights).sum(), leaves, allow_unused=chosen is None)
            inputs = [leaf.detach() for leaf in leaves]
            tangent = torch.func.jvp(interpolate, tuple(inputs), tuple(x.flip(1) for x in inputs))[1]
        found.append([out.detach(), *(g for g in gradients if g is not None), tangent])
    assert len(found[0]) == (4 if chosen is None else 5)
    for have, want in zip(*found, strict=True):
        assert torch.equal(have, want)
        assert float(want.abs().max()) > 0


def test_other_precisions_are_refused() -> None:
    with using("cuda-emulated"), pytest.raises(TypeError, match="attr must be float32 on the backend 'cuda-emulated'"):
        ops.interpolate(attributes(1).double(), RAST.double(), ROOM.faces)
