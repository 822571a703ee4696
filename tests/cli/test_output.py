"""Where results go: the output folder, --json, --quiet, and terminals of any encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.runs import FAST, params_of, pixels
from tvdrnet_nv.cli import run
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import textured_box


def test_the_default_folder_has_the_time_in_its_name(box: Path, here: Path) -> None:
    for _ in range(2):
        assert run(["optimize", str(box), *FAST, "--quiet"]) == 0
    folders = sorted(here.iterdir())
    assert len(folders) == 2
    assert all(folder.name.startswith(time.strftime("tvdr-nv-optimize-%Y")) for folder in folders)


def test_json_is_all_that_stdout_holds(box: Path, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", str(box), *FAST, "--out", "a", "--json"]) == 0
    said = capfd.readouterr()
    document = json.loads(said.out)
    assert document["distance"] == params_of(here / "a")["distance"]
    assert all(Path(file).is_file() for file in document["files"])
    assert len(document["files"]) == 7
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
    assert len(list((here / "out").iterdir())) == 8


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
