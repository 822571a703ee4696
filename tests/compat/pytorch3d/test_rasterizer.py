"""The façade's rasterizer, where a reference image is not enough: layers, culling, clipping, gradients, batches."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from tests.compat.pytorch3d.scenes import central_difference, from_z, renderer, soft, sphere, square
from tvdrnet_nv.compat.pytorch3d.renderer import (
    AmbientLights,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    HardPhongShader,
    MeshRasterizer,
    PerspectiveCameras,
    PointLights,
    RasterizationSettings,
    SoftSilhouetteShader,
    look_at_view_transform,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.rasterizer import Fragments
from tvdrnet_nv.compat.pytorch3d.structures import join_meshes_as_batch, join_meshes_as_scene

pytestmark = pytest.mark.usefixtures("as_in_a_new_process")


def test_layers_are_ordered_and_padded():
    scene = join_meshes_as_scene([square(1.0, z) for z in (0.0, 0.5, -0.5)])
    fragments = MeshRasterizer(from_z(), RasterizationSettings(image_size=16, faces_per_pixel=5))(scene)
    assert fragments.pix_to_face.shape == (1, 16, 16, 5)
    middle = fragments.pix_to_face[0, 8, 7]
    assert (middle[:3] // 2).tolist() == [1, 0, 2]
    assert middle[3:].tolist() == [-1, -1]
    assert fragments.zbuf[0, 8, 7].tolist() == pytest.approx([2.5, 3.0, 3.5, -1, -1], abs=1e-5)
    assert torch.equal(fragments.bary_coords[0, 8, 7, 3:], -torch.ones(2, 3))
    covered = fragments.pix_to_face >= 0
    assert torch.allclose(fragments.bary_coords.sum(-1)[covered], torch.ones(()))
    assert bool((fragments.dists[covered] <= 0).all())


@pytest.mark.parametrize("cull", [False, True])
def test_back_faces_are_culled_if_asked_for(cull):
    behind = from_z(-3.0)
    assert torch.allclose(behind.get_camera_center(), torch.tensor([[0.0, 0.0, -3.0]]), atol=1e-5)
    settings = RasterizationSettings(image_size=8, cull_backfaces=cull)
    assert bool((MeshRasterizer(behind, settings)(square()).pix_to_face >= 0).any()) != cull
    assert bool((MeshRasterizer(from_z(), settings)(square()).pix_to_face >= 0).any())


def test_culled_meshes_keep_their_packed_ids_and_silhouettes():
    two = join_meshes_as_batch([square(), sphere(2)])
    settings = {"faces_per_pixel": 2, "cull_backfaces": True}
    cameras = from_z(-3.0)
    fragments = MeshRasterizer(cameras, RasterizationSettings(image_size=24, **settings))(two)
    assert int(fragments.pix_to_face[0].max()) == -1
    assert int(fragments.pix_to_face[1].max()) > 2
    assert bool((fragments.pix_to_face[1, ..., 1] == -1).all())
    image = renderer(cameras, soft(SoftSilhouetteShader), 24, **settings)(two)
    whole = renderer(cameras, SoftSilhouetteShader(), 24)(two)
    assert torch.allclose(image[1], whole[1], atol=1e-6)


def test_fragments_detach_and_can_be_changed():
    R, T = look_at_view_transform(3.0, 10.0, 20.0)
    T.requires_grad_()
    rasterizer = MeshRasterizer(FoVPerspectiveCameras(), RasterizationSettings(image_size=8))
    fragments = rasterizer(sphere(), R=R, T=T)
    assert isinstance(fragments, Fragments)
    assert fragments.zbuf.requires_grad
    cut = fragments.detach()
    assert not cut.zbuf.requires_grad
    assert not cut.bary_coords.requires_grad
    assert torch.equal(cut.pix_to_face, fragments.pix_to_face)
    cut.bary_coords = torch.full_like(cut.bary_coords, 1 / 3)
    cameras = FoVPerspectiveCameras(R=R, T=T)
    flat = HardPhongShader(cameras=cameras, lights=AmbientLights())(cut, sphere())
    mesh = sphere()
    means = ((mesh.verts_packed() + 1) / 2)[mesh.faces_packed()].mean(1)
    ids = cut.pix_to_face[..., 0]
    assert torch.allclose(flat[ids >= 0][:, :3], means[ids[ids >= 0]], atol=1e-6)


def test_fragments_asked_for_later_keep_their_gradients():
    R, T = look_at_view_transform(3.0, 10.0, 20.0)
    T.requires_grad_()
    fragments = MeshRasterizer(FoVPerspectiveCameras(), RasterizationSettings(image_size=8))(sphere(), R=R, T=T)
    with torch.no_grad():
        nearest = fragments.zbuf.max()
    assert nearest > 0
    assert torch.autograd.grad(fragments.zbuf.sum(), T)[0].abs().sum() > 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_of_the_rasterizer_by_central_differences(dtype):
    """Depth, barycentrics and distances with respect to the vertices, in float64 to its precision."""
    mesh = sphere(0, dtype)
    cameras = FoVPerspectiveCameras(R=torch.eye(3, dtype=dtype)[None], T=torch.tensor([[0.0, 0.0, 3.0]], dtype=dtype))
    rasterizer = MeshRasterizer(cameras, RasterizationSettings(image_size=6, faces_per_pixel=2))
    weights = torch.rand(1, 6, 6, 2, 5, generator=torch.Generator().manual_seed(0), dtype=dtype)

    def total(verts: Tensor) -> Tensor:
        found = rasterizer(mesh.update_padded(verts))
        assert found.dists is not None
        parts = torch.cat([found.zbuf[..., None], found.bary_coords, found.dists[..., None]], -1)
        return (parts * weights).sum()

    verts = mesh.verts_padded().clone().requires_grad_()
    total(verts).backward()
    step, tolerance = (1e-6, 1e-5) if dtype == torch.float64 else (1e-3, 5e-2)
    want = central_difference(total, verts, step)
    assert verts.grad is not None
    assert torch.allclose(verts.grad, want, rtol=tolerance, atol=tolerance)


def test_a_mesh_behind_the_camera_is_not_seen():
    away = from_z(3.0)
    R = away.R @ torch.diag(torch.tensor([-1.0, 1.0, -1.0]))
    for cameras in (PerspectiveCameras(R=R, T=-away.T), FoVPerspectiveCameras(R=R, T=-away.T)):
        fragments = MeshRasterizer(cameras, RasterizationSettings(image_size=8))(sphere())
        assert int(fragments.pix_to_face.max()) == -1


def test_nothing_is_cut_off_at_zfar_nor_before_half_of_znear():
    for distance, seen in ((300.0, True), (0.6, True), (0.45, False)):
        cameras = from_z(distance, fov=2 if distance > 100 else 60)
        fragments = MeshRasterizer(cameras, RasterizationSettings(image_size=8))(square(4.0))
        assert bool((fragments.pix_to_face >= 0).any()) == seen


@pytest.mark.parametrize("cameras", [FoVOrthographicCameras, PerspectiveCameras])
def test_one_mesh_in_a_batch_of_cameras_needs_extend(cameras):
    R, T = look_at_view_transform(3.0, torch.tensor([0.0, 10.0]), 0.0)
    rasterizer = MeshRasterizer(cameras(R=R, T=T), RasterizationSettings(image_size=8))
    with pytest.raises(ValueError, match=r"1 meshes and 2 cameras; use meshes.extend\(2\)"):
        rasterizer(sphere())
    assert rasterizer(sphere().extend(2)).pix_to_face.shape == (2, 8, 8, 1)


def test_a_rasterizer_knows_when_the_faces_change():
    """It keeps what it made of the last ones."""
    mesh = join_meshes_as_batch([square(), sphere(1)])
    rasterizer = MeshRasterizer(from_z(), RasterizationSettings(image_size=12))
    before = rasterizer(mesh).pix_to_face
    assert torch.equal(copy.deepcopy(rasterizer)(mesh.clone()).pix_to_face, before)
    mesh.faces_packed().copy_(mesh.faces_packed().flip(0))
    after = rasterizer(mesh).pix_to_face
    fresh = MeshRasterizer(from_z(), RasterizationSettings(image_size=12))(mesh).pix_to_face
    assert torch.equal(after, fresh)
    assert not torch.equal(after, before)


def test_a_batch_gives_the_images_of_its_meshes_alone():
    lights = PointLights(location=((1.0, 2.0, 3.0),))
    cameras = from_z()
    draw = renderer(cameras, HardPhongShader(cameras=cameras, lights=lights), 20)
    meshes = [sphere(2), square(1.2), sphere(0)]
    together = draw(join_meshes_as_batch(meshes))
    for image, mesh in zip(together, meshes, strict=True):
        assert torch.allclose(image, draw(mesh)[0], atol=1e-6)
