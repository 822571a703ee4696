"""--light-exposure, and the note that leads to it."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import FAST, params_of, pixels
from tvdrnet_nv.cli import run

WHITE = ["--color", "1", "1", "1", "--light", "head"]


def test_a_white_scene_is_seen_before_white_in_a_dimmed_light(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["render", str(box), *WHITE, "--elevation", "0", "--azimuth", "0", "--image-size", "33", "--out"]
    assert run([*base, "a"]) == 0
    assert "drawn as white: --light-exposure auto gives the light an exposure of 0.62" in " ".join(
        capsys.readouterr().err.split()
    )
    assert run([*base, "b", "--light-exposure", "auto"]) == 0
    assert "drawn as white" not in capsys.readouterr().err
    vanished, seen = ((pixels(here / name / "single_view.png") < 255).any(2).mean() for name in "ab")
    assert vanished < seen


def test_an_optimisation_keeps_it(box: Path, here: Path) -> None:
    assert run(["optimize", str(box), *FAST, "--color", "1", "1", "1", "--light-exposure", "auto", "--out", "a"]) == 0
    params = params_of(here / "a")
    assert params["light"]["exposure"] == pytest.approx(1 / 1.6, rel=1e-5)
    found = pixels(here / "a" / "optimized_view.png")
    assert run([*shlex.split(params["render_command"])[1:], "--out", "b"]) == 0
    saved = ["render", str(box), "--camera", "a/optimized_params.json", "--color", "1", "1", "1", "--out"]
    assert run([*saved, "c"]) == run([*saved, "d", "--light-exposure", "1"]) == 0
    again, kept, bright = (pixels(here / name / "single_view.png") for name in "bcd")
    np.testing.assert_array_equal(again, found)
    np.testing.assert_array_equal(kept, found)
    assert bright.mean() > found.mean()


def test_what_is_no_exposure_is_refused(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", str(box), "--light-exposure", "dark", "--out", "a"]) == 2
    assert "--light-exposure dark: wanted auto, or a number above 0" in " ".join(capsys.readouterr().err.split())
    assert run(["render", str(box), "--light", "none", "--light-exposure", "0.5", "--out", "a"]) == 2
    assert "--light-exposure: there is no light with --light none" in " ".join(capsys.readouterr().err.split())
    assert not (here / "a").exists()
