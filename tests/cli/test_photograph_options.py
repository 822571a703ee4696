"""The options for pictures that other cameras took, in other lights."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import params_of, pixels
from tvdrnet_nv.cli import run

VIEW = ["--distance", "5", "--elevation", "40", "--azimuth", "200"]


def test_a_camera_is_found_in_the_light_of_a_lamp_at_it(box: Path, here: Path) -> None:
    base = ["render", str(box), "--image-size", "48", *VIEW, "--quiet", "--out"]
    assert run([*base, "point"]) == run([*base, "t", "--light", "head"]) == 0
    assert (pixels(here / "t" / "single_view.png") != pixels(here / "point" / "single_view.png")).any()
    target = ["--target", "t/single_view.png", "--distance", "5.2", "--elevation", "38", "--azimuth", "205"]
    assert run(["optimize", str(box), *target, "--light", "head", "--out", "a", "--quiet"]) == 0
    params = params_of(here / "a")
    assert params["light"]["head"] is True
    assert params["azimuth"] == pytest.approx(200.0, abs=0.1)
    again = shlex.split(params["render_command"])
    assert run([*again[1:], "--out", "again", "--quiet"]) == 0
    np.testing.assert_array_equal(pixels(here / "again" / "single_view.png"), pixels(here / "a" / "optimized_view.png"))
    # The camera's file says so as well.
    saved = ["render", str(box), "--camera", "a/optimized_params.json", "--quiet", "--out"]
    assert run([*saved, "file"]) == run([*saved, "other", "--light-pos", "9", "9", "9"]) == 0
    same, other = (pixels(here / name / "single_view.png") for name in ("file", "other"))
    np.testing.assert_array_equal(same, pixels(here / "a" / "optimized_view.png"))
    assert (other != same).any()


def test_a_lamp_at_the_camera_has_no_other_place(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", str(box), "--light", "head", "--light-pos", "1", "2", "3", "--out", "a"]) == 2
    assert "--light-pos: the light is at the camera with --light head" in " ".join(capsys.readouterr().err.split())
    assert not (here / "a").exists()
