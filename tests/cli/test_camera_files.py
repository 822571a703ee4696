"""A view that was found is rendered again: from its command, and from its file with --camera."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import FAST, params_of, pixels
from tvdrnet_nv.cli import run


@pytest.mark.parametrize(
    "options",
    [
        ["--elevation", "-35.7", "--azimuth", "-123.4"],
        ["--image-size", "31x20", "--no-antialias", "--fov", "71.3"],
        ["--optimize", "distance,fov,at", "--color", "0.9", "0.25", "0.1", "--device", "cpu"],
        ["--light-pos", "-1", "0.3", "-7", "--near", "0.3", "--far", "77.7", "--at", "-0.1,2.7,1e-3", "--up", "y"],
    ],
)
def test_the_render_command_draws_the_found_view_exactly(box: Path, here: Path, options: list[str]) -> None:
    assert run(["optimize", str(box), *FAST, *options, "--out", "a", "--quiet"]) == 0
    program, *arguments = shlex.split(params_of(here / "a")["render_command"])
    assert program == "tvdr-nv"
    os.chdir(here.parent)
    assert run([*arguments, "--out", str(here / "b"), "--quiet"]) == 0
    found = pixels(here / "a" / "optimized_view.png")
    assert len(np.unique(found.reshape(-1, 3), axis=0)) > 5
    np.testing.assert_array_equal(pixels(here / "b" / "single_view.png"), found)


def test_a_pose_is_found_and_its_file_draws_it_again(box: Path, here: Path) -> None:
    taken = ["--elevation", "38", "--azimuth", "52", "--light-pos", "3", "1", "7", "--near", "0.2"]
    assert run(["render", str(box), *taken, "--image-size", "64x48", "--out", "t", "--quiet"]) == 0
    light = taken[4:]
    options = ["--target", "t/single_view.png", *light, "--optimize", "pose,focal"]
    assert run(["optimize", str(box), *options, "--out", "a", "--quiet"]) == 0
    params = params_of(here / "a")
    assert params["parameters"] == ["rotation", "position", "focal"]
    assert params["elevation"] == pytest.approx(38, abs=0.5)
    assert params["azimuth"] == pytest.approx(52, abs=0.5)
    assert abs(params["roll"]) < 0.5
    assert set(params["standard_deviations"]) == {"rotation", "position", "focal"}
    found = pixels(here / "a" / "optimized_view.png")
    _, *arguments = shlex.split(params["render_command"])
    assert "--camera" in arguments
    assert run([*arguments, "--out", "b", "--quiet"]) == 0
    # Nothing but the file.
    assert run(["render", str(box), "--camera", "a/optimized_params.json", "--out", "c", "--quiet"]) == 0
    for folder in "bc":
        np.testing.assert_array_equal(pixels(here / folder / "single_view.png"), found)
    # And on from it: from a pose, poses move by default.
    again = ["optimize", str(box), "--camera", "a/optimized_params.json", "--target", "t/single_view.png"]
    assert run([*again, "--starts", "2", "--robust", "huber", "--free-exposure", "--out", "d", "--quiet"]) == 0
    assert params_of(here / "d")["parameters"] == ["rotation", "position"]
    assert params_of(here / "d")["initial_camera"] == params["camera"]


def test_an_orbits_file_is_an_orbit(box: Path, here: Path) -> None:
    assert run(["optimize", str(box), *FAST, "--out", "a", "--quiet"]) == 0
    for mode in ("single", "turntable"):
        command = ["render", str(box), "--camera", "a/optimized_params.json", "--mode", mode, "--num-views", "2"]
        assert run([*command, "--out", "b", "--quiet"]) == 0
    np.testing.assert_array_equal(pixels(here / "b" / "single_view.png"), pixels(here / "a" / "optimized_view.png"))
    again = ["optimize", str(box), *FAST, "--camera", "a/optimized_params.json", "--out", "c", "--quiet"]
    assert run(again) == 0
    assert params_of(here / "c")["initial_azimuth"] == params_of(here / "a")["azimuth"]
