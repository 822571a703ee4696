"""`tvdr-nv optimize --text SENTENCE --image-text-model MODEL`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_text import refused
from tests.language.tiny_models import save_clip
from tvdrnet_nv.cli import run
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import make_room

FAST = ["--iters", "3", "--image-size", "32"]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without labels: pictures are all that there is."""
    path = tmp_path_factory.mktemp("room") / "room.ply"
    save_ply(make_room(5000).mesh, path)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    return save_clip(tmp_path_factory.mktemp("clip"))


def command(room: Path, model: Path | str, out: Path, *more: str) -> list[str]:
    return ["optimize", str(room), "--text", "the sofa", "--image-text-model", str(model), "--out", str(out), *more]


def test_one_view(room: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command(room, model, tmp_path / "one", *FAST)) == 0
    said = capsys.readouterr()
    assert f'"the sofa" is looked for in pictures, by {model}' in said.err.replace("\n", " ").replace("  ", " ")
    assert "the scene, judged by pictures" in said.out
    params = json.loads((tmp_path / "one" / "optimized_params.json").read_text())
    assert params["text"]["sentence"] == "the sofa"
    assert params["text"]["source"] == "pictures"
    assert params["text"]["model"] == str(model)
    words = {item["name"]: item["cosine"] for item in params["text"]["candidates"]}
    assert "the sofa" in words
    assert "a sofa" not in words
    assert not (tmp_path / "one" / "marks.json").exists()
    assert params["text"]["candidates"][0]["cosine"] == max(words.values())


def test_the_loss_falls_and_a_run_is_repeatable(room: Path, model: Path, tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        assert run(command(room, model, tmp_path / name, *FAST, "--quiet", "--no-search", "--seed", "3")) == 0
        found.append(json.loads((tmp_path / name / "optimized_params.json").read_text()))
    assert found[0]["loss"] == found[1]["loss"]
    assert found[0]["loss"] < found[0]["initial_loss"]


def test_several_views_differ(room: Path, model: Path, tmp_path: Path) -> None:
    assert run(command(room, model, tmp_path / "set", *FAST, "--views", "2", "--quiet")) == 0
    views = json.loads((tmp_path / "set" / "views.json").read_text())
    assert len(views["views"]) == 2
    assert views["text"]["source"] == "pictures"
    assert (tmp_path / "set" / "view_2.png").is_file()


def test_a_pose_follows_the_sentence_too(room: Path, model: Path, tmp_path: Path) -> None:
    assert run(command(room, model, tmp_path / "pose", *FAST, "--optimize", "pose", "--quiet")) == 0
    assert (tmp_path / "pose" / "optimized_view.png").is_file()


def test_what_does_not_go_together_is_refused(
    room: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none"
    assert "works only with --text" in refused(
        ["optimize", str(room), "--image-text-model", str(model), "--out", str(out)], capsys
    )
    for option in ("--text-model", "--features", "--parser", "--labels", "--mapping"):
        line = refused(command(room, model, out, option, "x"), capsys)
        assert f"--image-text-model and {option} exclude each other" in line
    assert "there is no such folder" in refused(command(room, tmp_path / "no", out), capsys)
    assert "exclude each other" in refused(command(room, model, out, "--objective", "tvdrnet"), capsys)
