"""The command line: what it accepts, what it refuses, what it prints and writes."""

from __future__ import annotations

import inspect
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

from tvdrnet_nv import __version__
from tvdrnet_nv.benchmarks.scenes import textured_box
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.choices import MethodName, Robust
from tvdrnet_nv.cli import run
from tvdrnet_nv.cli._errors import exit_code
from tvdrnet_nv.cli._options import TVDRNET_NAMES
from tvdrnet_nv.cli._progress import OptimizationProgress
from tvdrnet_nv.device import choose_device
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh, save_ply
from tvdrnet_nv.jobs import parameters, prepare
from tvdrnet_nv.jobs.interrupt import Interruptible
from tvdrnet_nv.jobs.scene_job import parse_at, parse_image_size
from tvdrnet_nv.jobs.target import read_target
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import robust
from tvdrnet_nv.optimization import METHODS, PARAMETERS, POSE_PARAMETERS, Progress, optimize
from tvdrnet_nv.optimization.parameters import default_parameters

FAST = ["--iters", "4", "--image-size", "24"]
COMMANDS = ["optimize", "render", "bench", "info", "scene", "doctor", "conformance"]


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mesh = textured_box(4)
    path = tmp_path_factory.mktemp("scene") / "the box's.ply"
    save_ply(Mesh(mesh.vertices + mesh.vertices.new_tensor([5.0, -3.0, 2.0]), mesh.faces, mesh.colors), path)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def params_of(out: Path) -> dict[str, Any]:
    return json.loads((out / "optimized_params.json").read_text(encoding="utf-8"))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


