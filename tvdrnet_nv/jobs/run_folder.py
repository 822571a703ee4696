"""The folder of a run of `optimize` in place of a camera file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from tvdrnet_nv.io.cameras import split_name
from tvdrnet_nv.io.cameras.files import read_json
from tvdrnet_nv.jobs.scene_job import SceneJob

_FILES = ("optimized_params.json", "views.json")
Job = TypeVar("Job", bound=SceneJob)


def run_file(camera: Path) -> Path:
    """The camera file in a run's folder, with the name that stands behind the folder's; any other path as it is."""
    path, name = split_name(camera)
    found = next((path / file for file in _FILES if (path / file).is_file()), None)
    if found is None:
        return camera
    return found if name is None else Path(f"{found}:{name}")


def with_run_file(job: Job) -> Job:
    """The job with the camera file itself, where a run's folder is named."""
    if job.camera is None:
        return job
    file = run_file(Path(job.camera))
    return job if file == Path(job.camera) else replace(job, camera=file)


def scene_of_run(camera: Path) -> dict[str, Any]:
    """The scene that a run's file names, and whether it was drawn aligned, as a job's fields; empty for other files.

    Raises:
        InputError: the file cannot be read.
    """
    path, _ = split_name(run_file(camera))
    if path.suffix.lower() != ".json" or not path.is_file():
        return {}
    values = read_json(path)
    if not isinstance(values, dict) or not isinstance(values.get("scene"), str):
        return {}
    return {"scene": Path(values["scene"]), "align": values.get("alignment") is not None}
