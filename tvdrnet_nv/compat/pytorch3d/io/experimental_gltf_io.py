"""GLB files, as `pytorch3d.io.experimental_gltf_io`."""

from __future__ import annotations

import io
import os
import struct
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.io._errors import check_exists, check_single, unwritable
from tvdrnet_nv.compat.pytorch3d.io.pluggable_formats import MeshFormatInterpreter, endswith
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesBase, TexturesUV, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._textures import linear_to_srgb
from tvdrnet_nv.io.gltf.stored import Stored, read_stored
from tvdrnet_nv.io.gltf.write import CLAMP, MIRROR, EncodedPicture, GlbWriter

__all__ = ["MeshGlbFormat", "_read_header"]


def _read_header(stream: BinaryIO) -> tuple[int, int] | None:
    """(version, length in bytes) that a GLB file's header says; None where it is no GLB of version 2."""
    head = stream.read(12)
    if len(head) < 12 or head[:4] != b"glTF":
        return None
    version, length = struct.unpack("<II", head[4:])
    return (version, length) if version == 2 else None


class MeshGlbFormat(MeshFormatInterpreter):
    """Reads GLB files, all of the scene as one mesh, and writes one mesh."""

    def __init__(self) -> None:
        self.known_suffixes = (".glb",)

    def read(
        self, path: Any, include_textures: bool, device: Device, path_manager: object = None, **kwargs: Any
    ) -> Meshes | None:
        """A batch of one, with the colours of its vertices, or else with its pictures in their own sizes, as stored.
        A file without either has no textures, as in PyTorch3D, whatever its base colours.

        Raises:
            InputError: the file is missing, broken, or holds no triangles.
        """
        if not endswith(path, self.known_suffixes):
            return None
        name = path if isinstance(path, (str, os.PathLike)) else path.name
        check_exists(name)
        parts = read_stored(name)
        first = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
        vertices = _tensor(np.concatenate([part.vertices for part in parts]))
        rows = np.concatenate([part.faces + offset for part, offset in zip(parts, first, strict=True)])
        faces = torch.from_numpy(rows)
        textures = _textures(parts, faces) if include_textures else None
        return Meshes([vertices], [faces], textures).to(device)

    def save(
        self,
        data: Any,
        path: Any,
        path_manager: object = None,
        binary: bool | None = None,
        include_textures: bool = True,
        **kwargs: Any,
    ) -> bool:
        """Write a batch of one: `TexturesUV` with a PNG of 8 bits, `TexturesVertex` as COLOR_0, both unconverted.

        A vertex that its faces give several texture coordinates is there once for each, the copies last.

        Args:
            data: one mesh.
            path: `.glb`.
            path_manager: accepted; without effect.
            binary: accepted; the file is binary.
            include_textures: whether to write colours.
            **kwargs: accepted; without effect.

        Raises:
            InputError: there are several meshes, no faces, textures that glTF has not, or the path cannot be written.
        """
        if not endswith(path, self.known_suffixes):
            return False
        check_single(path, data)
        verts, faces = (t.detach().cpu().numpy() for t in data.get_mesh_verts_faces(0))
        _check(path, verts, faces)
        writer = GlbWriter()
        textures = data.textures if include_textures else None
        if textures is None:
            writer.add(verts, faces)
        elif isinstance(textures, TexturesVertex):
            colors = textures.verts_features_packed().detach().cpu().numpy()
            if colors.shape[1] not in (3, 4):
                raise InputError(f"{path}: glTF's colours have 3 or 4 channels, not {colors.shape[1]}; save it as .ply")
            writer.add(verts, faces, colors)
        elif isinstance(textures, TexturesUV) and textures.maps_ids_list() is None:
            if textures.maps_list()[0].shape[-1] != 3:
                raise InputError(f"{path}: its picture has {textures.maps_list()[0].shape[-1]} channels, wanted 3")
            _add_textured(writer, verts, faces, textures)
        else:
            kind = f"{type(textures).__name__} with maps_ids" * isinstance(textures, TexturesUV)
            raise InputError(
                f"{path}: {kind or type(textures).__name__} cannot be written; give TexturesUV of one picture, "
                "TexturesVertex, or include_textures=False"
            )
        try:
            with atomic_path(path) as temporary:
                temporary.write_bytes(writer.to_bytes())
        except OSError as error:
            raise unwritable(path, error) from error
        return True


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _check(path: Any, verts: np.ndarray, faces: np.ndarray) -> None:
    """Raise InputError for what glTF has not."""
    if not len(faces):
        raise InputError(f"{path}: the mesh has no faces, which glTF wants; save it as .ply")
    if faces.min() < 0 or faces.max() >= len(verts):
        raise InputError(f"{path}: faces name vertices from {faces.min()} to {faces.max()}, of {len(verts)}")
    if not np.isfinite(verts).all():
        raise InputError(
            f"{path}: vertices that are not finite: {int((~np.isfinite(verts)).any(1).sum())}; remove them"
        )


