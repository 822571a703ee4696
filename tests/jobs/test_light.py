"""The light of a job: its exposure from the field, the camera file, or the scene's colours."""

from __future__ import annotations

import pytest

from tvdrnet_nv import Orbit, PhongLight
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SavedCamera
from tvdrnet_nv.jobs import RenderJob
from tvdrnet_nv.jobs.exposure import parse_exposure
from tvdrnet_nv.jobs.light import job_light
from tvdrnet_nv.scenes import textured_box

MESH, ORBIT = textured_box(2), Orbit.create(4.0, 30.0, 45.0)
DIM = PhongLight().dimmed(MESH.brightest).exposure


@pytest.mark.parametrize(
    ("field", "saved", "wanted"),
    [
        (None, None, 1.0),
        (None, 0.25, 0.25),
        (0.5, 0.25, 0.5),
        ("0.5", None, 0.5),
        ("auto", None, DIM),
        ("auto", 0.25, DIM),
        (1, 0.25, 1.0),
    ],
)
def test_the_field_comes_before_the_camera_file(field: str | float | None, saved: float | None, wanted: float) -> None:
    file = None if saved is None else SavedCamera(ORBIT, exposure=saved)
    job = RenderJob(scene="room.ply", light_exposure=field)
    assert job_light(job, file, ORBIT, MESH).exposure == wanted
    assert DIM < 1


@pytest.mark.parametrize("value", ["bright", 0, -1, float("nan"), "inf", True, (1, 2)])
def test_what_is_no_exposure_is_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"`light_exposure` .*: wanted auto, or a number above 0"):
        RenderJob(scene="room.ply", light_exposure=value)  # pyright: ignore[reportArgumentType]


def test_there_is_nothing_to_dim_without_light() -> None:
    with pytest.raises(InputError, match="`light_exposure`: there is no light with `lighting` none"):
        RenderJob(scene="room.ply", light_exposure="auto", lighting="none")
    unlit = SavedCamera(ORBIT, unlit=True)
    job = RenderJob(scene="room.ply", light_exposure="auto", camera="a.json")
    with pytest.raises(InputError, match=r"`light_exposure`: a\.json has no light; choose a `lighting`"):
        job_light(job, unlit, ORBIT, MESH)
    assert job_light(RenderJob(scene="room.ply"), unlit, ORBIT, MESH).is_none


def test_auto_is_the_scenes_own() -> None:
    assert parse_exposure("auto") is None
    assert parse_exposure(2) == 2.0
