"""What is to be shown in the browser, as it is asked for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import OptimizeJob
from tvdrnet_nv.viewer import ViewJob


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"port": 65536}, "`port` 65536"),
        ({"port": -1}, "`port` -1"),
        ({"triangles": 0}, "`triangles` 0"),
        ({"run_folder": 3}, "`run_folder` 3"),
        ({"background": "transparent"}, "`background` transparent"),
        ({"fov": 180.0}, "`fov` 180"),
        ({"host": None}, "`host` None"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError) as refusal:
        ViewJob(scene="room.ply", **given)
    assert str(refusal.value).startswith(named)


def test_runs_have_the_scene_and_the_light_but_not_the_browsers_first_view() -> None:
    job = ViewJob(
        scene="room.ply",
        azimuth=3.0,
        distance=2.0,
        at="origin",
        fov=50.0,
        up="z",
        lighting="none",
        out="here",
        near=0.1,
    )
    run = OptimizeJob(**job.of_runs())
    assert (run.lighting, run.up, run.near) == ("none", "z", 0.1)
    plain = OptimizeJob(scene="room.ply", lighting="none", up="z", near=0.1)
    assert [getattr(run, f.name) for f in fields(run)] == [getattr(plain, f.name) for f in fields(plain)]
