"""orbit_view and clip_matrices: from a camera's few numbers to its matrices. Ours; not in nvdiffrast.

One call each where torch takes some thirty, which for a few cameras cost more than rendering a small image. CPU only:
`tvdrnet_nv.camera` has the same formulas in torch, for CUDA and for second derivatives.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import OpFunction

Orbits = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
Views = tuple[Tensor, Tensor, Tensor]
Pinholes = tuple[Tensor, Tensor, Tensor, Tensor]

OPS = {torch.float32: _cpu.CameraOps32, torch.float64: _cpu.CameraOps64}


def orbit_view(orbits: Orbits, z_up: bool, twin: Callable[[Orbits], Views]) -> Views:
    """The view of cameras on orbits.

    Args:
        orbits: distance [K], elevation [K], azimuth [K], fov [K] in degrees, and at [K, 3]; of one float dtype.
        z_up: whether the pole is +z; otherwise +y.
        twin: the same in torch, for second derivatives.

    Returns:
        R [K, 3, 3], T [K, 3] with `x_view = x_world @ R + T`, and the focal lengths [K, 2] in half shorter sides.
        Differentiable, forward mode included.
    """
    return _OrbitView.apply(z_up, twin, *orbits)


def clip_matrices(
    cameras: Pinholes, scales: tuple[float, float, float, float], twin: Callable[[Pinholes], tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """World to clip space, and where cameras stand.

    Args:
        cameras: R [B, 3, 3], T [B, 3], focal [B, 2] and principal [B, 2] in half shorter sides; of one float dtype.
        scales: what turns half shorter sides into clip units along x and y, and (a, b) with clip z = a depth + b.
        twin: the same in torch, for second derivatives.

    Returns:
        [B, 4, 4], column vectors, and [B, 3], world frame. Differentiable, forward mode included.
    """
    return _ClipMatrices.apply(scales, twin, *cameras)


def addresses(tensors: tuple[Tensor, ...]) -> list[int]:
    """Of tensors that are contiguous, as the kernels take them."""
    return [tensor.data_ptr() for tensor in tensors]


def packed(tensors: tuple[Tensor | None, ...], like: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Contiguous, with zeros for what is missing."""
    pairs = zip(tensors, like, strict=True)
    return tuple(torch.zeros_like(shape) if tensor is None else tensor.contiguous() for tensor, shape in pairs)


def _like(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Uninitialised, contiguous."""
    return tuple(torch.empty_like(tensor) for tensor in tensors)


def _twin_gradient(
    twin: Callable, inputs: tuple[Tensor, ...], grads: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """The gradients of the inputs, through the twin, with a graph of their own."""
    outputs = twin(inputs)
    pairs = [(out, grad) for out, grad in zip(outputs, grads, strict=True) if grad is not None and out.requires_grad]
    wanted = [tensor for tensor in inputs if tensor.requires_grad]
    found = iter(
        torch.autograd.grad(
            [out for out, _ in pairs], wanted, [grad for _, grad in pairs], create_graph=True, allow_unused=True
        )
    )
    return tuple(next(found) if tensor.requires_grad else None for tensor in inputs)


class _OrbitView(OpFunction):
    """The CPU kernels."""

    @staticmethod
    def forward(z_up: bool, _twin: Callable, *orbits: Tensor) -> Views:  # type: ignore[override]
        orbits = packed(orbits, orbits)
        return _OrbitView.run("orbit_view", z_up, orbits)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.z_up, ctx.twin, *orbits = inputs
        ctx.save_for_backward(*orbits)
        ctx.save_for_forward(*orbits)

    @staticmethod
    def backward(ctx, *grads: Tensor):  # type: ignore[override]
        if torch.is_grad_enabled():
            return None, None, *_twin_gradient(ctx.twin, ctx.saved_tensors, grads)
        orbits = packed(ctx.saved_tensors, ctx.saved_tensors)
        grads, out = packed(grads, grads), _like(orbits)
        native = OPS[out[0].dtype].orbit_view_backward
        native(len(out[0]), ctx.z_up, addresses(orbits), addresses(grads), addresses(out))
        return None, None, *out

    @staticmethod
    def jvp(ctx, _z_up: None, _twin: None, *tangents: Tensor | None):  # type: ignore[override]
        orbits = ctx.saved_tensors
        return _OrbitViewTangent.apply(ctx.z_up, *orbits, *packed(tangents, orbits))

    @staticmethod
    def run(name: str, z_up: bool, orbits: tuple[Tensor, ...], *tangents: list[int]) -> Views:
        """The views, or their tangents."""
        count, like = len(orbits[0]), orbits[0]
        out = like.new_empty((count, 3, 3)), like.new_empty((count, 3)), like.new_empty((count, 2))
        getattr(OPS[like.dtype], name)(count, z_up, addresses(orbits), *tangents, addresses(out))
        return out


class _OrbitViewTangent(OpFunction):
    """What `_OrbitView.jvp` calls; see `tvdrnet_nv.ops.rasterize._RasterizeTangent`."""

    @staticmethod
    def forward(z_up: bool, *given: Tensor) -> Views:  # type: ignore[override]
        orbits, tangents = packed(given[:5], given[:5]), packed(given[5:], given[5:])
        return _OrbitView.run("orbit_view_jvp", z_up, orbits, addresses(tangents))

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives of these."""


class _ClipMatrices(OpFunction):
    """The CPU kernels."""

    @staticmethod
    def forward(scales: tuple[float, ...], _twin: Callable, *cameras: Tensor):  # type: ignore[override]
        return _ClipMatrices.run("clip_matrices", scales, packed(cameras, cameras))

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.scales, ctx.twin, *cameras = inputs
        ctx.save_for_backward(*cameras)
        ctx.save_for_forward(*cameras)

    @staticmethod
    def backward(ctx, *grads: Tensor):  # type: ignore[override]
        if torch.is_grad_enabled():
            return None, None, *_twin_gradient(ctx.twin, ctx.saved_tensors, grads)
        cameras = packed(ctx.saved_tensors, ctx.saved_tensors)
        grads, out = packed(grads, grads), _like(cameras)
        native = OPS[out[0].dtype].clip_matrices_backward
        native(len(out[0]), ctx.scales, addresses(cameras), addresses(grads), addresses(out))
        return None, None, *out

    @staticmethod
    def jvp(ctx, _scales: None, _twin: None, *tangents: Tensor | None):  # type: ignore[override]
        cameras = ctx.saved_tensors
        return _ClipMatricesTangent.apply(ctx.scales, *cameras, *packed(tangents, cameras))

    @staticmethod
    def run(
        name: str, scales: tuple[float, ...], cameras: tuple[Tensor, ...], *tangents: list[int]
    ) -> tuple[Tensor, Tensor]:
        """The matrices and positions, or their tangents."""
        count, like = len(cameras[0]), cameras[0]
        out = like.new_empty((count, 4, 4)), like.new_empty((count, 3))
        getattr(OPS[like.dtype], name)(count, scales, addresses(cameras), *tangents, addresses(out))
        return out


class _ClipMatricesTangent(OpFunction):
    """What `_ClipMatrices.jvp` calls; see `tvdrnet_nv.ops.rasterize._RasterizeTangent`."""

    @staticmethod
    def forward(scales: tuple[float, ...], *given: Tensor):  # type: ignore[override]
        cameras, tangents = packed(given[:4], given[:4]), packed(given[4:], given[4:])
        return _ClipMatrices.run("clip_matrices_jvp", scales, cameras, addresses(tangents))

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives of these."""
