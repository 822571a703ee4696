"""Where a job's files go."""

from __future__ import annotations

import time
from pathlib import Path

from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.part import SENTENCE
from tvdrnet_nv.jobs.scene_job import SceneJob
from tvdrnet_nv.report import report_files, view_set_files


def output_folder(job: SceneJob) -> Path:
    """The job's folder; where it names none, a new one."""
    return new_folder(job.name) if job.out is None else Path(job.out)


def new_folder(command: str) -> Path:
    """A folder name of this moment that nothing has yet: tvdr-nv-optimize-20250131-235959."""
    stem = time.strftime(f"tvdr-nv-{command}-%Y%m%d-%H%M%S")
    candidates = (Path(stem if count == 1 else f"{stem}-{count}") for count in range(1, 1_000_000))
    return next(path for path in candidates if not path.exists())


def output_files(job: OptimizeJob) -> list[str]:
    """The names of the files that the job writes."""
    marks = job.part is not None and job.part.kind == SENTENCE and job.features is None
    if job.views > 1:
        return view_set_files(job.views, marks=marks)
    return report_files(target=job.target is not None, marks=marks)
