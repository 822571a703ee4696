"""GLB files, as `pytorch3d.io.experimental_gltf_io`."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.io.pluggable_formats import MeshFormatInterpreter, endswith
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesBase, TexturesUV, TexturesVertex
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.mesh import Mesh

__all__ = ["MeshGlbFormat"]


class MeshGlbFormat(MeshFormatInterpreter):
    """Reads GLB files: all of the scene as one mesh. They are not written."""

    def __init__(self) -> None:
        self.known_suffixes = (".glb",)

    def read(
        self, path: Any, include_textures: bool, device: Device, path_manager: object = None, **kwargs: Any
    ) -> Meshes | None:
        """A batch of one, with `TexturesUV` where all faces have pictures, else with the vertices' colours: linear
        ones, as in the file, where it has no pictures.

        Raises:
            InputError: as `tvdrnet_nv.io.load_mesh`.
        """
        if not endswith(path, self.known_suffixes):
            return None
        mesh = load_mesh(path)
        textures = _textures(mesh) if include_textures else None
        return Meshes([mesh.vertices], [mesh.faces], textures).to(device)

    def save(
        self, data: Any, path: Any, path_manager: object = None, binary: bool | None = None, **kwargs: Any
    ) -> bool:
        """False: GLB files are not written."""
        return False


def _textures(mesh: Mesh) -> TexturesBase:
    pictures = mesh.textures
    if pictures is None:
        return TexturesVertex([_linear(mesh.colors)])
    if pictures.tint is not None or bool((pictures.face_image < 0).any()):
        return TexturesVertex([mesh.colors])
    # v grows downwards there, and upwards here; a picture may be repeated there, but not here.
    uv = torch.stack([pictures.uv[:, 0], 1 - pictures.uv[:, 1]], dim=1)
    faces = mesh.faces.to(torch.int64)
    if len(pictures.images) == 1:
        return TexturesUV([pictures.images[0]], [faces], [uv], align_corners=False)
    height, width = (max(image.shape[d] for image in pictures.images) for d in (0, 1))
    maps = [_resized(image, height, width) for image in pictures.images]
    ids = pictures.face_image.to(torch.int64)
    return TexturesUV([torch.stack(maps)], [faces], [uv], maps_ids=[ids], align_corners=False)


def _linear(srgb: torch.Tensor) -> torch.Tensor:
    """Colours as the file has them, which is what PyTorch3D shows (IEC 61966-2-1, backwards)."""
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _resized(image: torch.Tensor, height: int, width: int) -> torch.Tensor:
    if image.shape[:2] == (height, width):
        return image
    found = torch.nn.functional.interpolate(image.permute(2, 0, 1)[None], size=(height, width), mode="bilinear")
    return found[0].permute(1, 2, 0)
