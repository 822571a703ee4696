"""`pytorch3d.io.IO`: files by their format."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import torch

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.io._ply_reader import File, read
from tvdrnet_nv.compat.pytorch3d.io.experimental_gltf_io import MeshGlbFormat
from tvdrnet_nv.compat.pytorch3d.io.obj_io import load_objs_as_meshes, save_obj
from tvdrnet_nv.compat.pytorch3d.io.off_io import MeshOffFormat
from tvdrnet_nv.compat.pytorch3d.io.ply_io import save_ply
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesUV, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes
from tvdrnet_nv.compat.pytorch3d.structures.pointclouds import Pointclouds
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SUFFIXES, load_mesh

__all__ = ["IO"]

_FORMATS = (MeshGlbFormat(), MeshOffFormat())


class IO:
    """Reads and writes meshes and clouds of points; the format is that of the name's ending.

    Args:
        include_default_formats: accepted; our own formats are always there.
        path_manager: handed on to formats that are registered.
    """

    def __init__(self, include_default_formats: bool = True, path_manager: object = None) -> None:
        self.path_manager = path_manager
        self._meshes: list[Any] = []
        self._clouds: list[Any] = []

    def register_meshes_format(self, interpreter: Any) -> None:
        """Ask this format before all others; see `MeshFormatInterpreter`."""
        self._meshes.insert(0, interpreter)

    def register_pointcloud_format(self, interpreter: Any) -> None:
        """Ask this format before all others; see `PointcloudFormatInterpreter`."""
        self._clouds.insert(0, interpreter)

    def load_mesh(
        self, path: str | os.PathLike[str], include_textures: bool = True, device: Device = "cpu", **kwargs: Any
    ) -> Meshes:
        """Read a PLY, OBJ, GLB, glTF, OFF or STL file, or one of a registered format, as a batch of one.

        Colours of vertices become `TexturesVertex`, the first picture of an OBJ and the pictures of a GLB `TexturesUV`,
        colours of an OFF's faces a `TexturesAtlas`. Normals of a PLY's vertices are kept.

        Args:
            path: the file.
            include_textures: whether colours are wanted.
            device: where to put it.
            **kwargs: for `load_objs_as_meshes`, or for a registered format.

        Raises:
            InputError: as `tvdrnet_nv.io.load_mesh`.
        """
        for interpreter in (*self._meshes, *_FORMATS):
            found = interpreter.read(path, include_textures, device, self.path_manager, **kwargs)
            if found is not None:
                return found
        suffix = Path(path).suffix.lower()
        if suffix == ".obj":
            return load_objs_as_meshes([path], device=device, load_textures=include_textures, **kwargs)
        if suffix not in SUFFIXES:
            raise InputError(f"No mesh interpreter found to read {path}; convert it to one of {', '.join(SUFFIXES)}")
        if suffix != ".ply":
            mesh = load_mesh(path)
            textures = TexturesVertex([mesh.colors]) if include_textures else None
            places = mesh.vertices.double() + mesh.vertices.new_tensor(mesh.origin, dtype=torch.float64)  # the file's
            return Meshes([places.float()], [mesh.faces], textures).to(device)
        ply = read(path)
        if ply.faces is None:
            load_mesh(path)  # which says what to do with a cloud of points
            raise InputError(f"{path}: there are no faces; read it with load_pointcloud")
        textures = TexturesVertex([ply.colors]) if include_textures and ply.colors is not None else None
        normals = None if ply.normals is None else [ply.normals]
        return Meshes([ply.verts], [ply.faces], textures, verts_normals=normals).to(device)

    def save_mesh(
        self,
        data: Meshes,
        path: str | os.PathLike[str],
        binary: bool | None = None,
        include_textures: bool = True,
        **kwargs: Any,
    ) -> None:
        """Write a batch of one as a PLY file, with its normals and vertex colours, an OBJ file, with its picture, a GLB
        file (see `MeshGlbFormat`) or an OFF file (see `MeshOffFormat`).

        Args:
            data: one mesh.
            path: `.ply`, `.obj`, `.glb`, `.off`, or of a registered format.
            binary: whether a PLY is binary; default yes.
            include_textures: whether to write colours.
            **kwargs: for `save_ply`, `save_obj` or the registered format.

        Raises:
            InputError: another ending, more than one mesh, or the path cannot be written to.
        """
        given = {"include_textures": include_textures, **kwargs}
        if any(i.save(data, path, self.path_manager, binary, **given) for i in (*self._meshes, *_FORMATS)):
            return
        suffix = Path(path).suffix.lower()
        if len(data) != 1:
            raise InputError(f"{path}: a file holds one mesh, but there are {len(data)}; save them one by one")
        if suffix not in (".ply", ".obj"):
            raise InputError(f"No mesh interpreter found to write to {path}; name it .ply, .obj, .glb or .off")
        verts, faces = data.get_mesh_verts_faces(0)
        textures = data.textures if include_textures else None
        if suffix == ".ply":
            colors = textures.verts_features_packed() if isinstance(textures, TexturesVertex) else None
            if colors is not None and colors.shape[1] != 3:
                warnings.warn(f"Texture will not be saved as it has {colors.shape[1]} colors, not 3.", stacklevel=2)
                colors = None
            normals = data.verts_normals_list()[0] if data.has_verts_normals() else None
            save_ply(path, verts, faces, normals, ascii=binary is False, colors=colors, **kwargs)
        elif isinstance(textures, TexturesUV) and textures.maps_ids_list() is None:
            uv = {"verts_uvs": textures.verts_uvs_list()[0], "faces_uvs": textures.faces_uvs_list()[0]}
            save_obj(path, verts, faces, texture_map=textures.maps_list()[0], **uv, **kwargs)
        else:
            save_obj(path, verts, faces, **kwargs)

    def load_pointcloud(self, path: File, device: Device = "cpu", **kwargs: Any) -> Pointclouds:
        """Read the vertices of a PLY file, or a file of a registered format, as a batch of one cloud.

        Colours become features, in 0..1 if they have 8 bits, and normals are kept.

        Args:
            path: the file, or a PLY file that is open.
            device: where to put it.
            **kwargs: for a registered format.

        Raises:
            InputError: another ending, or as `tvdrnet_nv.io.load_mesh`.
        """
        for interpreter in self._clouds:
            found = interpreter.read(path, device, self.path_manager, **kwargs)
            if found is not None:
                return found
        if isinstance(path, (str, os.PathLike)) and Path(path).suffix.lower() != ".ply":
            raise InputError(f"No point cloud interpreter found to read {path}; convert it to .ply")
        ply = read(path)
        normals, colors = (None if t is None else [t] for t in (ply.normals, ply.colors))
        return Pointclouds([ply.verts], normals, colors).to(device)

    def save_pointcloud(
        self, data: Pointclouds, path: str | os.PathLike[str], binary: bool | None = None, **kwargs: Any
    ) -> None:
        """Write a batch of one cloud as a PLY file, with its normals, and with features of three channels as colours.

        Args:
            data: one cloud.
            path: `.ply`, or of a registered format.
            binary: whether the PLY is binary; default yes.
            **kwargs: for `save_ply` or the registered format.

        Raises:
            InputError: another ending, more than one cloud, or the path cannot be written to.
        """
        if any(i.save(data, path, self.path_manager, binary, **kwargs) for i in self._clouds):
            return
        if len(data) != 1:
            raise InputError(f"{path}: a file holds one cloud, but there are {len(data)}; save them one by one")
        if Path(path).suffix.lower() != ".ply":
            raise InputError(f"No point cloud interpreter found to write to {path}; name it .ply")
        points, normals, features = data.get_cloud(0)
        colors = features if features is not None and features.shape[1] == 3 else None
        save_ply(path, points, None, normals, ascii=binary is False, colors=colors, **kwargs)
