"""The fields that all jobs have: how they are read, what is refused."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import RenderJob
from tvdrnet_nv.jobs.scene_job import parse_at, parse_image_size


def test_values_are_parsed() -> None:
    assert parse_image_size("256") == (256, 256)
    assert parse_image_size("640x480") == (480, 640)
    assert parse_image_size("640X480") == (480, 640)
    assert parse_at("center") == "center"
    assert parse_at("-1.5,2,3e-1") == parse_at("-1.5 2 3e-1") == parse_at(" -1.5, 2, 3e-1 ") == (-1.5, 2.0, 0.3)


def test_values_may_be_numbers() -> None:
    assert parse_image_size(256) == parse_image_size(np.int64(256)) == (256, 256)
    assert parse_image_size((480, 640)) == (480, 640)
    assert parse_at([1, 2.5, -3]) == (1.0, 2.5, -3.0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fov": 180}, "`fov` 180: wanted more than 0 and less than 180"),
        ({"fov": 179.99999999}, "`fov` 180: wanted"),
        ({"fov": "60"}, "`fov` 60: wanted"),
        ({"fov": np.float32("nan")}, "`fov` nan: wanted"),
        ({"elevation": 91}, "`elevation` 91: wanted -90 to 90"),
        ({"distance": 0}, "`distance` 0: wanted a number above 0"),
        ({"distance": 1e39}, "`distance` 1e[+]39: wanted"),
        ({"azimuth": float("inf")}, "`azimuth` inf: wanted a finite number"),
        ({"near": -1}, "`near` -1: wanted"),
        ({"at": "middle"}, "`at` middle: wanted center, origin, or three numbers"),
        ({"at": (1, 2)}, r"`at` \(1, 2\): wanted"),
        ({"up": "w"}, "`up` w: choose from auto, x, y, z, -x, -y, -z"),
        ({"device": "tpu"}, "`device` tpu: choose from auto, cpu, cuda"),
        ({"color": (1, 2, 0)}, "`color` 1 2 0: wanted red, green and blue from 0 to 1"),
        ({"light": (1, 0)}, "`light` 1 0: wanted three finite numbers"),
        ({"image_size": 0}, "`image_size` 0: wanted 1 to 16384 pixels a side"),
        ({"image_size": 2.5j}, "`image_size` 2.5j: wanted a number of pixels"),
        ({"image_size": (1, 2, 3)}, "`image_size` .*: wanted"),
        ({"camera": "c.json", "fov": 60.0}, "`camera` c.json and `fov`: the file says where the camera is"),
        ({"mode": "turned"}, "`mode` turned: choose from single, turntable, grid, all"),
        ({"format": "gif"}, "`format` gif: `mode` single writes PNG"),
        ({"num_views": 1.5}, "`num_views` 1.5: wanted 1 or more"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        RenderJob(scene="room.ply", **fields)


def test_json_makes_the_same_job_again() -> None:
    job = RenderJob(scene="room.ply", fov=np.float32(50), at=(1, 2, 3), image_size=(20, 30), antialias=False)
    text = job.to_json()
    assert text == '{"scene": "room.ply", "image_size": [20, 30], "fov": 50.0, "at": [1, 2, 3], "antialias": false}'
    again = RenderJob(**json.loads(text))
    assert again.to_json() == text
    assert parse_image_size(again.image_size) == (20, 30)  # type: ignore[arg-type]


def test_a_job_is_checked_without_torch() -> None:
    script = (
        "import sys\nfrom tvdrnet_nv import OptimizeJob, RenderJob\nfrom tvdrnet_nv.errors import InputError\n"
        "OptimizeJob(scene='a.ply', focus='label=sofa', views=3)\nRenderJob(scene='a.ply')\n"
        "try:\n    OptimizeJob(scene='a.ply', labels='l.ply')\nexcept InputError:\n    pass\n"
        "else:\n    sys.exit('accepted')\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'PIL', 'typer', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scene", None),
        ("scene", 5),
        ("camera", 5),
        ("out", 5),
        ("light", 5),
        ("light", (None, 1, 2)),
        ("color", "red"),
        ("color", ("a", "b", "c")),
        ("image_size", math.inf),
        ("image_size", 256.7),
        ("at", 5),
        ("at", (None, 1, 2)),
        ("distance", 10**400),
        ("distance", True),
        ("antialias", "no"),
        ("device", None),
        ("mode", None),
        ("fps", None),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"^`{name}` "):
        RenderJob(**{"scene": "room.ply", name: value})  # type: ignore[arg-type]


def test_arrays_and_numbers_of_numpy_and_torch_become_pythons() -> None:
    job = RenderJob(scene="room.ply", light=np.array([1.0, 2.0, 3.0]), at=torch.ones(3), num_views=np.int64(3))
    assert (job.light, job.at, job.num_views) == ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 3)
    assert RenderJob(**json.loads(job.to_json())) == job
