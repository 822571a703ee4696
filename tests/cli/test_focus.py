"""`tvdr-nv optimize --focus PART`, with one view or several."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.cli import run
from tvdrnet_nv.scenes import make_room

FAST = ["--iters", "3", "--image-size", "32"]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("room") / "room.ply"
    assert run(["scene", str(path), "--triangles", "6000", "--labels", "--quiet"]) == 0
    assert path.with_name("room.labels.ply").exists()
    return path


def test_focus_writes_shares_and_a_picture_with_the_part(room: Path, tmp_path: Path) -> None:
    assert run(["optimize", str(room), "--focus", "label=sofa", *FAST, "--out", str(tmp_path), "--quiet"]) == 0
    params = json.loads((tmp_path / "optimized_params.json").read_text())
    assert params["focus"] == "label=sofa"
    assert params["visible_share"] + params["occluded_share"] == pytest.approx(1)
    assert params["visible_share"] > 0.6
    assert params["focus_score"] == pytest.approx(1 - params["loss"], abs=0.01)
    assert params["size"] > 0.8
    assert params["cut_off_share"] < 0.1
    # Three panels, not two.
    with Image.open(tmp_path / "optimization_comparison.png") as picture:
        assert picture.width > 2.5 * picture.height / 2
        assert picture.width == 3 * (224 + 12) + 12


def test_several_views_are_written_with_what_they_cover(room: Path, tmp_path: Path, capsys) -> None:
    command = ["optimize", str(room), "--focus", "label=sofa", "--views", "2", *FAST, "--out", str(tmp_path), "--json"]
    assert run(command) == 0
    reported = json.loads(capsys.readouterr().out)
    facts = json.loads((tmp_path / "views.json").read_text())
    names = ("views.json", "views.png", "view_1.png", "view_2.png", "report.html")
    assert reported.pop("files") == [str(tmp_path / name) for name in names]
    assert reported == facts
    assert len(facts["views"]) == 2
    assert max(view["seen_share"] for view in facts["views"]) <= facts["coverage"] <= facts["reachable_coverage"]
    assert facts["smallest_angle"] > 15
    # The command in the file draws the picture that is there.
    words = facts["views"][1]["render_command"]
    again = tmp_path / "again"
    assert run([*shlex.split(words)[1:], "--out", str(again), "--quiet"]) == 0
    with Image.open(tmp_path / "view_2.png") as one, Image.open(again / "single_view.png") as two:
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))


@pytest.mark.parametrize(
    "focus", ["box=3.0,1.5,0,5,4,1", "point=4,3,0.3,0.8", "scores"], ids=["box", "point", "scores"]
)
def test_focus_by_box_point_and_scores(room: Path, tmp_path: Path, focus: str) -> None:
    if focus == "scores":
        focus = str(tmp_path / "scores.npy")
        np.save(focus, np.linspace(0, 1, 3 * 10**6)[: make_room(6000).mesh.num_vertices])
    command = ["optimize", str(room), "--focus", focus, *FAST, "--no-search", "--out", str(tmp_path / "o"), "--quiet"]
    assert run(command) == 0
    assert json.loads((tmp_path / "o" / "optimized_params.json").read_text())["focus"] == focus


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--focus", "label=unicorn"], "there are 1 floor_0"),
        (["--focus", "label="], "wanted label=NAME"),
        (["--focus", "box=1,2,3"], "wanted box=X0,Y0,Z0,X1,Y1,Z1"),
        (["--focus", "box=1,2,3,4,5,nan"], "finite numbers"),
        (["--focus", "box=90,90,90,91,91,91"], "the scene lies between"),
        (["--focus", "point=1,2,3,-1"], "radius must be above 0"),
        (["--focus", "sofa"], "wanted everything, label=NAME"),
        (["--focus", "none.npy"], "no such file"),
        (["--focus", "label=1", "--labels", "none.ply"], "none.ply: no such file"),
        (["--focus", "box=1,2,3,4,5,6", "--labels", "x.ply"], "works only with --focus label"),
        (["--focus", "label=1", "--target", "x.png"], "exclude each other"),
        (["--focus", "label=1", "--profile"], "leave out --focus"),
        (["--focus", "label=1", "--views", "2", "--starts", "3"], "leave --starts out"),
        (["--focus", "label=1", "--views", "2", "--method", "tvdrnet"], "always uses adam"),
        (["--views", "2", "--target", "x.png"], "do not go with --target"),
        (["--labels", "x.ply"], "works only with --focus"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(room: Path, tmp_path: Path, capsys, options, message) -> None:
    assert run(["optimize", str(room), *options, *FAST, "--out", str(tmp_path / "o")]) == 2
    error = capsys.readouterr().err
    assert message in " ".join(error.split())
    assert "Traceback" not in error
    assert not (tmp_path / "o").exists()


def test_labels_of_another_scene_are_named(room: Path, tmp_path: Path, capsys) -> None:
    other = tmp_path / "other.ply"
    assert run(["scene", str(other), "--triangles", "5000", "--quiet"]) == 0
    labels = str(room.with_name("room.labels.ply"))
    assert run(["optimize", str(other), "--focus", "label=1", "--labels", labels, "--out", str(tmp_path / "o")]) == 2
    assert "labels belong to another mesh" in " ".join(capsys.readouterr().err.split())
    assert run(["optimize", str(other), "--focus", "label=1", "--out", str(tmp_path / "o")]) == 2
    assert "name a file of labels with --labels" in " ".join(capsys.readouterr().err.split())


def test_info_lists_labels(room: Path, capsys) -> None:
    assert run(["info", str(room.with_name("room.labels.ply")), "--json"]) == 0
    labels = json.loads(capsys.readouterr().out)["labels"]
    assert labels[0]["name"] == "floor_0"
    assert sum(label["vertices"] for label in labels) == make_room(6000).mesh.num_vertices
    assert run(["info", str(room.with_name("room.labels.ply"))]) == 0
    assert "sofa_0" in capsys.readouterr().out
