"""OBJ files, as `pytorch3d.io.load_obj`, `load_objs_as_meshes` and `save_obj`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.io._errors import unwritable
from tvdrnet_nv.compat.pytorch3d.io._obj_parser import parse_obj, read_bytes
from tvdrnet_nv.compat.pytorch3d.io.mtl_io import libraries_of, make_mesh_texture_atlas, materials_of
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesAtlas, TexturesUV
from tvdrnet_nv.compat.pytorch3d.structures._join import join_meshes_as_batch
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes

__all__ = ["load_obj", "load_objs_as_meshes", "save_obj"]


class Faces(NamedTuple):
    """Indices of the triangles' corners, [F, 3] int64 each; -1 where the file has none. `materials_idx` is [F]."""

    verts_idx: Tensor
    normals_idx: Tensor
    textures_idx: Tensor
    materials_idx: Tensor


class Properties(NamedTuple):
    """What else an OBJ file has; None where it has none."""

    normals: Tensor | None  # [N, 3]
    verts_uvs: Tensor | None  # [T, 2]
    material_colors: dict[str, dict[str, Tensor]] | None  # by material: ambient_color, … , shininess
    texture_images: dict[str, Tensor] | None  # by material: [H, W, 3] in 0..1, row 0 at the top
    texture_atlas: Tensor | None  # [F, R, R, 3], where it was asked for


def load_obj(
    f: Any,
    load_textures: bool = True,
    create_texture_atlas: bool = False,
    texture_atlas_size: int = 4,
    texture_wrap: str | None = "repeat",
    device: Device = "cpu",
    path_manager: object = None,
) -> tuple[Tensor, Faces, Properties]:
    """Read an OBJ file, its vertices in the file's order.

    Args:
        f: a path, or an open file, whose materials are not found.
        load_textures: whether to read the MTL files and the pictures that they name.
        create_texture_atlas: whether the pictures are wanted as an atlas too, for `TexturesAtlas`.
        texture_atlas_size: R, texels along an atlas's cell.
        texture_wrap: 'repeat' or 'clamp', for texture coordinates outside of the pictures, or None.
        device: where to put the tensors.
        path_manager: accepted; without effect.

    Returns:
        vertices [V, 3] float32, `Faces`, and `Properties`.

    Raises:
        ValueError: another `texture_wrap`.
        InputError: the file is missing or broken. MTL files and pictures that are missing cost a warning.
    """
    if texture_wrap not in ("repeat", "clamp", None):
        raise ValueError(f"texture_wrap must be 'repeat', 'clamp' or None; got {texture_wrap!r}")
    name = str(f) if isinstance(f, (str, os.PathLike)) else str(getattr(f, "name", "the open file"))
    obj = parse_obj(name, read_bytes(f))
    corners = torch.from_numpy(obj.corners).to(device)
    colors: dict[str, dict[str, Tensor]] = {}
    images: dict[str, Tensor] = {}
    if load_textures:
        folder = Path(f).parent if isinstance(f, (str, os.PathLike)) else None
        if folder is None or not obj.libraries:
            warnings.warn("No mtl file provided", stacklevel=2)
        else:
            known = libraries_of(folder, obj.libraries)
            colors, images = materials_of(known, obj.materials, folder, device)
    # The only material is that of all faces, where none is named.
    of_faces = obj.face_materials if obj.materials or not colors else np.zeros_like(obj.face_materials)
    faces = Faces(corners[..., 0], corners[..., 2], corners[..., 1], torch.from_numpy(of_faces).to(device))
    atlas = None
    if create_texture_atlas and load_textures and (len(obj.uvs) or colors):
        names = np.array([*(obj.materials or list(colors)[:1]), ""])  # the last one is that of faces without a material
        # Without coordinates a face shows its material's colour, and no picture.
        images_at = images if len(obj.uvs) else {}
        uvs = torch.from_numpy(obj.uvs).to(device)
        atlas = make_mesh_texture_atlas(
            colors, images_at, names[of_faces], faces.textures_idx.clamp_min(0), uvs, texture_atlas_size, texture_wrap
        )
    properties = Properties(
        normals=_floats(obj.normals, device),
        verts_uvs=_floats(obj.uvs, device),
        material_colors=colors or None,
        texture_images=images or None,
        texture_atlas=atlas,
    )
    return torch.from_numpy(obj.vertices).to(device), faces, properties


def _floats(values: np.ndarray, device: Device) -> Tensor | None:
    return torch.from_numpy(values).to(device) if len(values) else None


def load_objs_as_meshes(
    files: Sequence[Any],
    device: Device | None = None,
    load_textures: bool = True,
    create_texture_atlas: bool = False,
    texture_atlas_size: int = 4,
    texture_wrap: str | None = "repeat",
    path_manager: object = None,
) -> Meshes:
    """A batch of the files' meshes, each with the first picture of its materials as `TexturesUV`, if it has one, or
    with all of them as `TexturesAtlas`.

    Arguments are those of `load_obj`. With `load_textures`, either all files need a picture or none.
    """
    meshes = []
    for f in files:
        where = "cpu" if device is None else device
        verts, faces, properties = load_obj(
            f, load_textures, create_texture_atlas, texture_atlas_size, texture_wrap, device=where
        )
        textures = None
        if properties.texture_atlas is not None:
            textures = TexturesAtlas([properties.texture_atlas])
        elif properties.texture_images and properties.verts_uvs is not None:
            picture = next(iter(properties.texture_images.values()))
            textures = TexturesUV([picture], [faces.textures_idx], [properties.verts_uvs])
        meshes.append(Meshes([verts], [faces.verts_idx], textures))
    return meshes[0] if len(meshes) == 1 else join_meshes_as_batch(meshes)


