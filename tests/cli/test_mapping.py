"""`tvdr-nv optimize --mapping FILE --query EMBEDDING`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.mapping.small import SMALL
from tvdrnet_nv import Orbit, save_ply
from tvdrnet_nv.cli import run
from tvdrnet_nv.mapping import CameraMapping, ScenePoints, load_mapping, save_mapping
from tvdrnet_nv.scenes import textured_box


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "box.ply"
    save_ply(textured_box(4), path)
    return path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mapping") / "mapping.pt"
    save_mapping(CameraMapping(3, **SMALL), path)
    return path


def test_the_mappings_proposal_is_the_result(box: Path, saved: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "query.npy", np.array([[0.1, 0.2, -0.3]], dtype=np.float16))
    torch.save(torch.tensor([0.1, 0.2, -0.3]), tmp_path / "query.pt")
    started = []
    for query in ("0.1,0.2,-0.3", str(tmp_path / "query.npy"), str(tmp_path / "query.pt")):
        out = tmp_path / "out"
        options = ["--image-size", "16", "--out", str(out), "--up", "y", "--quiet"]
        assert run(["optimize", str(box), "--mapping", str(saved), "--query", query, *options]) == 0
        params = json.loads((out / "optimized_params.json").read_text(encoding="utf-8"))
        names = ("distance", "elevation", "azimuth", "at")
        assert all(params[name] == params[f"initial_{name}"] for name in names)
        assert "proposes is kept" in params["reason"]
        assert "focus" not in params
        started.append([number for name in names for number in np.atleast_1d(params[name])])
    mesh = textured_box(4)
    start = Orbit.create(2 * mesh.radius, 30.0, 45.0, 60.0, at=mesh.center)
    with torch.no_grad():
        view = load_mapping(saved)(start, torch.tensor([0.1, 0.2, -0.3]), ScenePoints.of(mesh, "y"))
    wanted = [view.distance.item(), view.elevation.item(), view.azimuth.item() % 360, *view.at[0].tolist()]
    for numbers, tolerance in zip(started, (1e-4, 1e-2, 1e-4), strict=True):
        numbers[2] %= 360
        assert numbers == pytest.approx(wanted, rel=tolerance, abs=tolerance)


def test_what_is_proposed_is_said(box: Path, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--image-size", "16", "--out", str(tmp_path / "out"), "--up", "y"]
    assert run(["optimize", str(box), "--mapping", str(saved), "--query", "1,2,3", *options]) == 0
    assert "mapping.pt proposes distance" in capsys.readouterr().err


@pytest.mark.parametrize("wanted", [["--focus", "everything"], ["--objective", "tvdrnet"], ["--objective", "view"]])
def test_optimize_starts_from_the_proposal_where_something_is_wanted(
    box: Path, saved: Path, tmp_path: Path, wanted: list[str]
) -> None:
    common = ["--mapping", str(saved), "--query", "1,2,3", "--image-size", "16", "--up", "y", "--quiet"]
    assert run(["optimize", str(box), *common, "--out", str(tmp_path / "a")]) == 0
    assert (
        run(["optimize", str(box), *common, *wanted, "--no-search", "--iters", "4", "--out", str(tmp_path / "b")]) == 0
    )
    proposed, found = (json.loads((tmp_path / n / "optimized_params.json").read_text("utf-8")) for n in "ab")
    for name in ("distance", "elevation", "azimuth", "at"):
        assert found[f"initial_{name}"] == pytest.approx(proposed[name])
    assert found["iterations"] == 4
    assert found["loss"] < found["initial_loss"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--query", "1,2,3"], "--query 1,2,3: is the input of a learned mapping; add its file with --mapping"),
        (["--mapping", "SAVED"], "needs a query of 3 numbers; give it with --query"),
        (["--mapping", "SAVED", "--query", "1,2"], "--query 1,2: has 2 numbers, but the mapping SAVED takes 3"),
        (["--mapping", "absent.pt", "--query", "1,2,3"], "mapping absent.pt: no such file"),
        (
            ["--mapping", "SAVED", "--query", "a chair"],
            "--query a chair: has 384 numbers, but the mapping SAVED takes 3",
        ),
        (
            ["--mapping", "SAVED", "--query", "1,2,3", "--iters", "9"],
            "--iters: a --mapping alone gives the view that it",
        ),
        (
            ["--mapping", "SAVED", "--query", "1,2,3", "--iters", "9"],
            "add a --text, a --focus, a --target or an --objective",
        ),
        (
            ["--mapping", "SAVED", "--query", "the sofa", "--text", "the desk"],
            "--query the sofa: the mapping takes one sentence, and that of --text or --referral is given",
        ),
        (["--mapping", "SAVED", "--query", "1,x"], "--query 1,x: wanted a sentence, numbers"),
        (["--mapping", "SAVED", "--query", "absent.npy"], "--query absent.npy: no such file"),
    ],
)
def test_wrong_mappings_and_queries_end_in_one_line(
    box: Path,
    saved: Path,
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["optimize", str(box), "--quiet", *(a.replace("SAVED", str(saved)) for a in arguments)]) == 2
    error = capsys.readouterr().err
    assert said.replace("SAVED", str(saved)) in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_proposal_s_score_stands_beside_the_result_s_and_a_search_s(
    box: Path, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--mapping", str(saved), "--query", "1,2,3", "--focus", "everything", "--no-search"]
    common = ["optimize", str(box), "--image-size", "24", "--up", "y", "--iters", "4"]
    assert run([*common, *asked, "--out", str(tmp_path / "a")]) == 0
    assert "proposed" in capsys.readouterr().out
    found = json.loads((tmp_path / "a" / "optimized_params.json").read_text("utf-8"))
    start = [f"--{n}={found[f'initial_{n}']}" for n in ("distance", "elevation", "azimuth")]
    at = "--at=" + ",".join(map(str, found["initial_at"]))
    kept = ["--focus", "everything", "--no-search", "--lr", "1e-9", "--out", str(tmp_path / "b")]
    assert run([*common, *start, at, *kept]) == 0
    there = json.loads((tmp_path / "b" / "optimized_params.json").read_text("utf-8"))
    assert found["proposal_score"] == pytest.approx(there["focus_score"], abs=1e-3)
    assert found["proposal_score"] < found["focus_score"]
    assert found["searched_score"] > found["proposal_score"]
    assert "proposal_score" not in there


def test_a_mapping_without_queries(box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_mapping(CameraMapping(0, **SMALL), tmp_path / "m.pt")
    options = ["--image-size", "16", "--out", str(tmp_path / "out"), "--quiet"]
    assert run(["optimize", str(box), "--mapping", str(tmp_path / "m.pt"), *options]) == 0
    assert run(["optimize", str(box), "--mapping", str(tmp_path / "m.pt"), "--query", "1", *options]) == 2
    assert "takes none; leave --query out" in capsys.readouterr().err


def test_an_optimisation_starts_from_a_search_where_the_proposal_shows_nothing(
    box: Path, saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The proposed view is inside the box, and the side that is wanted is seen from outside."""
    back = ["--focus=box=-1.1,-0.8,-0.51,1.1,0.8,-0.49", "--mapping", str(saved), "--query", "1,2,3"]
    command = ["optimize", str(box), *back, "--image-size", "24", "--up", "y", "--iters", "2", "--out", str(tmp_path)]
    assert run(command) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "note: the proposed view shows little of what is wanted (score 0.0" in said
    params = json.loads((tmp_path / "optimized_params.json").read_text("utf-8"))
    assert params["proposal_score"] < 0.25 * params["searched_score"]
    assert params["focus_score"] > 0.9
    assert params["initial_distance"] > 1.5


def test_what_the_scene_lacks_is_said_where_a_mapping_is_asked_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room, other = tmp_path / "room.ply", tmp_path / "mapping.pt"
    assert run(["scene", str(room), "--triangles", "6000", "--labels", "--quiet"]) == 0
    save_mapping(CameraMapping(384, **SMALL), other)
    command = ["optimize", str(room), "--mapping", str(other), "--image-size", "16", "--out", str(tmp_path / "out")]

    def said(query: str) -> str:
        assert run([*command, "--query", query]) == 0
        return " ".join(capsys.readouterr().err.split())

    note = '"a dinosaur": nothing of the scene is meant, by the labels of room.labels.ply; the mapping proposes a view'
    assert note in said("a dinosaur")
    assert "the mapping proposes a view all the same" not in said("the sofa")
    room.with_name("room.labels.ply").unlink()
    assert 'whether the scene has "the sofa" is not known' in said("the sofa")
