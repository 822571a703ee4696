"""shade: interpolation and Phong shading in one pass over the pixels, for a moving camera. Ours; not in nvdiffrast."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_faces, check_ids, check_rast, check_tensor, describe
from tvdrnet_nv.ops.function import OpFunction
from tvdrnet_nv.ops.shade_cuda import shade_cuda


def shade(
    attributes: Tensor,
    rast: Tensor,
    tri: Tensor,
    eye: Tensor,
    *,
    light: tuple[float, float, float],
    ambient: float,
    diffuse: float,
    specular: float,
    shininess: float,
    background: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Tensor:
    """Shade what `rasterize` found with the Phong model (Phong 1975), as `tvdrnet_nv.shading.phong` does with the
    interpolated attributes. On CUDA by a Triton kernel, which does not check indices.

    Args:
        attributes: [V, 9], position, normal and colour of the vertices, world frame. No gradient flows into them.
        rast: [B, H, W, 4] from `rasterize`, of the dtype of `attributes`.
        tri: int32 [F, 3], the one that `rast` was made with.
        eye: [B, 3], the cameras' positions, world frame.
        light: world position of a white point light.
        ambient: share of the vertex colour that needs no light.
        diffuse: share of the light that is scattered, times the vertex colour and the cosine to the normal.
        specular: share that is mirrored.
        shininess: exponent of the specular lobe.
        background: RGB where no triangle is.

    Returns:
        [B, H, W, 4]: RGB, not clamped, and coverage, 0 or 1.

    Gradients flow into u and v of `rast`, and into `eye`. The results do not depend on the number of threads, and
    `torch.func.jvp` works.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or index, or attributes that require a gradient.
    """
    attributes = check_tensor("attributes", attributes, ("V", 9), dtypes=FLOATS)
    if attributes.requires_grad:
        raise ValueError("attributes must not require a gradient; use interpolate and tvdrnet_nv.shading.phong for it")
    tri = check_faces(tri, attributes.shape[0], attributes.device)
    rast = check_rast(rast, attributes.dtype, attributes.device)
    eye = check_tensor("eye", eye, (rast.shape[0], 3), dtypes=FLOATS, device=attributes.device)
    check_dtype("eye", eye, "attributes", attributes.dtype)
    phong = phong_numbers(light, background, ambient, diffuse, specular, shininess)
    if attributes.device.type == "cuda":
        return shade_cuda(attributes, rast, tri, eye, phong)
    return _Shade.apply(attributes, rast, tri, eye, phong)  # type: ignore[return-value]


def phong_numbers(
    light: tuple[float, float, float],
    background: tuple[float, float, float],
    ambient: float,
    diffuse: float,
    specular: float,
    shininess: float,
) -> list[float]:
    """The model's numbers in the kernels' order, checked."""
    return [*_three("light", light), *_three("background", background), ambient, diffuse, specular, shininess]


def _three(name: str, values: tuple[float, float, float]) -> list[float]:
    if len(values) != 3 or not all(isinstance(value, (int, float)) for value in values):
        raise ValueError(f"{name} must be three numbers; got {describe(values)}")
    return [float(value) for value in values]


class _Shade(OpFunction):
    """The CPU kernels."""

    @staticmethod
    def forward(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: list[float]) -> Tensor:  # type: ignore[override]
        check_ids(rast, tri.shape[0])
        out = torch.empty_like(rast)
        _cpu.shade(attributes, rast.detach(), tri, eye.detach(), phong, out, torch.get_num_threads())
        return out

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        *tensors, phong = inputs
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)
        ctx.phong = phong

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor):  # type: ignore[override]
        attributes, rast, tri, eye = ctx.saved_tensors
        rast_grad, eye_grad = torch.empty_like(rast), torch.empty_like(eye)
        _cpu.shade_backward(
            attributes,
            rast.detach(),
            tri,
            eye.detach(),
            ctx.phong,
            grad_out.contiguous(),
            rast_grad,
            eye_grad,
            torch.get_num_threads(),
        )
        return None, rast_grad, None, eye_grad, None

    @staticmethod
    def jvp(ctx, _attributes, rast_tangent: Tensor | None, _tri, eye_tangent: Tensor | None, _phong):  # type: ignore[override]
        return _ShadeTangent.apply(*ctx.saved_tensors, ctx.phong, rast_tangent, eye_tangent)


class _ShadeTangent(OpFunction):
    """What `_Shade.jvp` calls; see `_RasterizeTangent`."""

    @staticmethod
    def forward(attributes, rast, tri, eye, phong, rast_tangent, eye_tangent) -> Tensor:  # type: ignore[override]
        out_tangent = torch.empty_like(rast)
        rast_tangent, eye_tangent = (
            None if t is None else t.detach().contiguous() for t in (rast_tangent, eye_tangent)
        )
        _cpu.shade_jvp(
            attributes,
            rast.detach(),
            tri,
            eye.detach(),
            phong,
            rast_tangent,
            eye_tangent,
            out_tangent,
            torch.get_num_threads(),
        )
        return out_tangent

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""
