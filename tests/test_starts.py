"""Where an optimisation starts."""

from __future__ import annotations

import math

import pytest
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import textured_box
from tvdrnet_nv.shading import PhongLight
from tvdrnet_nv.starts import DISTANCE_SPREAD, SPREAD, scene_light, scene_orbit, spread_starts


@pytest.fixture(scope="module")
def far_box() -> Mesh:
    box = textured_box(4)
    return Mesh(box.vertices + torch.tensor([30.0, -8.0, 5.0]), box.faces, box.colors)


@pytest.mark.parametrize("at", ["center", "origin", (29.0, -8.0, 7.0)])
@pytest.mark.parametrize("up", ["y", "z"])
def test_the_whole_scene_is_in_view_from_every_angle(far_box: Mesh, at: str, up: str) -> None:
    for elevation in (-90.0, -30.0, 0.0, 45.0, 90.0):
        for azimuth in (0.0, 100.0, 250.0):
            orbit = scene_orbit(far_box, elevation=elevation, azimuth=azimuth, fov=40.0, at=at, up=up)
            clip = orbit.camera().to_clip(far_box.vertices, 1.5, 0.01, 1e4)[0]
            assert (clip[:, 3] > 0).all()
            assert (clip[:, :2].abs() <= clip[:, 3:] * (1 + 1e-5)).all()


def test_the_default_distance_is_no_larger_than_it_must_be(far_box: Mesh) -> None:
    orbit = scene_orbit(far_box, fov=60.0)
    assert orbit.distance.item() == pytest.approx(2 * far_box.radius)
    torch.testing.assert_close(orbit.at[0], far_box.center)


def test_given_values_are_taken(far_box: Mesh) -> None:
    orbit = scene_orbit(far_box, distance=6.0, elevation=38.0, azimuth=-15.0, fov=50.0, at="origin", up="y")
    assert orbit.to_dict() == {
        "distance": 6.0,
        "elevation": 38.0,
        "azimuth": -15.0,
        "fov": 50.0,
        "at": [0.0, 0.0, 0.0],
        "up": "y",
    }


def test_the_light_about_the_origin_is_tvdrnets() -> None:
    assert scene_light(Orbit.create(6.0, 45.0, 90.0, up="y")) == PhongLight()


def test_a_light_needs_an_orbit(far_box: Mesh) -> None:
    with pytest.raises(TypeError, match="orbit must be an Orbit, such as scene_orbit gives; got str"):
        scene_light("x", far_box)  # type: ignore[arg-type]


def test_the_light_turns_with_the_up_axis_and_moves_with_the_look_at_point() -> None:
    light = scene_light(Orbit.create(6.0, 45.0, 90.0, at=(10.0, 20.0, 30.0), up="z"))
    assert light.location == (12.0, 23.0, 32.0)


def test_the_first_of_several_starts_is_the_given_one_and_the_others_lie_around_it() -> None:
    start = Orbit.create(6.0, 80.0, 90.0, 50.0, at=(1.0, 2.0, 3.0), up="z")
    starts = spread_starts(start, 200, seed=3)
    assert len(starts) == 200
    assert starts[0].to_dict() == start.to_dict()
    assert starts.up == "z"
    assert (starts.fov == 50.0).all()
    assert (starts.at == start.at).all()
    assert starts.elevation.max() <= 85.0
    directions = starts.camera().R[:, :, 2].double()
    apart = torch.rad2deg(torch.acos((directions @ directions[0]).clamp(-1, 1)))
    assert apart.max() <= SPREAD + 5.1  # the limit of the elevation moves some on
    assert starts.distance.min() >= 6.0 / DISTANCE_SPREAD - 1e-5
    assert starts.distance.max() <= 6.0 * DISTANCE_SPREAD + 1e-5
    assert len(torch.unique(starts.azimuth)) == len(torch.unique(starts.distance)) == 200


@pytest.mark.parametrize(("count", "gap"), [(8, 40.0), (16, 36.0), (100, 16.0)])
def test_starts_leave_no_gap(count: int, gap: float) -> None:
    start = Orbit.create(6.0, 20.0, 90.0)
    directions = spread_starts(start, count, seed=5).camera().R[:, :, 2].double()
    generator = torch.Generator().manual_seed(0)
    anywhere = torch.nn.functional.normalize(torch.randn(20_000, 3, generator=generator, dtype=torch.float64), dim=1)
    near = anywhere[anywhere @ directions[0] > math.cos(math.radians(SPREAD))]
    assert len(near) > 4000
    assert math.degrees(math.acos(float((near @ directions.T).amax(1).min()))) < gap


def test_starts_are_seeded_and_more_of_them_only_append() -> None:
    start = Orbit.create(6.0, 45.0, 90.0)
    few, many, other = spread_starts(start, 4, seed=1), spread_starts(start, 9, seed=1), spread_starts(start, 4, seed=2)
    assert torch.equal(few.azimuth, many.azimuth[:4])
    assert torch.equal(few.distance, many.distance[:4])
    assert not torch.equal(few.azimuth, other.azimuth)


def test_a_start_above_the_limit_is_kept() -> None:
    assert spread_starts(Orbit.create(6.0, 90.0, 0.0), 3).elevation[0] == 90.0


def test_wrong_arguments_are_named() -> None:
    start = Orbit.create([6.0, 7.0], 45.0, 90.0)
    with pytest.raises(ValueError, match="start must be one camera, got 2"):
        spread_starts(start, 3)
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        spread_starts(start[0], 0)


def test_words_that_are_no_place_and_no_axis_are_refused() -> None:
    with pytest.raises(ValueError, match=r'at must be "center", "origin" or three numbers; got \'centre\''):
        scene_orbit(textured_box(2), at="centre")
    with pytest.raises(ValueError, match=r"up must be auto, x, y, z, -x, -y, -z; got 'w'"):
        scene_orbit(textured_box(2), up="w")


@pytest.mark.parametrize("value", [None, "wide", [60]])
def test_a_field_of_view_and_an_axis_that_are_none_are_named(value: object) -> None:
    with pytest.raises(TypeError, match="fov must be a number of degrees, such as 60; got "):
        scene_orbit(textured_box(2), fov=value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="up must be auto, x, "):
        scene_orbit(textured_box(2), up=value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="up must be one of x, "):
        Orbit.create(3.0, 0.0, 0.0, up=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("at", [(float("nan"), 0, 0), (0, 0), (0, float("inf"), 0), 5])
def test_a_look_at_point_that_is_none_is_named(at: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="at must be three finite numbers"):
        scene_orbit(textured_box(2), at=at)


@pytest.mark.parametrize("at", [None, ("a", 1, 2), {"x": 1}])
def test_a_look_at_point_without_numbers_is_named(at: object) -> None:
    with pytest.raises(ValueError, match='at must be "center", "origin" or three numbers; got '):
        scene_orbit(textured_box(2), at=at)  # type: ignore[arg-type]


def test_a_mesh_that_is_none_and_an_angle_that_is_none_are_named() -> None:
    with pytest.raises(TypeError, match="mesh must be a Mesh, as load_mesh gives it; got str"):
        scene_orbit("scene.ply")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fov must be between 0 and 180 degrees, got 0"):
        scene_orbit(textured_box(2), fov=0.0)
