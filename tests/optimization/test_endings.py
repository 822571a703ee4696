"""How runs end: on scenes made for each ending, by each method."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import (
    MatchImage,
    Mesh,
    Orbit,
    PhongLight,
    Renderer,
    Status,
    optimize,
    scene_light,
    scene_orbit,
    search_orbit,
    spread_starts,
    view_heuristic,
)
from tvdrnet_nv.scenes import room, sphere

METHODS = ("lm", "adam", "tvdrnet")
EVEN = PhongLight(ambient=1.0, diffuse=0.0, specular=0.0)  # a light that turns nothing


def picture(renderer: Renderer, viewpoint: Orbit) -> Tensor:
    with torch.no_grad():
        return renderer(viewpoint.camera()).rgb[0]


def striped(fold: int, spot: float = 0.0) -> Renderer:
    """A ball that turns into itself exactly, `fold` times around; but for a spot, where one is asked for."""
    rings, around = 12, 12 * fold
    e = torch.linspace(-math.pi / 2, math.pi / 2, rings + 1)[:, None]
    a = 2 * math.pi * torch.arange(around)[None] / around
    vertices = torch.stack([e.cos() * a.sin(), e.sin().expand(-1, around), e.cos() * a.cos()], 2).reshape(-1, 3)
    i, j = torch.arange(rings)[:, None] * around, torch.arange(around)[None]
    k = (j + 1) % around
    faces = torch.cat(
        [torch.stack([i + j, i + k, i + around + j], 2), torch.stack([i + k, i + around + k, i + around + j], 2)]
    )
    x, y, z = vertices.unbind(1)
    waves = 0.5 + 0.4 * torch.sin(fold * torch.atan2(x, z)) * e.cos().expand(-1, around).reshape(-1)
    colors = torch.stack([waves, 0.5 + 0.4 * y, 0.5 + 0.3 * torch.sin(5 * y)], 1)
    colors[:, 0] -= spot * torch.exp(-8 * ((x - 0.7) ** 2 + (y - 0.5) ** 2 + (z - 0.5) ** 2))
    return Renderer(Mesh(vertices, faces.reshape(-1, 3).int(), colors.clamp(0, 1)), 64, light=EVEN)


# --- ambiguous ----------------------------------------------------------------------------------------------------

START, TARGET = Orbit.create(3.0, 20.0, 10.0), Orbit.create(3.2, 26.0, 18.0)


@pytest.mark.parametrize("fold", [2, 4, 5])
def test_a_symmetric_scene_is_ambiguous_from_one_start(fold: int) -> None:
    renderer = striped(fold)
    result = optimize(renderer, START, MatchImage(picture(renderer, TARGET)))
    assert result.status == Status.AMBIGUOUS
    assert "another camera" in result.reason
    assert float(result.best.azimuth) % (360 / fold) == pytest.approx(18.0, abs=0.1)
    assert result.deviations is not None


@pytest.mark.parametrize("how", ["starts", "search", "adam", "tvdrnet", "pose"])
def test_a_symmetric_scene_is_ambiguous_however_it_is_searched(how: str) -> None:
    renderer = striped(4)
    objective = MatchImage(picture(renderer, TARGET))
    start, arguments = START, {}
    if how == "starts":
        start = spread_starts(START, 8)
    elif how == "search":
        start = search_orbit(renderer, objective, START, 1)
    elif how == "pose":
        start = START.camera()
    else:
        arguments = {"method": how, "iterations": 150 if how == "adam" else 250, "learning_rate": None}
        start = TARGET.replace(azimuth=TARGET.azimuth + 3.0, elevation=TARGET.elevation - 2.0)
    result = optimize(renderer, start, objective, **arguments)
    assert result.status == Status.AMBIGUOUS, result.reason


def test_a_nearly_symmetric_scene_is_not_where_the_difference_is_seen() -> None:
    renderer = striped(4, spot=0.5)
    for azimuth, seen in ((40.0, True), (189.0, False)):
        target = TARGET.replace(azimuth=torch.tensor([azimuth]))
        start = target.replace(azimuth=target.azimuth + 7.0, distance=target.distance * 1.1)
        result = optimize(renderer, start, MatchImage(picture(renderer, target)))
        assert result.status == (Status.CONVERGED if seen else Status.AMBIGUOUS), azimuth


def test_a_twin_that_the_parameters_do_not_reach_is_none() -> None:
    renderer = striped(4)
    target = TARGET.replace(azimuth=START.azimuth)
    objective = MatchImage(picture(renderer, target))
    assert optimize(renderer, START, objective, parameters=("distance", "elevation")).status == "converged"


def test_starts_that_an_objective_likes_alike_are_ambiguous() -> None:
    renderer = striped(4)
    starts = Orbit.create([3.0, 3.0], 20.0, [10.0, 100.0])
    result = optimize(renderer, starts, view_heuristic, iterations=200)
    assert result.status == Status.AMBIGUOUS
    assert optimize(renderer, starts[0], view_heuristic, iterations=200).status != Status.AMBIGUOUS


# --- no gradient --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room_renderer() -> Renderer:
    mesh = room(5000, seed=1)
    return Renderer(mesh, 48, light=scene_light(scene_orbit(mesh)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [1, 3])
def test_nothing_visible(room_renderer: Renderer, method: str, count: int) -> None:
    mesh = room_renderer.mesh
    # High above a point far below the scene, looking down on it.
    below = scene_orbit(mesh, elevation=80.0, distance=mesh.radius)
    away = spread_starts(below.replace(at=mesh.center[None] - mesh.radius * torch.tensor([0.0, 0, 100])), count)
    target = MatchImage(torch.rand(48, 48, 3, generator=torch.Generator().manual_seed(0)))
    result = optimize(room_renderer, away, target, method=method)
    assert result.status == Status.NO_GRADIENT
    assert ("visible from the start" if count == 1 else "visible from any of the 3 starts") in result.reason


@pytest.mark.parametrize("method", METHODS)
def test_a_target_of_one_colour(room_renderer: Renderer, method: str) -> None:
    target = MatchImage(torch.full((48, 48, 3), 0.4))
    result = optimize(room_renderer, scene_orbit(room_renderer.mesh), target, method=method, iterations=3)
    assert result.status == Status.NO_GRADIENT
    assert "target" in result.reason
    assert "one colour" in result.reason


def wall() -> Renderer:
    corners = torch.tensor([[-9.0, -9, 0], [9, -9, 0], [9, 9, 0], [-9, 9, 0]])
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    return Renderer(Mesh(corners, faces, torch.full((4, 3), 0.5)), 32, light=EVEN)


@pytest.mark.parametrize("method", METHODS)
def test_a_surface_of_one_colour_fills_the_view(method: str) -> None:
    target = MatchImage(torch.rand(32, 32, 3, generator=torch.Generator().manual_seed(0)))
    result = optimize(wall(), Orbit.create(2.0, 0.0, 0.0), target, method=method)
    assert result.status == Status.NO_GRADIENT
    assert "fills the view" in result.reason


@pytest.mark.parametrize("method", METHODS)
def test_parameters_without_influence_are_named(method: str) -> None:
    class Deaf(MatchImage):
        """An objective that no camera can please."""

        def __call__(self, render) -> Tensor:
            return (render.rgb * 0.0).mean((1, 2, 3)) + 1.0

        def residuals(self, render) -> Tensor:
            return render.rgb * 0.0 + 1.0

    target = Deaf(torch.rand(32, 32, 3, generator=torch.Generator().manual_seed(0)))
    result = optimize(striped(1), START, target, parameters=("azimuth",), method=method)
    assert result.status == Status.NO_GRADIENT
    assert "does not change with azimuth" in result.reason


@pytest.mark.parametrize("method", METHODS)
def test_limits_that_were_reached_are_named(method: str) -> None:
    # The target was taken from beyond the pole, upside down: the elevation ends at 90 degrees.
    renderer = striped(3)
    objective = MatchImage(picture(renderer, Orbit.create(3.0, 103.0, 10.0)))
    rate = {"tvdrnet": 0.01}.get(method)
    start = Orbit.create(3.0, 85.0, 10.0)
    result = optimize(
        renderer,
        start,
        objective,
        parameters=("elevation",),
        method=method,
        learning_rate=rate,
        iterations=120,
    )
    assert float(result.best.elevation) == pytest.approx(90.0, abs=1e-3)
    assert "elevation reached its limit" in result.reason


# --- drifted ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_camera_that_leaves_the_scene_has_drifted(method: str) -> None:
    # Nothing of the dark ball fits a white picture with a dot of red in it: away is best.
    ball = sphere(2)
    renderer = Renderer(Mesh(ball.vertices, ball.faces, torch.zeros_like(ball.vertices)), 32, light=EVEN)
    target = torch.ones(32, 32, 3)
    target[3:6, 3:6, 1:] = 0.0
    start = Orbit.create(3.0, 10.0, 20.0, at=(0.9, 0.0, -0.6))
    names, rate = {"lm": (("rotation",), None), "adam": (("at",), 4.0), "tvdrnet": (("at",), 0.3)}[method]
    result = optimize(
        renderer,
        start if method != "lm" else start.camera(),
        MatchImage(target),
        parameters=names,
        method=method,
        learning_rate=rate,
        iterations=200,
    )
    assert result.status == Status.DRIFTED, result.reason
    assert "left the view" in result.reason


def test_only_an_end_by_itself_or_at_the_limit_is_found() -> None:
    assert [status for status in Status if status.is_found] == [Status.CONVERGED, Status.STOPPED]
