"""`tvdr-nv render`: its modes and what they write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.runs import pixels
from tests.io.gltf.writer import quad
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


@pytest.mark.parametrize(
    ("mode", "name"), [("single", "single_view.png"), ("turntable", "turntable.gif"), ("grid", "multi_view_grid.png")]
)
def test_a_blank_picture_says_so(
    mode: str, name: str, box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["render", str(box), "--image-size", "16", "--num-views", "3", "--mode", mode, "--out", "a"]
    assert run([*command, "--at", "500,0,0", "--distance", "2"]) == 3
    said = " ".join(capsys.readouterr().err.split())
    assert f"note: blank: the scene fills no pixel of {name}; it lies at (4, -3.7, 1.5) to (6, -2.3, 2.5): " in said
    assert "--near" in said
    assert (here / "a" / name).exists()
    assert run(command) == 0
    assert "blank" not in capsys.readouterr().err


def test_of_several_cameras_the_blank_ones_are_named(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lens = {"K": [[20, 0, 8], [0, 20, 8], [0, 0, 1]], "R": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}
    cameras = [
        {"name": name, "opencv": {**lens, "t": [-5.0, 3.0, z]}, "image_size": {"width": 16, "height": 16}}
        for name, z in (("toward", 3.0), ("away", -9.0))
    ]
    (here / "cameras.json").write_text(json.dumps({"cameras": cameras}))
    assert run(["render", str(box), "--camera", "cameras.json", "--out", "a"]) == 3
    assert "the scene fills no pixel of away.png;" in " ".join(capsys.readouterr().err.split())
    assert (pixels(here / "a" / "toward.png") != 255).any()


def test_a_scene_of_which_all_is_transparent(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    material = {"alphaMode": "MASK", "pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 0]}}
    quad(material=material).write(here / "a.glb")
    assert run(["render", "a.glb", "--image-size", "16", "--out", "a"]) == 3
    assert "blank: nothing is drawn in single_view.png: All is fully transparent" in capsys.readouterr().err.replace(
        "\n", " "
    )
    assert (pixels(here / "a" / "single_view.png") == 255).all()
    assert run(["optimize", "a.glb", "--out", "b"]) == 2
    assert "All is fully transparent (alphaMode MASK or BLEND; triangles: 2)" in capsys.readouterr().err.replace(
        "\n", " "
    )
    assert not (here / "b").exists()
    assert run(["info", "a.glb"]) == 0
