"""The options for pictures that other cameras took, in other lights."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.cli.runs import params_of, pixels
from tvdrnet_nv import Camera, Mesh, Renderer, load_mesh, scene_orbit
from tvdrnet_nv.cli import run
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import room

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


def test_a_depth_picture_is_compared_too(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", str(box), "--image-size", "48", *VIEW, "--quiet", "--out", "t"]) == 0
    mesh = load_mesh(box)
    truth = scene_orbit(mesh, distance=5.0, elevation=40.0, azimuth=200.0)
    with torch.no_grad():
        depth = Renderer(mesh, 96)(truth.camera()).depth[0, ..., 0].numpy()
    Image.fromarray((1000 * depth).round().astype(np.uint16)).save("depth.png")
    Image.fromarray(np.full((48, 40), 1500, np.uint16)).save("wrong.png")
    np.save("floats.npy", 1000 * depth)
    start = ["--target", "t/single_view.png", "--distance", "5.2", "--elevation", "38", "--azimuth", "205"]
    command = ["optimize", str(box), *start, "--out"]
    assert run([*command, "a", "--depth", "depth.png"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "depth.png is 96×96; of it the depths nearest to the target's 48×48 pixels are compared" in said
    found = params_of(here / "a")
    assert found["distance"] == pytest.approx(5.0, abs=0.03)
    # Depths that are wrong by a factor cost something: the loss has them in it.
    assert run(
        [*command, "b", "--depth", "depth.png", "--depth-unit", "m", "--iters", "2", "--effort", "quick", "--quiet"]
    ) in (0, 3)
    assert params_of(here / "b")["initial_loss"] > 2 * found["initial_loss"]
    capsys.readouterr()
    Image.fromarray(np.full((48, 48), 5, np.uint16)).save("near.png")
    quick = ["--depth", "near.png", "--iters", "2", "--effort", "quick"]
    assert run([*command, "d", *quick]) in (0, 3)
    said = " ".join(capsys.readouterr().err.split())
    assert "--depth near.png is within 5 % of the scene's depth in only 0% of its pixels, from the camera found" in said
    assert "times as far from there (median): is it this picture's, and --depth-unit right?" in said
    for options, says in (
        (["--depth", "wrong.png"], "--depth wrong.png: is 40×48, which is not the shape of the target, 48×48"),
        (["--depth", "none.png"], "--depth none.png: no such file"),
        (["--depth", "floats.npy"], "does not say in which unit; give --depth-unit mm or m"),
        (["--depth-unit", "mm"], "--depth-unit mm: the unit of a depth picture"),
    ):
        assert run([*command, "c", *options]) == 2
        assert says in " ".join(capsys.readouterr().err.split())
    assert run(["optimize", str(box), "--depth", "depth.png", "--out", "c"]) == 2
    assert "--depth: needs a picture to match" in capsys.readouterr().err
    assert not (here / "c").exists()


def test_a_mask_is_shown_in_the_residual(box: Path, here: Path) -> None:
    assert run(["render", str(box), "--image-size", "48", *VIEW, "--quiet", "--out", "t"]) == 0
    mask = np.full((48, 48), 255, np.uint8)
    mask[:12] = 0
    Image.fromarray(mask).save("mask.png")
    command = ["optimize", str(box), "--target", "t/single_view.png", *VIEW, "--quiet", "--out"]
    assert run([*command, "a", "--mask", "mask.png"]) == run([*command, "b"]) == 0
    hatched = [
        int((pixels(here / name / "optimization_comparison.png") == (120, 120, 120)).all(axis=2).sum()) for name in "ab"
    ]
    assert hatched[0] > hatched[1] + 12 * 48 / 2.5


def test_edges_find_the_camera_of_a_picture_in_other_colours(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mesh = room(6000)
    save_ply(mesh, here / "room.ply")
    r, g, b = mesh.colors.unbind(1)
    save_ply(Mesh(mesh.vertices, mesh.faces, torch.stack([1 - g, b, 1 - 0.7 * r], 1)), here / "other.ply")
    view = ["--distance", "6", "--light", "none"]
    where = ["--elevation", "50", "--azimuth", "60", "--image-size", "64x48", "--quiet", "--out", "t"]
    assert run(["render", "other.ply", *view, *where]) == 0
    command = ["optimize", "room.ply", "--target", "t/single_view.png", *view, "--elevation", "46", "--azimuth", "66"]
    found = {}
    for kind in ("edges", "colors"):
        quick = ["--effort", "quick"] if kind == "edges" else []
        assert run([*command, "--compare", kind, *quick, "--quiet", "--out", kind]) in (0, 3)
        found[kind] = params_of(here / kind)
    pose = found["edges"]["matrices"]["opencv"]
    R, t, K = (torch.tensor(pose[name]) for name in ("R", "t", "K"))
    camera = Camera.from_opencv(R, t, K, (48, 64))
    truth = scene_orbit(load_mesh(here / "room.ply"), distance=6.0, elevation=50.0, azimuth=60.0).camera()
    assert float((camera.position - truth.position).norm()) < 0.05
    assert found["edges"]["status"] == "converged"
    assert found["edges"]["attempts"][0]["what"].startswith("by its edges")
    assert found["colors"]["status"] == "poor-fit"
    assert found["colors"]["attempts"] == []
    capsys.readouterr()
    assert run([*command, "--compare", "edges", "--free-exposure", "--out", "x"]) == 2
    assert "--free-exposure: --compare edges sees no exposure" in " ".join(capsys.readouterr().err.split())
    assert run(["optimize", "room.ply", "--compare", "edges", "--out", "x"]) == 2
    assert "--compare: needs a picture to match" in capsys.readouterr().err
