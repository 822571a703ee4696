"""Many jobs: thousands of scenes, pictures or sentences, on one machine or on a cluster.

`run_batch(open_batch(Source(table=Path("jobs.jsonl")), Path("out")))` does what `tvdr-nv batch` does. docs/batch.md
says how jobs are given and what is left; docs/scale.md, how it is built and where its limits are.
"""

from __future__ import annotations

from tvdrnet_nv.batch.drive import Standing
from tvdrnet_nv.batch.folder import BatchFolder
from tvdrnet_nv.batch.job import BatchJob
from tvdrnet_nv.batch.journal import Journal
from tvdrnet_nv.batch.results import merge_results
from tvdrnet_nv.batch.run import BatchOutcome, BatchSettings, failures_of, open_batch, run_batch, standing_of
from tvdrnet_nv.batch.sources import Source, read_jobs

__all__ = [
    "BatchFolder",
    "BatchJob",
    "BatchOutcome",
    "BatchSettings",
    "Journal",
    "Source",
    "Standing",
    "failures_of",
    "merge_results",
    "open_batch",
    "read_jobs",
    "run_batch",
    "standing_of",
]
