"""The camera of a picture is found from anywhere, or it is said that it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.choices import Effort
from tvdrnet_nv.finding import find, find_camera
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import INTERRUPTED, Status
from tvdrnet_nv.optimization.coordinates import is_different_camera
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.shading import UNLIT
from tvdrnet_nv.starts import scene_light, scene_orbit


@pytest.fixture(scope="module")
def scene():
    mesh = room(20_000)
    start = scene_orbit(mesh)
    return Renderer(mesh, (72, 96), light=scene_light(start)), start


def picture_of(renderer: Renderer, camera: Camera) -> torch.Tensor:
    with torch.no_grad():
        return (renderer(camera).rgb[0].clamp(0, 1) * 255).round() / 255


@pytest.mark.parametrize("parameters", [None, ("rotation", "position")])
def test_an_orbit_is_found_from_all_around(scene, parameters):
    renderer, start = scene
    truth = start.replace(elevation=start.elevation + 21, azimuth=start.azimuth + 170)
    target, begin = MatchImage(picture_of(renderer, truth.camera())), start if parameters is None else start.camera()
    found = find_camera(renderer, target, begin, near_start=False, lens_known=False, parameters=parameters)
    assert found.result.status == Status.CONVERGED
    assert found.result.quality > 0.9
    assert len(found.attempts) == 1
    assert not bool(is_different_camera(found.result.best.camera(), truth.camera(), truth.distance[0], by=0.1))


@pytest.mark.parametrize("fov", [40.0, 80.0])
def test_an_orbit_is_found_with_another_lens_than_the_start(scene, fov):
    """Else a camera with the start's lens, nearer or farther, would explain enough of the picture to be taken."""
    renderer, start = scene
    truth = scene_orbit(renderer.mesh, elevation=40.0, azimuth=200.0, fov=fov)
    target = MatchImage(picture_of(renderer, truth.camera()))
    found = find_camera(renderer, target, start, near_start=False, lens_known=False)
    assert found.result.status == Status.CONVERGED
    assert found.result.best.camera().fov.item() == pytest.approx(fov, abs=0.1)
    off = (found.result.best.camera().position - truth.camera().position).norm()
    assert float(off / truth.distance) < 0.005
    known = find_camera(renderer, target, start.replace(fov=truth.fov), near_start=False, lens_known=True)
    assert known.result.best.camera().fov.item() == pytest.approx(fov, abs=1e-4)


def test_a_photograph_is_found_near_the_start(scene):
    """Without light, with another exposure, from ten degrees off, rolled."""
    renderer, _ = scene
    low, high = renderer.mesh.bounds
    eye = 0.5 * (low + high) + torch.tensor([1.5, -1.0, 0.3])
    truth = Camera.from_look_at(eye, 0.5 * (low + high), (0.1, 0.0, 1.0), 65.0)
    bare = renderer.at_resolution(renderer.resolution)
    bare.light = UNLIT
    taken = 0.05 + 0.7 * picture_of(bare, truth).pow(1.3) * torch.tensor([1.0, 0.9, 0.8])
    begin = Camera.from_look_at(eye + 0.2, 0.5 * (low + high) + torch.tensor([0.2, 0.2, -0.1]), (0.0, 0.0, 1.0), 65.0)
    found = find_camera(renderer, MatchImage(taken), begin, near_start=True, lens_known=True)
    assert found.result.status == Status.CONVERGED
    assert found.renderer.light == UNLIT
    assert float((found.result.best.position - truth.position).norm()) < 0.05
    cosine = ((found.result.best.R.mT @ truth.R).diagonal(dim1=1, dim2=2).sum() - 1) / 2
    assert float(torch.rad2deg(torch.acos(cosine.clamp(-1, 1)))) < 1.0


