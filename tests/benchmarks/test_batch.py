"""The benchmarks of batches do what they say, on a small scale."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

from tvdrnet_nv.batch import BatchFolder, Journal
from tvdrnet_nv.benchmarks.batch import rooms


def test_half_of_the_jobs_then_a_kill_then_the_rest(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tvdrnet_nv.benchmarks.batch.manifest", "--jobs", "300", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "150 jobs are done, killed" in done.stdout
    batch = BatchFolder(tmp_path / "out")
    assert np.all(Journal(batch.journal, 300).states == 1)
    assert len(list(batch.journal.iterdir())) == 2
    assert rooms.recorded_twice(batch.path) == 0
    assert parquet.read_table(batch.results).num_rows == 300
