"""`pytorch3d.renderer.mesh.textures`."""

from __future__ import annotations

import warnings
from typing import Any

from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_atlas import TexturesAtlas
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_base import TexturesBase
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_uv import TexturesUV
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_vertex import TexturesVertex

__all__ = ["Textures", "TexturesAtlas", "TexturesBase", "TexturesUV", "TexturesVertex"]


def Textures(maps: Any = None, faces_uvs: Any = None, verts_uvs: Any = None, verts_rgb: Any = None) -> TexturesBase:
    """`TexturesUV` or `TexturesVertex`, with a PendingDeprecationWarning.

    Args:
        maps: as `TexturesUV`, with faces_uvs and verts_uvs.
        faces_uvs: as `TexturesUV`.
        verts_uvs: as `TexturesUV`.
        verts_rgb: as `TexturesVertex`; of no effect where pictures are given.

    Raises:
        ValueError: neither is given.
    """
    warnings.warn(
        "Textures class is deprecated, use TexturesUV, TexturesAtlas or TexturesVertex instead.",
        PendingDeprecationWarning,
        stacklevel=2,
    )
    if faces_uvs is not None and verts_uvs is not None and maps is not None:
        return TexturesUV(maps, faces_uvs, verts_uvs)
    if verts_rgb is not None:
        return TexturesVertex(verts_rgb)
    raise ValueError("Textures either requires all three of (faces uvs, verts uvs, maps) or verts rgb")
