"""`tvdr-nv bench`: what it writes and says, what it refuses, and how it ends."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tvdrnet_nv.benchmarks import suite
from tvdrnet_nv.benchmarks.reference import ReferenceError_
from tvdrnet_nv.benchmarks.results import Keeper, Results
from tvdrnet_nv.benchmarks.speed.cases import Case
from tvdrnet_nv.cli import run
from tvdrnet_nv.cli.bench import BenchPart, _print
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import sphere

BALL = sphere(2)
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"


@pytest.fixture(autouse=True)
def small_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    def cases(scene: object, name: str) -> Iterator[Case]:
        yield Case("headline", name or "ball", lambda: BALL, 16)

    monkeypatch.setattr(suite, "quick_cases", cases)
    monkeypatch.setattr(suite, "startup_rows", lambda *_, **__: iter(()))


def bench(*arguments: str, out: Path) -> int:
    return run(["bench", *arguments, "--quick", "--no-reference", "--device", "cpu", "--out", str(out)])


def test_parity_is_checked_against_recorded_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("parity", "trajectory", out=tmp_path / "out") == 0
    said = capsys.readouterr()
    assert "Parity with PyTorch3D" in said.out
    assert "checked results are within their limits" in said.out
    assert "make reference" in said.err
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"results.json", "parity.csv", "trajectory.csv", "index.html"}
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert list(results["sections"]) == ["parity", "trajectory"]
    assert results["reference"]["pytorch3d"]
    assert results["command"][:2] == ["tvdr-nv", "bench"]


def test_speed_without_a_reference_shows_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("speed", "--json", out=tmp_path / "out") == 0
    results = json.loads(capsys.readouterr().out)
    libraries = [row["library"] for row in results["sections"]["speed"]]
    assert libraries[0] == "tvdrnet_nv"
    assert "pytorch3d" not in libraries  # though other programs may be installed
    assert results["environment"]["device"] == "cpu"


def test_only_the_first_four_run_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def rows(part: str) -> Any:
        def run_it(*_: object, **__: object) -> Iterator[dict[str, Any]]:
            ran.append(part)
            return iter(())

        return run_it

    monkeypatch.setattr(suite, "_CHECKS", {part: rows(part) for part in ("parity", "trajectory", "truth")})
    monkeypatch.setattr(suite, "speed_rows", rows("speed"))
    monkeypatch.setattr(suite, "recovery_rows", rows("recovery"))
    monkeypatch.setattr(suite, "views_rows", rows("views"))
    monkeypatch.setattr(suite, "photo_rows", rows("photos"))
    monkeypatch.setattr(suite, "text_rows", rows("text"))
    monkeypatch.setattr(suite, "segment_rows", rows("segment"))
    assert bench(out=tmp_path / "out") == 0
    assert ran == ["parity", "trajectory", "truth", "speed"]
    assert {*ran, "recovery", "views", "photos", "text", "segment"} == {part.value for part in BenchPart}


def fake(*rows: dict[str, Any], then: Callable[[], BaseException] | None = None) -> Any:
    def made(*_: object, **__: object) -> Iterator[dict[str, Any]]:
        yield from rows
        if then is not None:
            raise then()

    return made


ROW = {"iterations": 50, "scene": "box", "camera": "start", "loss": "mse", "faces": 12, "travelled": 0.1}


def test_a_figure_that_misses_its_bar_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {**ROW, "value": 0.5, "limit": 1e-3, "passed": False}
    monkeypatch.setitem(suite._CHECKS, "trajectory", fake(bad))
    assert bench("trajectory", out=tmp_path / "out") == 1
    assert "0 of 1 checked results" in capsys.readouterr().out
    assert (tmp_path / "out" / "index.html").exists()


def test_an_interrupt_keeps_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {**ROW, "value": 1e-4, "limit": 1e-3, "passed": True}
    monkeypatch.setitem(suite._CHECKS, "trajectory", fake(good, then=KeyboardInterrupt))
    assert bench("trajectory", "speed", out=tmp_path / "out") == 130
    assert "the results are incomplete" in capsys.readouterr().out
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["interrupted"] is True
    assert list(results["sections"]) == ["trajectory"]
    monkeypatch.setitem(suite._CHECKS, "trajectory", fake(then=KeyboardInterrupt))
    assert bench("trajectory", out=tmp_path / "nothing") == 130
    assert not (tmp_path / "nothing").exists()


def test_a_run_that_is_killed_keeps_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper.__init__, "__defaults__", (0.0,))
    monkeypatch.setitem(suite._CHECKS, "trajectory", fake({**ROW, "value": 1.0}, then=RecursionError))
    with pytest.raises(RecursionError):
        bench("trajectory", out=tmp_path / "out")
    kept = Results.read(tmp_path / "out" / "results.json")
    assert kept.interrupted
    assert len(kept.sections["trajectory"]) == 1


def died() -> ReferenceError_:
    return ReferenceError_("the reference's process was killed by signal 9, in render")


def test_a_reference_that_dies_costs_no_more_than_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {**ROW, "value": 1e-4, "limit": 1e-3, "passed": True}
    monkeypatch.setitem(suite._CHECKS, "trajectory", fake(good, then=died))
    assert bench("trajectory", "speed", out=tmp_path / "out") == 1
    assert "killed by signal 9" in " ".join(capsys.readouterr().out.split())
    assert "killed by signal 9" in (tmp_path / "out" / "index.html").read_text()
    monkeypatch.setitem(suite._CHECKS, "trajectory", fake(then=died))
    assert bench("trajectory", out=tmp_path / "nothing") == 2
    assert not (tmp_path / "nothing").exists()


def test_an_interrupted_optimisation_is_no_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tvdrnet_nv.benchmarks.speed.clock.Clock.mark", pressed)
    assert bench("trajectory", "speed", out=tmp_path / "out") == 130
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert list(results["sections"]) == ["trajectory"]


def test_a_scene_of_any_name_is_reported(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"a\xff b.ply")
    save_ply(BALL, odd)
    assert bench("speed", "--scene", str(odd), out=tmp_path / "out") == 0
    assert (tmp_path / "out" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--reference", "/nowhere/python"], "/nowhere/python"),
        (["--reference", sys.executable], "has no PyTorch3D"),
        (["--reference", "x", "--no-reference"], "--no-reference"),
        (["sped"], "sped"),
        (["--scene", "nowhere.ply"], "nowhere.ply"),
        (["--limit", "0"], "--limit"),
        (["--photos", "nowhere"], "--photos is for the part photos"),
        (["photos", "--photos", "nowhere"], "nowhere"),
        (["--out", __file__], "a file of this name exists"),
    ],
)
def test_unusable_input_is_named_in_one_line(
    arguments: list[str],
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["bench", "speed", "--quick", "--device", "cpu", *arguments]) == 2
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(error) == 1
    assert named in error[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", sorted(RESULTS.glob("*.json")), ids=lambda file: file.stem)
@pytest.mark.parametrize(("width", "encoding"), [(80, "utf-8"), (40, "utf-8"), (80, "ascii")])
def test_recorded_runs_fit_the_terminal(file: Path, width: int, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding, errors="strict", write_through=True))
    monkeypatch.setenv("COLUMNS", str(width))
    _print(Results.read(file), Path("out"), [Path("out/results.json")], as_json=False, quiet=False)
    lines = raw.getvalue().decode(encoding).splitlines()
    assert len(lines) > 10
    assert max(map(cell_len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
