"""shade on CUDA; `tvdrnet_nv.ops.shade` is the op, and says what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.function import OpFunction


def shade_cuda(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Sequence[float]) -> Tensor:
    """`tvdrnet_nv.ops.shade` of checked, contiguous tensors of one dtype, in one kernel for each direction.

    Args:
        attributes: [V, 9].
        rast: [B, H, W, 4]. Ids that name no triangle, and triangles that name no vertex, become background: to refuse
            them, as on the CPU, would mean waiting for the GPU.
        tri: int32 [F, 3].
        eye: [B, 3].
        phong: light x, y, z, background r, g, b, ambient, diffuse, specular, shininess.

    Returns:
        [B, H, W, 4]: RGB, not clamped, and coverage, 0 or 1.

    Gradients flow into u and v of `rast`, and into `eye`, the same bits every time; `torch.func.jvp` works.

    Raises:
        RuntimeError: triton is missing.
    """
    numbers = [float(number) for number in phong]  # Triton compiles whole numbers apart
    material = cuda.load("shade").Phong(tuple(numbers[:3]), tuple(numbers[3:6]), *numbers[6:])
    return _Shade.apply(attributes, rast, tri, eye, material)  # type: ignore[return-value]


class _Shade(OpFunction):
    """The Triton kernels."""

    @staticmethod
    def forward(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Any) -> Tensor:  # type: ignore[override]
        return cuda.load("shade").forward(attributes, rast.detach(), tri, eye.detach(), phong)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        *tensors, phong = inputs
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)
        ctx.phong = phong

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor):  # type: ignore[override]
        tensors = (tensor.detach() for tensor in ctx.saved_tensors)
        rast_grad, eye_grad = cuda.load("shade").backward(*tensors, ctx.phong, grad_out.contiguous())
        return None, rast_grad, None, eye_grad, None

    @staticmethod
    def jvp(ctx, _attributes, rast_tangent: Tensor | None, _tri, eye_tangent: Tensor | None, _phong):  # type: ignore[override]
        return _ShadeTangent.apply(*ctx.saved_tensors, ctx.phong, rast_tangent, eye_tangent)


class _ShadeTangent(OpFunction):
    """What `_Shade.jvp` calls; see `tvdrnet_nv.ops.transform_cuda._TransformTangent`."""

    @staticmethod
    def forward(attributes, rast, tri, eye, phong, rast_tangent, eye_tangent) -> Tensor:  # type: ignore[override]
        rast_tangent, eye_tangent = (
            torch.zeros_like(primal) if tangent is None else tangent.detach().contiguous()
            for primal, tangent in ((rast, rast_tangent), (eye, eye_tangent))
        )
        return cuda.load("shade").tangent(
            attributes, rast.detach(), tri, eye.detach(), phong, rast_tangent, eye_tangent
        )

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""
