"""A found view beside the picture that it should match: in a row, one over the other, and what remains between them."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from tvdrnet_nv.report.pictures import Panel, Scale, shrunk, side_by_side

MAX_SIDE = 512  # pixels of a picture in the comparison
_TILES = 8  # along the shorter side of the checkerboard
_SHARE = 99.0  # percent of the pixels that the residual's scale holds; a few at silhouettes would make all others dark
_COUNTS = 0.5  # of a mask, from which a pixel is shown as compared
_HATCHING, _STRIPE = np.array([[120] * 3, [175] * 3], np.uint8), 4  # greys; pixels
_LEAST_TOP = 0.02  # of the scale: differences of 8-bit rounding, 1/255, stay dark


def at_size(target: np.ndarray, height: int, width: int) -> np.ndarray:
    """The picture, float [H, W, 3] in 0..1, as `uint8 [height, width, 3]`: averaged down, or interpolated up."""
    picture = Image.fromarray((np.clip(target, 0, 1) * 255).round().astype(np.uint8))
    if picture.size == (width, height):
        return np.asarray(picture)
    smaller = picture.width >= width and picture.height >= height
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR))


def mask_at_size(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """How much each pixel counts, float [H, W] in 0..1, as bool [height, width]: whether a pixel counts by half."""
    resized = Image.fromarray(mask.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    return np.asarray(resized) >= _COUNTS


def comparison(row: list[Panel], found: np.ndarray, target: np.ndarray, counts: np.ndarray | None = None) -> np.ndarray:
    """Two rows: `row`, three pictures; below it the found view and the target blended, in tiles, and their residual.

    Args:
        row: the panels above.
        found: `uint8 [H, W, 3]`.
        target: the same.
        counts: bool [H, W], which pixels were compared; by default all. The residual hatches the others.

    Returns:
        `uint8 [H', W', 3]`.
    """
    below = [
        overlay(found, target),
        Panel(_checkerboard(found, target), "Checkerboard", ["tiles of found and target in turn"]),
        residual(found, target, counts),
    ]
    return side_by_side([*row, *below], max_side=MAX_SIDE, across=len(row))


def _checkerboard(found: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Tiles of both in turn, at the size that is shown, so that they keep sharp edges."""
    found, target = shrunk(found, MAX_SIDE), shrunk(target, MAX_SIDE)
    height, width = found.shape[:2]
    side = max(1, round(min(height, width) / _TILES))
    odd = (np.arange(height)[:, None] // side + np.arange(width) // side) % 2 == 1
    return np.where(odd[..., None], target, found)


def overlay(found: np.ndarray, target: np.ndarray) -> Panel:
    """Half of each."""
    blend = ((found.astype(np.uint16) + target + 1) // 2).astype(np.uint8)
    return Panel(blend, "Overlay", ["half found, half target"])


def difference(found: np.ndarray, target: np.ndarray) -> Panel:
    """found - target about a middle grey, at half its size, so that no difference is cut off."""
    shown = (found.astype(np.int16) - target + 256) // 2
    return Panel(
        shown.astype(np.uint8),
        "Difference, found − target",
        ["grey: the same; brighter or darker: so is the view found"],
    )


def residual(found: np.ndarray, target: np.ndarray, counts: np.ndarray | None = None) -> Panel:
    """|found - target|, the mean over the channels, as colours; what was not compared is hatched in grey."""
    from matplotlib import colormaps  # late: see `preload`

    values = np.abs(found.astype(np.float32) - target).mean(axis=2) / 255
    compared = values if counts is None or not counts.any() else values[counts]
    typical = float(np.percentile(compared, _SHARE))
    top = max(_LEAST_TOP, _rounded_up(typical))
    colors = (colormaps["inferno"](np.linspace(0, 1, 256))[:, :3] * 255).round().astype(np.uint8)
    shown = colors[(np.clip(_shrunk_values(values) / top, 0, 1) * 255).round().astype(int)]
    cut = "≥ " if compared.max() > top else ""
    fields = [f"mean {compared.mean():.2g}", f"99 % below {typical:.2g}", f"largest {compared.max():.2g}"]
    if counts is not None and not counts.all():
        across, down = np.meshgrid(*(np.arange(side) for side in shown.shape[1::-1]))
        hatching = _HATCHING[(across + down) // _STRIPE % 2]
        shown = np.where(mask_at_size(counts, *shown.shape[:2])[..., None], shown, hatching)
        fields.append("hatched: masked")
    return Panel(shown, "Residual |found − target|", fields, Scale(colors, ["0", f"{top / 2:g}", f"{cut}{top:g}"]))


def _shrunk_values(values: np.ndarray) -> np.ndarray:
    """Means where the picture is shown smaller: numbers, not colours."""
    height, width = values.shape
    factor = MAX_SIDE / max(height, width)
    if factor >= 1:
        return values
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BOX))


def _rounded_up(value: float) -> float:
    """The next of 1, 2 and 5 times a power of ten; 0 stays."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{step * power:.3g}") for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))
