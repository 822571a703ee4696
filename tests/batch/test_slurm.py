"""Batches through submitit, with its executor for processes on this machine in place of Slurm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.batch.conftest import JOBS
from tests.batch.examples import box_jobs, new_batch, recorded_once, table_of
from tvdrnet_nv.batch import BatchSettings, Standing, run_batch
from tvdrnet_nv.errors import InputError

pytest.importorskip("submitit", reason="submitit is not installed: pip install 'tvdrnet_nv[slurm]'")


def test_the_results_are_the_same(box: Path, undisturbed: Path, tmp_path: Path) -> None:
    batch = new_batch(tmp_path / "out", box_jobs(box, JOBS))
    outcome = run_batch(batch, BatchSettings(workers=1, slurm={"cluster": "local", "timeout_min": 5}))
    assert outcome.standing == Standing(JOBS, JOBS, 0)
    assert table_of(batch.path) == table_of(undisturbed)
    recorded_once(batch.path)


@pytest.mark.parametrize("parameters", [{"cluster": "local", "no_such": 1}, {"cluster": "none"}])
def test_parameters_that_submitit_does_not_take_are_refused(
    box: Path, tmp_path: Path, parameters: dict[str, object]
) -> None:
    batch = new_batch(tmp_path / "out", box_jobs(box, 1))
    with pytest.raises(InputError, match="--slurm"):
        run_batch(batch, BatchSettings(slurm=parameters))
