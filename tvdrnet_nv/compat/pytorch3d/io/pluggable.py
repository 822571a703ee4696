"""`pytorch3d.io.IO`: files by their name's ending."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.io.obj_io import load_objs_as_meshes, save_obj
from tvdrnet_nv.compat.pytorch3d.io.ply_io import read_ply, save_ply
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesUV, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh

__all__ = ["IO"]


class IO:
    """Reads and writes meshes; the format is that of the name's ending.

    Args:
        include_default_formats: accepted; there are no others.
        path_manager: accepted; without effect.
    """

    def __init__(self, include_default_formats: bool = True, path_manager: object = None) -> None:
        pass

    def load_mesh(
        self, path: str | os.PathLike[str], include_textures: bool = True, device: Device = "cpu", **kwargs: Any
    ) -> Meshes:
        """Read a PLY, OBJ or GLB file as a batch of one.

        Colours of vertices become `TexturesVertex`, the first picture of an OBJ `TexturesUV`. A GLB file shows its
        pictures' colours at the vertices.

        Args:
            path: the file.
            include_textures: whether colours are wanted.
            device: where to put it.
            **kwargs: accepted; without effect.

        Raises:
            InputError: as `tvdrnet_nv.io.load_mesh`.
        """
        suffix = Path(path).suffix.lower()
        if suffix == ".obj":
            return load_objs_as_meshes([path], device=device, load_textures=include_textures)
        mesh, colored = read_ply(path) if suffix == ".ply" else (load_mesh(path), True)
        textures = TexturesVertex([mesh.colors]) if include_textures and colored else None
        return Meshes([mesh.vertices], [mesh.faces], textures).to(device)

    def save_mesh(
        self,
        data: Meshes,
        path: str | os.PathLike[str],
        binary: bool | None = None,
        include_textures: bool = True,
        **kwargs: Any,
    ) -> None:
        """Write a batch of one as a PLY file, with its vertex colours, or an OBJ file, with its picture.

        Args:
            data: one mesh.
            path: `.ply` or `.obj`.
            binary: whether a PLY is binary; default yes.
            include_textures: whether to write colours.
            **kwargs: for `save_ply` or `save_obj`.

        Raises:
            InputError: another ending, more than one mesh, or the path cannot be written to.
        """
        suffix = Path(path).suffix.lower()
        if len(data) != 1:
            raise InputError(f"{path}: a file holds one mesh, but there are {len(data)}; save them one by one")
        if suffix not in (".ply", ".obj"):
            raise InputError(f"{path}: '{suffix}' cannot be written; name it .ply or .obj")
        verts, faces = data.get_mesh_verts_faces(0)
        textures = data.textures if include_textures else None
        if suffix == ".ply":
            colors = textures.verts_features_packed() if isinstance(textures, TexturesVertex) else None
            save_ply(path, verts, faces, ascii=binary is False, colors=colors, **kwargs)
        elif isinstance(textures, TexturesUV) and textures.maps_ids_list() is None:
            uv = {"verts_uvs": textures.verts_uvs_list()[0], "faces_uvs": textures.faces_uvs_list()[0]}
            save_obj(path, verts, faces, texture_map=textures.maps_list()[0], **uv, **kwargs)
        else:
            save_obj(path, verts, faces, **kwargs)
