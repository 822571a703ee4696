"""Where a picture has what a render shows, place by place: block matching."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from tvdrnet_nv.camera.convert import calibration_to_pixels
from tvdrnet_nv.objectives.windows import gaussian
from tvdrnet_nv.renderer import Render

_TEXTURE = 0.012  # standard deviation of a block with detail
_COVERED = 0.6  # share of a block that shows the scene
_CORRELATED = 0.3  # correlation below which a match says nothing


class Matches(NamedTuple):
    """What block matching found for P places in each of K renders.

    Attributes:
        points: [K, P, 3], what the render shows at each place, in OpenCV's view frame (+x right, +y down, +z into the
            scene), scene units.
        there: [K, P, 2], pixels from the top left corner of the image to where the picture has it, x and y.
        weights: [K, P], how far the correlation is above 0.3; 0 for a place that is not matched.
    """

    points: Tensor
    there: Tensor
    weights: Tensor


def match_blocks(render: Render, target: Tensor, counts: Tensor, *, block: int, spacing: int, reach: int) -> Matches:
    """Look for blocks of K renders in a picture of the same size.

    The blocks' centres lie `spacing` pixels apart. Each block, weighted by a Gaussian, is compared with the picture's
    at all moves of up to `reach` pixels to every side, by zero-mean normalised cross-correlation of the three channels
    together (Lewis, "Fast Normalized Cross-Correlation", 1995). The best move counts. A block is not matched where the
    render has little detail or shows little of the scene, and where the best move is the longest that was tried, as
    the correlation may go on rising beyond it.

    Args:
        render: of K cameras.
        target: [H, W, 3], the picture.
        counts: [H, W, 1], how much its pixels count; matches in those that count less than half the mean are left out.
        block: pixels, the side of a block; odd.
        spacing: pixels between the centres.
        reach: pixels.
    """
    # `optimization.fit` asks whether one render fits without a move, and moves it as a whole. Here are many renders,
    # and only each block's best move counts: one matrix product for each place compares it in all of them.
    rgba, half, size = render.rgba, block // 2, 2 * reach + 1
    height, width = target.shape[:2]
    ys, xs = (torch.arange(half // 2, side - half // 2, spacing, device=rgba.device) for side in (height, width))
    around = gaussian((torch.arange(block)[None] - half) / (block / 4)).to(rgba)[0]
    window = around[:, None] * around

    alpha = _blocks(rgba[..., 3:].movedim(-1, 1), half, block, ys, xs)  # [K, 1, h, w, block, block]
    image = _blocks(rgba[..., :3].movedim(-1, 1), half, block, ys, xs)
    weights = window * alpha.square()
    total = weights.sum((-1, -2))
    centred = image - ((weights * image).sum((-1, -2)) / (total + 1e-6))[..., None, None]
    energy = (weights * centred.square()).sum((1, -1, -2)).flatten(1)  # [K, P]
    covered = total[:, 0].flatten(1)
    detail = (weights * centred).flatten(4).movedim(4, 2).flatten(1, 2).flatten(2)  # [K, 3·block², P]

    padded = pad(target.movedim(-1, 0)[None], (half + reach,) * 4, mode="replicate")[0]
    wanted = padded.unfold(1, block, 1).unfold(2, block, 1)  # [3, H + 2·reach, W + 2·reach, block, block]
    mean = (window * wanted).sum((-1, -2))
    spread = ((window * wanted.square()).sum((-1, -2)) - mean.square()).clamp_min(0).sum(0)

    found = []
    for place, (y, x) in enumerate((y, x) for y in ys.tolist() for x in xs.tolist()):
        blocks = wanted[:, y : y + size, x : x + size].movedim(0, 2).reshape(size * size, -1)
        # The render's block has a weighted mean of zero, so that the picture's mean does not matter.
        products = detail[:, :, place] @ blocks.T
        norms = (energy[:, place, None] * covered[:, place, None] * spread[y : y + size, x : x + size].flatten()).sqrt()
        found.append((products / (norms + 1e-4)).max(1))
    correlation, move = (torch.stack(parts, 1) for parts in zip(*found, strict=True))  # [K, P] each
    right, down = move % size - reach, move // size - reach
    here_x, here_y = xs.repeat(len(ys)), ys.repeat_interleave(len(xs))

    depth = render.depth[..., 0][:, ys][:, :, xs].flatten(1)
    matched = (covered > _COVERED) & ((energy / (3 * covered + 1e-6)).sqrt() > _TEXTURE) & (depth > 0)
    matched &= (right.abs() < reach) & (down.abs() < reach)
    at_x, at_y = (here_x + right).clamp(0, width - 1), (here_y + down).clamp(0, height - 1)
    matched &= counts[at_y, at_x, 0] > 0.5
    lens = calibration_to_pixels(render.camera.focal, render.camera.principal, (height, width))
    here = torch.stack([here_x, here_y], -1) + 0.5
    ahead = (here - lens[:, None, :2, 2]) / lens[:, None, [0, 1], [0, 1]]
    points = depth[..., None] * pad(ahead, (0, 1), value=1.0)
    there = torch.stack([here_x + right, here_y + down], -1) + 0.5
    return Matches(points, there, (correlation - _CORRELATED).clamp_min(0) * matched)


def _blocks(planes: Tensor, half: int, block: int, ys: Tensor, xs: Tensor) -> Tensor:
    """[K, C, h, w, block, block]: the blocks around the places, of planes [K, C, H, W]."""
    return pad(planes, (half,) * 4, mode="replicate").unfold(2, block, 1).unfold(3, block, 1)[:, :, ys][:, :, :, xs]
