"""How well a camera explains a picture."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import interpolate

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization.fit import POOR, fit_of
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.starts import scene_light, scene_orbit

TRUE = {"elevation": 35.0, "azimuth": 120.0}


@pytest.fixture(scope="module")
def scene():
    mesh = room(20_000)
    camera = scene_orbit(mesh, distance=5.0, **TRUE)
    renderer = Renderer(mesh, (96, 128), light=scene_light(camera))
    with torch.no_grad():
        picture = renderer(camera.camera()).rgb[0].clamp(0, 1)
    return renderer, camera, picture


def test_the_camera_of_a_picture_explains_it(scene):
    renderer, camera, picture = scene
    fit = fit_of(renderer, MatchImage(picture), camera)
    assert fit.quality > 0.95
    assert fit.explained > 0.8
    assert fit.by_chance < 0.2
    assert fit.places > 24
    assert fit.determination == pytest.approx(1.0, abs=1e-4)


def test_another_exposure_and_gamma_do_not_count(scene):
    renderer, camera, picture = scene
    changed = 0.1 + 0.6 * picture.pow(1.5) * torch.tensor([1.0, 0.9, 0.7])
    fit = fit_of(renderer, MatchImage(changed), camera)
    assert fit.quality > 0.9
    assert fit.determination < 0.9  # so it is not the colours that say so


@pytest.mark.parametrize(("change"), [{"azimuth": 135.0}, {"elevation": 45.0}, {"azimuth": 300.0}, {"distance": 8.0}])
def test_another_camera_does_not_explain_it(scene, change):
    renderer, _, picture = scene
    other = scene_orbit(renderer.mesh, **{"distance": 5.0, **TRUE, **change})
    fit = fit_of(renderer, MatchImage(picture), other)
    assert fit.quality < POOR
    assert fit.explained < 0.3


def test_noise_and_a_mirrored_picture_are_explained_by_no_camera(scene):
    renderer, camera, picture = scene
    noise = torch.rand(picture.shape, generator=torch.Generator().manual_seed(0))
    for wrong in (noise, picture.flip(1)):
        assert fit_of(renderer, MatchImage(wrong), camera).quality < POOR


def test_masked_pixels_do_not_count(scene):
    renderer, camera, picture = scene
    covered, mask = picture.clone(), torch.ones(picture.shape[:2])
    covered[:, :64] = torch.rand((96, 64, 3), generator=torch.Generator().manual_seed(0))
    mask[:, :64] = 0.0
    with_mask, without = (fit_of(renderer, MatchImage(covered, mask=m), camera).explained for m in (mask, None))
    assert with_mask > 0.8 > without + 0.2


def test_the_less_is_explained_the_less_sure_is_the_camera(scene):
    """Right is within 2 degrees and 5 cm, and the pictures of docs/finding.md say how sure that is."""
    renderer, camera, picture = scene
    qualities = []
    for covered in (0, 26, 51, 77):  # columns of 128
        changed = 0.1 + 0.6 * picture.pow(1.5)
        changed[:, :covered] = torch.rand((96, covered, 3), generator=torch.Generator().manual_seed(0))
        qualities.append(fit_of(renderer, MatchImage(changed), camera).quality)
    nothing, fifth, two_fifths, three_fifths = qualities
    assert nothing > 0.9 > fifth > 0.7 > two_fifths, (nothing, fifth, two_fifths, three_fifths)
    assert POOR > 0.1 > three_fifths, three_fifths


def test_a_scene_that_fills_little_of_the_picture_is_explained_as_well(scene):
    """Windows that are in part transparent, or empty, correlate as much as full ones."""
    renderer, camera, _ = scene
    far = camera.replace(distance=2.5 * camera.distance)
    with torch.no_grad():
        rgba = renderer(far.camera()).rgba[0].clamp(0, 1)
    changed = 0.1 + 0.6 * rgba[..., :3].pow(1.5) * torch.tensor([1.0, 0.9, 0.7])
    fit = fit_of(renderer, MatchImage(changed, mask=rgba[..., 3]), far)
    assert fit.places >= 6
    assert fit.explained > 0.95
    assert fit.correlation <= 1 + 1e-5


def growing_contrast(n: int = 64) -> Mesh:
    """A square wall [-1, 1]² at z = 0, of n × n greys: smooth noise whose contrast grows 20-fold from left to right."""
    side = torch.linspace(-1, 1, n)
    y, x = torch.meshgrid(side, side, indexing="ij")
    coarse = torch.rand((1, 1, 12, 12), generator=torch.Generator().manual_seed(0)) - 0.5
    greys = 0.5 + torch.exp(1.5 * (x - 1)) * interpolate(coarse, (n, n), mode="bicubic")[0, 0]
    first = (torch.arange(n - 1)[:, None] * n + torch.arange(n - 1)).flatten()
    corners = [torch.stack(c, 1) for c in ((first, first + 1, first + n + 1), (first, first + n + 1, first + n))]
    vertices = torch.stack((x, y, torch.zeros_like(x)), -1).reshape(-1, 3)
    return Mesh(vertices, torch.cat(corners).int(), greys.reshape(-1, 1).repeat(1, 3))


def test_detail_beside_stronger_detail_is_found_in_its_place():
    """What is moved onto a place has its own norm: otherwise a stronger neighbour correlates more."""
    wall, camera = growing_contrast(), Orbit.create(2.0, 0.0, 0.0, fov=50.0)
    renderer = Renderer(wall, (96, 96))
    with torch.no_grad():
        picture = renderer(camera.camera()).rgb[0]
    fit = fit_of(renderer, MatchImage(0.1 + 0.7 * picture), camera)
    assert fit.places > 60
    assert fit.explained > 0.98


def cut_out(renderer: Renderer, camera: Orbit) -> tuple[torch.Tensor, torch.Tensor]:
    """A picture in other colours, and how much of each pixel the scene covers."""
    with torch.no_grad():
        rgba = renderer(camera.camera()).rgba[0].clamp(0, 1)
    return 0.1 + 0.6 * rgba[..., :3].pow(1.5) * torch.tensor([1.0, 0.9, 0.7]), rgba[..., 3]


def test_a_render_that_leaves_some_of_a_cut_out_empty_explains_it_less(scene):
    renderer, camera, _ = scene
    far = camera.replace(distance=1.7 * camera.distance)
    picture, mask = cut_out(renderer, far)
    right = fit_of(renderer, MatchImage(picture, mask=mask), far)
    assert right.quality > 0.9
    # What is shown is in its place; a third of what counts is not shown.
    empty = mask < 0.01
    wider = torch.where(empty & ((torch.arange(128) - 64).abs() < 20), 1.0, mask)
    share = float(mask.sum() / wider.sum())
    changed = torch.where(empty[..., None], torch.tensor([0.2, 0.5, 0.3]), picture)
    assert share < 0.85
    less = fit_of(renderer, MatchImage(changed, mask=wider), far)
    assert less.explained < right.explained * (share + 0.05) / 0.9


def test_a_few_pixels_tell_nothing(scene):
    """A mask that leaves a disc of 5 pixels is smaller than the windows in which detail is compared."""
    renderer, camera, picture = scene
    rows, columns = torch.meshgrid(torch.arange(96), torch.arange(128), indexing="ij")
    for radius in (2, 5):
        mask = ((rows - 40).square() + (columns - 60).square() <= radius**2).float()
        assert fit_of(renderer, MatchImage(picture.flip(1), mask=mask), camera).quality < POOR
        assert fit_of(renderer, MatchImage(0.9 * picture, mask=mask), camera).quality < POOR
