"""`tvdr-nv render`: its modes and what they write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.runs import pixels
from tvdrnet_nv.cli import run


def test_render_modes_write_their_files(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["render", str(box), "--image-size", "33x21", "--num-views", "5", "--out", "a"]
    assert run([*base, "--mode", "all"]) == 0
    names = ["multi_view_grid.png", "single_view.png", "turntable.gif"]
    assert sorted(path.name for path in (here / "a").iterdir()) == names
    assert capsys.readouterr().out.splitlines() == [f"a/{name}" for name in names]
    assert pixels(here / "a" / "single_view.png").shape == (21, 33, 3)
    with Image.open(here / "a" / "turntable.gif") as gif:
        assert (gif.n_frames, gif.size, gif.info["duration"]) == (5, (33, 21), 500)
    assert run([*base, "--mode", "turntable", "--format", "mp4", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["files"] == [str(here / "a" / "turntable.mp4")]
    assert document["camera"]["elevation"] == 30.0
    assert 0 < document["camera"]["near"] < document["camera"]["distance"] < document["camera"]["far"]
    assert (here / "a" / "turntable.mp4").stat().st_size > 500
    assert run([*base[:-1], "b", "--mode", "turntable", "--format", "png"]) == 0
    frames = sorted((here / "b").iterdir())
    assert [path.name for path in frames] == [f"turntable_{i:03d}.png" for i in range(5)]
    np.testing.assert_array_equal(pixels(frames[0]), pixels(here / "a" / "single_view.png"))
    assert (pixels(frames[1]) != pixels(frames[0])).any()


def test_the_light_and_the_colour_are_honoured(box: Path, here: Path) -> None:
    base = ["render", str(box), "--image-size", "24", "--quiet", "--out"]
    assert run([*base, "a"]) == run([*base, "b", "--light-pos", "5", "-3", "9"]) == 0
    assert run([*base, "c", "--color", "1", "0", "0"]) == 0
    a, b, c = (pixels(here / name / "single_view.png") for name in "abc")
    assert (a != b).any()
    surface = (a != 255).any(axis=2)
    assert (c[surface][:, 0] > c[surface][:, 1]).all()
