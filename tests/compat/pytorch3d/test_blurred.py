"""Faces blurred as PyTorch3D's, where that is asked for."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch

from tests.compat.pytorch3d.scenes import from_z, renderer, sphere, square
from tvdrnet_nv.compat.pytorch3d.renderer import (
    BlendParams,
    HardDepthShader,
    MeshRasterizer,
    RasterizationSettings,
    SoftDepthShader,
    SoftPhongShader,
    SoftSilhouetteShader,
    _pixels,
    rasterize_meshes,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh import Fragments
from tvdrnet_nv.compat.pytorch3d.structures import Meshes

pytestmark = pytest.mark.usefixtures("as_in_a_new_process")
BLUR = 0.02


@pytest.mark.parametrize("by", ["settings", "environment"])
def test_the_rasterizer_blurs_where_it_is_asked_to(by, monkeypatch):
    given = {"image_size": (20, 24), "blur_radius": BLUR, "faces_per_pixel": 4}
    if by == "environment":
        monkeypatch.setenv("TVDRNET_NV_EXACT", "1")
    else:
        given["exact"] = True
    rasterizer = MeshRasterizer(from_z(), RasterizationSettings(**given))
    found = rasterizer(sphere(2))
    assert type(found) is Fragments
    want = rasterize_meshes(
        rasterizer.transform(sphere(2)), (20, 24), BLUR, 4, perspective_correct=True, clip_barycentric_coords=True
    )
    for name, value in zip(("pix_to_face", "zbuf", "bary_coords", "dists"), want, strict=True):
        assert torch.equal(getattr(found, name), value)
    assert found.dists is not None
    assert 0 < float(found.dists.max()) < BLUR


def test_blurred_silhouettes_have_gradients_far_from_the_outline():
    """A camera that sees a square 3 pixels beside a pixel."""
    blend = BlendParams(sigma=5e-3)
    position = torch.tensor([[0.0, 0.0, 3.0]], requires_grad=True)
    reach = {}
    for exact in (False, True):
        draw = renderer(from_z(), SoftSilhouetteShader(blend), 32, blur_radius=0.09, faces_per_pixel=2, exact=exact)
        with nullcontext() if exact else pytest.warns(UserWarning, match="RasterizationSettings"):
            alpha = draw(square(), T=position)[0, 16, :, 3]
        outside = torch.autograd.grad(alpha[8], position)[0]
        reach[exact] = float(outside.abs().sum())
    assert reach[False] == 0
    assert reach[True] > 1e-3


def test_without_blur_the_kernels_answer_as_for_the_rasterizer():
    rasterizer = MeshRasterizer(from_z(), RasterizationSettings(image_size=24, faces_per_pixel=3))
    found, mesh = rasterizer(sphere(2)), rasterizer.transform(sphere(2))
    ids, zbuf, bary, dists = rasterize_meshes(mesh, 24, faces_per_pixel=3, perspective_correct=True)
    same = ids == found.pix_to_face
    assert same.float().mean() > 0.999
    assert (zbuf - found.zbuf)[same].abs().max() < 1e-4
    assert (bary - found.bary_coords)[same].abs().max() < 1e-3
    assert found.dists is not None
    assert (dists - found.dists)[same].abs().max() < 1e-5


@pytest.mark.parametrize("perspective", [False, True])
@pytest.mark.parametrize("blur", [0.0, BLUR])
def test_faces_are_cut_off_where_they_come_too_near(perspective, blur):
    verts = torch.tensor([[-0.8, -0.8, 0.5], [0.8, -0.8, 3.0], [0.0, 0.9, 3.0], [0.7, 0.7, 0.4], [-0.9, 0.7, 0.5]])
    mesh = Meshes([verts], [torch.tensor([[0, 1, 2], [2, 3, 4]])])
    ids, zbuf, bary, _ = rasterize_meshes(
        mesh, 32, blur, 2, perspective_correct=perspective, clip_barycentric_coords=True, z_clip_value=1.0
    )
    covered = ids >= 0
    assert covered.any()
    assert zbuf[covered].min() >= 1.0 - 1e-5
    depths = (bary * verts[:, 2][mesh.faces_packed()[ids]]).sum(-1)
    assert (depths - zbuf)[covered].abs().max() < 1e-4


def test_many_candidates_in_parts_are_the_same(monkeypatch):
    mesh = MeshRasterizer(from_z()).transform(sphere(2).extend(2))
    want = rasterize_meshes(mesh, 24, BLUR, 3)
    monkeypatch.setattr(_pixels, "_AT_ONCE", 200)
    for a, b in zip(want, rasterize_meshes(mesh, 24, BLUR, 3), strict=True):
        assert torch.equal(a, b)


def test_zfar_counts_for_blended_surfaces():
    draw = renderer(from_z(), SoftPhongShader(cameras=from_z(), blend_params=BlendParams(gamma=0.1)), 16, exact=True)
    assert not torch.allclose(draw(sphere()), draw(sphere(), zfar=5.0), atol=1e-3)


def test_depth_is_that_of_the_camera_and_zfar_behind():
    cameras = from_z(3.0)
    hard = renderer(cameras, HardDepthShader(cameras=cameras), 16)(square())[..., 0]
    assert hard[0, 8, 8] == pytest.approx(3.0)
    assert hard[0, 0, 0] == 100.0
    draw = renderer(cameras, SoftDepthShader(cameras=cameras), 16, blur_radius=1e-4, faces_per_pixel=2, exact=True)
    assert draw(square(), zfar=9.0)[0, 8, 8, 0] == pytest.approx(3.0, abs=1e-4)
    assert draw(square(), zfar=9.0)[0, 0, 0, 0] == 9.0


@pytest.mark.parametrize("part", ["zbuf", "bary"])
def test_gradients_of_clipped_barycentrics_are_those_of_the_fragments(part):
    mesh = MeshRasterizer(from_z()).transform(sphere(1, torch.float64))
    verts = mesh.verts_packed().detach()

    def total(moved: torch.Tensor) -> torch.Tensor:
        found = rasterize_meshes(
            Meshes([moved], mesh.faces_list()), 8, 0.01, 2, perspective_correct=True, clip_barycentric_coords=True
        )
        values = found[1] if part == "zbuf" else found[2]
        return (values * torch.linspace(-1, 1, values.numel(), dtype=values.dtype).reshape(values.shape)).sum()

    leaf = verts.clone().requires_grad_()
    total(leaf).backward()
    assert leaf.grad is not None
    want = _differences(total, verts, range(6))
    assert torch.allclose(leaf.grad[:6], want, rtol=1e-4, atol=1e-5)


def _differences(function, at: torch.Tensor, rows: range) -> torch.Tensor:
    """The gradient with respect to some rows, one entry after the other."""
    out = torch.zeros(len(rows), at.shape[1], dtype=at.dtype)
    for row in rows:
        for column in range(at.shape[1]):
            step = torch.zeros_like(at)
            step[row, column] = 1e-6
            out[row, column] = (function(at + step) - function(at - step)) / 2e-6
    return out
