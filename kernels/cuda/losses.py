"""losses: TVDRNet's heuristic of a good view, and the mean squared error, each one pass over the images.

Blocks of pixels give partial sums; a program for each image joins them in float64.
"""
# pyright: reportMissingImports=false, reportGeneralTypeIssues=false, reportOperatorIssue=false

import torch
import triton
import triton.language as tl
from torch import Tensor

from tvdrnet_nv.kernels.cuda.launch import blocks_of, launch
from tvdrnet_nv.kernels.cuda.sums import sum_partials

_BLOCK = 512  # pixels of a program
_LANES = 256  # blocks that are joined at once


@triton.jit
def _pixels(pixels, blocks, BLOCK: tl.constexpr):
    """The program's image, block and the pixels' indices in the image: all of a block's pixels are of one image."""
    program = tl.program_id(0)
    image = (program // blocks).to(tl.int64)
    block = program % blocks
    index = block * BLOCK + tl.arange(0, BLOCK)
    return image, block, index, index < pixels


@triton.jit
def _moments_kernel(images, partials, pixels, blocks, BLOCK: tl.constexpr):
    """A block's mean of RGB, the sums of the deviations from it and of their squares, and the sum of alpha.

    The deviations' sum is what rounding has taken from the mean.
    """
    image, block, index, inside = _pixels(pixels, blocks, BLOCK)
    at = images + 4 * (image * pixels + index)
    r = tl.load(at, mask=inside, other=0.0)
    g = tl.load(at + 1, mask=inside, other=0.0)
    b = tl.load(at + 2, mask=inside, other=0.0)
    alpha = tl.load(at + 3, mask=inside, other=0.0)
    mean = tl.sum(r + g + b, axis=0) / (3 * tl.minimum(pixels - block * BLOCK, BLOCK))
    r = tl.where(inside, r - mean, 0.0)
    g = tl.where(inside, g - mean, 0.0)
    b = tl.where(inside, b - mean, 0.0)
    out = partials + 4 * image * blocks + block
    tl.store(out, mean)
    tl.store(out + blocks, tl.sum(r + g + b, axis=0))
    tl.store(out + 2 * blocks, tl.sum(r * r + g * g + b * b, axis=0))
    tl.store(out + 3 * blocks, tl.sum(alpha, axis=0))


@triton.jit
def _block_moments(at, block, pixels, blocks, BLOCK: tl.constexpr):
    """Of each block its number of values, their mean, and the sum of their deviations' squares, in float64."""
    inside = block < blocks
    size = tl.where(inside, 3 * tl.minimum(pixels - block * BLOCK, BLOCK), 1).to(tl.float64)
    rest = tl.load(at + blocks + block, mask=inside, other=0.0).to(tl.float64)
    mean = tl.load(at + block, mask=inside, other=0.0).to(tl.float64) + rest / size
    squares = tl.load(at + 2 * blocks + block, mask=inside, other=0.0).to(tl.float64) - rest * rest / size
    return tl.where(inside, size, 0.0), mean, squares


@triton.jit
def _heuristic_kernel(partials, loss, statistics, pixels, blocks, BLOCK: tl.constexpr, LANES: tl.constexpr):
    """Joins the blocks' moments (Chan, Golub and LeVeque 1979) to the loss, the mean and the standard deviation."""
    image = tl.program_id(0).to(tl.int64)
    at = partials + 4 * image * blocks
    count = tl.zeros([LANES], dtype=tl.float64)
    total = tl.zeros([LANES], dtype=tl.float64)
    alpha = tl.zeros([LANES], dtype=tl.float64)
    start = 0
    while start < blocks:
        block = start + tl.arange(0, LANES)
        size, block_mean, _squares = _block_moments(at, block, pixels, blocks, BLOCK)
        count += size
        total += size * block_mean
        alpha += tl.load(at + 3 * blocks + block, mask=block < blocks, other=0.0).to(tl.float64)
        start += LANES
    values = tl.sum(count, axis=0)
    mean = tl.sum(total, axis=0) / values
    spread = tl.zeros([LANES], dtype=tl.float64)
    start = 0
    while start < blocks:
        block = start + tl.arange(0, LANES)
        size, block_mean, squares = _block_moments(at, block, pixels, blocks, BLOCK)
        spread += squares + size * (block_mean - mean) * (block_mean - mean)
        start += LANES
    deviation = tl.sqrt(tl.maximum(tl.sum(spread, axis=0), 0.0) / (values - 1))
    coverage = 3 * tl.sum(alpha, axis=0) / values
    tl.store(loss + image, tl.abs(mean - 0.5) - 0.1 * deviation - 0.5 * coverage)
    tl.store(statistics + 2 * image, mean)
    tl.store(statistics + 2 * image + 1, deviation)


@triton.jit
def _heuristic_gradient_kernel(
    images, statistics, grad, out, pixels, blocks, per_value, per_value_but_one, per_pixel, BLOCK: tl.constexpr
):
    image, _block, index, inside = _pixels(pixels, blocks, BLOCK)
    g = tl.load(grad + image)
    mean = tl.load(statistics + 2 * image)
    deviation = tl.load(statistics + 2 * image + 1)
    # Where there is no slope, at medium brightness and in an image of one value, torch takes 0.
    brighter = tl.where(mean > 0.5, g, 0.0) - tl.where(mean < 0.5, g, 0.0)
    varied = deviation > 0
    steep = tl.where(varied, g / tl.where(varied, deviation, 1.0), 0.0)
    offset = 4 * (image * pixels + index)
    for i in tl.static_range(3):
        value = tl.load(images + offset + i, mask=inside, other=0.0)
        tl.store(out + offset + i, per_value * brighter - per_value_but_one * steep * (value - mean), mask=inside)
    tl.store(out + offset + 3, tl.zeros([BLOCK], dtype=out.dtype.element_ty) - per_pixel * g, mask=inside)


@triton.jit
def _recorded(value, CLIP: tl.constexpr):
    """What a camera that records [0, 1] makes of a value."""
    if CLIP:
        value = tl.minimum(tl.maximum(value, 0.0), 1.0)
    return value


@triton.jit
def _squares_kernel(
    images,
    target,
    partials,
    pixels,
    blocks,
    target_step,
    CHANNELS: tl.constexpr,
    CLIP: tl.constexpr,
    BLOCK: tl.constexpr,
):
    image, block, index, inside = _pixels(pixels, blocks, BLOCK)
    at = images + CHANNELS * (image * pixels + index)
    wanted = target + image * target_step + 3 * index.to(tl.int64)
    r = _recorded(tl.load(at, mask=inside, other=0.0), CLIP) - tl.load(wanted, mask=inside, other=0.0)
    g = _recorded(tl.load(at + 1, mask=inside, other=0.0), CLIP) - tl.load(wanted + 1, mask=inside, other=0.0)
    b = _recorded(tl.load(at + 2, mask=inside, other=0.0), CLIP) - tl.load(wanted + 2, mask=inside, other=0.0)
    tl.store(partials + image * blocks + block, tl.sum(r * r + g * g + b * b, axis=0))


@triton.jit
def _squares_gradient_kernel(
    images,
    target,
    grad,
    out,
    pixels,
    blocks,
    target_step,
    factor,
    CHANNELS: tl.constexpr,
    CLIP: tl.constexpr,
    BLOCK: tl.constexpr,
):
    image, _block, index, inside = _pixels(pixels, blocks, BLOCK)
    scale = factor * tl.load(grad + image)
    offset = CHANNELS * (image * pixels + index)
    wanted = target + image * target_step + 3 * index.to(tl.int64)
    for i in tl.static_range(3):
        value = tl.load(images + offset + i, mask=inside, other=0.0)
        slope = scale * (value - tl.load(wanted + i, mask=inside, other=0.0))
        if CLIP:
            slope = tl.where((value >= 0.0) & (value <= 1.0), slope, 0.0)
        tl.store(out + offset + i, slope, mask=inside)
    if CHANNELS == 4:
        tl.store(out + offset + 3, tl.zeros([BLOCK], dtype=out.dtype.element_ty), mask=inside)


def _sizes(images: Tensor) -> tuple[int, int]:
    """Pixels of an image, and blocks of an image."""
    pixels = images.shape[1] * images.shape[2]
    return pixels, blocks_of(_BLOCK, pixels)


def heuristic(images: Tensor) -> tuple[Tensor, Tensor]:
    """The losses [B], and the mean and the standard deviation of RGB [B, 2], of contiguous `images` [B, H, W, 4]."""
    batch, (pixels, blocks) = len(images), _sizes(images)
    partials = images.new_empty((batch, 4, blocks))
    loss, statistics = images.new_empty(batch), images.new_empty((batch, 2))
    launch(_moments_kernel, batch * blocks, images, partials, pixels, blocks, BLOCK=_BLOCK)
    launch(_heuristic_kernel, batch, partials, loss, statistics, pixels, blocks, BLOCK=_BLOCK, LANES=_LANES)
    return loss, statistics


def heuristic_gradient(images: Tensor, statistics: Tensor, grad: Tensor) -> Tensor:
    """The gradient of `images`, for `grad` [B]."""
    out, (pixels, blocks) = torch.empty_like(images), _sizes(images)
    launch(
        _heuristic_gradient_kernel,
        len(images) * blocks,
        images,
        statistics,
        grad,
        out,
        pixels,
        blocks,
        1 / (3 * pixels),
        0.1 / (3 * pixels - 1),
        0.5 / pixels,
        BLOCK=_BLOCK,
    )
    return out


def squared_error(images: Tensor, target: Tensor, clip: bool) -> Tensor:
    """The mean squared errors [B] of contiguous `images` [B, H, W, 3 or 4] to `target` [1 or B, H, W, 3]; a fourth
    channel is left out. With `clip`, colours are clipped to [0, 1] first."""
    pixels, blocks = _sizes(images)
    partials = images.new_empty((len(images), 1, blocks))
    launch(
        _squares_kernel,
        len(images) * blocks,
        images,
        target,
        partials,
        pixels,
        blocks,
        _step(target),
        CHANNELS=images.shape[3],
        CLIP=clip,
        BLOCK=_BLOCK,
    )
    return sum_partials(partials, 1 / (3 * pixels))[:, 0]


def squared_error_gradient(images: Tensor, target: Tensor, grad: Tensor, clip: bool) -> Tensor:
    """The gradient of `images`, for `grad` [B]."""
    out, (pixels, blocks) = torch.empty_like(images), _sizes(images)
    launch(
        _squares_gradient_kernel,
        len(images) * blocks,
        images,
        target,
        grad,
        out,
        pixels,
        blocks,
        _step(target),
        2 / (3 * pixels),
        CHANNELS=images.shape[3],
        CLIP=clip,
        BLOCK=_BLOCK,
    )
    return out


def _step(target: Tensor) -> int:
    """From one image's target to the next one's: 0 where all have the same."""
    return target[0].numel() if len(target) > 1 else 0
