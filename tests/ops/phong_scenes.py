"""Scenes for render_phong, and the general ops that it is compared with."""

from __future__ import annotations

import dataclasses
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from tvdrnet_nv import Orbit
from tvdrnet_nv import ops as dr
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import room, sphere, sphere_field

PHONG = dr.Phong(
    light=(1.0, 1.5, 2.5), ambient=0.4, diffuse=0.7, specular=0.3, shininess=16.0, background=(0.9, 0.8, 0.7)
)
ODD = dataclasses.replace(PHONG, shininess=3.7)
CTX = dr.RasterizeGLContext(output_db=False)
ATTRIBUTES: WeakKeyDictionary[dr.PhongScene, Tensor] = WeakKeyDictionary()  # of the scenes made here, for `shade`
MESHES = {
    "sphere": lambda: sphere(2),  # triangles of many pixels
    "fine sphere": lambda: sphere(5),  # of less than one
    "field": lambda: sphere_field(3000, seed=1),
    "room": lambda: room(6000, seed=3),
}


def scene(mesh: Mesh, dtype: torch.dtype, antialias: bool = True) -> dr.PhongScene:
    topology = dr.antialias_construct_topology_hash(mesh.faces) if antialias else None
    parts = (mesh.vertices.to(dtype), mesh.vertex_normals.to(dtype), mesh.colors.to(dtype))
    made = dr.PhongScene(*parts, mesh.faces, topology)
    ATTRIBUTES[made] = torch.cat(parts, dim=1)
    return made


def cameras(mesh: Mesh, dtype: torch.dtype, aspect: float) -> tuple[Tensor, Tensor]:
    """From outside, from the edge, and from within, where triangles pass behind the camera."""
    orbit = Orbit.create(
        torch.tensor([2.2, 1.1, 0.3]) * mesh.radius, [20.0, -30.0, 5.0], [30.0, 200.0, 80.0], 65.0, at=mesh.center
    )
    camera = orbit.camera().to(dtype)
    return camera.clip_matrix(aspect, 0.01 * mesh.radius, 100 * mesh.radius).contiguous(), camera.position.contiguous()


def composed(s: dr.PhongScene, pos: Tensor, eye: Tensor, size: tuple[int, int], walk: int, phong=PHONG):
    """The general ops, differentiable in `pos` and `eye`."""
    rast, _ = dr.rasterize(CTX, pos, s.tri, size)
    image = dr.shade(ATTRIBUTES[s], rast, s.tri, eye, phong)
    return (dr.antialias(image, rast, pos, s.tri, walk=walk) if walk else image), rast


class ToClip(torch.autograd.Function):
    """The op's own transform with a matrix product's gradient."""

    @staticmethod
    def forward(ctx, matrices: Tensor, s: dr.PhongScene) -> Tensor:
        ctx.vertices = s.vertices
        return s.to_clip(matrices)

    @staticmethod
    def backward(ctx, grad: Tensor):
        return grad.transpose(1, 2) @ ctx.vertices, None
