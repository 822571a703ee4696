"""texture and texture_construct_mip on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import Saved, differentiable
from tvdrnet_nv.ops.texture import BOUNDARIES, FILTERS
from tvdrnet_nv.ops.texture.mipmap import halved


def mip_levels(tex: Tensor, max_mip_level: int | None, cube: bool) -> list[Tensor]:
    """The mip levels of a texture, from level 1 on, [B, faces, H, W, C] each; no gradient flows through these."""
    with torch.no_grad():
        return _build_levels(_by_faces(tex), max_mip_level)[1:]


def texture(
    tex: Tensor,
    uv: Tensor,
    uv_da: Tensor | None,
    mip_level_bias: Tensor | None,
    mip: list[Tensor] | None,
    custom: list[Tensor] | None,
    filter_mode: str,
    boundary_mode: str,
    max_mip_level: int | None,
) -> Tensor:
    """The texture at every pixel; `mip` is from `mip_levels`, `custom` the caller's own levels."""
    if "mipmap" not in filter_mode:
        uv_da = mip_level_bias = None
        levels = [_by_faces(tex)]
    elif custom is None:
        levels = _build_levels(_by_faces(tex), max_mip_level, mip)
    else:
        levels = [_by_faces(level) for level in (tex, *custom[:max_mip_level])]
    modes = (FILTERS.index(filter_mode), BOUNDARIES.index(boundary_mode))
    return _texture(uv, uv_da, mip_level_bias, modes, *levels)


def _by_faces(tex: Tensor) -> Tensor:
    """The kernels' form of a texture: [B, faces, H, W, C]."""
    return tex if tex.dim() == 5 else tex[:, None]


def _build_levels(tex: Tensor, max_mip_level: int | None, ready: Sequence[Tensor] | None = None) -> list[Tensor]:
    """`tex` [B, faces, H, W, C] and its mip levels, through which gradients flow back to it.

    With `ready` the levels are those, and none is computed.
    """
    levels = [tex]
    height, width = tex.shape[2:4]
    limits = [n for n in (max_mip_level, None if ready is None else len(ready)) if n is not None]
    limit = min(limits, default=None)
    while (height, width) != (1, 1) and (limit is None or len(levels) <= limit):
        height, width = halved((height, width), len(levels) - 1)
        levels.append(_halve(levels[-1], height, width, None if ready is None else ready[len(levels) - 1]))
    return levels


def _halve_forward(full: Tensor, height: int, width: int, ready: Tensor | None) -> Tensor:
    """The next mip level, [B, faces, height, width, C], computed unless it is `ready`."""
    if ready is not None:
        return ready.detach()
    half = full.new_empty((*full.shape[:2], height, width, full.shape[4]))
    _cpu.texture_halve(full.detach(), half, torch.get_num_threads())
    return half


def _halve_backward(
    _tensors: object, shape: torch.Size, _needs: object, grad_half: Tensor
) -> tuple[Tensor | None, ...]:
    grad_full = grad_half.new_empty(shape)
    _cpu.texture_halve_backward(grad_half.contiguous(), grad_full, torch.get_num_threads())
    return grad_full, None, None, None


_halve = differentiable(
    "HalveTexture", _halve_forward, keep=lambda inputs, _: ((), inputs[0].shape), backward=_halve_backward
)


def _forward(uv: Tensor, uv_da: Tensor | None, bias: Tensor | None, modes: tuple[int, int], *levels: Tensor) -> Tensor:
    """levels [B or 1, faces, H, W, C], the base first."""
    out = uv.new_empty((*uv.shape[:3], levels[0].shape[4]))
    steps, bias = (None if t is None else t.detach() for t in (uv_da, bias))
    texels = [level.detach() for level in levels]
    _cpu.texture(texels, uv.detach(), steps, bias, *modes, out, torch.get_num_threads())
    return out


def _keep(inputs: tuple[Any, ...], _output: object) -> Saved:
    uv, uv_da, bias, modes, *levels = inputs
    return (uv, uv_da, bias, *levels), modes


def _backward(
    tensors: tuple[Any, ...], modes: tuple[int, int], needs: tuple[bool, ...], grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    uv, uv_da, bias, *levels = tensors
    needs_uv, needs_da, needs_bias, _, *needs_levels = needs
    uv_grad = torch.empty_like(uv) if needs_uv else None
    da_grad = torch.empty_like(uv_da) if needs_da else None
    bias_grad = torch.empty_like(bias) if needs_bias else None
    level_grads: list[Any] = [
        torch.zeros_like(level) if needed else None for level, needed in zip(levels, needs_levels, strict=True)
    ]
    steps, bias = (None if t is None else t.detach() for t in (uv_da, bias))
    _cpu.texture_backward(
        [level.detach() for level in levels],
        uv.detach(),
        steps,
        bias,
        *modes,
        grad_out.contiguous(),
        level_grads,
        uv_grad,
        da_grad,
        bias_grad,
        torch.get_num_threads(),
    )
    return uv_grad, da_grad, bias_grad, None, *level_grads


_texture = differentiable("Texture", _forward, keep=_keep, backward=_backward)
