"""Features of pictures at vertices (Wang et al., "Pixel2Mesh", 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

__all__ = ["vert_align"]


def vert_align(
    feats: Tensor | Sequence[Tensor],
    verts: Any,
    return_packed: bool = False,
    interp_mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Tensor:
    """Each vertex gets the features at its x and y, which are those of torch's `grid_sample`: (-1, -1) is top left.

    Args:
        feats: [N, C, H, W], or several of these, whose features are joined.
        verts: [N, V, 3], or Meshes or Pointclouds.
        return_packed: whether all vertices are wanted in a row; of Meshes without those that fill up.
        interp_mode: 'bilinear' or 'nearest'.
        padding_mode: 'zeros', 'border' or 'reflection', outside of the picture.
        align_corners: whether ±1 are the centres of the outermost pixels.

    Returns:
        [N, V, ΣC], or packed [ΣV, ΣC].

    Raises:
        ValueError: other shapes or batch sizes.
    """
    for accessor in ("verts_padded", "points_padded"):
        if hasattr(verts, accessor):
            places = getattr(verts, accessor)()
            break
    else:
        if not isinstance(verts, Tensor):
            raise ValueError("verts must be a tensor or have a `points_padded` or `verts_padded` attribute.")
        if verts.dim() != 3:
            raise ValueError("verts tensor should be 3 dimensional")
        places = verts
    maps = [feats] if isinstance(feats, Tensor) else list(feats)
    for image in maps:
        if image.dim() != 4:
            raise ValueError("feats must have shape (N, C, H, W)")
        if len(image) != len(places):
            raise ValueError("inconsistent batch dimension")
    found = torch.cat(
        [
            grid_sample(image, places[:, None, :, :2], interp_mode, padding_mode, align_corners)[:, :, 0]
            for image in maps
        ],
        dim=1,
    ).transpose(1, 2)
    if not return_packed:
        return found
    rows = found.reshape(-1, found.shape[2])
    index = getattr(verts, "verts_padded_to_packed_idx", None)
    return rows if index is None else rows[index()]
