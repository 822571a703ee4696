"""`tvdr-nv optimize`: what it writes and says, and what its options mean."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.runs import FAST, params_of
from tvdrnet_nv.cli import run
from tvdrnet_nv.io import load_mesh


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


def test_optimize_writes_its_files_and_says_what_it_found(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["optimize", str(box), *FAST, "--out", "out"]) == 0
    pictures = ("optimized_view.png", "optimization_comparison.png", "optimization_process.gif", "loss.png")
    assert {path.name for path in here.rglob("*")} == {
        "out",
        "optimized_params.json",
        *pictures,
        "optimization_path.json",
        "report.html",
    }
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


def test_by_default_the_camera_orbits_the_scene(box: Path, here: Path) -> None:
    assert run(["optimize", str(box), *FAST, "--objective", "tvdrnet", "--out", "a", "--quiet"]) == 0
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
    assert run(["optimize", *theirs, "--quiet"]) == run(["optimize", *ours, "--quiet"]) == 3
    a, b = params_of(here / "theirs"), params_of(here / "ours")
    assert (a["initial_distance"], a["initial_elevation"], a["initial_azimuth"]) == (6.0, 45.0, 90.0)
    assert a["light"]["location"] == [1.0, -2.0, -3.0]
    for name in a.keys() - {"seconds", "created", "command", "attempts"}:
        assert a[name] == b[name], name


def test_at_origin_with_y_up_is_tvdrnets_camera_and_light(box: Path, here: Path) -> None:
    assert run(["optimize", str(box), *FAST, "--at", "origin", "--up", "y", "--out", "a", "--quiet"]) == 0
    params = params_of(here / "a")
    assert params["at"] == [0.0, 0.0, 0.0]
    assert params["up"] == "y"
    assert params["light"]["location"] == [2.0, 2.0, -3.0]


def test_only_the_named_parameters_move(box: Path, here: Path) -> None:
    wanted = ["--objective", "tvdrnet", "--optimize", "fov, at", "--seed", "7"]
    assert run(["optimize", str(box), *FAST, *wanted, "--out", "a", "--quiet"]) == 0
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
