"""Where the depth in a picture jumps: occlusion boundaries, about which masks are least to be trusted."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_JUMP = 0.02  # relative change of the inverse depth that neither pixel's plane explains


def depth_borders(
    resolution: tuple[int, int], pixel: Tensor, inverse: Tensor, slope: tuple[Tensor, Tensor], width: int
) -> Tensor:
    """[P] bool: which pixels are within a width of a jump in depth, on either side of it.

    There is a jump between two neighbours, beside or above each other, where neither one's plane leads to the other's
    inverse depth within 2 %, and between surface and background. The planes of faces explain slanted surfaces, even
    those seen at a grazing angle.

    Args:
        resolution: (height, width).
        pixel: int64 [P], those that show a surface: row * width + column.
        inverse: float [P], their inverse depths, above 0.
        slope: two of float [P], the relative change of the inverse depth of the pixel's plane, a pixel to the right
            and a pixel down.
        width: of the strip on each side, in pixels.
    """
    height, columns = resolution
    value, right, down = (
        inverse.new_zeros(height * columns).index_copy_(0, pixel, part).view(height, columns)
        for part in (inverse, *slope)
    )
    near = torch.zeros(height, columns, dtype=torch.bool, device=pixel.device)
    across = _jumps(value[:, :-1], value[:, 1:], right[:, :-1], right[:, 1:])
    near[:, :-1] |= across
    near[:, 1:] |= across
    below = _jumps(value[:-1], value[1:], down[:-1], down[1:])
    near[:-1] |= below
    near[1:] |= below
    if width > 1:
        side = 2 * width - 1
        near = functional.max_pool2d(near[None, None].float(), side, stride=1, padding=width - 1)[0, 0] > 0
    return near.view(-1).index_select(0, pixel)


def _jumps(here: Tensor, there: Tensor, slope_here: Tensor, slope_there: Tensor) -> Tensor:
    """bool: between pixels with inverse depths `here` and, one step on, `there`; 0 is the background."""
    forth = (there - here * (1 + slope_here)).abs()
    back = (here - there * (1 - slope_there)).abs()
    least = _JUMP * torch.minimum(here, there)
    # A surface against the background always jumps; two pixels of background, 0 > 0, never.
    return torch.minimum(forth, back) > least
