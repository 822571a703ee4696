"""What batches are tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.batch.examples import box_jobs, new_batch
from tvdrnet_nv.batch import BatchSettings, run_batch
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import textured_box

JOBS = 8


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small scene."""
    path = tmp_path_factory.mktemp("scene") / "box.ply"
    save_ply(textured_box(4), path)
    return path


@pytest.fixture(scope="session")
def undisturbed(box: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a batch of `box_jobs(box, JOBS)` that one worker did, without faults."""
    batch = new_batch(tmp_path_factory.mktemp("undisturbed") / "out", box_jobs(box, JOBS))
    outcome = run_batch(batch, BatchSettings(workers=1))
    assert outcome.standing.done == JOBS
    return batch.path
