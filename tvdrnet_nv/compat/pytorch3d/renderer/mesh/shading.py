"""Shading models: the light on surfaces, by pixel, by vertex or by face."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import at_vertices

__all__ = ["flat_shading", "gouraud_shading", "phong_shading"]


def _beside(color: Tensor, points: Tensor) -> Tensor:
    """[N, 3] with dimensions of one in the middle, as many as `points` [N, ..., 3] has."""
    return color if points.dim() == 2 else color.reshape(len(color), *(1,) * (points.dim() - 2), color.shape[-1])


def lit(points: Tensor, normals: Tensor, texels: Tensor, lights: Any, materials: Any, eye: Tensor) -> Tensor:
    """Ambient and diffuse light times the texture, plus specular light.

    Args:
        points: [N, ..., 3], world frame.
        normals: [N, ..., 3].
        texels: [N, ..., 3].
        lights: lights of this package, or PyTorch3D's.
        materials: likewise.
        eye: [N or 1, 3], the cameras' positions.

    Returns:
        [N, ..., 3], not clamped.
    """
    diffuse = lights.diffuse(normals=normals, points=points)
    specular = lights.specular(normals=normals, points=points, camera_position=eye, shininess=materials.shininess)
    ambient = _beside(materials.ambient_color * lights.ambient_color, points)
    diffuse = _beside(materials.diffuse_color, points) * diffuse
    return (ambient + diffuse) * texels + _beside(materials.specular_color, points) * specular


def phong_shading(meshes: Any, fragments: Any, lights: Any, cameras: Any, materials: Any, texels: Tensor) -> Tensor:
    """Light at each pixel, with the interpolated vertex normals (Phong 1975).

    Args:
        meshes: the meshes that the fragments are of.
        fragments: [N, H, W, K].
        lights: lights of this package, or PyTorch3D's.
        cameras: likewise.
        materials: likewise.
        texels: [N, H, W, K, 3].

    Returns:
        [N, H, W, K, 3].
    """
    attributes = torch.cat([meshes.verts_packed(), meshes.verts_normals_packed()], dim=1)
    points, normals = at_vertices(fragments, attributes, meshes.faces_packed()).split(3, dim=-1)
    return lit(points, normals, texels, lights, materials, cameras.get_camera_center())


def gouraud_shading(meshes: Any, fragments: Any, lights: Any, cameras: Any, materials: Any) -> Tensor:
    """Light at each vertex, and the colours interpolated (Gouraud 1971). Arguments as `phong_shading`.

    Raises:
        ValueError: the meshes' textures are not colours of vertices.
    """
    if not hasattr(meshes.textures, "verts_features_packed"):
        raise ValueError("Mesh textures must be an instance of TexturesVertex")
    mesh_of = meshes.verts_packed_to_mesh_idx()
    eye = cameras.get_camera_center()
    eye = eye[mesh_of] if len(eye) > 1 else eye
    if len(meshes) > 1:
        lights, materials = lights.clone().gather_props(mesh_of), materials.clone().gather_props(mesh_of)
    texels = meshes.textures.verts_features_packed()
    colors = lit(meshes.verts_packed(), meshes.verts_normals_packed(), texels, lights, materials, eye)
    return at_vertices(fragments, colors, meshes.faces_packed())


def flat_shading(meshes: Any, fragments: Any, lights: Any, cameras: Any, materials: Any, texels: Tensor) -> Tensor:
    """One light for each face, at the mean of its corners, with the face's normal. Arguments as `phong_shading`."""
    centres = meshes.verts_packed()[meshes.faces_packed()].mean(dim=1)
    attributes = torch.cat([centres, meshes.faces_normals_packed()], dim=1)
    faces = fragments.pix_to_face
    at_pixels = attributes[faces.clamp_min(0)] * (faces >= 0)[..., None]
    points, normals = at_pixels.split(3, dim=-1)
    return lit(points, normals, texels, lights, materials, cameras.get_camera_center())
