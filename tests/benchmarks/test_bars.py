"""Speed's bars and the start-up: that they judge what they say. No test looks at a measured time's size."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tvdrnet_nv.benchmarks import suite
from tvdrnet_nv.benchmarks.report import sheets
from tvdrnet_nv.benchmarks.results import Results
from tvdrnet_nv.benchmarks.speed import startup
from tvdrnet_nv.benchmarks.speed.bars import bar_row, speed_bars
from tvdrnet_nv.benchmarks.speed.startup import startup_rows
from tvdrnet_nv.cli import run
from tvdrnet_nv.scenes import bumpy_sphere, sphere

CPU = torch.device("cpu")


def row(library: str, seconds: float | None, resolution: int = 256, **other: Any) -> dict[str, Any]:
    usual = {"axis": "headline", "scene": "scan", "triangles": 93_311, "cameras": 1, "what": "step", "device": "cpu"}
    return {**usual, "library": library, "seconds": seconds, "resolution": resolution, **other}


ROWS = [
    row("tvdrnet_nv", 5e-3),
    row("tvdrnet_nv", 2e-3, what="forward"),
    row("pytorch3d", 24.0),
    row("mitsuba", 0.1),
    row("llvmpipe", 16e-3, what="forward"),
    row("tvdrnet_nv", 13e-3, 512),
    row("pytorch3d", None, 512),
    row("llvmpipe", 12e-3, 512, what="forward"),
    row("tvdrnet_nv", 6e-3, axis="batch"),
    row("pytorch3d", 25.0, axis="batch"),
    row("tvdrnet_nv", 0.25, axis="batch", cameras=64),
    row("tvdrnet_nv", 9.0, axis="resolution"),
]


def test_each_bar_is_judged_where_its_rows_ran() -> None:
    found = {r["what"]: (r["value"], r["met"]) for r in speed_bars(ROWS)}
    assert found == {
        "step, 256×256": (5e-3, True),
        "PyTorch3D's step time divided by ours, 256×256": (pytest.approx(4800.0), True),
        "Mitsuba 3's step time divided by ours, 256×256": (pytest.approx(20.0), False),
        "llvmpipe's forward pass time divided by our step time, 256×256": (pytest.approx(3.2), True),
        "step, 512×512": (13e-3, False),
        "llvmpipe's forward pass time divided by our step time, 512×512": (pytest.approx(12 / 13), False),
        "a step of 64 cameras divided by 64 steps of one, 256×256": (pytest.approx(0.25 / 0.384), True),
    }


@pytest.mark.parametrize("other", [{"triangles": 5_000_000}, {"triangles": 12}, {"device": "cuda"}])
def test_other_scenes_and_devices_have_no_bars(other: dict[str, Any]) -> None:
    assert list(speed_bars([{**r, **other} for r in ROWS])) == []


def test_pytorch3d_on_a_gpu_is_no_bar_for_the_cpu() -> None:
    rows = [{**r, "device": "cuda"} if r["library"] == "pytorch3d" else r for r in ROWS]
    assert not any("PyTorch3D" in r["what"] for r in speed_bars(rows))


def test_the_report_says_which_bars_are_met_and_none_of_them_fails() -> None:
    bars = [*speed_bars(ROWS), bar_row("import x", "", 0.1, "s"), bar_row("y", "", None, "s", at_most=1.0, note="why")]
    results = Results({}, {}, [], {"bars": bars})
    assert results.verdict() == ["4 of 7 speed targets are met (for information: speed depends on the machine)."]
    assert results.failures() == []
    (sheet,) = sheets(results)
    columns = dict(zip(sheet.columns, map(list, zip(*sheet.rows, strict=True)), strict=True))
    assert columns["measured"][:3] == ["5.00 ms", "4,800×", "20×"]
    assert columns["target"][:3] == ["at most 6.00 ms", "at least 4,000×", "at least 25×"]
    assert columns[""] == ["met", "met", "NOT MET", "met", "NOT MET", "NOT MET", "met", "–", "–"]
    assert "y: why" in sheet.note


def test_the_start_up_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "_IMPORTS", ("import tvdrnet_nv",))  # the others take as long as the command
    reported: list[str] = []
    rows = list(startup_rows("ball", lambda: sphere(2), CPU, quick=True, progress=reported.append))
    assert [r["what"] for r in rows] == reported
    assert any("--iters 1," in what for what in reported)
    assert all(r["value"] > 0 and r["note"] == "" for r in rows)
    assert all(r["met"] is None for r in rows)  # a ball is no scan
    by_what = {r["what"]: r["value"] for r in rows}
    assert by_what["import tvdrnet_nv"] < by_what["tvdr-nv --help"]


def test_all_of_it_has_the_main_job_and_a_large_file(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(startup, "_output", lambda command: ran.append(command) or "1.0")
    monkeypatch.setattr(startup, "bumpy_sphere", lambda rows, columns: sphere(2))
    rows = list(startup_rows("scan", lambda: bumpy_sphere(200, 250), CPU, quick=False, progress=lambda text: None))
    assert [r["at_most"] for r in rows] == [None, None, None, None, 3.0, 8.0, 5.0]
    assert all(r["met"] for r in rows[4:])
    main_job = next(command for command in ran if "256" in command and "512" in command)
    assert "optimize" in main_job


def test_a_command_that_fails_is_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "_IMPORTS", ())
    monkeypatch.setattr(startup, "_COMMAND", [sys.executable, "-c", "raise SystemExit('out of order')"])
    rows = list(startup_rows("ball", lambda: sphere(2), CPU, quick=True, progress=lambda text: None))
    assert all(r["value"] is None and r["note"] == "failed with 1: out of order" for r in rows)


def test_a_missed_bar_does_not_fail_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suite, "speed_rows", lambda *_, **__: iter(()))
    monkeypatch.setattr(suite, "startup_rows", lambda *_, **__: iter([bar_row("x", "", 9.0, "s", at_most=1.0)]))
    assert run(["bench", "speed", "--quick", "--no-reference", "--device", "cpu", "--out", str(tmp_path / "out")]) == 0
    assert "0 of 1 speed targets" in capsys.readouterr().out
    assert "NOT MET" in (tmp_path / "out" / "index.html").read_text("utf-8")
