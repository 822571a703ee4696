"""What losses ask of images, in one pass forward and one backward. Ours; not in nvdiffrast."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu, cuda
from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_tensor
from tvdrnet_nv.ops.function import OpFunction, once_differentiable
from tvdrnet_nv.ops.losses_cuda import squared_error_cuda, view_heuristic_cuda
from tvdrnet_nv.ops.memory import empty


def image_statistics(image: Tensor) -> Tensor:
    """Mean and standard deviation of an image's colours, and mean of its coverage.

    Args:
        image: [B, H, W, 4], RGB and coverage.

    Returns:
        [B, 3]: the mean of all 3 H W colour values, their standard deviation (unbiased, as `torch.std`), and the mean
        of the fourth channel.

    Raises:
        TypeError: not a float32 or float64 tensor.
        ValueError: a wrong shape.
    """
    image = check_tensor("image", image, ("B", "H", "W", 4), dtypes=FLOATS)
    if image.device.type == "cpu":
        return _ImageStatistics.apply(image)  # type: ignore[return-value]
    colors = image[..., :3].flatten(1)
    return torch.stack([colors.mean(1), colors.std(1), image[..., 3].flatten(1).mean(1)], dim=1)


def view_heuristic_loss(image: Tensor) -> Tensor:
    """TVDRNet's unsupervised loss: |mean(rgb) - 0.5| - 0.1 std(rgb) - 0.5 mean(alpha), of `image_statistics`.

    Args:
        image: [B, H, W, 4], RGB and alpha.

    Returns:
        [B].

    Raises:
        TypeError: not a float32 or float64 tensor.
        ValueError: a wrong shape.
    """
    image = check_tensor("image", image, ("B", "H", "W", 4), dtypes=FLOATS)
    if cuda.fuses(image):
        return view_heuristic_cuda(image)
    if image.device.type == "cpu":
        return _ViewHeuristic.apply(image)[0]
    mean, deviation, coverage = image_statistics(image).unbind(1)
    return (mean - 0.5).abs() - 0.1 * deviation - 0.5 * coverage


def mean_squared_error(image: Tensor, target: Tensor) -> Tensor:
    """Mean square of the difference between images' colours and a target's.

    Args:
        image: [B, H, W, 4], RGB and coverage, which does not count.
        target: [H, W, 3], the dtype and device of `image`; no gradient flows into it.

    Returns:
        [B].

    Raises:
        TypeError: not a float32 or float64 tensor, or dtypes differ.
        ValueError: a wrong shape or device.
    """
    image = check_tensor("image", image, ("B", "H", "W", 4), dtypes=FLOATS)
    target = check_tensor("target", target, (*image.shape[1:3], 3), dtypes=FLOATS, device=image.device)
    check_dtype("target", target, "image", image.dtype)
    if image.device.type == "cpu":
        return _MeanSquaredError.apply(image, target.detach())  # type: ignore[return-value]
    if cuda.fuses(image):
        return squared_error_cuda(image, target.detach())
    return (image[..., :3] - target.detach()).square().mean(dim=(1, 2, 3))


class _ImageStatistics(OpFunction):
    """The CPU kernels."""

    @staticmethod
    def forward(image: Tensor) -> Tensor:  # type: ignore[override]
        out = image.new_empty((image.shape[0], 3))
        _cpu.image_statistics(image.detach(), out, torch.get_num_threads())
        return out

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.save_for_backward(inputs[0], output)
        ctx.save_for_forward(inputs[0], output)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor) -> Tensor:  # type: ignore[override]
        image, statistics = ctx.saved_tensors
        grad = empty(image, *image.shape)
        _cpu.image_statistics_backward(
            image.detach(), statistics.detach(), grad_out.contiguous(), grad, torch.get_num_threads()
        )
        return grad

    @staticmethod
    def jvp(ctx, tangent: Tensor) -> Tensor:  # type: ignore[override]
        image, statistics = ctx.saved_tensors
        return _statistics_tangent(image, statistics, tangent)


class _ViewHeuristic(OpFunction):
    """The same kernels. The second result is what the gradient needs: the statistics."""

    @staticmethod
    def forward(image: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        loss, statistics = image.new_empty(image.shape[0]), image.new_empty((image.shape[0], 3))
        _cpu.view_heuristic(image.detach(), statistics, loss, torch.get_num_threads())
        return loss, statistics

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(inputs[0], output[1])
        ctx.save_for_forward(inputs[0], output[1])

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor, _statistics: Tensor) -> Tensor:  # type: ignore[override]
        image, statistics = ctx.saved_tensors
        grad = empty(image, *image.shape)
        _cpu.view_heuristic_backward(image.detach(), statistics, grad_out.contiguous(), grad, torch.get_num_threads())
        return grad

    @staticmethod
    def jvp(ctx, tangent: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        image, statistics = ctx.saved_tensors
        mean, deviation, coverage = _statistics_tangent(image, statistics, tangent).unbind(1)
        return (statistics[:, 0] - 0.5).sign() * mean - 0.1 * deviation - 0.5 * coverage, None


def _statistics_tangent(image: Tensor, statistics: Tensor, tangent: Tensor) -> Tensor:
    """How the statistics, [B, 3], change along the image's tangent."""
    mean, deviation = statistics[:, :1], statistics[:, 1]
    colors, change = image[..., :3].flatten(1), tangent[..., :3].flatten(1)
    spread = ((colors - mean) * change).sum(1) / (colors.shape[1] - 1)
    d_deviation = torch.where(deviation > 0, spread / deviation, torch.zeros_like(spread))
    return torch.stack([change.mean(1), d_deviation, tangent[..., 3].flatten(1).mean(1)], dim=1)


class _MeanSquaredError(OpFunction):
    """The CPU kernels."""

    @staticmethod
    def forward(image: Tensor, target: Tensor) -> Tensor:  # type: ignore[override]
        out = image.new_empty(image.shape[0])
        _cpu.squared_error(image.detach(), target, out, torch.get_num_threads())
        return out

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor):  # type: ignore[override]
        image, target = ctx.saved_tensors
        grad = empty(image, *image.shape)
        _cpu.squared_error_backward(image.detach(), target, grad_out.contiguous(), grad, torch.get_num_threads())
        return grad, None

    @staticmethod
    def jvp(ctx, tangent: Tensor, _target: None) -> Tensor:  # type: ignore[override]
        image, target = ctx.saved_tensors
        return 2 * ((image[..., :3] - target) * tangent[..., :3]).mean(dim=(1, 2, 3))
