"""--background."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import FAST, params_of, pixels
from tvdrnet_nv.cli import run


@pytest.mark.parametrize(
    ("said", "corner"), [("black", 0), ("grey", 128), ("white", 255), ("0,0.2,1", [0, 51, 255]), ("transparent", 0)]
)
def test_the_background_is_painted(said: str, corner: int | list[int], box: Path, here: Path) -> None:
    base = ["render", str(box), "--image-size", "33", "--quiet", "--no-antialias", "--out"]
    assert run([*base, "a", "--background", said]) == run([*base, "b"]) == 0
    picture, white = (pixels(here / name / "single_view.png") for name in "ab")
    assert (picture[0, 0, :3] == corner).all()
    outside = (white == 255).all(axis=2)
    assert outside.any()
    assert not outside.all()
    np.testing.assert_array_equal(picture[~outside][:, :3], white[~outside])
    assert picture.shape[2] == (4 if said == "transparent" else 3)
    if said == "transparent":
        np.testing.assert_array_equal(picture[..., 3], np.where(outside, 0, 255))


def test_a_transparent_picture_over_white_is_the_white_one(box: Path, here: Path) -> None:
    base = ["render", str(box), "--image-size", "33", "--quiet", "--out"]
    assert run([*base, "a", "--background", "transparent"]) == run([*base, "b"]) == 0
    picture, white = (pixels(here / name / "single_view.png").astype(float) for name in "ab")
    alpha = picture[..., 3:] / 255
    assert ((alpha > 0) & (alpha < 1)).any()
    assert np.abs(picture[..., :3] * alpha + 255 * (1 - alpha) - white).max() <= 1.5


def test_the_turntable_can_be_transparent(box: Path, here: Path) -> None:
    command = ["render", str(box), "--image-size", "16", "--num-views", "2", "--quiet", "--out", "a"]
    assert run([*command, "--mode", "turntable", "--format", "png", "--background", "transparent"]) == 0
    assert pixels(here / "a" / "turntable_001.png").shape == (16, 16, 4)


def test_an_optimisation_keeps_it(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", str(box), *FAST, "--background", "0.25,0,0.5", "--out", "a"]) == 0
    assert "--background 0.25,0.0,0.5" in capsys.readouterr().out
    params = params_of(here / "a")
    assert params["background"] == [0.25, 0.0, 0.5]
    seen = pixels(here / "a" / "optimized_view.png")
    assert run([*shlex.split(params["render_command"])[1:], "--out", "b"]) == 0
    np.testing.assert_array_equal(pixels(here / "b" / "single_view.png"), seen)
    saved = ["render", str(box), "--camera", "a/optimized_params.json", "--json"]
    capsys.readouterr()
    assert run([*saved, "--out", "c"]) == 0
    assert json.loads(capsys.readouterr().out)["camera"]["background"] == [0.25, 0.0, 0.5]
    np.testing.assert_array_equal(pixels(here / "c" / "single_view.png"), seen)
    assert run([*saved, "--background", "white", "--out", "d"]) == 0
    assert (pixels(here / "d" / "single_view.png") != seen).any()


def test_views_keep_it(box: Path, here: Path) -> None:
    views = ["--focus", "everything", "--views", "2", "--background", "black", "--out", "a"]
    assert run(["optimize", str(box), *FAST, *views]) == 0
    facts = json.loads((here / "a" / "views.json").read_text(encoding="utf-8"))
    assert "--background 0.0,0.0,0.0" in facts["views"][0]["render_command"]
    assert run(["render", str(box), "--camera", "a/views.json", "--out", "b"]) == 0
    for name in ("view_1.png", "view_2.png"):
        first, second = (pixels(here / folder / name).astype(int) for folder in "ab")
        assert (second[0, 0] == 0).all()
        assert np.abs(first - second).max() <= 1


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["render", "--background", "pink"], "--background pink: wanted white, black, grey, transparent, or red"),
        (["render", "--background", "255,0,0"], "--background 255,0,0: wanted red, green and blue from 0 to 1"),
        (["render", "--background", "nan,0,0"], "--background nan,0,0: wanted red, green and blue from 0 to 1"),
        (["render", "--background", "transparent", "--mode", "grid"], "use --mode single"),
        (["render", "--background", "transparent", "--mode", "turntable"], "with --format png"),
        (["optimize", "--background", "transparent"], "--background transparent: only to render"),
    ],
)
def test_what_it_does_not_take(
    command: list[str], says: str, box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, str(box), "--out", "a"]) == 2
    assert says in " ".join(capsys.readouterr().err.split())
    assert not (here / "a").exists()


def test_a_background_in_a_file_is_checked(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    camera = {"distance": 5, "elevation": 0, "azimuth": 0, "fov": 60, "at": [5, -3, 2], "up": "z"}
    (here / "camera.json").write_text(json.dumps(camera | {"background": [0, 0, 7]}))
    assert run(["render", str(box), "--camera", "camera.json", "--out", "a"]) == 2
    assert "background must be red, green and blue from 0 to 1" in " ".join(capsys.readouterr().err.split())
