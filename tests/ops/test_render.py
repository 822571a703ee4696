"""render_phong against the ops that it fuses: rasterize, shade and antialias on the same vertices."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from torch import Tensor

from tests.ops.phong_scenes import MESHES, PHONG, cameras, composed, scene
from tvdrnet_nv import Orbit
from tvdrnet_nv import ops as dr
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import sphere, sphere_field


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("mesh", MESHES.values(), ids=MESHES.keys())
@pytest.mark.parametrize("walk", [0, 1, 64])
def test_images_are_those_of_the_ops_to_the_bit(mesh, dtype, walk):
    mesh = mesh()
    s = scene(mesh, dtype)
    for size in ((61, 97), (40, 33)):
        to_clip, eye = cameras(mesh, dtype, size[1] / size[0])
        image, rast = dr.render_phong(s, to_clip, eye, size, PHONG, walk=walk)
        wanted_image, wanted_rast = composed(s, s.to_clip(to_clip), eye, size, walk)
        assert 0.1 < float((rast[..., 3] > 0).float().mean()) <= 1
        assert torch.equal(rast, wanted_rast)
        assert torch.equal(image, wanted_image)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_at_equal_depth_the_lower_id_wins_whatever_the_order_in_memory(dtype):
    generator = torch.Generator().manual_seed(0)
    corners = 2 * torch.rand(200, 3, 2, generator=generator) - 1
    vertices = torch.nn.functional.pad(corners.reshape(-1, 2), (0, 1))
    mesh = Mesh(vertices, torch.arange(600, dtype=torch.int32).reshape(-1, 3), torch.rand(600, 3, generator=generator))
    s = scene(mesh, dtype)
    camera = Orbit.create(2.0, 0.0, 0.0).camera().to(dtype)
    to_clip, eye = camera.clip_matrix(1.0, 0.1, 100.0).contiguous(), camera.position.contiguous()
    image, rast = dr.render_phong(s, to_clip, eye, (64, 64), PHONG)
    wanted_image, wanted_rast = composed(s, s.to_clip(to_clip), eye, (64, 64), 64)
    assert len(rast[..., 2].unique()) == 2  # one depth, and the background
    assert len(rast[..., 3].unique()) > 20
    assert torch.equal(rast, wanted_rast)
    assert torch.equal(image, wanted_image)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_edge_of_many_faces_is_walked_as_in_the_mesh_order(dtype):
    """Fans of pages around common spines: walks have several ways to go on, in the order of the faces' ids."""
    generator = torch.Generator().manual_seed(2)
    spines = torch.rand(60, 1, 3, generator=generator) * 2 - 1
    ends = spines + 0.3 * torch.randn(60, 1, 3, generator=generator)
    tips = spines + 0.5 * torch.randn(60, 5, 3, generator=generator)
    vertices = torch.cat([spines, ends, tips], 1).reshape(-1, 3)
    faces = torch.tensor([[7 * spine + k for k in (0, 1, 2 + page)] for spine in range(60) for page in range(5)])
    faces = faces[torch.randperm(300, generator=generator)].int()
    mesh = Mesh(vertices, faces, torch.rand(len(vertices), 3, generator=generator))
    s = scene(mesh, dtype)
    to_clip, eye = cameras(mesh, dtype, 1.0)
    for walk in (1, 64):
        image, rast = dr.render_phong(s, to_clip, eye, (80, 80), PHONG, walk=walk)
        wanted_image, wanted_rast = composed(s, s.to_clip(to_clip), eye, (80, 80), walk)
        assert torch.equal(rast, wanted_rast)
        assert torch.equal(image, wanted_image)


def test_threads_and_batches_do_not_matter(restored_threads):
    mesh, size = sphere_field(3000, seed=1), (70, 90)
    s = scene(mesh, torch.float32)
    start = cameras(mesh, torch.float32, size[1] / size[0])

    def results(to_clip: Tensor, eye: Tensor) -> list[Tensor]:
        leaves = [t.clone().requires_grad_() for t in (to_clip, eye)]
        image, rast = dr.render_phong(s, *leaves, size, PHONG)
        (image.square().sum() + rast[..., 0].sum()).backward()
        return [image.detach(), rast.detach(), *(leaf.grad for leaf in leaves)]

    torch.set_num_threads(1)
    wanted = results(*start)
    for threads in (2, 5):
        torch.set_num_threads(threads)
        assert all(torch.equal(a, b) for a, b in zip(results(*start), wanted, strict=True))
    for k in range(3):
        single = results(start[0][k : k + 1], start[1][k : k + 1])
        assert all(torch.equal(a[0], b[k]) for a, b in zip(single, wanted, strict=True))


def test_many_images_one_to_a_thread_are_those_of_one_thread(restored_threads):
    """Of a mesh that is too large for its images to be rendered as a group."""
    mesh, size = sphere_field(250, seed=1), (40, 50)
    s = scene(mesh, torch.float32)
    assert len(s.vertices) > 2**15
    few = cameras(mesh, torch.float32, size[1] / size[0])
    order = torch.arange(9) % len(few[0])

    def results() -> list[Tensor]:
        leaves = [t[order].clone().requires_grad_() for t in few]
        image, rast = dr.render_phong(s, *leaves, size, PHONG)
        (image.square().sum() + rast[..., 0].sum()).backward()
        return [image.detach(), rast.detach(), *(leaf.grad for leaf in leaves)]

    torch.set_num_threads(1)
    wanted = results()
    assert all(grad.abs().sum() > 0 for grad in wanted[2:])
    torch.set_num_threads(2)
    assert all(torch.equal(a, b) for a, b in zip(results(), wanted, strict=True))


