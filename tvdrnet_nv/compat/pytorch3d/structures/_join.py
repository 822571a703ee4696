"""Several `Meshes` as one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tvdrnet_nv.compat.pytorch3d.structures._meshes import Meshes

__all__ = ["join_mesh", "join_meshes_as_batch", "join_meshes_as_scene"]


def join_meshes_as_batch(meshes: Sequence[Meshes], include_textures: bool = True) -> Meshes:
    """One batch of all the meshes, in order.

    Args:
        meshes: batches whose textures, if they count, are all of one class, or all None.
        include_textures: keep the textures.

    Raises:
        ValueError: not a sequence of Meshes, or textures that do not go together.
    """
    if isinstance(meshes, Meshes) or not all(hasattr(m, "verts_list") for m in meshes):
        raise ValueError("meshes must be a list of Meshes")
    verts = [v for m in meshes for v in m.verts_list()]
    faces = [f for m in meshes for f in m.faces_list()]
    if len({v.device for v in verts}) > 1:
        raise ValueError("All meshes must be on the same device")
    return Meshes(verts, faces, _joined_textures(meshes) if include_textures else None)


def _joined_textures(meshes: Sequence[Meshes]) -> Any:
    textures = [m.textures for m in meshes]
    if all(t is None for t in textures):
        return None
    if any(t is None for t in textures):
        raise ValueError("Inconsistent textures in join_meshes_as_batch: some meshes have none")
    first, *rest = textures
    if any(type(t) is not type(first) for t in rest):
        kinds = ", ".join(sorted({type(t).__name__ for t in textures}))
        raise ValueError(f"All meshes in the batch must have the same type of texture; got {kinds}")
    return first.join_batch(rest)


def join_meshes_as_scene(meshes: Meshes | Sequence[Meshes], include_textures: bool = True) -> Meshes:
    """One mesh of all the meshes of a batch, or of a list of batches; a batch of one.

    Args:
        meshes: the meshes.
        include_textures: keep the textures.
    """
    batch = meshes if isinstance(meshes, Meshes) else join_meshes_as_batch(meshes, include_textures)
    textures = batch.textures if include_textures else None
    if len(batch) == 1:
        return Meshes(batch.verts_list(), batch.faces_list(), textures)
    return Meshes([batch.verts_packed()], [batch.faces_packed()], None if textures is None else textures.join_scene())


def join_mesh(meshes: Meshes | Sequence[Meshes]) -> Meshes:
    """`join_meshes_as_scene` without textures, with a PendingDeprecationWarning."""
    warnings.warn(
        "join_mesh is deprecated, please use join_meshes_as_scene instead", PendingDeprecationWarning, stacklevel=2
    )
    return join_meshes_as_scene(meshes, include_textures=False)