def _add_textured(writer: GlbWriter, verts: np.ndarray, faces: np.ndarray, textures: TexturesUV) -> None:
    from PIL import Image

    image = textures.maps_list()[0].detach().cpu().clamp(0, 1)
    uv = textures.verts_uvs_list()[0].detach().cpu().numpy()
    of_corners = textures.faces_uvs_list()[0].cpu().numpy().reshape(-1)
    corners = faces.reshape(-1)
    order = np.arange(len(corners))
    own = np.full(len(verts), -1)
    own[corners[::-1]] = of_corners[::-1]  # the first corner's wins
    more = order[own[corners] != of_corners]
    copies, which = np.unique(np.stack([corners[more], of_corners[more]], axis=1), axis=0, return_inverse=True)
    corners = corners.copy()
    corners[more] = len(verts) + which.reshape(-1)
    places = np.concatenate([verts, verts[copies[:, 0]]])
    coordinates = np.concatenate([np.where(own[:, None] < 0, 0, uv[own]), uv[copies[:, 1]]])
    coordinates[:, 1] = 1 - coordinates[:, 1]
    data = io.BytesIO()
    Image.fromarray((image * 255).round().byte().numpy()).save(data, "PNG")
    wrap = MIRROR if textures.padding_mode == "reflection" else CLAMP
    writer.add(places, corners.reshape(-1, 3), None, coordinates, EncodedPicture(data.getvalue(), "image/png", wrap))


def _textures(parts: list[Stored], faces: Tensor) -> TexturesBase | None:
    """Colours of the vertices where there are some, else the pictures; a part that has neither has its base colour."""
    if any(part.colors is not None for part in parts):
        width = max(part.colors.shape[1] for part in parts if part.colors is not None)
        return TexturesVertex([_tensor(np.concatenate([_vertex_colors(part, width) for part in parts]))])
    if all(part.picture is None for part in parts):
        return None
    # v grows downwards there, and upwards here; a picture may be repeated there, but not here.
    uv = np.concatenate([np.zeros((len(p.vertices), 2)) if p.uv is None else p.uv * (1, -1) + (0, 1) for p in parts])
    maps, ids = [], []
    known: dict[int, int] = {}
    for part in parts:
        picture = part.picture
        if picture is None:
            picture = np.broadcast_to((linear_to_srgb(part.factor) * 255).round(), (1, 1, 3))
        index = known.setdefault(id(part.picture), len(maps)) if part.picture is not None else len(maps)
        if index == len(maps):
            maps.append(_tensor(picture) / 255)
        ids.append(torch.full((len(part.faces),), index))
    if len(maps) == 1:
        return TexturesUV(maps, [faces], [_tensor(uv)])
    height, width = (max(image.shape[d] for image in maps) for d in (0, 1))
    every = torch.stack([_resized(image, height, width) for image in maps])
    return TexturesUV([every], [faces], [_tensor(uv)], maps_ids=[torch.cat(ids)])


def _vertex_colors(part: Stored, width: int) -> np.ndarray:
    """[V, width]: those of the file; where it has none, the picture's at the vertices, or the base colour."""
    found = np.ones((len(part.vertices), width))
    if part.colors is not None:
        found[:, : part.colors.shape[1]] = part.colors
    elif part.picture is not None and part.uv is not None:
        size = np.array(part.picture.shape[1::-1])
        column, row = np.clip(np.floor(np.nan_to_num(part.uv) * size), 0, size - 1).astype(np.int64).T
        found[:, :3] = part.picture[row, column] / 255
    else:
        found[:, :3] = part.factor
    return found


def _resized(image: Tensor, height: int, width: int) -> Tensor:
    if image.shape[:2] == (height, width):
        return image
    found = torch.nn.functional.interpolate(
        image.permute(2, 0, 1)[None], size=(height, width), mode="bilinear", align_corners=True
    )
    return found[0].permute(1, 2, 0)
