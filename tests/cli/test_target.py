"""Target pictures: what kinds are read, and at which size they are compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.runs import params_of
from tvdrnet_nv.cli import run
from tvdrnet_nv.jobs import prepare
from tvdrnet_nv.jobs.target import read_target


def save(path: Path, array: np.ndarray, mode: str | None = None) -> Path:
    picture = Image.fromarray(array)
    (picture.convert(mode) if mode else picture).save(path)
    return path


def test_targets_of_any_kind_become_rgb(tmp_path: Path) -> None:
    rgba = np.array([[[255, 0, 0, 255], [0, 0, 255, 0], [0, 255, 0, 51]]], dtype=np.uint8)
    expected = np.array([[[1.0, 0, 0], [1, 1, 1], [0.8, 1, 0.8]]])
    np.testing.assert_allclose(read_target(save(tmp_path / "rgba.png", rgba)), expected, atol=1e-6)
    grey = np.array([[0, 51, 255]], dtype=np.uint8)
    levels = np.repeat(np.array([[[0.0], [0.2], [1.0]]]), 3, axis=2)
    np.testing.assert_allclose(read_target(save(tmp_path / "grey.png", grey)), levels, atol=1e-6)
    np.testing.assert_allclose(read_target(save(tmp_path / "palette.png", grey, "P")), levels, atol=1e-6)
    np.testing.assert_allclose(read_target(save(tmp_path / "cmyk.jpg", grey, "CMYK")), levels, atol=0.02)
    deep = np.array([[0, 13107, 65535]], dtype=np.uint16)
    image = read_target(save(tmp_path / "deep.png", deep))
    np.testing.assert_allclose(image, levels, atol=1e-6)
    assert image.dtype == np.float32
    assert image.shape == (1, 3, 3)


def test_the_targets_own_size_is_the_default(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(here / "t.png", np.full((20, 30, 3), 128, dtype=np.uint8))
    assert run(["optimize", str(box), "--iters", "2", "--target", "t.png", "--out", "a"]) == 0
    assert params_of(here / "a")["image_size"] == {"width": 30, "height": 20}
    assert "note:" not in capsys.readouterr().err


def test_a_target_of_another_size_is_compared_with_a_notice(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    save(here / "t.png", np.full((40, 60, 3), 128, dtype=np.uint8))
    base = ["optimize", str(box), "--iters", "2", "--target", "t.png", "--out", "a", "--json"]
    assert run([*base, "--image-size", "30x20"]) == 0
    said = capsys.readouterr()
    assert "note: t.png is 60×40; compared at 30×20" in said.err
    assert "shape" not in said.err
    json.loads(said.out)
    assert run([*base, "--image-size", "20"]) == 0
    said = capsys.readouterr()
    assert "compared at 20×20, which changes its shape (--image-size 30x20 keeps it)" in said.err
    monkeypatch.setattr(prepare, "LARGEST_TARGET_SIDE", 30)
    assert run(base) == 0
    assert "compared at 30×20" in capsys.readouterr().err


def test_a_rendered_target_is_matched_better_than_at_the_start(box: Path, here: Path) -> None:
    view = ["--elevation", "35", "--image-size", "48", "--quiet"]
    assert run(["render", str(box), *view, "--azimuth", "60", "--out", "t"]) == 0
    search = ["--target", "t/single_view.png", "--iters", "60", "--out", "a"]
    assert run(["optimize", str(box), *view, "--azimuth", "50", *search]) == 0
    params = params_of(here / "a")
    assert params["loss"] < 0.1 * params["initial_loss"]
    assert abs(params["azimuth"] - 60) < 2
