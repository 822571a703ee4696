"""`tvdr-nv batch`."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from PIL import Image

from tvdrnet_nv.cli import run
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import textured_box

FAST = ["--iters", "2", "--image-size", "24", "--no-pictures", "--workers", "1"]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    save_ply(textured_box(4), tmp_path / "box.ply")
    return tmp_path / "box.ply"


def test_a_file_of_jobs_twice_then_status_retry_and_merge(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "jobs.csv", str(tmp_path / "out")
    table.write_text("name,scene,azimuth\na,box.ply,10\nb,none.ply,\nc,box.ply,-30\n")
    assert run(["batch", str(table), "--out", out, *FAST]) == 1
    said = capsys.readouterr()
    assert "b: " in said.out
    assert "none.ply: no such file" in said.out
    assert "2 of 3 jobs are done, 1 failed" in said.out
    assert "3/3" in said.err
    before = (tmp_path / "out" / "jobs" / "00000" / "a" / "result.json").stat().st_mtime_ns
    assert run(["batch", "run", str(table), "--out", out, *FAST, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["jobs"], found["done"], found["failed"], found["left"]) == (3, 2, 1, 0)
    assert (tmp_path / "out" / "jobs" / "00000" / "a" / "result.json").stat().st_mtime_ns == before
    assert run(["batch", "status", out]) == 0
    assert "b (input, tried 1×)" in capsys.readouterr().out
    assert run(["batch", "status", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failures"][0]["name"] == "b"
    save_ply(textured_box(4), tmp_path / "none.ply")
    assert run(["batch", "retry", out, "--workers", "1"]) == 0
    assert "3 of 3 jobs are done" in capsys.readouterr().out
    merged = tmp_path / "all.parquet"
    assert run(["batch", "merge", out, "--out", str(merged)]) == 0
    assert parquet.read_table(merged, columns=["name"]).column("name").to_pylist() == ["a", "b", "c"]


def test_photographs(scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").mkdir()
    assert run(["render", str(scene), "--mode", "single", "--image-size", "48", "--out", str(tmp_path / "view")]) == 0
    Image.open(tmp_path / "view" / "single_view.png").save(tmp_path / "photos" / "one.png")
    options = ["--photos", str(tmp_path / "photos"), "--scene", str(scene), "--effort", "quick", "--no-pictures"]
    assert run(["batch", *options, "--workers", "1", "--out", str(tmp_path / "out")]) == 0
    (row,) = parquet.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert row["name"] == "one"
    assert row["status"] == "converged"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--out"),
        (["jobs.jsonl"], "--out"),
        (["a.jsonl", "b.jsonl", "--out", "out"], "one file of jobs"),
        (["--out", "out"], "out: holds no batch"),
        (["--out", "out", "--fov", "40"], "wanted JOBS"),
        (["jobs.jsonl", "--out", "out"], "jobs.jsonl: no such file"),
        (["--photos", "photos", "--out", "out"], "--scene"),
        (["status"], "wanted the folder"),
        (["status", "out"], "out: holds no batch"),
        (["status", "a", "b"], "one folder"),
        (["merge", "out"], "--out FILE.parquet"),
        (["jobs.csv", "--out", "out", "--fov", "200"], "jobs.csv: line 2: --fov 200"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    words: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "jobs.csv").write_text("scene\na.ply\n")
    assert run(["batch", *words]) == 2
    line = capsys.readouterr().err.strip()
    assert said in line
    assert len(line.splitlines()) == 1
    assert not (here / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "0"], "--workers 0: wanted more than 0"),
        (["--time-limit", "-1"], "--time-limit -1: wanted more than 0"),
        (["--retries", "-1"], "--retries -1: wanted 0 or more"),
        (["--slurm", "gpu"], "--slurm gpu: wanted KEY=VALUE"),
        (["--ray", "auto", "--slurm", "timeout_min=5"], "--ray and --slurm exclude each other"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    options: list[str], said: str, scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "jobs.csv").write_text("scene\nbox.ply\n")
    assert run(["batch", str(tmp_path / "jobs.csv"), "--out", str(tmp_path / "out"), *options]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
