"""MTL files, and their pictures as an atlas, as `pytorch3d.io.mtl_io`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.io._obj_parser import Material, parse_mtl
from tvdrnet_nv.errors import InputError

__all__ = ["load_mtl", "make_material_atlas", "make_mesh_texture_atlas"]

Colors = dict[str, dict[str, Tensor]]
Images = dict[str, Tensor]


def load_mtl(
    f: str | os.PathLike[str],
    *,
    material_names: Sequence[str],
    data_dir: str | os.PathLike[str],
    device: Device = "cpu",
    path_manager: object = None,
) -> tuple[Colors, Images]:
    """Colours and pictures of materials; a picture that is not there costs a warning.

    Args:
        f: the MTL file.
        material_names: those that are wanted; none: the file's only one.
        data_dir: the folder of the pictures.
        device: where to put the tensors.
        path_manager: accepted; without effect.

    Returns:
        by material: ambient_color, diffuse_color, specular_color [3] and shininess [1], as far as the file has them;
        and pictures [H, W, 3] in 0..1, row 0 at the top.

    Raises:
        InputError: the file cannot be read, or no material is named and it has several.
    """
    known = {material.name: material for material in parse_mtl(Path(f))}
    return materials_of(known, material_names, Path(data_dir), device)


def materials_of(
    known: dict[str, Material], names: Sequence[str], folder: Path, device: Device
) -> tuple[Colors, Images]:
    """`load_mtl`, of materials that are read."""
    if not names and len(known) > 1:
        raise InputError(
            "Multiple materials but no usemtl declarations in the obj file; add them, or keep one material"
        )
    colors: Colors = {}
    images: Images = {}
    for material in (known[name] for name in (names or known) if name in known):
        colors[material.name] = {k: torch.tensor(v, device=device) for k, v in material.colors.items()}
        if material.picture is not None:
            path = folder / material.picture
            if path.is_file():
                images[material.name] = read_picture(path).to(device)
            else:
                warnings.warn(f"Texture file does not exist: {path}", stacklevel=3)
    return colors, images


def read_picture(path: Path) -> Tensor:
    """[H, W, 3] in 0..1.

    Raises:
        InputError: it cannot be read.
    """
    from PIL import Image  # here, because meshes without textures need none

    try:
        with Image.open(path) as image:
            return torch.from_numpy(np.asarray(image.convert("RGB"), dtype=np.float32) / 255)
    except OSError as error:
        raise InputError(f"{path}: the texture cannot be read ({error}); check the MTL file's map_Kd") from error


def make_mesh_texture_atlas(
    material_properties: Colors,
    texture_images: Images,
    face_material_names: Sequence[str] | np.ndarray,
    faces_uvs: Tensor,
    verts_uvs: Tensor,
    texture_size: int,
    texture_wrap: str | None,
) -> Tensor:
    """[F, R, R, 3]: for each face its part of its material's picture, or its diffuse colour, or white.

    Args:
        material_properties: see `load_mtl`.
        texture_images: see `load_mtl`.
        face_material_names: F names.
        faces_uvs: [F, 3], rows of verts_uvs.
        verts_uvs: [T, 2].
        texture_size: R.
        texture_wrap: 'repeat' or 'clamp', for coordinates outside of the picture, or None.
    """
    names = np.asarray(face_material_names)
    atlas = torch.ones(len(faces_uvs), texture_size, texture_size, 3, device=faces_uvs.device)
    for name, properties in material_properties.items():
        if "diffuse_color" in properties:
            atlas[torch.from_numpy(names == name)] = properties["diffuse_color"]
    outside = texture_wrap == "repeat" and bool(texture_images) and _are_outside(verts_uvs[faces_uvs])
    if outside:
        warnings.warn("Texture UV coordinates outside the range [0, 1]. They are repeated.", stacklevel=3)
    for name, image in texture_images.items():
        rows = torch.from_numpy((names == name).nonzero()[0])
        uvs = verts_uvs[faces_uvs[rows]]
        if outside:
            uvs = uvs % 1
        elif texture_wrap == "clamp":
            uvs = uvs.clamp(0.0, 1.0)
        atlas[rows] = make_material_atlas(image, uvs, texture_size)
    return atlas


def _are_outside(uvs: Tensor) -> bool:
    return bool(((uvs > 1) | (uvs < 0)).any())


def make_material_atlas(image: Tensor, faces_verts_uvs: Tensor, texture_size: int) -> Tensor:
    """[F, R, R, 3]: the picture at each cell of `TexturesAtlas`, interpolated between texels.

    Args:
        image: [H, W, 3], row 0 at the top.
        faces_verts_uvs: [F, 3, 2], of the faces' corners.
        texture_size: R.
    """
    step = torch.arange(texture_size, device=faces_verts_uvs.device)
    y, x = torch.meshgrid(step, step, indexing="ij")
    near = x + y < texture_size
    # The middles of the cells' two triangles; those of the far side are mirrored.
    corner = torch.stack([x, y], dim=-1).float()
    first = torch.where(near[..., None], corner + 1 / 3, texture_size - 1 - corner + 2 / 3) / texture_size
    bary = torch.cat([first, 1 - first.sum(-1, keepdim=True)], dim=-1)
    uv = torch.einsum("yxk,fkc->fyxc", bary, faces_verts_uvs)
    grid = torch.stack([uv[..., 0] * 2 - 1, 1 - uv[..., 1] * 2], dim=-1).flatten(1, 2)
    picture = image.permute(2, 0, 1)[None].to(grid.dtype)
    found = torch.nn.functional.grid_sample(picture, grid[None], align_corners=True)
    return found[0].permute(1, 2, 0).reshape(len(uv), texture_size, texture_size, -1)


def libraries_of(folder: Path, libraries: Sequence[str]) -> dict[str, Material]:
    """The materials that an OBJ file's `mtllib` lines name; a file that is missing costs a warning."""
    known: dict[str, Material] = {}
    for library in libraries:
        path = folder / library
        if not path.is_file():
            warnings.warn(f"Mtl file does not exist: {path}", stacklevel=3)
            continue
        known.update({material.name: material for material in parse_mtl(path)})
    return known
