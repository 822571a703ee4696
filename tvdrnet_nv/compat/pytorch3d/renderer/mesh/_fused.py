"""Phong shading in one pass over the pixels, where nothing but the cameras moves: `tvdrnet_nv.ops.shade`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.compat.pytorch3d.renderer.blending import background_of
from tvdrnet_nv.compat.pytorch3d.renderer.lighting import PointLights
from tvdrnet_nv.compat.pytorch3d.renderer.materials import Materials
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments, _Late
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_vertex import TexturesVertex
from tvdrnet_nv.ops.backends import backend_of

_SHARES = ("ambient_color", "diffuse_color", "specular_color")


def phong_at_once(
    fragments: Fragments, meshes: Any, lights: Any, materials: Any, cameras: Any, blend_params: Any
) -> Tensor | None:
    """What `phong_shading` and `hard_rgb_blend` give, [N, H, W, 4], or None where this way cannot.

    It can for one white point light, grey materials and three colours per vertex, all without gradients.
    """
    if not isinstance(fragments, _Late) or type(lights) is not PointLights or type(materials) is not Materials:
        return None
    if type(meshes.textures) is not TexturesVertex or len(lights) != 1 or len(materials) != 1:
        return None
    verts = meshes.verts_packed()
    colors = meshes.textures.verts_features_packed()
    background = background_of(blend_params, verts)
    shares = [getattr(materials, name) * getattr(lights, name) for name in _SHARES]
    given = [verts, colors, background, lights.location, materials.shininess, *shares]
    # To read the colours would make the host wait for an asynchronous device.
    if backend_of(verts).asynchronous or colors.shape[1] != 3 or any(t.requires_grad for t in given):
        return None
    grey = [share[0].tolist() for share in shares]
    rast = fragments.rast()
    if rast is None or len(rast) != len(meshes) or any(min(rgb) != max(rgb) for rgb in grey):
        return None
    attributes = torch.cat([verts, meshes.verts_normals_packed(), colors.to(verts.dtype)], dim=1)
    if attributes.requires_grad:
        return None
    phong = ops.Phong(
        light=tuple(lights.location[0].tolist()),
        ambient=grey[0][0],
        diffuse=grey[1][0],
        specular=grey[2][0],
        shininess=float(materials.shininess[0]),
        background=tuple(background.tolist()),
    )
    eye = cameras.get_camera_center().to(verts.dtype).expand(len(rast), 3)
    return ops.shade(attributes, rast, fragments.raster.faces, eye, phong)
