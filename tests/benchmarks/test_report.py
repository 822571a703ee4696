"""The benchmark's results and their report."""

from __future__ import annotations

import csv
import math
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from tvdrnet_nv.benchmarks.report import readme, sheets, write_report
from tvdrnet_nv.benchmarks.report.plots import _count
from tvdrnet_nv.benchmarks.report.renders import scene_pictures
from tvdrnet_nv.benchmarks.report.words import duration, factor, memory, round_duration
from tvdrnet_nv.benchmarks.results import Results
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.report.pictures import Panel
from tvdrnet_nv.scenes import bumpy_sphere

ROOT = Path(__file__).parents[2]


def speed_row(library: str, seconds: float | None, *, axis: str = "headline", resolution: int = 256, **other) -> dict:
    return {
        "axis": axis,
        "scene": "room <1>",
        "triangles": 100_000,
        "resolution": resolution,
        "cameras": 1,
        "threads": 2,
        "what": "step",
        "library": library,
        "device": "cpu",
        "seconds": seconds,
        "low": seconds,
        "high": seconds,
        "repeats": 3,
        "memory_mib": 12.0,
        "times": None if seconds is None else seconds / 0.01,
        "note": "",
    } | other


def parity_row(quantity: str, value: float, *, passed: bool, cosine: float | None = None) -> dict:
    where = {"scene": "box", "camera": "grazing", "width": 56, "height": 40, "loss": "mse"}
    return {**where, "quantity": quantity, "value": value, "limit": 1e-3, "cosine": cosine, "passed": passed}


@pytest.fixture
def results() -> Results:
    speed = [speed_row("tvdrnet_nv", 0.01), speed_row("pytorch3d", 24.0)]
    for size in (64, 128):
        speed += [speed_row("tvdrnet_nv", 0.01, axis="resolution", resolution=size)]
    speed.append(speed_row("pytorch3d", None, axis="resolution", resolution=128, note="not run: too slow"))
    parity = [
        parity_row("azimuth", 1e-5, passed=True, cosine=0.99995),
        parity_row("azimuth", math.inf, passed=False, cosine=0.5),
        parity_row("face_ids", 5e-4, passed=True),
        parity_row("fov", 0.7, passed=True) | {"limit": None},
    ]
    environment = {
        "date": "2001-02-03",
        "device": "cpu",
        "processor": "Abacus & Sons",
        "cores": "2",
        "torch": "2.9",
        "tvdrnet_nv": "1",
    }
    reference = {"pytorch3d": "0.7", "device": "cpu"}
    return Results(environment, reference, ["tvdr-nv", "bench"], {"speed": speed, "parity": parity})


