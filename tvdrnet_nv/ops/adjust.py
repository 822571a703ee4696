"""adjust: camera parameters that small networks adjust, in one call forward and one backward. Ours; CPU only.

`tvdrnet_nv.optimization.tvdrnet` says what it is for, and has the same in torch, for CUDA.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import OpFunction, once_differentiable

_OPS = {torch.float32: _cpu.MlpOps32, torch.float64: _cpu.MlpOps64}


@dataclass(frozen=True)
class Adjustment:
    """What is added to the parameters, and where they end.

    Attributes:
        scale: [P], the networks see the values in these units.
        share: [P], what is added at most.
        low, high: [P], limits, which let the gradient of the unlimited through.
        turn: the column that is taken modulo 360, or -1.
        widths: how many numbers each parameter has; P in all.
    """

    scale: Tensor
    share: Tensor
    low: Tensor
    high: Tensor
    turn: int
    widths: list[int]


def adjust(values: Tensor, networks: Tensor, how: Adjustment) -> tuple[Tensor, ...]:
    """values + share tanh(network(values / scale)), within limits, for K cameras with a network each.

    Args:
        values: [K, P].
        networks: [K, N], the rows of `CameraMLP`; contiguous as all others, and of one float dtype.
        how: the rest.

    Returns:
        The parameters: [K] each, or [K, width] where they have more numbers. Differentiable once.

    Raises:
        ValueError: networks of another shape.
    """
    if networks.shape != (values.shape[0], _cpu.mlp_numbers(values.shape[1])):
        shapes = f"{list(values.shape)}; got {list(networks.shape)}"
        raise ValueError(f"networks must have a row for each of values, {shapes}")
    return _Adjust.apply(values, networks, how)


class _Adjust(OpFunction):
    """The CPU kernels."""

    @staticmethod
    def forward(ctx, values: Tensor, networks: Tensor, how: Adjustment) -> tuple[Tensor, ...]:  # type: ignore[override]
        cameras = values.shape[0]
        kept = values.new_empty((cameras, _cpu.mlp_kept(values.shape[1])))
        out = tuple(values.new_empty((cameras,) if width == 1 else (cameras, width)) for width in how.widths)
        _OPS[values.dtype].adjust(
            cameras,
            how.turn,
            how.widths,
            _addresses(values, networks, how),
            kept.data_ptr(),
            [part.data_ptr() for part in out],
            torch.get_num_threads(),
        )
        ctx.save_for_backward(values, networks, kept)
        ctx.how = how
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx, *grads: Tensor):  # type: ignore[override]
        values, networks, kept = ctx.saved_tensors
        of_values, of_networks = torch.empty_like(values), torch.empty_like(networks)
        grads = tuple(grad.contiguous() for grad in grads)
        _OPS[values.dtype].adjust_backward(
            values.shape[0],
            ctx.how.turn,
            ctx.how.widths,
            _addresses(values, networks, ctx.how),
            kept.data_ptr(),
            [grad.data_ptr() for grad in grads],
            (of_values.data_ptr(), of_networks.data_ptr()),
            torch.get_num_threads(),
        )
        return of_values, of_networks, None


def _addresses(values: Tensor, networks: Tensor, how: Adjustment) -> list[int]:
    return [tensor.data_ptr() for tensor in (values, networks, how.scale, how.share, how.low, how.high)]