def test_a_scene_in_one_colour_is_found_by_its_shading(scene):
    coloured, _ = scene
    mesh = replace(coloured.mesh, colors=torch.full_like(coloured.mesh.colors, 0.5))
    renderer = Renderer(mesh, (72, 96), light=coloured.light)
    low, high = mesh.bounds
    eye = 0.5 * (low + high) + torch.tensor([1.5, -1.0, 0.3])
    truth = Camera.from_look_at(eye, 0.5 * (low + high), (0.1, 0.0, 1.0), 65.0)
    taken = 0.1 + 0.6 * picture_of(renderer, truth)
    begin = Camera.from_look_at(eye + 0.25, 0.5 * (low + high) + torch.tensor([0.2, 0.2, -0.1]), (0.0, 0.0, 1.0), 65.0)
    found = find_camera(renderer, MatchImage(taken), begin, near_start=True, lens_known=True, effort=Effort.quick)
    assert float((found.result.best.position - truth.position).norm()) < 0.05
    assert found.renderer.light == coloured.light


def test_a_camera_inside_is_found_without_a_start(scene):
    """Rolled, with a lens that is not known: only the cameras all over the scene come near it."""
    renderer, start = scene
    low, high = renderer.mesh.bounds
    eye = 0.5 * (low + high) + torch.tensor([2.0, -1.2, 0.2])
    truth = Camera.from_look_at(eye, 0.5 * (low + high) - torch.tensor([1.0, 0.0, 0.6]), (0.15, 0.0, 1.0), 75.0)
    target = MatchImage(picture_of(renderer, truth))
    found = find_camera(renderer, target, start, near_start=False, lens_known=False)
    assert len(found.attempts) > 1
    assert found.result.status == Status.CONVERGED
    assert float((found.result.best.position - truth.position).norm()) < 0.01
    assert float((found.result.best.fov - truth.fov).abs()) < 0.1
    assert found.result.candidates is not None


def test_noise_is_not_found(scene):
    renderer, start = scene
    noise = torch.rand(72, 96, 3, generator=torch.Generator().manual_seed(0))
    found = find_camera(renderer, MatchImage(noise), start, near_start=False, lens_known=True, effort=Effort.quick)
    assert found.result.status == Status.POOR_FIT
    assert found.result.quality < 0.2
    assert "details" in found.result.reason


def test_the_caller_stops_all_attempts(scene):
    renderer, start = scene
    noise = torch.rand(72, 96, 3, generator=torch.Generator().manual_seed(0))
    found = find_camera(
        renderer, MatchImage(noise), start, near_start=True, lens_known=True, callback=lambda progress: True
    )
    assert len(found.attempts) == 1
    assert found.stopped


def test_ctrl_c_is_told_where_an_earlier_attempt_is_the_best(scene, monkeypatch):
    """Else a program that looks for many cameras would go on with the next one."""
    renderer, start = scene
    seen: list[int] = []

    def interrupt_the_second(progress) -> None:
        seen.append(progress.iteration)
        if seen.count(1) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(find, "POOR", 2.0)  # so that a second attempt is made
    with torch.no_grad():
        picture = renderer(start.camera()).rgb[0].clamp(0, 1)
    found = find_camera(
        renderer, MatchImage(picture), start, near_start=True, lens_known=True, callback=interrupt_the_second
    )
    assert len(found.attempts) == 2
    assert found.attempts[0].quality > found.attempts[1].quality
    assert found.result.reason != INTERRUPTED
    assert found.stopped


def test_a_picture_of_a_few_pixels_is_refused(scene):
    renderer, start = scene
    with pytest.raises(ValueError, match="40 x 8 pixels are too few to find a camera by; at least 16 a side"):
        find_camera(
            renderer.at_resolution((8, 40)), MatchImage(torch.rand(8, 40, 3)), start, near_start=True, lens_known=True
        )


