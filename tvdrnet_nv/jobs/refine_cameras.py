"""Refines every camera of a file on the picture that it took, one after the other."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tvdrnet_nv.atomic import atomic_path, check_writable
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import FORMATS, NamedCamera, format_of, moved, split_name, write_cameras
from tvdrnet_nv.jobs.camera_file import check_pictures, file_names, named_cameras, takes_pictures
from tvdrnet_nv.jobs.events import Event, Kind, OnEvent
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.outcome import Optimized
from tvdrnet_nv.jobs.output import output_folder

if TYPE_CHECKING:
    from tvdrnet_nv.optimization import Progress


@dataclass(frozen=True)
class Refined:
    """One camera's end: `found` says whether its pose in the file is the new one."""

    name: str
    status: str
    quality: float | None
    moved: float  # scene units
    turned: float  # degrees
    found: bool


@dataclass(frozen=True)
class RefinedFile:
    """What `refine_cameras` wrote.

    Attributes:
        file: the refined cameras, in the format of the file that was read.
        table: a CSV file of `cameras`.
        cameras: one for each camera that was refined, in the file's order.
        notes: what the user should know.
        interrupted: whether Ctrl-C ended it; the remaining cameras are as they were.
    """

    file: Path
    table: Path
    cameras: list[Refined]
    notes: list[str]
    interrupted: bool


def refines_file(job: OptimizeJob) -> bool:
    """Whether a job's camera file has several cameras, and their pictures are what is to be matched."""
    found = named_cameras(job) if takes_pictures(job) else None
    return found is not None and len(found.cameras) > 1


def refine_cameras(
    job: OptimizeJob,
    progress: Callable[[Progress], None] | None = None,
    on_event: OnEvent | None = None,
    command: str | None = None,
) -> RefinedFile:
    """Run the job for each camera of its file, with the camera as the start and its picture as the target.

    Each camera has a folder of its own in `out`, with the files of one run. `refined` is the file of all cameras, and
    `cameras.csv` the table. A camera that is not found stays as the file has it. So does one whose picture cannot be
    read or used, with a note.

    Raises:
        InputError: no camera has a picture that can be used, or another file cannot be used.
    """
    file, _ = split_name(Path(str(job.camera)))
    found = named_cameras(job)
    assert found is not None  # refines_file
    without = check_pictures(file, found.cameras)
    out = output_folder(job)
    check_writable(out)
    out.mkdir(parents=True, exist_ok=True)
    notes, rows, cameras, interrupted = list(found.notes), [], list(found.cameras), False
    for k, (camera, name) in enumerate(zip(found.cameras, file_names(found.cameras), strict=True)):
        if camera.name in without:
            continue
        if on_event is not None:
            on_event(Event(Kind.START, f"camera {k + 1} of {len(cameras)}: {camera.name}"))
        one = replace(job, camera=f"{file}:{camera.name}", target=camera.picture, out=out / name)
        try:
            outcome = one.run(progress, on_event, command)
        except InputError as fault:  # such as a picture of another shape
            without[camera.name] = str(fault)
            continue
        assert isinstance(outcome, Optimized)  # a job with a target
        after = moved(camera, outcome.result.best, np.array(outcome.origin))
        rows.append(_row(camera, after, outcome))
        if outcome.is_found:
            cameras[k] = after
        interrupted = outcome.interrupted
        if interrupted:
            break
    if not rows:
        raise InputError(f"{file}: no camera has a picture that can be used: {next(iter(without.values()))}")
    if without:
        name, why = next(iter(without.items()))
        notes.append(f"{len(without)} of {len(cameras)} cameras are not refined, such as {name}: {why}")
    kind = format_of(file)
    target = out / ("refined" if FORMATS[kind].folder else f"refined{file.suffix}")
    try:
        write_cameras(target, cameras, kind)
    except InputError as error:  # such as one lens for all, where each has become another
        target = out / "refined.json"
        write_cameras(target, cameras, "tvdr-nv")
        notes.append(f"{error}; the cameras are in {target} instead")
    table = out / "cameras.csv"
    with (
        atomic_path(table) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream,
    ):
        writer = csv.writer(stream)
        writer.writerow(Refined.__dataclass_fields__)
        writer.writerows(list(vars(row).values()) for row in rows)
    return RefinedFile(target, table, rows, notes, interrupted)


def _row(before: NamedCamera, after: NamedCamera, outcome: Optimized) -> Refined:
    a, b = before.camera_to_world, after.camera_to_world
    cosine = (np.trace(a[:3, :3].T @ b[:3, :3]) - 1) / 2
    fit = outcome.result.fit
    return Refined(
        name=before.name,
        status=str(outcome.result.status),
        quality=None if fit is None else round(float(fit.quality), 4),
        moved=float(np.linalg.norm(a[:3, 3] - b[:3, 3])),
        turned=float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))),
        found=outcome.is_found,
    )
