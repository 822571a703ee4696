"""The façade's rasterizer and shaders, where a reference image is not enough: silhouettes, look-alikes, errors."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.compat_pytorch3d_scenes import central_difference, from_z, renderer, sphere, square
from tvdrnet_nv.compat.pytorch3d import _notices
from tvdrnet_nv.compat.pytorch3d.renderer import (
    AmbientLights,
    BlendParams,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    MeshRasterizer,
    MeshRendererWithFragments,
    PerspectiveCameras,
    PointLights,
    RasterizationSettings,
    SoftGouraudShader,
    SoftPhongShader,
    SoftSilhouetteShader,
    TexturesVertex,
    look_at_view_transform,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.rasterizer import Fragments
from tvdrnet_nv.compat.pytorch3d.structures import Meshes, join_meshes_as_batch, join_meshes_as_scene


@pytest.fixture(autouse=True)
def as_in_a_new_process() -> Iterator[None]:
    _notices.forget()
    yield
    _notices.forget()


def soft(kind: Any, *args: Any, **kwargs: Any) -> Any:
    with pytest.warns(UserWarning, match="antialias"):
        return kind(*args, **kwargs)


# --- orientation -----------------------------------------------------------------------------------------------------


def test_row_0_is_the_top_and_column_0_the_left():
    """A square to the upper right, from a camera on +z."""
    mesh = square(0.4).offset_verts(torch.tensor([0.5, 0.6, 0.0]))
    image = renderer(from_z(), HardPhongShader(lights=AmbientLights()), (30, 30))(mesh, cameras=from_z())
    rows, columns = image[0, ..., 3].nonzero().unbind(1)
    assert 6 <= rows.float().mean() <= 12
    assert 17 <= columns.float().mean() <= 23
    assert torch.equal(image[0, rows, columns, :3].unique(dim=0), torch.tensor([[1.0, 0.0, 0.0]]))


@pytest.mark.parametrize("size", [(20, 40), (40, 20)])
def test_pixels_are_square_and_the_field_of_view_is_along_the_shorter_side(size):
    image = renderer(from_z(2.0, fov=90.0), HardFlatShader(), size)(square(2.0), cameras=from_z(2.0, fov=90.0))
    rows, columns = image[0, ..., 3].nonzero().unbind(1)
    assert rows.unique().numel() == columns.unique().numel() == 10


# --- silhouettes -----------------------------------------------------------------------------------------------------


def test_soft_silhouettes_are_the_covered_share_of_the_pixel():
    """A square whose sides lie at 0.35 of a pixel."""
    side = 2 * 10.35 * 3.0 / 32 * (2 / 3**0.5) / 2
    cameras = from_z(3.0, fov=60.0)
    image = renderer(cameras, soft(SoftSilhouetteShader), 32)(square(side))
    alpha = image[0, ..., 3]
    assert torch.equal(image[..., :3], torch.ones_like(image[..., :3]))
    row = alpha[16]
    edge = row[(row > 0) & (row < 1)]
    shown = float(row.sum())
    exact = side / 2 * (3**0.5) / 3.0 * 32
    assert len(edge) == 2
    assert shown == pytest.approx(exact, abs=1e-4)


def test_silhouette_gradients_are_those_of_the_area():
    """Of the image's sum with respect to the camera's position, by central differences of the exact area."""
    cameras = FoVPerspectiveCameras()
    draw = renderer(cameras, soft(SoftSilhouetteShader), 48)
    position = torch.tensor([0.3, 0.2, 3.0], requires_grad=True)

    def total(p: Tensor, render: Any = draw) -> Tensor:
        R, T = look_at_view_transform(eye=p[None])
        return render(square(1.0), R=R, T=T)[..., 3].sum()

    total(position).backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fine = renderer(cameras, SoftSilhouetteShader(), 768)
    # The sum over pixels grows with the square of the resolution.
    want = central_difference(lambda p: total(p, fine) / 256, position, 0.02)
    assert torch.allclose(position.grad, want, rtol=0.05, atol=0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("shader", [SoftPhongShader, SoftGouraudShader])
def test_soft_shaders_are_the_hard_ones_but_at_silhouettes(shader):
    hard = {SoftPhongShader: HardPhongShader, SoftGouraudShader: HardGouraudShader}[shader]
    cameras, lights = from_z(), PointLights(location=((1.0, 2.0, 3.0),))
    blend = BlendParams(background_color=(0.2, 0.3, 0.4))
    a = renderer(cameras, soft(shader, cameras=cameras, lights=lights, blend_params=blend))(sphere(2))
    b = renderer(cameras, hard(cameras=cameras, lights=lights, blend_params=blend))(sphere(2))
    inside = torch.nn.functional.max_pool2d(-b[:, None, ..., 3], 3, 1, 1)[0, 0] == -1
    outside = torch.nn.functional.max_pool2d(b[:, None, ..., 3], 3, 1, 1)[0, 0] == 0
    assert inside.sum() > 100
    assert torch.equal(a[0, inside], b[0, inside])
    assert torch.equal(a[0, outside], b[0, outside])
    between = ~inside & ~outside
    assert ((a[0, between, 3] > 0) & (a[0, between, 3] < 1)).sum() > 20
    assert torch.allclose(a[0, outside, :3], torch.tensor([0.2, 0.3, 0.4]))


def test_hard_alpha_has_no_gradient_and_soft_alpha_has():
    cameras = from_z()
    for shader, has in ((HardPhongShader(cameras=cameras), False), (soft(SoftPhongShader, cameras=cameras), True)):
        R, T = (t.requires_grad_() for t in look_at_view_transform(3.0, 10.0, 20.0))
        alpha = renderer(cameras, shader)(sphere(), R=R, T=T)[..., 3]
        gradient = torch.autograd.grad(alpha.sum(), T, allow_unused=True)[0] if alpha.requires_grad else None
        assert (gradient is not None and bool((gradient != 0).any())) == has


def test_warnings_come_once():
    settings = RasterizationSettings(image_size=8, blur_radius=1e-3)
    rasterizer = MeshRasterizer(from_z(), settings)
    with pytest.warns(UserWarning, match="blur_radius has no effect"):
        rasterizer(sphere())
    rasterizer(sphere())
    soft(SoftSilhouetteShader)
    SoftPhongShader()


def test_layers_behind_the_first_are_found_only_when_asked_for(monkeypatch):
    from tvdrnet_nv import ops

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("peeled")

    monkeypatch.setattr(ops, "DepthPeeler", refuse)
    shader = soft(SoftSilhouetteShader)
    image, fragments = MeshRendererWithFragments(
        MeshRasterizer(from_z(), RasterizationSettings(image_size=16, faces_per_pixel=100)), shader
    )(sphere())
    assert image[..., 3].max() == 1
    with pytest.raises(AssertionError, match="peeled"):
        fragments.zbuf  # noqa: B018


# --- fragments -------------------------------------------------------------------------------------------------------


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


def test_a_batch_gives_the_images_of_its_meshes_alone():
    lights = PointLights(location=((1.0, 2.0, 3.0),))
    cameras = from_z()
    draw = renderer(cameras, HardPhongShader(cameras=cameras, lights=lights), 20)
    meshes = [sphere(2), square(1.2), sphere(0)]
    together = draw(join_meshes_as_batch(meshes))
    for image, mesh in zip(together, meshes, strict=True):
        assert torch.allclose(image, draw(mesh)[0], atol=1e-6)


# --- errors ----------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said():
    with pytest.raises(ValueError, match=r"Cameras must be specified .* MeshRasterizer"):
        MeshRasterizer()(sphere())
    fragments = MeshRasterizer(from_z(), RasterizationSettings(image_size=8))(sphere())
    with pytest.raises(ValueError, match=r"Cameras must be specified .* HardPhongShader"):
        HardPhongShader()(fragments, sphere())
    bare = Meshes(sphere().verts_list(), sphere().faces_list())
    with pytest.raises(ValueError, match="does not have textures"):
        HardPhongShader(cameras=from_z())(fragments, bare)
    with pytest.raises(ValueError, match="TexturesVertex"):
        HardGouraudShader(cameras=from_z())(fragments, bare)
    own = Fragments(fragments.pix_to_face, fragments.zbuf, fragments.bary_coords, None)
    with pytest.raises(ValueError, match="SoftSilhouetteShader needs the fragments of this package"):
        soft(SoftSilhouetteShader)(own, sphere())


# --- PyTorch3D's own objects -----------------------------------------------------------------------------------------


class TheirMeshes:
    """Only what PyTorch3D documents of its Meshes, none of our classes."""

    def __init__(self, mesh: Meshes) -> None:
        self._mesh = mesh
        self.textures = SimpleNamespace(verts_features_packed=mesh.textures.verts_features_packed)

    def __len__(self) -> int:
        return len(self._mesh)

    def __getattr__(self, name: str) -> Any:
        assert not name.startswith("_"), f"private: {name}"
        return getattr(self._mesh, name)


class TheirCameras:
    """The methods of PyTorch3D's cameras."""

    def __init__(self, cameras: Any) -> None:
        self._cameras = cameras

    def __getattr__(self, name: str) -> Any:
        assert name in {
            "get_world_to_view_transform",
            "get_projection_transform",
            "get_ndc_camera_transform",
            "get_camera_center",
            "get_znear",
            "is_perspective",
        }, name
        return getattr(self._cameras, name)