@pytest.mark.parametrize(
    ("lens", "spread", "inside"),
    [
        ({"lens_known": True}, 0.0, (65.0, 65.0)),
        ({"lens_known": False, "lens_near": True}, 0.05, (65.0, 65.0)),
        ({"lens_known": False}, 0.15, (50.0, 90.0)),
        ({"lens_known": False, "parameters": ("rotation", "position")}, 0.0, (65.0, 65.0)),
    ],
)
def test_what_is_known_of_the_lens_narrows_the_searches(monkeypatch, lens, spread, inside):
    """The focal length varies less around the start, and the start's lens is all that is tried inside the scene."""
    tried, moved = [], []

    def first(renderer, photograph, candidates, *, parameters):
        tried.append(candidates)
        moved.append("focal" in parameters)
        return candidates[:1]

    monkeypatch.setattr("tvdrnet_nv.finding.attempts.search", first)
    renderer = Renderer(room(5000), (24, 32), light=UNLIT)
    noise = torch.rand(24, 32, 3, generator=torch.Generator().manual_seed(0))
    begin = scene_orbit(renderer.mesh, fov=65.0).camera()
    begin = begin.replace(principal=torch.tensor([[0.1, -0.05]]))
    find_camera(
        renderer, MatchImage(noise).as_photograph((1.0, 1.0, 1.0)), begin, near_start=True, iterations=1, **lens
    )
    *around, all_over = tried
    assert len(around) == 2
    for cameras in around:
        zooms = (cameras.focal[1:, 0] / begin.focal[0, 0]).log()
        assert float(zooms.std()) == pytest.approx(spread, rel=0.35)
    assert (float(all_over.fov.min()), float(all_over.fov.max())) == pytest.approx(inside, abs=0.1)
    same_lens = inside[0] == inside[1]
    assert bool((all_over.principal == begin.principal).all()) == same_lens
    assert all(moved) == any(moved) == (not lens["lens_known"] and "parameters" not in lens)


def test_a_start_that_looks_away_does_not_end_the_search(monkeypatch):
    tried = []

    def first(renderer, photograph, candidates, *, parameters):
        tried.append(candidates)
        return candidates[:1]

    monkeypatch.setattr("tvdrnet_nv.finding.attempts.search", first)
    renderer = Renderer(room(5000), (24, 32), light=UNLIT)
    away = scene_orbit(renderer.mesh).camera()
    away = away.replace(R=away.R * torch.tensor([-1.0, 1.0, -1.0]), T=away.T * torch.tensor([-1.0, 1.0, -1.0]))
    noise = torch.rand(24, 32, 3, generator=torch.Generator().manual_seed(0))
    target = MatchImage(noise).as_photograph((1.0, 1.0, 1.0))
    find_camera(renderer, target, away, near_start=True, lens_known=True, iterations=5)
    assert len(tried) == 3  # up to 24 degrees away, up to 64, and all over the scene
    tried.clear()
    plain = MatchImage(torch.full((24, 32, 3), 0.5)).as_photograph((1.0, 1.0, 1.0))
    found = find_camera(renderer, plain, away, near_start=True, lens_known=True, iterations=5)
    assert len(tried) == 1  # whatever is tried, it fits a picture in one colour
    assert found.result.status == Status.NO_GRADIENT


def test_a_picture_in_another_white_balance_is_compared_in_its_colours_as_well(scene):
    """As a photograph alone, its camera is known less precisely."""
    renderer, _ = scene
    low, high = renderer.mesh.bounds
    middle = 0.5 * (low + high)
    truth = Camera.from_look_at(middle + torch.tensor([1.5, -1.0, 0.3]), middle, (0.0, 0.0, 1.0), 65.0)
    warm = 0.05 + picture_of(renderer, truth) * torch.tensor([0.85, 0.7, 0.5])
    begin = Camera.from_look_at(middle + torch.tensor([1.7, -0.9, 0.4]), middle, (0.0, 0.0, 1.0), 65.0)
    found = find_camera(renderer, MatchImage(warm), begin, near_start=True, lens_known=True, effort=Effort.quick)
    assert found.attempts[-1].what.startswith("as a photograph")
    assert float((found.result.best.position - truth.position).norm()) < 2e-4
