"""The façade's shaders, where a reference image is not enough: silhouettes, look-alikes, errors."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.compat.pytorch3d.scenes import central_difference, from_z, renderer, soft, sphere, square
from tvdrnet_nv.compat.pytorch3d.renderer import (
    AmbientLights,
    BlendParams,
    FoVPerspectiveCameras,
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    Materials,
    MeshRasterizer,
    MeshRendererWithFragments,
    PointLights,
    RasterizationSettings,
    SoftGouraudShader,
    SoftPhongShader,
    SoftSilhouetteShader,
    TexturesVertex,
    look_at_view_transform,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh import shader as shader_module
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.rasterizer import Fragments
from tvdrnet_nv.compat.pytorch3d.structures import Meshes, join_meshes_as_batch

pytestmark = pytest.mark.usefixtures("as_in_a_new_process")


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


@pytest.mark.parametrize("shader", [HardPhongShader, SoftPhongShader])
def test_shading_at_once_is_shading_step_by_step(shader, monkeypatch):
    """The images and their gradients, for the light that TVDRNet has."""
    found = []
    for at_once in (True, False):
        if not at_once:
            monkeypatch.setattr(shader_module, "phong_at_once", lambda *args, **kwargs: None)
        R, T = (t.requires_grad_() for t in look_at_view_transform(3.0, torch.tensor([10.0, 60.0]), 20.0))
        cameras = FoVPerspectiveCameras()
        lights = PointLights(location=((2.0, 2.0, 3.0),), specular_color=((0.3, 0.3, 0.3),))
        given = soft(shader, cameras=cameras, lights=lights, blend_params=BlendParams(background_color=(0.2, 0.4, 0.6)))
        image = renderer(cameras, given, 24)(sphere(2).extend(2), R=R, T=T)
        weights = torch.rand(image.shape, generator=torch.Generator().manual_seed(0))
        found.append([image.detach(), *torch.autograd.grad((image * weights).sum(), (R, T))])
    for a, b in zip(*found, strict=True):
        assert torch.allclose(a, b, atol=1e-5 * float(b.abs().max()))


@pytest.mark.parametrize(
    ("lights", "materials", "goes"),
    [
        ({}, {}, True),
        ({"diffuse_color": ((0.1, 0.2, 0.3),)}, {}, False),
        ({"location": ((1.0, 2.0, 3.0), (3.0, 2.0, 1.0))}, {}, False),
        ({"location": torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)}, {}, False),
        ({}, {"specular_color": ((1.0, 0.5, 0.5),)}, False),
    ],
)
def test_shading_at_once_is_for_plain_scenes_only(lights, materials, goes, monkeypatch):
    from tvdrnet_nv import ops

    called = []
    monkeypatch.setattr(
        ops, "shade", lambda *args, shade=ops.shade, **kwargs: called.append(1) or shade(*args, **kwargs)
    )
    given = HardPhongShader(cameras=from_z(), lights=PointLights(**lights), materials=Materials(**materials))
    image = renderer(from_z(), given, 12)(sphere().extend(2))
    assert image.shape == (2, 12, 12, 4)
    assert bool(called) == goes


def test_warnings_come_once():
    settings = RasterizationSettings(image_size=8, blur_radius=1e-3)
    rasterizer = MeshRasterizer(from_z(), settings)
    with pytest.warns(UserWarning, match="blur_radius has no effect"):
        rasterizer(sphere())
    fragments = rasterizer(sphere())
    with pytest.warns(UserWarning, match="antialias"):
        SoftSilhouetteShader()(fragments, sphere())
    SoftPhongShader(cameras=from_z())(fragments, sphere())


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
    with pytest.raises(ValueError, match="SoftSilhouetteShader needs fragments with distances"):
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
