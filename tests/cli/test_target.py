"""Target pictures: at which size they are compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import params_of
from tests.jobs.test_target import save
from tvdrnet_nv.cli import run
from tvdrnet_nv.jobs import prepare


def test_the_targets_own_size_is_the_default(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(here / "t.png", np.full((20, 30, 3), 128, dtype=np.uint8))
    assert run(["optimize", str(box), "--iters", "2", "--target", "t.png", "--out", "a"]) == 3  # of one colour
    assert params_of(here / "a")["image_size"] == {"width": 30, "height": 20}
    assert "compared at" not in capsys.readouterr().err


def test_a_target_of_another_size_is_compared_with_a_notice(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    save(here / "t.png", np.full((40, 60, 3), 128, dtype=np.uint8))
    base = ["optimize", str(box), "--iters", "2", "--target", "t.png", "--out", "a", "--json"]
    assert run([*base, "--image-size", "30x20"]) == 3
    said = capsys.readouterr()
    assert "note: t.png is 60×40; it is compared at 30×20" in said.err
    assert "shape" not in said.err
    json.loads(said.out)
    assert run([*base, "--image-size", "20"]) == 3
    said = capsys.readouterr()
    assert "compared at 20×20, which changes its aspect ratio (--image-size 30x20 keeps it)" in said.err
    monkeypatch.setattr(prepare, "LARGEST_TARGET_SIDE", 30)
    assert run(base) == 3
    assert "compared at 30×20" in capsys.readouterr().err


def test_a_rendered_target_is_matched_better_than_at_the_start(box: Path, here: Path) -> None:
    view = ["--elevation", "35", "--image-size", "48", "--quiet"]
    assert run(["render", str(box), *view, "--azimuth", "60", "--out", "t"]) == 0
    search = ["--target", "t/single_view.png", "--iters", "60", "--out", "a"]
    assert run(["optimize", str(box), *view, "--azimuth", "50", *search]) == 0
    params = params_of(here / "a")
    assert params["loss"] < 0.1 * params["initial_loss"]
    assert abs(params["azimuth"] - 60) < 2