def test_results_survive_being_written_and_read(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path)
    read = Results.read(tmp_path / "results.json")
    assert read.sections["speed"] == results.sections["speed"]
    assert read.sections["parity"][1]["value"] == "inf"
    assert [row["quantity"] for _, row in read.failures()] == ["azimuth"]
    assert "2 of 3" in read.verdict()[0]
    with (tmp_path / "speed.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["seconds"] or "nan") for row in rows][:2] == [0.01, 24.0]


@pytest.mark.parametrize("text", ["", "[1]", '{"format": 0}'])
def test_what_is_no_result_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"other\.json"):
        Results.read(path)


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.outside: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        sources = [value or "" for name, value in attrs if name in ("src", "href")]
        self.pictures += tag == "img"
        self.outside += [source for source in sources if not source.startswith("data:")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_report_is_one_page_that_needs_nothing_else(results: Results, tmp_path: Path) -> None:
    files = write_report(tmp_path / "out", results)
    assert [path.name for path in files] == [
        "results.json",
        "speed.csv",
        "parity.csv",
        "speed_resolution.png",
        "index.html",
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in files)
    seen = Seen()
    seen.feed((tmp_path / "out" / "index.html").read_text("utf-8"))
    text = " ".join(" ".join(seen.words).split())
    assert seen.outside == []
    assert seen.pictures == 1
    assert "2,400× faster than PyTorch3D" in text
    assert "room <1>" in text
    assert "Abacus & Sons" in text
    assert "2 of 3 checked results" in text
    assert "not run: too slow" in text


def test_the_tables_hold_every_case(results: Results) -> None:
    found = list(sheets(results))
    assert found[0].title.startswith("Speed")
    assert "room" in found[0].title
    assert [len(sheet.rows) for sheet in found] == [1, 2, 2]


def test_a_kept_run_names_no_folder_and_fills_the_readme(results: Results, tmp_path: Path) -> None:
    results.command = ["tvdr-nv", "bench", "--scene", "/home/someone/scan.ply"]
    results.write(tmp_path)
    kept = readme.keep(tmp_path / "results.json", tmp_path)
    assert kept.name == "2001-02-03-cpu-room-1.json"
    assert "/home" not in kept.read_text()
    marks = (
        "a\n<!-- benchmark: begin -->\nold\n<!-- benchmark: end -->\n<!-- recovery: begin --><!-- recovery: end -->b"
    )
    text = readme.rewritten(marks, readme.newest(tmp_path))
    assert "old" not in text
    assert "| step, 256×256 | 10.0 ms | 24.0 s | 2,400× |" in text
    assert text.startswith("a\n")
    assert text.endswith("<!-- recovery: end -->b")
    assert "No run is recorded yet." in text
    assert readme.rewritten(text, readme.newest(tmp_path)) == text


def test_recovery_has_a_table_and_plots_of_its_own(results: Results, tmp_path: Path) -> None:
    rows = []
    for method, found in (("lm", 3), ("adam", 0)):
        row = {"scene": "box", "method": method, "rotation": 20, "distance": 0.2, "focal": 0.0, "shift": 0.0}
        row |= {"principal": 0.0, "covered": 0.0}
        row |= {"resolution": 256, "trials": 3, "found": found, "rate": found / 3, "low": 0.4, "high": 1.0}
        row |= {"iterations": 8 if found else None, "seconds": 0.21 if found else None, "searched": 400}
        row |= {"every_iterations": [8] * found, "every_seconds": [0.21] * found, "missed": "", "limit": None}
        rows.append(row | {"passed": None})
    rows[0] |= {"limit": 0.95, "passed": False, "missed": "another method finds more"}
    results.sections = {"recovery": rows}
    files = write_report(tmp_path / "out", results)
    assert {"recovery.csv", "recovery.png", "recovery_seconds.png"} <= {path.name for path in files}
    seen = Seen()
    seen.feed((tmp_path / "out" / "index.html").read_text("utf-8"))
    assert "3 of 3" in seen.words
    assert "another method finds more" in seen.words
    kept = readme.keep(tmp_path / "out" / "results.json", tmp_path)
    assert kept.name == "2001-02-03-cpu-recovery.json"
    tables = readme.tables(readme.newest(tmp_path))
    assert tables["benchmark"] == "No run is recorded yet."
    assert "| 20°, 20% | 3 of 3, 210 ms | 0 of 3 |" in tables["recovery"]
    assert "*box; 256×256 pixels; Abacus & Sons, 2 cores;" in tables["recovery"]


def test_a_readme_without_marks_is_refused() -> None:
    with pytest.raises(InputError, match="benchmark: begin"):
        readme.rewritten("nothing", [])


def test_the_readmes_table_is_the_generated_one() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert readme.rewritten(text, readme.newest(ROOT)) == text


def test_numbers_read_well() -> None:
    assert [duration(x) for x in (None, 12.345, 0.0123, 4.5e-5, 0.99996, 120.0)] == [
        "–",
        "12.3 s",
        "12.3 ms",
        "45.0 µs",
        "1000 ms",
        "120 s",
    ]
    assert [factor(x) for x in (None, 1234.5, 12.34, 0.456)] == ["–", "1,234×", "12.3×", "0.456×"]
    assert [memory(x) for x in (None, 12.4, 2048.0)] == ["–", "12 MiB", "2.0 GiB"]


def test_the_slope_is_the_exponent(results: Results) -> None:
    results.sections["speed"] = [
        speed_row("tvdrnet_nv", 1e-3 * size**2, axis="resolution", resolution=size) for size in (64, 128, 512)
    ]
    (sheet,) = [sheet for sheet in sheets(results) if "resolution" in sheet.title]
    assert "tvdrnet_nv 2.00" in sheet.note


def test_the_page_shows_what_was_rendered_and_says_why_not(results: Results, tmp_path: Path) -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    write_report(tmp_path / "a", results, lambda: [Panel(image, "room <1>", ["12 triangles"])])
    seen = Seen()
    seen.feed((tmp_path / "a" / "index.html").read_text("utf-8"))
    assert seen.pictures == 2
    assert seen.outside == []
    assert "12 triangles" in seen.words

    def broken() -> list[Panel]:
        raise MemoryError("no room <at all>")

    files = write_report(tmp_path / "b", results, broken)
    assert (tmp_path / "b" / "results.json") in files
    assert "not drawn: MemoryError: no room &lt;at all&gt;" in (tmp_path / "b" / "index.html").read_text("utf-8")


def test_the_pictures_are_of_the_parts_that_ran() -> None:
    panels = scene_pictures(["parity"], torch.device("cpu"), None)
    assert [panel.title for panel in panels] == ["parity: box", "parity: spheres", "parity: room", "parity: fine"]
    assert all((panel.image != 255).any() for panel in panels)
    given = scene_pictures(["speed"], torch.device("cpu"), ("scan.ply", bumpy_sphere(8, 12)))
    assert [panel.title for panel in given] == ["scan.ply"]


def test_axes_read_as_people_write_numbers() -> None:
    assert [round_duration(seconds) for seconds in (5e-5, 0.02, 1.0, 100.0)] == ["50 µs", "20 ms", "1 s", "100 s"]
    assert [_count(number) for number in (512, 9999, 29_900, 1e6, 5e6)] == ["512", "9999", "30k", "1M", "5M"]