def test_a_repeated_camera_gives_the_same_again():
    mesh, size = sphere_field(3000, seed=1), (40, 50)
    s = scene(mesh, torch.float32)
    start = cameras(mesh, torch.float32, size[1] / size[0])
    order = [0, 0, 0, 1, 2, 2, 0]
    found = []
    for repeated in (True, False):
        leaves = [t.clone().requires_grad_() for t in start]
        if repeated:
            image, rast = dr.render_phong(s, *(leaf[order] for leaf in leaves), size, PHONG)
        else:
            parts = [dr.render_phong(s, *(leaf[k : k + 1] for leaf in leaves), size, PHONG) for k in order]
            image, rast = (torch.cat(p) for p in zip(*parts, strict=True))
        weights = torch.linspace(-1, 2, image.numel()).reshape(image.shape)
        ((image + rast) * weights).sum().backward()
        found.append((image.detach(), rast.detach(), leaves[0].grad))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])
    torch.testing.assert_close(found[0][2], found[1][2], rtol=1e-4, atol=1e-3)


def test_an_empty_batch():
    s = scene(sphere(1), torch.float32)
    to_clip, eye = torch.zeros(0, 4, 4, requires_grad=True), torch.zeros(0, 3, requires_grad=True)
    image, rast = dr.render_phong(s, to_clip, eye, (4, 5), PHONG)
    assert image.shape == rast.shape == (0, 4, 5, 4)
    image.sum().backward()
    assert to_clip.grad is not None
    assert to_clip.grad.shape == (0, 4, 4)


def test_matrices_that_are_not_numbers_show_the_background():
    s = scene(sphere(2), torch.float32)
    for value in (math.nan, math.inf, 0.0):
        to_clip = torch.full((1, 4, 4), value, requires_grad=True)
        image, rast = dr.render_phong(s, to_clip, torch.zeros(1, 3), (8, 8), PHONG)
        assert (rast == 0).all()
        torch.testing.assert_close(image[0, 0, 0], torch.tensor([0.9, 0.8, 0.7, 0.0]))
        image.sum().backward()
        assert to_clip.grad is not None
        assert (to_clip.grad == 0).all()


def test_the_scene_keeps_its_own_indices():
    mesh = sphere(1)
    faces = mesh.faces.clone()
    s = scene(Mesh(mesh.vertices, faces, mesh.colors), torch.float32)
    to_clip, eye = cameras(mesh, torch.float32, 1.0)
    before = dr.render_phong(s, to_clip, eye, (16, 16), PHONG)[0]
    faces.fill_(2**30)
    assert torch.equal(dr.render_phong(s, to_clip, eye, (16, 16), PHONG)[0], before)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"to_clip": torch.zeros(4, 4)}, ValueError, "to_clip must have shape"),
        ({"to_clip": torch.zeros(1, 4, 4, dtype=torch.float64)}, TypeError, "to_clip must be float32"),
        ({"eye": torch.zeros(2, 3)}, ValueError, "eye must have shape"),
        ({"resolution": (0, 4)}, ValueError, "resolution must lie between"),
        ({"walk": -1}, ValueError, "walk must be a whole number"),
    ],
)
def test_wrong_arguments(change, error, message):
    arguments = {"to_clip": torch.eye(4)[None], "eye": torch.zeros(1, 3), "resolution": (4, 4), "phong": PHONG} | change
    with pytest.raises(error, match=message):
        dr.render_phong(scene(sphere(1), torch.float32), **arguments)


def test_a_light_and_a_background_are_three_numbers():
    for name in ("light", "background"):
        with pytest.raises(ValueError, match=f"{name} must be three numbers"):
            dataclasses.replace(PHONG, **{name: (1.0, 2.0)})


def test_wrong_scenes():
    mesh = sphere(1)
    vertices, normals, colors, faces = mesh.vertices, mesh.vertex_normals, mesh.colors, mesh.faces
    with pytest.raises(ValueError, match="must not require a gradient"):
        dr.PhongScene(vertices, normals, colors.clone().requires_grad_(), faces)
    with pytest.raises(ValueError, match="normals must have shape"):
        dr.PhongScene(vertices, normals[1:], colors, faces)
    with pytest.raises(TypeError, match="colors must be float32 like vertices"):
        dr.PhongScene(vertices, normals, colors.double(), faces)
    with pytest.raises(ValueError, match="tri holds the vertex index"):
        dr.PhongScene(vertices[:5], normals[:5], colors[:5], faces)
    with pytest.raises(ValueError, match="walk must be 0"):
        dr.render_phong(
            scene(mesh, torch.float32, antialias=False), torch.eye(4)[None], torch.zeros(1, 3), (4, 4), PHONG
        )
