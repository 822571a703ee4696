"""A seam of textures or colours is no silhouette: the surface goes on there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from tvdrnet_nv import Mesh, Orbit, PhongLight, Renderer
from tvdrnet_nv.mesh import Textures
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.scenes.shapes import sphere

FLAT = PhongLight(ambient=1.0, diffuse=0.0, specular=0.0)  # a mesh that is split in its file has normals of its own
PICTURE = torch.rand((16, 16, 3), generator=torch.Generator().manual_seed(0))


def split(mesh: Mesh, *, of_file: bool = True) -> Mesh:
    """The mesh with a vertex of its own at each corner, as if every edge were a seam."""
    corners = mesh.faces.reshape(-1).long()
    # The file's vertices keep their places; the copies follow.
    of = torch.cat([torch.arange(mesh.num_vertices), corners])
    faces = (mesh.num_vertices + torch.arange(len(corners))).reshape(-1, 3).int()
    return Mesh(mesh.vertices[of], faces, mesh.colors[of], file_vertices=of if of_file else None)


def textured(mesh: Mesh) -> Mesh:
    """The mesh with a picture on all of it, which shows the same at each place however the mesh is split."""
    uv = mesh.vertices[:, :2].contiguous()
    return replace(mesh, textures=Textures(uv, (PICTURE,), torch.zeros(mesh.num_faces, dtype=torch.int32)))


def drawn(mesh: Mesh, size: int = 48) -> tuple[Tensor, Tensor]:
    """The image [H, W, 4], and the gradient of a sum of it over distance, elevation and azimuth."""
    numbers = torch.tensor([3.0, 20.0, 30.0], dtype=torch.float64, requires_grad=True)
    orbit = Orbit.create(3.0, 20.0, 30.0, at=(0.1, 0.1, 0.1)).to(torch.float64)
    orbit = orbit.replace(distance=numbers[0:1], elevation=numbers[1:2], azimuth=numbers[2:3])
    image = Renderer(mesh, size, light=FLAT, dtype=torch.float64)(orbit.camera()).rgba[0]
    weights = torch.linspace(0, 1, size, dtype=torch.float64)[:, None, None]
    (image * weights).sum().backward()
    assert numbers.grad is not None
    return image.detach(), numbers.grad


@pytest.mark.parametrize("of_file", [True, False], ids=["split by a loader", "split in the file"])
def test_seams_of_textures_change_neither_the_image_nor_its_gradient(of_file: bool) -> None:
    whole = sphere(2)
    expected, slope = drawn(textured(whole))
    seamed = textured(split(whole, of_file=of_file))
    found, seamed_slope = drawn(seamed)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(seamed_slope, slope)
    # Where its vertices lie apart, every edge is a border, and the picture is blended along each.
    g = torch.Generator().manual_seed(1)
    apart = replace(seamed, vertices=seamed.vertices + 1e-6 * torch.rand(seamed.vertices.shape, generator=g))
    assert (drawn(apart)[0] - expected).abs().max() > 0.01


def test_seams_of_colours_change_nothing_either() -> None:
    """Without textures `ops.render_phong` draws, and takes its edges from joined faces as well."""
    whole = sphere(2)
    expected, slope = drawn(whole)
    found, seamed_slope = drawn(split(whole))
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(seamed_slope, slope)
    assert (drawn(split(whole, of_file=False))[0] - expected).abs().max() > 1e-3


def test_the_reference_sees_no_seam_either() -> None:
    whole = sphere(1)
    with using("reference"):
        expected, _ = drawn(textured(whole), 16)
        found, _ = drawn(textured(split(whole)), 16)
    torch.testing.assert_close(found, expected)


def test_seams_do_not_blend_the_texture() -> None:
    """A seam across a plane, seen from above: with and without antialiasing, the inside is the same to the bit."""
    corners = torch.tensor([[-2.0, -2, 0], [2, -2, 0], [2, 2, 0], [-2, 2, 0]])
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    plane = split(Mesh(corners, faces, torch.ones(4, 3)))
    checks = torch.from_numpy(np.indices((8, 8)).sum(0) % 2).float()[..., None].expand(8, 8, 3).contiguous()
    uv = plane.vertices[:, :2] * 1.7
    mesh = replace(plane, textures=Textures(uv, (checks,), torch.zeros(2, dtype=torch.int32)))
    camera = Orbit.create(1.5, 80.0, 10.0, up="z").camera()
    with torch.no_grad():
        smooth, hard = (Renderer(mesh, 32, antialias=blend)(camera).rgb for blend in (True, False))
    assert torch.equal(smooth, hard)


def test_vertices_with_gradients_keep_their_own_edges() -> None:
    mesh = textured(split(sphere(1)))
    moving = replace(mesh, vertices=mesh.vertices.clone().requires_grad_())
    image = Renderer(moving, 16)(Orbit.create(3.0, 20.0, 30.0).camera()).alpha
    image.sum().backward()
    assert moving.vertices.grad is not None
    used = torch.unique(moving.faces)
    assert moving.vertices.grad[used].abs().sum() > 0


def test_joined_faces_have_the_places_of_the_faces() -> None:
    mesh = split(sphere(1))
    assert torch.equal(mesh.vertices[mesh.joined_faces.long()], mesh.vertices[mesh.faces.long()])
    assert len(torch.unique(mesh.joined_faces)) == sphere(1).num_vertices
    plain = sphere(1)
    assert plain.joined_faces is plain.faces
    zeros = textured(split(sphere(1), of_file=False))
    signed = zeros.vertices.clone()
    signed[::2][signed[::2] == 0] *= -1  # -0 is 0
    assert len(torch.unique(replace(zeros, vertices=signed).joined_faces)) == sphere(1).num_vertices
