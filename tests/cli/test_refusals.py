"""Bad options and bad input: one line that names them, exit code 2, and nothing written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.runs import FAST
from tvdrnet_nv.cli import run


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["--method", "lm"], "--target"), (["--lr", "2", "--method", "lm", "--target", "t"], "no learning rate")],
)
def test_what_lm_needs_is_said(
    arguments: list[str], named: str, box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["optimize", str(box), *arguments]) == 2
    assert named in capsys.readouterr().err
    assert list(here.iterdir()) == []


POSE = {"R": [[-1, 0, 0], [0, 1, 0], [0, 0, -1]], "T": [0, 0, 5]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["optimize", "--optimize", "pose,azimuth"], ["pose,azimuth", "mixes", "choose"]),
        (["optimize", "--optimize", "pose,rotation"], ["twice"]),
        (["optimize", "--optimize", "pose", "--method", "tvdrnet"], ["tvdrnet", "adam"]),
        (["optimize", "--robust", "huber"], ["--robust", "--target"]),
        (["optimize", "--mask", "m.png"], ["--mask", "--target"]),
        (["optimize", "--free-exposure"], ["--free-exposure", "--target"]),
        (["optimize", "--camera", "pose.json", "--optimize", "azimuth"], ["pose.json", "--optimize pose"]),
        (["optimize", "--camera", "pose.json", "--azimuth", "3"], ["--camera pose.json", "--azimuth", "leave"]),
        (["render", "--camera", "pose.json", "--at", "origin"], ["--camera pose.json", "--at", "leave"]),
        (["render", "--camera", "pose.json", "--mode", "turntable"], ["turntable", "pose.json", "single"]),
        (["render", "--mode", "turned"], ["error: Invalid value for '--mode': 'turned'", "'turntable'"]),
        (["render", "--camera", "none.json"], ["none.json", "no such file"]),
        (["render", "--camera", "m.png"], ["m.png", "JSON"]),
        (["render", "--camera", "list.json"], ["list.json", "camera"]),
        (["render", "--camera", "bent.json"], ["bent.json", "rotation"]),
        (["render", "--camera", "half.json"], ["half.json", "'T' is missing"]),
        (["optimize", "--target", "m.png", "--mask", "small.png"], ["--mask small.png", "4×4", "16×16"]),
        (["optimize", "--target", "m.png", "--mask", "black.png"], ["--mask black.png", "black"]),
    ],
)
def test_modes_poses_and_masks_that_cannot_be_used(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: list[str]
) -> None:
    (here / "pose.json").write_text(json.dumps(POSE))
    (here / "list.json").write_text("[1]")
    (here / "bent.json").write_text(json.dumps(POSE | {"R": [[2, 0, 0], [0, 1, 0], [0, 0, 1]]}))
    (here / "half.json").write_text(json.dumps({"R": POSE["R"]}))
    Image.fromarray(np.arange(768).reshape(16, 16, 3).astype(np.uint8)).save(here / "m.png")
    Image.fromarray(np.full((4, 4), 255, np.uint8)).save(here / "small.png")
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(here / "black.png")
    before = sorted(path.name for path in here.iterdir())
    command, *options = arguments
    assert run([command, str(box), *options]) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words), said
    assert len(said.strip().splitlines()) == 1
    assert sorted(path.name for path in here.iterdir()) == before


BAD_OPTIONS = [
    ("--iters", ["--iters", "0"]),
    ("--iters", ["--iterations", "ten"]),
    ("--starts", ["--starts", "0"]),
    ("--seed", ["--seed", "-1"]),
    ("--lr", ["--lr", "0"]),
    ("--lr", ["--learning-rate", "inf"]),
    ("--image-size", ["--image-size", "0"]),
    ("--image-size", ["--image-size", "20000"]),
    ("--image-size", ["--image-size", "64x"]),
    ("--image-size", ["--image-size", "-5"]),
    ("--image-size", ["--image-size", "²"]),
    ("--distance", ["--distance", "-1"]),
    ("--distance", ["--initial-distance", "nan"]),
    ("--distance", ["--distance", "1e39"]),
    ("--elevation", ["--elevation", "90.1"]),
    ("--elevation", ["--initial-elevation", "-91"]),
    ("--azimuth", ["--azimuth", "inf"]),
    ("--fov", ["--fov", "0"]),
    ("--fov", ["--fov", "180"]),
    ("--fov", ["--fov", "179.99999999"]),
    ("--at", ["--at", "middle"]),
    ("--at", ["--at", "1,2"]),
    ("--at", ["--at", "1,nan,2"]),
    ("--up", ["--up", "w"]),
    ("--near", ["--near", "0"]),
    ("--near", ["--near", "2", "--far", "2"]),
    ("--near", ["--near", "1e9"]),
    ("--far", ["--far", "1e-9"]),
    ("--optimize", ["--optimize", "distance,zoom"]),
    ("--optimize", ["--optimize", "fov,fov"]),
    ("--optimize", ["--optimize", ""]),
    ("--method", ["--method", "newton"]),
    ("--color", ["--color", "1", "2", "0"]),
    ("--color", ["--color", "1", "0"]),
    ("--light-pos", ["--light-pos", "1", "inf", "0"]),
    ("--device", ["--device", "tpu"]),
    ("--device", ["--device", "cuda:one"]),
    ("--device", ["--device", "cuda:99"]),
    ("--target", ["--target", "absent.png"]),
    ("--target", ["--target", "."]),
    ("--itres", ["--itres", "5"]),
    ("extra", ["extra"]),
    ("--mesh", ["--mesh", "other.ply"]),
]


def assert_refused(code: int, said: Any, name: str, folder: Path, before: list[Path]) -> None:
    assert code == 2
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert name in said.err
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(("name", "options"), BAD_OPTIONS, ids=lambda value: " ".join(value) if value else "")
def test_bad_options_are_refused_in_one_line(
    box: Path, here: Path, capfd: pytest.CaptureFixture[str], name: str, options: list[str]
) -> None:
    code = run(["optimize", str(box), *options])
    assert_refused(code, capfd.readouterr(), name, here, [])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("no scene given", ["optimize"]),
        ("absent.ply", ["optimize", "absent.ply", "--out", "out"]),
        ("absent.ply", ["render", "absent.ply"]),
        ("bad.ply", ["optimize", "bad.ply"]),
        ("bad.ply", ["info", "bad.ply"]),
        ("bad.ply", ["optimize", "BOX", "--target", "bad.ply"]),
        ("--format gif", ["render", "BOX", "--mode", "grid", "--format", "gif"]),
        ("--num-views", ["render", "BOX", "--num-views", "0"]),
        ("--mode", ["render", "BOX", "--mode", "optimize"]),
        ("room.obj", ["scene", "room.obj"]),
        ("--triangles 100", ["scene", "room.ply", "--triangles", "100"]),
        ("absent/room.ply", ["scene", "absent/room.ply", "--triangles", "5000"]),
        ("optimise", ["optimise", "BOX"]),
        ("bad.ply", ["optimize", "BOX", *FAST, "--out", "bad.ply"]),
        ("cannot be written", ["render", "BOX", "--out", "bad.ply/below"]),
    ],
)
def test_bad_input_is_refused_in_one_line(
    box: Path, here: Path, capfd: pytest.CaptureFixture[str], name: str, arguments: list[str]
) -> None:
    (here / "bad.ply").write_text("not\na scene\n")
    code = run([str(box) if argument == "BOX" else argument for argument in arguments])
    assert_refused(code, capfd.readouterr(), name, here, [here / "bad.ply"])
    assert (here / "bad.ply").read_text() == "not\na scene\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_permission_is_refused(box: Path, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "locked").mkdir(mode=0o500)
    code = run(["optimize", str(box), *FAST, "--out", "locked/out"])
    assert_refused(code, capfd.readouterr(), "permission denied", here, [here / "locked"])
