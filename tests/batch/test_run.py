"""Batches in processes: whatever ends the processes, the results are those of a run without faults."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.batch.conftest import JOBS
from tests.batch.examples import attempts_of, box_jobs, done_of, new_batch, nothing_half_done, recorded_once, table_of
from tvdrnet_nv.batch import BatchSettings, Standing, run_batch
from tvdrnet_nv.batch.local import LocalExecutor
from tvdrnet_nv.errors import InputError


def test_killed_workers_cost_an_attempt_and_nothing_else(
    box: Path, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executors: list[LocalExecutor] = []
    begin = LocalExecutor.__init__

    def noted(self: LocalExecutor, workers: int, threads: int) -> None:
        begin(self, workers, threads)
        executors.append(self)

    monkeypatch.setattr(LocalExecutor, "__init__", noted)
    killed: list[int] = []

    def kill(standing: Standing) -> None:
        if standing.ended in (2, 5) and len(killed) < standing.ended // 2:
            killed.append(executors[0].pids[0])
            os.kill(killed[-1], signal.SIGKILL)

    batch = new_batch(tmp_path / "out", box_jobs(box, JOBS))
    outcome = run_batch(batch, BatchSettings(workers=2, threads=1), kill)
    assert outcome.standing == Standing(JOBS, JOBS, 0)
    assert len(killed) == 2
    assert table_of(batch.path) == table_of(undisturbed)
    assert done_of(batch.path) == done_of(undisturbed)
    nothing_half_done(batch.path)
    recorded_once(batch.path)


def test_bad_jobs_among_good_ones(box: Path, undisturbed: Path, tmp_path: Path) -> None:
    """A damaged scene, and a picture that needs more memory than there is: each is told, none stops another."""
    (tmp_path / "bad.ply").write_bytes(box.read_bytes()[:-40])
    bad = [
        {"scene": str(tmp_path / "bad.ply"), "name": "damaged"},
        {"scene": str(box), "image_size": 16000, "name": "large"},
    ]
    batch = new_batch(tmp_path / "out", [*box_jobs(box, JOBS), *bad])
    outcome = run_batch(batch, BatchSettings(workers=1, threads=1, memory=1.5, retries=1))
    assert outcome.standing == Standing(JOBS + 2, JOBS, 2)
    rows = {row["name"]: row for row in table_of(batch.path)}
    assert (rows["damaged"]["kind"], rows["large"]["kind"]) == ("input", "memory")
    assert attempts_of(batch.path)["damaged"] == 1
    assert attempts_of(batch.path)["large"] == 2
    assert table_of(batch.path)[:JOBS] == table_of(undisturbed)
    nothing_half_done(batch.path)


def test_a_job_that_hangs_is_ended_and_may_be_tried_again(box: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless.ply")  # opening it waits for a writer that never comes
    rows = [{"scene": str(tmp_path / "endless.ply")}, *box_jobs(box, 2)]
    batch = new_batch(tmp_path / "out", rows)
    outcome = run_batch(batch, BatchSettings(workers=1, time_limit=8, retries=0))
    assert outcome.standing == Standing(3, 2, 1)
    assert outcome.failures == [("000000", "took longer than 8 s; logs/000000.txt says where it was")]
    assert "load_mesh" in (batch.path / "logs" / "000000.txt").read_text()
    os.remove(tmp_path / "endless.ply")
    (tmp_path / "endless.ply").write_bytes(box.read_bytes())
    assert run_batch(batch, BatchSettings(workers=1)).standing == Standing(3, 2, 1)
    assert run_batch(batch, BatchSettings(workers=1), retry=True).standing == Standing(3, 3, 0)
    assert not (batch.path / "logs" / "000000.txt").exists()


DRIVER = """
import os, signal, sys
from pathlib import Path
from tvdrnet_nv.batch import BatchFolder, BatchSettings, run_batch

def tell(standing):
    if standing.ended == int(sys.argv[2]):
        os.kill(os.getpid(), getattr(signal, sys.argv[3]))

if __name__ == "__main__":
    outcome = run_batch(BatchFolder(Path(sys.argv[1])), BatchSettings(workers=1, threads=1), tell)
    print("interrupted", outcome.interrupted, outcome.standing.left)
"""


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    path = tmp_path / "driver.py"
    path.write_text(DRIVER)
    return path


def test_a_killed_driver_takes_its_workers_along_and_the_next_one_goes_on(
    box: Path, undisturbed: Path, tmp_path: Path, driver: Path
) -> None:
    batch = new_batch(tmp_path / "out", box_jobs(box, JOBS))
    command = [sys.executable, str(driver), str(batch.path), "3", "SIGKILL"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    before = {name: file.stat().st_mtime_ns for name, file in files_of(batch.path).items()}
    assert len(before) >= 3
    outcome = run_batch(batch, BatchSettings(workers=1, threads=1))
    assert outcome.standing == Standing(JOBS, JOBS, 0)
    after = {name: file.stat().st_mtime_ns for name, file in files_of(batch.path).items()}
    assert before.items() <= after.items()  # nothing that was done is done twice
    assert table_of(batch.path) == table_of(undisturbed)
    nothing_half_done(batch.path)
    recorded_once(batch.path)


def test_ctrl_c_ends_the_run_and_the_table_has_what_is_done(box: Path, tmp_path: Path, driver: Path) -> None:
    batch = new_batch(tmp_path / "out", box_jobs(box, JOBS))
    command = [sys.executable, str(driver), str(batch.path), "2", "SIGINT"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    count = len(table_of(batch.path))
    assert done.stdout.split() == ["interrupted", "True", str(JOBS - count)]
    assert 2 <= count < JOBS
    nothing_half_done(batch.path)


def test_one_driver_at_a_time(box: Path, tmp_path: Path, driver: Path) -> None:
    batch = new_batch(tmp_path / "out", box_jobs(box, 2))
    command = [sys.executable, str(driver), str(batch.path), "0", "SIGSTOP"]
    with subprocess.Popen(command) as process:
        try:
            while not (batch.path / ".driver").exists() or not (batch.path / ".driver").read_text():
                time.sleep(0.05)
            with pytest.raises(InputError, match=f"another tvdr-nv batch is at work there .* {process.pid} "):
                run_batch(batch)
        finally:
            process.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(box: Path, undisturbed: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        batch = new_batch(disk / "out", box_jobs(box, JOBS))
        with pytest.raises(InputError, match=r"no space left on device; \d of 8 jobs are done and stay so"):
            run_batch(batch, BatchSettings(workers=1))
        there = len(files_of(batch.path))
        assert 0 < there < JOBS
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        outcome = run_batch(batch, BatchSettings(workers=1))
        assert outcome.standing == Standing(JOBS, JOBS, 0)
        assert set(attempts_of(batch.path).values()) == {1}  # no job was to blame
        assert table_of(batch.path) == table_of(undisturbed)
        nothing_half_done(batch.path)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def files_of(folder: Path) -> dict[str, Path]:
    return {file.parent.name: file for file in folder.glob("jobs/*/*/result.json")}