def save_obj(
    f: str | os.PathLike[str] | TextIO,
    verts: Tensor,
    faces: Tensor,
    decimal_places: int | None = None,
    path_manager: object = None,
    *,
    normals: Tensor | None = None,
    faces_normals_idx: Tensor | None = None,
    verts_uvs: Tensor | None = None,
    faces_uvs: Tensor | None = None,
    texture_map: Tensor | None = None,
) -> None:
    """Write an OBJ file; with a picture also an MTL and a PNG file of the same name beside it.

    A texture is written if all three of its arguments are given. Faces that name vertices which are not there cost a
    warning.

    Args:
        f: the path, or a file that is open for text.
        verts: [V, 3].
        faces: [F, 3].
        decimal_places: of the numbers; default what it takes to read the same float32.
        path_manager: accepted; without effect.
        normals: [N, 3], with `faces_normals_idx`.
        faces_normals_idx: [F, 3].
        verts_uvs: [T, 2].
        faces_uvs: [F, 3].
        texture_map: [H, W, 3] in 0..1, row 0 at the top.

    Raises:
        ValueError: shapes are others.
        InputError: the path cannot be written to.
    """
    verts, faces = checked("verts", verts, 3), checked("faces", faces, 3)
    _check_indices(faces, len(verts))
    _check_textures(verts_uvs, faces_uvs, texture_map)
    if (normals is None) != (faces_normals_idx is None):
        raise ValueError("'normals' and 'faces_normals_idx' must both be None or neither.")
    if normals is not None and faces_normals_idx is not None:
        normals, faces_normals_idx = checked("normals", normals, 3), checked("faces_normals_idx", faces_normals_idx, 3)
    if not len(verts) and not len(faces):
        warnings.warn("Empty 'verts' and 'faces' arguments provided", stacklevel=2)
    textured = verts_uvs is not None and faces_uvs is not None and texture_map is not None
    if not textured:
        verts_uvs = faces_uvs = None
    path = Path(f) if isinstance(f, (str, os.PathLike)) else None
    if textured and path is None:
        raise ValueError("A texture needs files beside the OBJ file: give a path, not an open file")
    number = "%.9g" if decimal_places is None else f"%.{decimal_places}f"
    lines = []
    if textured and path is not None:
        lines += ["", f"mtllib {path.stem}.mtl", "usemtl mesh", ""]
    for keyword, values in (("v", verts), ("vn", normals), ("vt", verts_uvs)):
        rows = [] if values is None else values.detach().cpu().double().tolist()
        lines += [f"{keyword} " + " ".join(number % x for x in row) for row in rows]
    columns = [None if t is None else (t.detach().cpu() + 1).tolist() for t in (faces, faces_uvs, faces_normals_idx)]
    for row in range(len(faces)):
        corners = []
        for corner in range(3):
            v, vt, vn = ("" if column is None else str(column[row][corner]) for column in columns)
            corners.append(f"{v}/{vt}/{vn}".rstrip("/"))
        lines.append("f " + " ".join(corners))
    text = "\n".join(lines)
    if path is None:
        f.write(text)  # type: ignore[union-attr]
        return
    try:
        with atomic_path(path) as temporary:
            temporary.write_text(text)
        if textured and texture_map is not None:
            from PIL import Image

            pixels = (texture_map.detach().cpu().clamp(0, 1) * 255).byte().numpy()  # cut off, as PyTorch3D does
            Image.fromarray(pixels).save(path.with_suffix(".png"))
            path.with_suffix(".mtl").write_text(f"newmtl mesh\nmap_Kd {path.stem}.png\n")
    except OSError as error:
        raise unwritable(path, error) from error


def checked(name: str, values: Tensor, width: int) -> Tensor:
    """The values, [n, width]; empty ones of any shape.

    Raises:
        ValueError: another shape.
    """
    if values.numel() == 0:
        return values.reshape(0, width)
    if values.dim() != 2 or values.shape[1] != width:
        raise ValueError(f"Argument '{name}' should either be empty or of shape (n, {width}); got {list(values.shape)}")
    return values


def _check_indices(faces: Tensor, count: int) -> None:
    if len(faces) and (int(faces.min()) < 0 or int(faces.max()) >= count):
        warnings.warn("Faces have invalid indices", stacklevel=3)


def _check_textures(verts_uvs: Tensor | None, faces_uvs: Tensor | None, texture_map: Tensor | None) -> None:
    if verts_uvs is not None:
        checked("verts_uvs", verts_uvs, 2)
    if faces_uvs is not None:
        checked("faces_uvs", faces_uvs, 3)
    if texture_map is not None and (texture_map.dim() != 3 or texture_map.shape[2] != 3):
        raise ValueError(f"'texture_map' should be of shape (H, W, 3); got {list(texture_map.shape)}")
