"""The renderer: what it shows."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch

from tvdrnet_nv import Camera, Mesh, Orbit, PhongLight, Renderer, ops, view_heuristic
from tvdrnet_nv.ops.shade.reference import phong_color
from tvdrnet_nv.scenes import room, sphere


def quad(z: float = 0.0, size: float = 1.0) -> Mesh:
    """A square in the plane z, the corner at +x +y red, the others black; its normal is +z."""
    corners = torch.tensor([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * size + torch.tensor([0, 0, z])
    colors = torch.zeros(4, 3)
    colors[2, 0] = 1
    return Mesh(corners, torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32), colors)


def test_shapes_and_background():
    orbit = Orbit.create([3.0, 4.0, 5.0], 10.0, [0.0, 20.0, 40.0])
    render = Renderer(sphere(2), (40, 60), background=(0.1, 0.2, 0.3))(orbit.camera())
    assert render.rgb.shape == (3, 40, 60, 3)
    assert render.alpha.shape == render.depth.shape == (3, 40, 60, 1)
    assert render.normals.shape == (3, 40, 60, 3)
    assert render.face_ids.shape == (3, 40, 60)
    assert render.face_ids.dtype == torch.int32
    torch.testing.assert_close(render.rgb[:, 0, 0], torch.tensor([[0.1, 0.2, 0.3]]).expand(3, 3))
    assert (render.face_ids[:, 0, 0] == -1).all()
    assert (render.depth[:, 0, 0] == 0).all()
    assert (render.normals[:, 0, 0] == 0).all()
    assert (render.alpha[:, 20, 30] == 1).all()


def test_row_zero_is_at_the_top_and_column_zero_at_the_left():
    # Seen from +z, +x is to the right and +y up: the red corner is at the upper right.
    render = Renderer(quad(), 33)(Orbit.create(2.5, 0.0, 0.0).camera())
    red = render.rgb[0, ..., 0] * (render.alpha[0, ..., 0] == 1)
    row, column = divmod(int(red.argmax()), 33)
    assert row < 16 < column


def test_depth_is_the_distance_along_the_axis():
    render = Renderer(quad(z=0.5), 32)(Orbit.create(3.0, 0.0, 0.0).camera())
    hit = render.face_ids[0] >= 0
    torch.testing.assert_close(render.depth[0, ..., 0][hit], torch.full((int(hit.sum()),), 2.5))


def test_normals_and_face_ids_of_a_square():
    render = Renderer(quad(), 32)(Orbit.create(2.0, 20.0, 30.0).camera())
    hit = render.face_ids[0] >= 0
    assert set(render.face_ids[0].unique().tolist()) == {-1, 0, 1}
    torch.testing.assert_close(render.normals[0][hit], torch.tensor([0.0, 0, 1]).expand(int(hit.sum()), 3))


def test_batch_equals_single_cameras():
    orbit = Orbit.create([2.5, 3.0], [10.0, -40.0], [30.0, 200.0], [50.0, 70.0])
    renderer = Renderer(sphere(2), 48)
    both = renderer(orbit.camera()).rgb
    for k in range(2):
        torch.testing.assert_close(both[k], renderer(orbit[k].camera()).rgb[0], rtol=0, atol=0)


def test_fov_is_along_the_shorter_side():
    # At distance 2 with fov 53.13 degrees, half the shorter side is 1: the square just fills it.
    fov = 2 * math.degrees(math.atan(0.5))
    for height, width in ((40, 80), (80, 40)):
        render = Renderer(quad(size=0.999), (height, width), antialias=False)(Orbit.create(2.0, 0, 0, fov).camera())
        covered = render.alpha[0, ..., 0] > 0
        assert covered.sum() == 40 * 40
        assert covered.any(0).sum() == covered.any(1).sum() == 40


def test_without_antialiasing_alpha_is_binary_and_constant():
    distance = torch.tensor([3.0], requires_grad=True)
    orbit = Orbit.create(distance, 10.0, 0.0)
    render = Renderer(sphere(2), 32, antialias=False)(orbit.camera())
    assert set(render.alpha.unique().tolist()) == {0.0, 1.0}
    assert float(torch.autograd.grad(render.alpha.sum(), distance, retain_graph=True)[0]) == 0.0
    smooth = Renderer(sphere(2), 32)(orbit.camera())
    assert ((smooth.alpha > 0) & (smooth.alpha < 1)).any()
    assert float(torch.autograd.grad(smooth.alpha.sum(), distance)[0]) != 0.0


def test_camera_inside_a_room_sees_walls_all_around():
    mesh = room(6000, seed=3)
    low, high = mesh.bounds
    eye = mesh.center.clone()
    eye[2] = low[2] + 0.6 * (high[2] - low[2])
    for direction in ([1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]):
        at = eye + torch.tensor(direction)
        camera = Camera.from_look_at(eye, at, up=(0.0, 0, 1), fov=60.0)
        lower_half = Renderer(mesh, 32)(camera).face_ids[0, 16:]
        assert (lower_half >= 0).float().mean() > 0.9


def test_at_resolution_shares_and_agrees():
    renderer = Renderer(sphere(2), 16)
    camera = Orbit.create(3.0, 10.0, 20.0).camera()
    torch.testing.assert_close(renderer.at_resolution((20, 24))(camera).rgb, Renderer(sphere(2), (20, 24))(camera).rgb)
    assert renderer.resolution == (16, 16)


def test_float64_agrees_with_float32():
    camera = Orbit.create(3.0, 10.0, 20.0)
    single = Renderer(sphere(3), 64)(camera.camera()).rgb
    double = Renderer(sphere(3), 64, dtype=torch.float64)(camera.camera()).rgb
    assert double.dtype == torch.float64
    assert (single - double).abs().mean() < 1e-5


def test_phong_against_its_formula_in_numpy():
    rng = np.random.default_rng(0)
    p, n, c = rng.normal(size=(3, 50, 3))
    c = np.abs(c)
    eye, light = np.array([0.3, 2.0, -1.0]), PhongLight((1.0, 2.0, 3.0), 0.2, 0.7, 0.4, 8.0)
    expected = np.empty_like(p)
    for i in range(50):
        normal = n[i] / np.linalg.norm(n[i])
        to_light = np.array(light.location) - p[i]
        to_light /= np.linalg.norm(to_light)
        to_eye = (eye - p[i]) / np.linalg.norm(eye - p[i])
        cosine = normal @ to_light
        mirrored = 2 * cosine * normal - to_light
        specular = max(to_eye @ mirrored, 0) ** light.shininess if cosine > 0 else 0.0
        expected[i] = (light.ambient + light.diffuse * max(cosine, 0)) * c[i] + light.specular * specular
    phong = light.over((1.0, 1.0, 1.0))
    got = phong_color(*(torch.from_numpy(x)[None] for x in (p, n, c)), torch.from_numpy(eye)[None], phong)
    torch.testing.assert_close(got[0], torch.from_numpy(expected))
    assert (expected > c * light.ambient + 1e-3).any()


@pytest.mark.parametrize(
    "bad", [{"location": (0.0, float("nan"), 0.0)}, {"ambient": -1.0}, {"shininess": float("inf")}]
)
def test_light_says_what_is_wrong(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        PhongLight(**bad)


@pytest.mark.parametrize("path", ["fused", "op by op"])
@pytest.mark.parametrize("field", ["R", "T", "focal"])
def test_a_camera_that_is_not_finite_sees_nothing_and_disturbs_no_other(monkeypatch, path, field):
    mesh = sphere(2)
    if path == "op by op":  # as on CUDA, where nothing is known of vertices that are not finite
        mesh = Mesh(mesh.vertices, mesh.faces, mesh.colors.clone().requires_grad_())
        rasterize = ops.rasterize

        def finite_only(context, pos, *rest, **options):
            assert pos.isfinite().all()
            return rasterize(context, pos, *rest, **options)

        monkeypatch.setattr(ops, "rasterize", finite_only)
    renderer = Renderer(mesh, 24)
    distance = torch.tensor([3.0, 3.0], requires_grad=True)
    camera = Orbit.create(distance, 20.0, 30.0).camera()
    expected = renderer(camera).rgba[0].detach()
    broken = getattr(camera, field).clone()
    broken[1].view(-1)[0] = float("nan")
    render = renderer(dataclasses.replace(camera, **{field: broken}))
    assert (render.face_ids[1] == -1).all()
    assert torch.equal(render.rgba[1], torch.tensor([1.0, 1.0, 1.0, 0.0]).expand(24, 24, 4))
    assert torch.equal(render.rgba[0], expected)
    view_heuristic(render)[0].backward()
    assert distance.grad is not None
    assert bool(distance.grad[0].isfinite())
    assert float(distance.grad[0]) != 0


def test_a_light_and_a_background_that_are_set_are_those_of_the_next_render():
    mesh, camera = sphere(2), Orbit.create(3.0, 10.0, 20.0).camera()
    light, background = PhongLight(location=(5.0, -3.0, 9.0), ambient=0.1), (0.0, 0.5, 1.0)
    renderer = Renderer(mesh, 24)
    before = renderer(camera).rgba
    renderer.light = light
    lit = renderer(camera).rgba
    assert torch.equal(lit, Renderer(mesh, 24, light=light)(camera).rgba)
    assert not torch.equal(lit, before)
    renderer.background = background
    assert torch.equal(renderer(camera).rgba, Renderer(mesh, 24, light=light, background=background)(camera).rgba)


@pytest.mark.parametrize("resolution", [0, -3, (4,), (4, 0), (4, 5, 6), 3.5, "64", (4.0, 4.0), None])
def test_a_resolution_that_is_none_is_refused(resolution):
    with pytest.raises(ValueError, match=r"resolution must be a number of pixels, or \(height, width\); got"):
        Renderer(sphere(1), resolution)


def test_a_mesh_that_is_none_is_refused():
    with pytest.raises(TypeError, match="mesh must be a Mesh, as load_mesh gives it; got str"):
        Renderer("scene.ply", 64)


def test_an_orbit_is_no_camera():
    orbit = Orbit.create(3.0, 10.0, 20.0)
    with pytest.raises(TypeError, match=r"camera must be a Camera; got Orbit; give its camera\(\)"):
        Renderer(sphere(1), 16)(orbit)


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("light", "none", TypeError, "light must be a PhongLight, such as scene_light gives; got str"),
        ("background", "white", ValueError, "background must be three numbers"),
        ("background", None, ValueError, "background must be three numbers; got NoneType None"),
        ("background", (1.0, 1.0, math.nan), ValueError, "background must be three finite numbers"),
        ("background", (0, 0, 255), ValueError, r"got \(0, 0, 255\); divide by 255"),
    ],
)
def test_a_light_or_a_background_that_is_none_is_refused_and_changes_nothing(name, value, error, message):
    with pytest.raises(error, match=message):
        Renderer(sphere(1), 16, **{name: value})
    renderer = Renderer(sphere(1), 16)
    before = getattr(renderer, name)
    with pytest.raises(error, match=message):
        setattr(renderer, name, value)
    assert getattr(renderer, name) == before


def test_a_mesh_far_from_the_origin_is_drawn_as_one_at_the_origin() -> None:
    near = sphere(3)
    offset = torch.tensor([30000.0, -16000.0, 64.0])
    far = dataclasses.replace(near, vertices=near.vertices + offset)
    same = dataclasses.replace(near, vertices=far.vertices - offset)  # rounded as the far one's are
    images = []
    for mesh, at in ((far, offset), (same, torch.zeros(3))):
        light = PhongLight(location=tuple((at + torch.tensor([2.0, 2.0, -3.0])).tolist()))
        orbit = Orbit.create(3.0, 20.0, 30.0, at=at)
        images.append(Renderer(mesh, 64, light=light)(orbit.camera()).rgba)
    assert float((images[0] - images[1]).abs().max()) < 0.05
    assert float((images[0] - images[1]).abs().mean()) < 1e-3
