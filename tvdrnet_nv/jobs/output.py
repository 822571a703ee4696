"""Where a job's files go."""

from __future__ import annotations

import time
from pathlib import Path

from tvdrnet_nv.jobs.scene_job import SceneJob


def output_folder(job: SceneJob) -> Path:
    """The job's folder, or one that nothing has yet, of this moment: tvdr-nv-optimize-20250131-235959."""
    if job.out is not None:
        return Path(job.out)
    stem = time.strftime(f"tvdr-nv-{job.name}-%Y%m%d-%H%M%S")
    candidates = (Path(stem if count == 1 else f"{stem}-{count}") for count in range(1, 1_000_000))
    return next(path for path in candidates if not path.exists())
