"""What orbits and cameras have in common."""

from __future__ import annotations

import json

import pytest
import torch

from tvdrnet_nv import Camera, Orbit
from tvdrnet_nv.camera import Viewpoint, concatenate
from tvdrnet_nv.camera.orbit import Up
from tvdrnet_nv.camera.orbit_frame import pole_of

ORBIT = Orbit.create(3.1, -20.0, 130.7, 50.0, (0.5, 1.0, -2.0), up="z")
CAMERA = ORBIT.camera().replace(principal=torch.tensor([[0.1, -0.2]]))
KINDS = pytest.mark.parametrize("viewpoint", [ORBIT, CAMERA], ids=["orbit", "camera"])


@KINDS
def test_one_comes_back_from_json_to_the_last_bit(viewpoint: Viewpoint) -> None:
    again = type(viewpoint).from_dict(json.loads(json.dumps({**viewpoint.to_dict(), "another key": 1})))
    assert torch.equal(again.pack(), viewpoint.pack())
    assert again.to_dict() == viewpoint.to_dict()
    with pytest.raises(ValueError, match="index first"):
        viewpoint.expand(2).to_dict()


@KINDS
def test_fields_that_have_a_default_may_be_missing(viewpoint: Viewpoint) -> None:
    values = viewpoint.to_dict()
    optional = set(values) - {"distance", "elevation", "azimuth", "R", "T", "focal"}
    again = type(viewpoint).from_dict({name: value for name, value in values.items() if name not in optional})
    assert len(again) == 1
    with pytest.raises(KeyError):
        type(viewpoint).from_dict({name: values[name] for name in optional})


@KINDS
def test_one_is_expanded_to_many(viewpoint: Viewpoint) -> None:
    many = viewpoint.expand(3)
    assert len(many) == 3
    assert torch.equal(many.pack(), viewpoint.pack().expand(3, -1))
    assert torch.equal(many.pack(), concatenate([viewpoint] * 3).pack())


def test_an_orbits_azimuth_is_wrapped() -> None:
    wrapped = Orbit.create(1.0, 0.0, [-10.0, 370.0, -1e-9]).wrapped()
    assert wrapped.azimuth.tolist() == [350.0, 10.0, 0.0]
    assert CAMERA.wrapped() is CAMERA


def test_a_camera_is_its_own_camera() -> None:
    assert CAMERA.camera() is CAMERA
    assert isinstance(ORBIT.camera(), Camera)


def test_an_orbit_describes_itself_by_its_parameters() -> None:
    assert ORBIT.describe() == {name: value for name, value in ORBIT.to_dict().items() if name != "up"}


def test_a_camera_describes_itself_by_where_it_is_and_its_lens() -> None:
    facts = CAMERA.describe()
    assert list(facts) == ["position", "elevation", "azimuth", "roll", "fov", "principal"]
    assert facts["position"] == CAMERA.position[0].tolist()
    for name in ("elevation", "azimuth", "fov"):
        assert facts[name] == pytest.approx(ORBIT.describe()[name], abs=1e-4)
    assert facts["roll"] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("up", ["y", "z"])
def test_the_pole_of_a_camera_is_the_axis_that_is_upright(up: Up) -> None:
    """Also of one that looks down so steeply that its image's upward direction is closer to another axis."""
    for elevation in (-70.0, -10.0, 20.0, 55.0, 80.0):
        for azimuth in (20.0, 110.0, 200.0, 340.0):
            assert pole_of(Orbit.create(3.0, elevation, azimuth, up=up).camera()) == up
    along_an_axis = Orbit.create(3.0, 55.0, 90.0, up=up).camera()  # as upright about the axis that it looks along
    assert pole_of(along_an_axis) == up
