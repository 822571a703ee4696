"""losses: the objectives of `tvdrnet_nv.objectives` on CUDA, in one pass over the images for each direction."""

from __future__ import annotations

from torch import Tensor
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_tensor, describe
from tvdrnet_nv.ops.function import OpFunction


def view_heuristic_cuda(images: Tensor) -> Tensor:
    """TVDRNet's unsupervised loss |mean(rgb) - 0.5| - 0.1 std(rgb) - 0.5 mean(alpha), as
    `tvdrnet_nv.objectives.view_heuristic`.

    Args:
        images: [B, H, W, 4], RGB and alpha.

    Returns:
        [B]. Gradients flow into `images`, the same bits every time; `torch.func.jvp` works.

    Raises:
        TypeError: not a tensor, or of the wrong dtype.
        ValueError: a wrong shape, or images without pixels.
        RuntimeError: triton is missing.
    """
    images = _with_pixels(check_tensor("images", images, ("B", "H", "W", 4), dtypes=FLOATS))
    return _Heuristic.apply(images)[0]  # type: ignore[index]


def squared_error_cuda(images: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of each image's RGB to a target, as `tvdrnet_nv.objectives.MatchImage` of the same size.

    Args:
        images: [B, H, W, 3], or [B, H, W, 4], whose alpha does not matter.
        target: [H, W, 3], [1, H, W, 3] or [B, H, W, 3]. No gradient flows into it.

    Returns:
        [B]. Gradients flow into `images`, the same bits every time; `torch.func.jvp` works.

    Raises:
        TypeError: not a tensor, or of the wrong dtype.
        ValueError: a wrong shape or device, images without pixels, or a target that requires a gradient.
        RuntimeError: triton is missing.
    """
    images = _with_pixels(check_tensor("images", images, ("B", "H", "W", 3), ("B", "H", "W", 4), dtypes=FLOATS))
    batch, height, width = images.shape[:3]
    shapes = ((height, width, 3), (1, height, width, 3), (batch, height, width, 3))
    target = check_tensor("target", target, *shapes, dtypes=FLOATS, device=images.device)
    check_dtype("target", target, "images", images.dtype)
    if target.requires_grad:
        raise ValueError("target must not require a gradient; use tvdrnet_nv.objectives.MatchImage on the CPU for it")
    return _SquaredError.apply(images, target.reshape(-1, height, width, 3))  # type: ignore[return-value]


def _with_pixels(images: Tensor) -> Tensor:
    if images.shape[1] == 0 or images.shape[2] == 0:
        raise ValueError(f"images must have pixels; got {describe(images)}")
    return images


class _Heuristic(OpFunction):
    """The Triton kernels. The second result is what the gradient needs: mean and standard deviation."""

    @staticmethod
    def forward(images: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        return cuda.load("losses").heuristic(images.detach())

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(*inputs, output[1])
        ctx.save_for_forward(*inputs, output[1])

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor, _statistics):  # type: ignore[override]
        images, statistics = ctx.saved_tensors
        return cuda.load("losses").heuristic_gradient(images.detach(), statistics, grad.contiguous())

    @staticmethod
    def jvp(ctx, images_tangent: Tensor):  # type: ignore[override]
        images, statistics = ctx.saved_tensors
        return _HeuristicTangent.apply(images, statistics, images_tangent), None


class _HeuristicTangent(OpFunction):
    """What `_Heuristic.jvp` calls; see `tvdrnet_nv.ops.transform_cuda._TransformTangent`."""

    @staticmethod
    def forward(images: Tensor, statistics: Tensor, tangent: Tensor) -> Tensor:  # type: ignore[override]
        ones = images.new_ones(len(images))
        gradient = cuda.load("losses").heuristic_gradient(images.detach(), statistics.detach(), ones)
        return (gradient * tangent.detach()).sum(dim=(1, 2, 3))

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""


class _SquaredError(OpFunction):
    """The Triton kernels."""

    @staticmethod
    def forward(images: Tensor, target: Tensor) -> Tensor:  # type: ignore[override]
        return cuda.load("losses").squared_error(images.detach(), target)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor):  # type: ignore[override]
        images, target = ctx.saved_tensors
        return cuda.load("losses").squared_error_gradient(images.detach(), target, grad.contiguous()), None

    @staticmethod
    def jvp(ctx, images_tangent: Tensor, _target):  # type: ignore[override]
        return _SquaredErrorTangent.apply(*ctx.saved_tensors, images_tangent)


class _SquaredErrorTangent(OpFunction):
    """What `_SquaredError.jvp` calls; see `tvdrnet_nv.ops.transform_cuda._TransformTangent`."""

    @staticmethod
    def forward(images: Tensor, target: Tensor, tangent: Tensor) -> Tensor:  # type: ignore[override]
        ones = images.new_ones(len(images))
        gradient = cuda.load("losses").squared_error_gradient(images.detach(), target.detach(), ones)
        return (gradient * tangent.detach()).sum(dim=(1, 2, 3))

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""
