"""Texture coordinates on their picture, as `pytorch3d.vis.texture_vis`."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch

from tvdrnet_nv.errors import InputError

__all__ = ["texturesuv_image_PIL", "texturesuv_image_matplotlib"]


def _places(texture: Any, index: int, subsample: int | None) -> np.ndarray:
    """[P, 2]: columns and rows of the texture coordinates, at most so many of them, by chance."""
    centers = texture.centers_for_image(index=index).detach().cpu()
    if subsample is not None and len(centers) > subsample:
        centers = centers[torch.randperm(len(centers))[:subsample]]
    return centers.numpy()


def texturesuv_image_matplotlib(
    texture: Any,
    *,
    texture_index: int = 0,
    radius: float = 1,
    color: Any = (1.0, 0.0, 0.0),
    subsample: int | None = 10000,
    origin: Literal["upper", "lower"] = "upper",
) -> None:
    """Draw a picture on matplotlib's current axes, with circles at its mesh's texture coordinates.

    Args:
        texture: TexturesUV.
        texture_index: of the mesh.
        radius: of the circles, pixels.
        color: matplotlib's.
        subsample: how many circles at most; None for all.
        origin: 'upper' or 'lower', as in matplotlib's `imshow`.

    Raises:
        InputError: matplotlib is not installed.
        ValueError: the mesh has several pictures.
    """
    try:
        import matplotlib.pyplot as plt
        from matplotlib.patches import Circle
    except ImportError:
        raise InputError("texturesuv_image_matplotlib needs matplotlib; install it: pip install matplotlib") from None
    places = _places(texture, texture_index, subsample)
    plt.imshow(texture.maps_list()[texture_index].detach().cpu().numpy(), origin=origin)
    axes = plt.gca()
    for x, y in places.tolist():
        axes.add_patch(Circle((x, y), radius, color=color))


def texturesuv_image_PIL(
    texture: Any, *, texture_index: int = 0, radius: float = 1, color: Any = "red", subsample: int | None = 10000
) -> Any:
    """A PIL image of a picture, with circles at its mesh's texture coordinates.

    Args:
        texture: TexturesUV.
        texture_index: of the mesh.
        radius: of the circles, pixels.
        color: Pillow's.
        subsample: how many circles at most; None for all.

    Raises:
        ValueError: the mesh has several pictures.
    """
    from PIL import Image, ImageDraw

    places = _places(texture, texture_index, subsample)
    picture = texture.maps_list()[texture_index].detach().cpu().clamp(0, 1)
    image = Image.fromarray((picture * 255).round().byte().numpy())
    draw = ImageDraw.Draw(image)
    for x, y in places.tolist():
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=color)
    return image
