"""`tvdr-nv camera`, and commands on files of several cameras."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from tvdrnet_nv import Orbit
from tvdrnet_nv.cli import run
from tvdrnet_nv.io.cameras import from_camera, read_cameras, write_cameras

CENTRE = (5.0, -3.0, 2.0)  # of the box
LATIN = os.fsdecode(b"a\xe4.png")  # a name that is no text


def test_every_camera_is_drawn_refined_and_converted(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cameras = [
        from_camera(Orbit.create(4.0, 30.0, a, 50.0, CENTRE), (48, 64), n) for a, n in ((40, LATIN), (45, "b.png"))
    ]
    write_cameras(here / "model", cameras, "colmap")
    assert run(["render", str(box), "--camera", "model", "--light", "none", "--out", "images", "--quiet"]) == 0
    assert sorted(file.name for file in (here / "images").iterdir()) == ["a.png", "b.png"]
    (here / "images" / "a.png").rename(here / "images" / LATIN)
    shutil.move(here / "images", here / "model" / "images")
    matching = ["--effort", "quick", "--method", "lm", "--robust", "huber"]  # the pictures are targets
    assert run(["optimize", str(box), "--camera", "model", "--light", "none", *matching, "--out", "o", "--quiet"]) == 0
    found = read_cameras(here / "o" / "refined").cameras
    for before, after in zip(cameras, found, strict=True):
        np.testing.assert_allclose(after.camera_to_world, before.camera_to_world, atol=0.02)
    assert (here / "o" / "cameras.csv").read_text().startswith("name,status,quality,moved,turned,found")
    assert run(["optimize", str(box), "--camera", "model:b", "--light", "none", "--out", "p", "--quiet"]) == 0
    assert run(["camera", "convert", "model", "c.json", "--to", "open3d"]) == 0
    assert "open3d does not hold paths of pictures, names" in capsys.readouterr().err
    assert run(["camera", "list", "c.json"]) == 0
    assert "2 cameras, open3d" in capsys.readouterr().out
    assert run(["camera", "list", "model:b"]) == 0
    assert "model:b: 1 camera, colmap" in capsys.readouterr().out
    assert run(["camera", "convert", "model:b.png", "b.json", "--to", "tvdr-nv"]) == 0
    assert [camera.name for camera in read_cameras(here / "b.json").cameras] == ["b.png"]
    assert run(["camera", "list", "c.json:2"]) == 2
    assert "c.json: has no camera 2; it has 0, 1" in capsys.readouterr().err
    assert run(["camera", "convert", "model", "c.json", "--to", "tum"]) == 2
    assert "c.json: tum would not be recognised by this name; end it in .txt or .tum" in capsys.readouterr().err


def test_a_target_of_another_shape_than_the_files_is_refused(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = from_camera(Orbit.create(4.0, 30.0, 40.0, 50.0, CENTRE), (48, 64))
    write_cameras(here / "c.json", [camera], "tvdr-nv")
    assert json.loads((here / "c.json").read_text())["image_size"] == {"width": 64, "height": 48}
    assert run(["optimize", str(box), "--camera", "c.json", "--robust", "huber", "--out", "o"]) == 2
    assert "--robust: needs a picture to match; add a --target" in capsys.readouterr().err
    assert not (here / "o").exists()
    for size, code in (("64x36", 2), ("32x24", 0)):
        assert run(["render", str(box), "--camera", "c.json", "--image-size", size, "--out", "t", "--quiet"]) == 0
        command = ["optimize", str(box), "--camera", "c.json", "--target", "t/single_view.png", "--out", "o"]
        assert run(command) == code
        said = capsys.readouterr().err
        assert ("is for pictures of 64×48, but the target is 64×36" if code else "scaled by 0.5") in " ".join(
            said.split()
        )


@pytest.mark.parametrize("camera", ["model:b", "model", "c.json"])
def test_a_picture_of_another_shape_than_the_files_is_noted(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], camera: str
) -> None:
    cameras = [from_camera(Orbit.create(4.0, 30.0, 40.0, 50.0, CENTRE), (48, 64), name) for name in "ab"]
    write_cameras(here / "model", cameras, "colmap")
    write_cameras(here / "c.json", cameras[:1], "tvdr-nv")
    for size, noted in (("10x30", True), ("32x24", False)):
        assert run(["render", str(box), "--camera", camera, "--image-size", size, "--out", "t"]) == 0
        said = " ".join(capsys.readouterr().err.split())
        assert ("is for pictures of 64×48, but --image-size is 10×30, which is another shape" in said) == noted


def test_a_camera_without_its_picture_does_not_stop_the_others(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cameras = [
        replace(from_camera(Orbit.create(4.0, 30.0, a, 50.0, CENTRE), (24, 32), n), picture=here / n)
        for a, n in ((40, "a.png"), (45, "gone.png"), (50, "wide.png"), (55, "torn.png"))
    ]
    write_cameras(here / "t.json", cameras, "nerfstudio")
    command = ["optimize", str(box), "--camera", "t.json", "--iters", "1", "--light", "none", "--out", "o", "--quiet"]
    assert run(command) == 2
    assert "t.json: none of its 4 cameras has a picture that can be read, such as a.png: " in capsys.readouterr().err
    assert not (here / "o").exists()
    assert run([*command[:2], "--camera", "t.json:gone.png", "--out", "o"]) == 2
    assert "--camera t.json:gone.png: its picture " in " ".join(capsys.readouterr().err.split())
    draw = ["render", str(box), "--camera", "t.json:a.png", "--light", "none", "--quiet"]
    assert run([*draw, "--out", "a"]) == 0
    assert run([*draw, "--out", "wide", "--image-size", "64x24"]) == 0
    shutil.move(here / "a" / "single_view.png", here / "a.png")
    shutil.move(here / "wide" / "single_view.png", here / "wide.png")
    (here / "torn.png").write_bytes((here / "a.png").read_bytes()[:99])
    assert run(command[:-1]) in (0, 3)
    said = " ".join(capsys.readouterr().err.split())
    assert "3 of 4 cameras are not refined, such as gone.png: " in said
    rows = (here / "o" / "cameras.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["a.png"]
    refined = read_cameras(here / "o" / "refined.json").cameras
    assert len(refined) == 4
    np.testing.assert_allclose(refined[2].camera_to_world, cameras[2].camera_to_world, atol=1e-9)


@pytest.mark.parametrize(("orientation", "turned"), [(1, 0), (6, 0), (6, 90), (3, 0)])
def test_a_camera_files_picture_is_taken_as_it_is_stored(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], orientation: int, turned: int
) -> None:
    camera = from_camera(Orbit.create(4.0, 30.0, 40.0, 50.0, CENTRE), (48, 64), "a")
    write_cameras(here / "t.json", [replace(camera, picture=here / "a.png")], "nerfstudio")
    assert run(["render", str(box), "--camera", "t.json", "--light", "none", "--quiet", "--out", "p"]) == 0
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    with Image.open(here / "p" / "single_view.png") as drawn:
        drawn.rotate(turned, expand=True).save(here / "a.png", exif=exif)  # as stored
    command = ["optimize", str(box), "--camera", "t.json", "--light", "none", "--iters", "2", "--no-pictures"]
    assert run([*command, "--out", "o"]) in (0, 3)
    said = " ".join(capsys.readouterr().err.split())
    assert ("taken as it is stored" in said) == (orientation != 1 and not turned)
    assert json.loads((here / "o" / "optimized_params.json").read_text())["loss"] < 1e-5  # it fits from the start