class TheirLights:
    """The interface of PyTorch3D's lights."""

    ambient_color = torch.tensor([[0.4, 0.5, 0.6]])

    def diffuse(self, normals: Tensor, points: Tensor) -> Tensor:
        return normals[..., 2:].clamp_min(0).expand_as(points)

    def specular(self, normals: Tensor, points: Tensor, camera_position: Tensor, shininess: Tensor) -> Tensor:
        return torch.zeros_like(points)

    def clone(self) -> TheirLights:
        return self

    def gather_props(self, batch_idx: Tensor) -> TheirLights:
        return self


@pytest.mark.parametrize("shader", [HardPhongShader, HardGouraudShader, HardFlatShader])
def test_objects_that_look_like_pytorch3ds_are_accepted(shader):
    cameras, lights = from_z(), TheirLights()
    mesh = join_meshes_as_batch([sphere(1), sphere(2)])
    want = renderer(cameras, shader(cameras=cameras, lights=lights))(mesh)
    theirs = TheirCameras(cameras)
    have = renderer(theirs, shader(cameras=theirs, lights=lights))(TheirMeshes(mesh))
    assert torch.equal(have, want)
    assert want[..., :3].std() > 0.1


def test_textures_of_another_class_are_asked():
    class TheirTextures:
        def check_shapes(self, *sizes: int) -> bool:
            return True

        def sample_textures(self, fragments: Any, faces_packed: Tensor | None = None) -> Tensor:
            return torch.full((*fragments.pix_to_face.shape, 3), 0.25)

    mesh = Meshes(sphere().verts_list(), sphere().faces_list(), TheirTextures())
    image = renderer(from_z(), HardPhongShader(cameras=from_z(), lights=AmbientLights()))(mesh)
    assert torch.allclose(image[..., :3][image[..., 3] == 1], torch.tensor(0.25))


def test_features_other_than_colours_are_sampled():
    mesh = sphere()
    featured = Meshes(mesh.verts_list(), mesh.faces_list(), TexturesVertex(torch.rand(1, len(mesh.verts_packed()), 7)))
    fragments = MeshRasterizer(from_z(), RasterizationSettings(image_size=8))(featured)
    assert featured.sample_textures(fragments).shape == (1, 8, 8, 1, 7)
