"""What the trials of photographs add up to, and the targets that they are held against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tvdrnet_nv.benchmarks.photos import run as photos_run
from tvdrnet_nv.benchmarks.photos.bars import photo_bars
from tvdrnet_nv.benchmarks.photos.methods import PARAMETERS
from tvdrnet_nv.benchmarks.photos.run import photo_rows, photo_summary
from tvdrnet_nv.benchmarks.photos.summary import deviation_rows, quality_rows, success_rows
from tvdrnet_nv.benchmarks.recovery.interval import wilson
from tvdrnet_nv.benchmarks.report import readme, sheets, write_report
from tvdrnet_nv.benchmarks.results import Results
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.cli import run
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import Result, optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room


def trial(**fields: Any) -> dict[str, Any]:
    """A row as the benchmark makes them."""
    row: dict[str, Any] = {"source": "photograph", "scene": "photos", "picture": "frame-1", "method": "default"}
    row |= {"rotation": 10, "distance": 0.0, "has_answer": True, "right": True, "status": "converged"}
    row |= {"quality": None, "degrees": 0.5, "metres": 0.01, "seconds": 2.0, "iterations": 20}
    return {**row, "z_rotation": None, "z_position": None, **fields}


def without_answer(**fields: Any) -> dict[str, Any]:
    fields = {"source": "noise", "status": "stopped"} | fields
    return trial(has_answer=False, right=False, degrees=None, metres=None, **fields)


def test_success_is_counted_by_source_start_and_method() -> None:
    rows = [
        trial(seconds=1.0),
        trial(seconds=3.0, right=False),
        trial(seconds=8.0, status="ambiguous"),
        trial(method="robust, exposure"),
        trial(rotation=20),
        without_answer(status="converged"),
        without_answer(),
    ]
    first, robust, far, noise = success_rows(rows)
    assert (first["trials"], first["right"], first["seconds"]) == (3, 2, 3.0)
    assert (first["low"], first["high"]) == wilson(2, 3)
    assert first["statuses"] == "converged 2, ambiguous 1"
    assert first["converged_but_wrong"] == 1
    assert (robust["method"], far["rotation"]) == ("robust, exposure", 20)
    assert (noise["trials"], noise["right"], noise["rate"], noise["converged_but_wrong"]) == (2, None, None, 1)


def test_the_reliability_curve_has_each_result_once() -> None:
    qualities = [0.0, 0.1, 0.25, 0.5, 0.8, 0.9, 0.95, 1.0]
    rows = [trial(quality=q, right=q > 0.6) for q in qualities] + [without_answer(quality=0.92), trial()]
    curve = list(quality_rows(rows))
    assert [(r["above"], r["trials"], r["right"]) for r in curve] == [
        (0.0, 2, 0),
        (0.25, 1, 0),
        (0.5, 1, 0),
        (0.75, 1, 1),
        (0.9, 4, 3),
    ]
    assert curve[-1]["rate"] == 0.75
    assert list(quality_rows([trial()])) == []


def test_the_spread_is_robust_and_of_right_results_only() -> None:
    scores = [[0.6745, -0.6745, 2.0], [-0.6745, 0.1, 100.0]]
    rows = [trial(source="path traced", z_rotation=z, z_position=[2 * x for x in z]) for z in scores]
    rows += [trial(source="path traced", right=False, z_rotation=[99.0] * 3, z_position=[99.0] * 3), trial()]
    rotation, position = deviation_rows(rows)
    assert (rotation["parameter"], rotation["trials"], rotation["pictures"]) == ("rotation", 2, 1)
    assert rotation["spread"] == pytest.approx(1.0, abs=1e-3)
    assert position["spread"] == pytest.approx(2.0, abs=1e-3)


def met(rows: list[dict[str, Any]]) -> dict[tuple[str, str], bool | None]:
    return {(row["scene"], row["what"]): row["met"] for row in photo_bars(rows)}


def test_targets_are_for_the_default_method_and_judge_what_they_say() -> None:
    photographs = [trial(quality=0.95) for _ in range(19)] + [trial(right=False, quality=0.2)]
    rows = [
        *photographs,
        *(trial(rotation=20, right=False, seconds=9.0, quality=0.3) for _ in range(2)),
        trial(rotation=20, method="robust, exposure"),
        trial(
            source="path traced", rotation=20, distance=0.2, quality=0.99, z_rotation=[1.0] * 3, z_position=[9.0] * 3
        ),
        trial(source="path traced", rotation=10, distance=0.1, right=False, quality=0.1),
        without_answer(quality=0.91),
    ]
    assert met(rows) == {
        ("photograph", "right, start 10° off"): True,
        ("photograph", "right, start 20° off"): False,
        ("photograph", "median time"): True,
        ("path traced", "right, start 20° and 20% off"): True,
        ("without an answer", "converged"): True,
        ("all", "right, of quality 0.9 or more"): False,  # 20 of 21
        ("all", "quality 0.9 or more, of the wrong"): False,  # 1 of 5
        ("path traced", "spread of error / standard deviation, rotation"): True,
        ("path traced", "spread of error / standard deviation, position"): False,
    }
    assert met([without_answer(status="converged")])["without an answer", "converged"] is False


def test_without_a_quality_its_targets_are_open() -> None:
    rows = [row for row in photo_bars([trial()]) if "quality" in row["what"]]
    assert [(row["value"], row["met"]) for row in rows] == [(None, None)] * 2
    assert all(row["note"] == "the results have no quality" for row in rows)


def test_the_report_has_them_all_and_a_missed_target_fails_nothing(tmp_path: Path) -> None:
    rows = [trial(quality=0.95), trial(quality=0.1, right=False), without_answer(quality=0.1)]
    rows.append(trial(source="path traced", z_rotation=[1.0, 2.0, 3.0], z_position=[0.1, 0.2, 0.3]))
    facts = {"date": "2001-02-03", "device": "cpu"}
    results = Results(facts, {}, ["bench"], {"photos": rows, **photo_summary(rows)})
    assert results.failures() == []
    assert results.verdict() == ["4 of 7 targets for photographs are met."]
    titles = [sheet.title for sheet in sheets(results)]
    assert titles == [
        "Cameras of pictures that our renderer did not make",
        "Whether the quality can be trusted",
        "Errors in units of their standard deviations",
        "Pictures that our renderer did not make: targets",
    ]
    names = {path.name for path in write_report(tmp_path / "out", results)}
    assert {"photos.csv", "photos_success.csv", "photos_bars.csv", "photos_reliability.png"} <= names
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "at least 98 %" in page
    assert "0.7× to 1.5×" in page
    kept = readme.keep(tmp_path / "out" / "results.json", tmp_path)
    assert kept.name == "2001-02-03-cpu-photos.json"
    assert Results.read(kept).sections["photos_bars"] == results.sections["photos_bars"]


def test_quick_rows_have_every_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tvdrnet_nv.benchmarks.photos.run.TRIANGLES", 5000)
    searched: list[str] = []

    def at_the_start(renderer: Renderer, start: Camera, picture: torch.Tensor, seed: int) -> Result[Camera]:
        searched.append(str(tuple(picture.shape)))
        return optimize(renderer, start, MatchImage(picture), parameters=PARAMETERS, method="adam", iterations=1)

    monkeypatch.setitem(photos_run.METHODS, "default", at_the_start)
    ball = ("another", room(5000, 9))
    progress: list[str] = []
    rows = list(photo_rows(torch.device("cpu"), photographs=None, scene=ball, quick=True, progress=progress.append))
    sources = {row["source"] for row in rows}
    assert sources == {"path traced", "altered render", "noise", "mirrored", "another scene"}
    assert {row["scene"] for row in rows} == {"room 1", "room 2, shuffled", "another"}
    assert all((row["rotation"], row["distance"]) == (20, 0.2) for row in rows if row["has_answer"])
    assert len(searched) == len(rows)
    assert any("mirrored, default" in text for text in progress)


def test_the_command_writes_what_the_trials_add_up_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tvdrnet_nv.benchmarks.suite.photo_rows", lambda *_, **__: iter([trial(right=False)]))
    out = tmp_path / "out"
    assert run(["bench", "photos", "--no-reference", "--device", "cpu", "--out", str(out), "--quiet"]) == 0
    results = Results.read(out / "results.json")
    assert list(results.sections) == ["photos", "photos_success", "photos_bars"]
    assert results.sections["photos_success"][0]["right"] == 0