# Help and version


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)])
def test_help_needs_none_of_the_heavy_packages(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom tvdrnet_nv.cli import run\ncode = run(sys.argv[1:])\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'PIL', 'trimesh', 'pydantic', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    assert (__version__ if "--version" in arguments else "Usage: tvdr-nv") in done.stdout


def test_help_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert run(["optimize", "-h"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Input:", "Search:", "Camera:", "Rendering:", "Output:", "Other:"]


def test_the_console_script_is_installed() -> None:
    script = Path(sys.executable).with_name("tvdr-nv")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tvdr-nv {__version__}\n"


def test_choices_and_defaults_are_the_librarys() -> None:
    assert parameters.PARAMETERS == PARAMETERS
    assert parameters.POSE_PARAMETERS == POSE_PARAMETERS
    assert tuple(kind.value for kind in Robust) == ("none", *robust.KINDS)
    assert [method.value for method in MethodName] == list(METHODS)
    defaults = inspect.signature(optimize).parameters
    assert defaults["method"].default == "auto"  # --help says so
    orbit = Orbit.create(1.0, 0.0, 0.0)
    assert parameters.parse_parameters("distance,elevation,azimuth") == default_parameters(orbit)
    assert parameters.parse_parameters("pose") == default_parameters(orbit.camera())


# optimize


def test_search_starts_from_views_all_around(box: Path, here: Path) -> None:
    target = here / "target.png"
    view = ["--distance", "5", "--elevation", "40"]
    assert run(["render", str(box), "--image-size", "48", *view, "--azimuth", "200", "--out", "t", "--quiet"]) == 0
    (here / "t" / "single_view.png").rename(target)
    common = [str(box), "--target", str(target), *view, "--azimuth", "20", "--starts", "2", "--quiet"]
    assert run(["optimize", *common, "--search", "--out", "found"]) == 0
    found = params_of(here / "found")
    assert found["azimuth"] == pytest.approx(200.0, abs=1.0)
    assert found["method"] == "lm"
    assert set(found["standard_deviations"]) == {"distance", "elevation", "azimuth"}


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


def test_optimize_writes_its_files_and_says_what_it_found(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["optimize", str(box), *FAST, "--out", "out"]) == 0
    pictures = ("optimized_view.png", "optimization_comparison.png", "optimization_process.gif", "loss.png")
    assert {path.name for path in here.rglob("*")} == {"out", "optimized_params.json", *pictures}
    said = capsys.readouterr()
    params = params_of(here / "out")
    assert params["render_command"] in said.out
    assert "Best camera: iteration" in said.out
    assert "out/" in said.out
    assert "336" not in said.out
    assert "192 triangles, 24×24 pixels" in said.err
    assert "4/4" in said.err
    assert params["iterations"] == 4
    assert params["command"] == shlex.join(["tvdr-nv", "optimize", str(box), *FAST, "--out", "out"])
    assert Path(params["scene"]) == box


def test_the_default_folder_has_the_time_in_its_name(box: Path, here: Path) -> None:
    for _ in range(2):
        assert run(["optimize", str(box), *FAST, "--quiet"]) == 0
    folders = sorted(here.iterdir())
    assert len(folders) == 2
    assert all(folder.name.startswith(time.strftime("tvdr-nv-optimize-%Y")) for folder in folders)


def test_by_default_the_camera_orbits_the_scene(box: Path, here: Path) -> None:
    assert run(["optimize", str(box), *FAST, "--out", "a", "--quiet"]) == 0
    mesh, params = load_mesh(box), params_of(here / "a")
    assert params["initial_at"] == pytest.approx(mesh.center.tolist())
    assert params["initial_distance"] == pytest.approx(2 * mesh.radius)
    assert (params["initial_elevation"], params["initial_azimuth"]) == (30.0, 45.0)


def test_tvdrnets_options_mean_what_they_mean_there(box: Path, here: Path, tmp_path: Path) -> None:
    Image.new("RGB", (24, 24), (90, 120, 200)).save(tmp_path / "target.png")
    theirs = ["--mesh", str(box), "--initial-distance", "6.0", "--initial-elevation=45.0", "--initial-azimuth", "90.0"]
    theirs += ["--iterations", "4", "--image-size", "24", "--learning-rate", "0.5", "--output-dir", "theirs"]
    theirs += [
        "--target-image",
        str(tmp_path / "target.png"),
        "--light-pos",
        "1",
        "-2",
        "-3",
        "--color",
        "0.5",
        "1",
        "0",
    ]
    ours = [str(box), "--distance", "6", "--elevation", "45", "--azimuth", "90", "--iters", "4", "--image-size", "24"]
    ours += ["--lr", "0.5", "--out", "ours", "--target", str(tmp_path / "target.png")]
    ours += ["--light-pos", "1", "-2", "-3", "--color", "0.5", "1", "0"]
    assert run(["optimize", *theirs, "--quiet"]) == run(["optimize", *ours, "--quiet"]) == 0
    a, b = params_of(here / "theirs"), params_of(here / "ours")
    assert (a["initial_distance"], a["initial_elevation"], a["initial_azimuth"]) == (6.0, 45.0, 90.0)
    assert a["light"]["location"] == [1.0, -2.0, -3.0]
    for name in a.keys() - {"seconds", "created", "command"}:
        assert a[name] == b[name], name


def test_every_tvdrnet_name_stands_for_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    run(["optimize", "--help"])
    page = capsys.readouterr().out.replace("-\n  ", "-")
    for theirs, ours in TVDRNET_NAMES.items():
        assert f"--{theirs}" in page
        assert f"  --{ours} " in page


def test_at_origin_with_y_up_is_tvdrnets_camera_and_light(box: Path, here: Path) -> None:
    assert run(["optimize", str(box), *FAST, "--at", "origin", "--up", "y", "--out", "a", "--quiet"]) == 0
    params = params_of(here / "a")
    assert params["at"] == [0.0, 0.0, 0.0]
    assert params["up"] == "y"
    assert params["light"]["location"] == [2.0, 2.0, -3.0]


def test_only_the_named_parameters_move(box: Path, here: Path) -> None:
    assert run(["optimize", str(box), *FAST, "--optimize", "fov, at", "--out", "a", "--quiet", "--seed", "7"]) == 0
    params = params_of(here / "a")
    assert params["parameters"] == ["fov", "at"]
    assert params["seed"] == 7
    for name in ("distance", "elevation", "azimuth"):
        assert params[name] == params[f"initial_{name}"]
    assert params["fov"] != params["initial_fov"]
    assert params["at"] != params["initial_at"]


def test_several_starts_run_in_one_batch(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", str(box), *FAST, "--starts", "3", "--method", "tvdrnet", "--out", "a"]) == 0
    params = params_of(here / "a")
    assert params["starts"] == 3
    assert params["method"] == "tvdrnet"
    assert f"start {params['best_start'] + 1} of 3" in capsys.readouterr().out


def test_json_is_all_that_stdout_holds(box: Path, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", str(box), *FAST, "--out", "a", "--json"]) == 0
    said = capfd.readouterr()
    document = json.loads(said.out)
    assert document["distance"] == params_of(here / "a")["distance"]
    assert all(Path(file).is_file() for file in document["files"])
    assert len(document["files"]) == 5
    assert "4/4" in said.err


def test_quiet_says_nothing(box: Path, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", str(box), *FAST, "--out", "a", "--quiet"]) == 0
    assert run(["render", str(box), "--image-size", "24", "--out", "a", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")
    assert run(["optimize", str(box), *FAST, "--out", "a", "--quiet", "--json"]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    json.loads(said.out)


def test_an_existing_folder_keeps_what_is_not_ours(box: Path, here: Path) -> None:
    (here / "out").mkdir()
    (here / "out" / "mine.txt").write_text("mine")
    (here / "out" / "loss.png").write_text("old")
    assert run(["optimize", str(box), *FAST, "--out", "out", "--quiet"]) == 0
    assert (here / "out" / "mine.txt").read_text() == "mine"
    assert pixels(here / "out" / "loss.png").ndim == 3
    assert len(list((here / "out").iterdir())) == 6


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
        (["optimize", "--target", "m.png", "--mask", "small.png"], ["--mask small.png", "4×4", "8×8"]),
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
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(here / "m.png")
    Image.fromarray(np.full((4, 4), 255, np.uint8)).save(here / "small.png")
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(here / "black.png")
    before = sorted(path.name for path in here.iterdir())
    command, *options = arguments
    assert run([command, str(box), *options]) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words), said
    assert len(said.strip().splitlines()) == 1
    assert sorted(path.name for path in here.iterdir()) == before


def test_ctrl_c_keeps_the_best_so_far(box: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from tvdrnet_nv.cli import main; main()", "optimize", str(box)]
    command += ["--iters", "1000000", "--image-size", "24", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "1/1000000" in line:
                break
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, err
    assert "interrupted: kept the best of" in err
    assert "Traceback" not in err
    assert "Best camera" in out
    params = params_of(tmp_path / "out")
    assert params["status"] == "stopped"
    assert 1 <= params["iterations"] < 1000000
    assert len(list((tmp_path / "out").iterdir())) == 5


# Targets


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


# render


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


# info, scene, doctor


def test_info(box: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", str(box)]) == 0
    said = capsys.readouterr()
    assert "192  (0 of zero area)" in said.out
    assert said.err == ""
    assert run(["info", "--mesh", str(box), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["faces"] == 192
    assert facts["center"] == pytest.approx([5.0, -3.0, 2.0], abs=1e-6)
    assert facts["start_distance"] == pytest.approx(2 * facts["radius"], abs=1e-4)


def test_scene_writes_a_room(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scene", "room.ply", "--triangles", "5000", "--seed", "3"]) == 0
    assert "5,000 triangles" in capsys.readouterr().out
    assert load_mesh(here / "room.ply").num_faces == 5000


def test_doctor_renders_with_the_backend_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--device", "cpu"]) == 0
    page = capsys.readouterr().out
    assert "✓ backend" in page
    assert "✓ test render" in page
    assert run(["doctor", "--device", "cpu", "--json"]) == 0
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["backend"]["text"].startswith("cpu")
    assert {"python", "torch", "CUDA", "nvdiffrast", "compilers"} <= findings.keys()


def test_doctor_fails_when_the_backend_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> float:
        raise RuntimeError("no kernel")

    monkeypatch.setattr("tvdrnet_nv.cli.doctor._render_triangle", broken)
    assert run(["doctor", "--device", "cpu"]) == 1
    assert "no kernel" in capsys.readouterr().out


# What is refused


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
    ("--up", ["--up", "x"]),
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


def test_cuda_that_is_not_there_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.version.cuda", "13.0")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("tvdrnet_nv.device.find_spec", lambda name: None)
    with pytest.raises(
        InputError, match=r"`device` cuda: nvdiffrast is not installed; pip install 'tvdrnet_nv\[cuda\]'"
    ):
        choose_device("cuda")
    device, reason = choose_device("auto")
    assert (device.type, reason) == ("cpu", "nvdiffrast is not installed")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError, match="sees no CUDA device"):
        choose_device("cuda")
    assert choose_device("cpu")[0].type == "cpu"


def test_a_lack_of_memory_is_one_line_and_a_bug_is_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    def call(error: BaseException) -> int:
        def fail() -> None:
            raise error

        return exit_code(fail)

    assert call(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried")) == 2
    assert call(MemoryError()) == 2
    assert capsys.readouterr().err.count("error: not enough memory") == 2
    assert call(KeyboardInterrupt()) == 130
    with pytest.raises(RuntimeError, match="a bug"):
        call(RuntimeError("a bug"))
    with pytest.raises(ValueError, match="a bug"):
        call(ValueError("a bug"))


def test_an_error_is_one_line_however_long_and_shows_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise InputError("[red]file[/red] " + "word " * 60 + "\nnext line")

    assert exit_code(fail) == 2
    text = capsys.readouterr().err
    assert text.startswith("error: [red]file[/red] word")
    assert text.count("\n") == 1


def test_values_are_parsed() -> None:
    assert parse_image_size("256") == (256, 256)
    assert parse_image_size("640x480") == (480, 640)
    assert parse_image_size("640X480") == (480, 640)
    assert parse_at("center") == "center"
    assert parse_at("-1.5,2,3e-1") == parse_at("-1.5 2 3e-1") == parse_at(" -1.5, 2, 3e-1 ") == (-1.5, 2.0, 0.3)


# Progress


def show_progress(width: int, **console: Any) -> str:
    file = io.StringIO()
    orbit = Orbit.create(6.0, -45.25, 359.0, 60.0)
    target = Console(file=file, width=width, **console)
    with OptimizationProgress(target, 20, fov=True) as progress:
        for iteration in range(1, 21):
            progress(Progress(iteration, 20, 0.5 / iteration, 0.5 / iteration, orbit, 0.1 * iteration))
    return file.getvalue()


def test_progress_on_a_terminal_shows_values_and_breaks_between_fields() -> None:
    frames = show_progress(30, force_terminal=True, no_color=True, legacy_windows=False)
    text = "\n".join(line.rstrip() for line in frames.split("\n"))
    for field in ("20/20", "10 it/s", "0:00:00", "loss 0.02500", "best 0.02500", "D 6.000", "E -45.2°", "FoV 60.0°"):
        assert field in text
    assert "\x1b[3" not in text  # no colours


def test_progress_has_colours_where_they_are_wanted() -> None:
    assert "\x1b[3" in show_progress(80, force_terminal=True, color_system="standard", legacy_windows=False)


def test_progress_in_a_log_is_a_line_now_and_then() -> None:
    lines = show_progress(20, force_terminal=False).splitlines()
    assert len(lines) == 11
    assert lines[0].startswith(
        " 1/20   loss 0.5000   best 0.5000   D 6.000   E -45.2°   A 359.0°   FoV 60.0°   10 it/s"
    )
    assert lines[-1].endswith("0 s left")


def test_quiet_progress_is_silent() -> None:
    assert show_progress(80, force_terminal=True, quiet=True) == ""
    assert show_progress(80, force_terminal=False, quiet=True) == ""


# Interruption


def test_the_first_ctrl_c_waits_for_its_moment_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruptible() as interruptible:
        interruptible.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interruptible.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_that_is_switched_off_stays_off() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruptible() as interruptible:
            signal.raise_signal(signal.SIGINT)
            interruptible.check()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_conformance_says_what_passed(capsys):
    assert run(["conformance", "-k", "zero-area", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["backend"], found["passed"], found["failed"], found["skipped"]) == ("cpu", 1, 0, 0)
    assert found["cases"][0]["sentence"] == "zero-area triangles hit nothing"
    assert run(["conformance", "-k", "slivers"]) == 0
    assert "side by side" in capsys.readouterr().out


def test_conformance_fails_with_the_line_that_failed(capsys, monkeypatch):
    from tvdrnet_nv import ops

    monkeypatch.setattr(ops, "rasterize", lambda ctx, pos, tri, resolution, *_: [torch.ones(1, *resolution, 4)] * 2)
    assert run(["conformance", "-k", "triangles.without_area"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "triangles.py" in out
    assert "1 failed" in out


def test_conformance_without_a_case_is_bad_input(capsys):
    assert run(["conformance", "-k", "no such case"]) == 2
    assert "no such case" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("encoding", "arguments"),
    [
        ("ascii", ["optimize", "bóx.ply", *FAST]),
        ("ascii", ["info", "bóx.ply", "--json"]),
        ("ascii", ["nonsénse"]),
        ("latin-1", ["nonsénse"]),
    ],
)
def test_any_encoding_of_the_terminal_will_do(tmp_path: Path, encoding: str, arguments: list[str]) -> None:
    save_ply(textured_box(2), tmp_path / "bóx.ply")
    command = [sys.executable, "-c", "from tvdrnet_nv.cli import main; main()", *arguments]
    surroundings = {**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C"}
    done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True)
    assert done.returncode == (2 if arguments == ["nonsénse"] else 0)
    assert b"Traceback" not in done.stderr
    said = (done.stdout + done.stderr).decode(encoding)
    if "--json" in arguments:
        assert "bóx.ply" in json.loads(done.stdout.decode(encoding))["scene"]
    elif encoding == "ascii":
        assert "b?x.ply" in said or "nons?nse" in said
    else:
        assert "bóx.ply" in said or "nonsénse" in said
