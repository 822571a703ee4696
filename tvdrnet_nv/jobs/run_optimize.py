"""Carries out an `OptimizeJob`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tvdrnet_nv.atomic import check_writable
from tvdrnet_nv.choices import Effort, Lighting
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.finding import Found, find_camera
from tvdrnet_nv.jobs.camera_file import with_picture_of_camera
from tvdrnet_nv.jobs.data_set import scene_alignment, scene_file, with_frame
from tvdrnet_nv.jobs.events import OPTIMIZING, SEARCHING, WRITING, Kind, OnEvent, Reporter
from tvdrnet_nv.jobs.focus_report import compare_proposal, focus_report
from tvdrnet_nv.jobs.interrupt import Interruptible
from tvdrnet_nv.jobs.memory import memory_note
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.outcome import NotSaved, Optimized, ViewsFound
from tvdrnet_nv.jobs.output import output_files, output_folder
from tvdrnet_nv.jobs.prepare import Prepared, prepare, with_fitting
from tvdrnet_nv.jobs.several_views import several_views
from tvdrnet_nv.jobs.starts import searched_starts, spread_around
from tvdrnet_nv.jobs.target_checks import check_has_target
from tvdrnet_nv.jobs.view_notes import report_depth, warnings_of
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import Progress, Result, Status, StepTime, ViewSet, optimize, profile
from tvdrnet_nv.report import Record, preload, write_report, write_view_set
from tvdrnet_nv.report.decorations import Warn

OnProgress = Callable[[Progress], bool | None]
_KEPT = "the view that the mapping proposes is kept: without a focus and a target, nothing says what would be better"
Outcome = TypeVar("Outcome", Result, ViewSet, Found)
Ended = TypeVar("Ended", Optimized, ViewsFound)


def run_optimize(
    job: OptimizeJob,
    progress: OnProgress | None,
    on_event: OnEvent | None,
    command: str,
    *,
    home: Path | None = None,
) -> Optimized | ViewsFound:
    """See `OptimizeJob.run`; `home` is the folder that the job's own will become, for the paths in its files."""
    reporter = Reporter(on_event)
    job = with_picture_of_camera(with_frame(job, reporter), reporter)
    check_has_target(job)
    out = output_folder(job)
    check_writable(out, output_files(job))
    prepared = prepare(job, reporter)
    # Beside the work of the kernels, which leaves Python's lock alone.
    if job.pictures:
        threading.Thread(target=preload, daemon=True).start()
    alignment = scene_alignment(job)
    record = Record(scene_file(job), command, color=job.color, device=job.device, alignment=alignment, home=home)
    run = _find_view if job.views == 1 else _find_views
    return run(job, prepared, out, record, reporter, progress)


def run_profile(job: OptimizeJob, on_event: OnEvent | None) -> list[StepTime]:
    """See `OptimizeJob.profile`."""
    reporter = Reporter(on_event)
    check_has_target(job)
    prepared = prepare(with_frame(job, reporter), reporter)
    begin: Any = spread_around(prepared.renderer, prepared.start, job.starts or 1, seed=job.seed)
    return profile(prepared.renderer, begin, prepared.objective, parameters=prepared.parameters)


def _find_view(
    job: OptimizeJob,
    prepared: Prepared,
    out: Path,
    record: Record,
    reporter: Reporter,
    progress: OnProgress | None,
) -> Optimized:
    """The camera of the target, or the best view."""
    comparison = compare_proposal(job, prepared)
    if comparison is not None and comparison.shows_little and job.search is None:
        reporter.report(
            Kind.NOTE,
            f"the proposed view shows little of what is wanted (score {comparison.proposal_score:.2f}, and "
            f"{comparison.searched_score:.2f} by a search); the optimisation starts from the search's",
        )
        prepared = replace(prepared, start=comparison.searched)
    found, interrupted = (_find_camera if job.finds_camera else _optimize)(job, prepared, reporter, progress)
    result, renderer = found.result, found.renderer
    prepared = with_fitting(prepared, result.best, reporter)
    focus = focus_report(job, prepared, result, comparison)
    report_depth(job, prepared, result.best, reporter)
    # A camera that explains its picture is where the picture was taken, behind a wall or not.
    explains = prepared.target is not None and result.status == Status.CONVERGED
    warnings = [] if explains else warnings_of(prepared, result.best, reporter)

    def outcome(files: list[Path], missing: list[str]) -> Optimized:
        return Optimized(
            files=files,
            notes=reporter.notes,
            seconds=reporter.seconds,
            interrupted=interrupted,
            missing=missing,
            result=result,
            focus=focus,
            warnings=warnings,
            attempts=found.attempts,
            origin=renderer.mesh.origin,
            meaning=None if prepared.focus is None else prepared.focus.meaning,
        )

    def write(warn: Warn) -> list[Path]:
        return write_report(
            out,
            result,
            renderer,
            record,
            target=prepared.target,
            mask=prepared.mask,
            focus=focus,
            warnings=warnings,
            attempts=found.attempts,
            with_pictures=job.pictures,
            warn=warn,
        )

    return _saved(write, outcome, reporter, f"kept the best of {result.iterations} iterations" if interrupted else None)


def _optimize(
    job: OptimizeJob, prepared: Prepared, reporter: Reporter, progress: OnProgress | None
) -> tuple[Found, bool]:
    """What one optimisation finds, and whether Ctrl-C ended it."""
    renderer, objective, count = prepared.renderer, prepared.objective, job.starts or 1
    begin: Any  # an Orbit or a Camera, for which the library's functions are typed apart
    if job.searches:
        reporter.begin(SEARCHING)
        begin = searched_starts(renderer, prepared.start, objective, count, parameters=prepared.parameters)
    else:
        begin = spread_around(renderer, prepared.start, count, seed=job.seed)
    note = memory_note(len(begin), renderer.resolution, renderer.mesh.device)
    if note is not None:
        reporter.report(Kind.NOTE, note)

    def search(callback: OnProgress) -> Result:
        return optimize(
            renderer,
            begin,
            objective,
            parameters=prepared.parameters,
            method=str(job.method),
            iterations=job.iteration_limit,
            learning_rate=prepared.learning_rate,
            seed=job.seed,
            callback=callback,
        )

    result, interrupted = _until_interrupted(search, reporter, progress)
    if job.searches and result.candidates is None:  # the method has made no search of its own
        result = replace(result, candidates=begin[:8].to("cpu"))
    if job.keeps_proposal:
        result = replace(result, reason=_KEPT)
    return Found(result, renderer, ()), interrupted


def _find_camera(
    job: OptimizeJob, prepared: Prepared, reporter: Reporter, progress: OnProgress | None
) -> tuple[Found, bool]:
    """The camera of the target, with the scene at its full size, and whether Ctrl-C ended the search."""
    objective = prepared.objective
    assert isinstance(objective, MatchImage)  # the job has a target

    def search(callback: OnProgress) -> Found:
        return find_camera(
            prepared.renderer,
            objective,
            prepared.start,
            near_start=job.near_start,
            lens_known=prepared.lens_known,
            lens_near=prepared.lens_near,
            parameters=job.moving,
            lights=None if job.lighting == Lighting.auto else [prepared.renderer.light],
            effort=Effort(job.effort or Effort.normal),
            iterations=job.iteration_limit,
            seed=job.seed,
            callback=callback,
        )

    found, interrupted = _until_interrupted(search, reporter, progress)
    renderer = prepared.renderer.at_resolution(prepared.renderer.resolution)
    renderer.light = replace(found.renderer.light, location=renderer.light.location)
    return replace(found, renderer=renderer, result=replace(found.result, renderer=renderer)), interrupted


def _find_views(
    job: OptimizeJob,
    prepared: Prepared,
    out: Path,
    record: Record,
    reporter: Reporter,
    progress: OnProgress | None,
) -> ViewsFound:
    """Several views of the focus."""
    renderer, focus = prepared.renderer, prepared.focus
    assert focus is not None  # a job for several views has a focus
    views, interrupted = _until_interrupted(partial(several_views, job, prepared), reporter, progress)
    warnings = [warnings_of(prepared, views.orbit[k], reporter, f"view {k + 1}: ") for k in range(len(views.orbit))]
    text, tinted = focus.part.text, focus.tinted(renderer)
    if not views.shows_anything:
        what = "does any face lie far from the rest, or behind the near plane?"
        reporter.report(Kind.NOTE, f"no view shows anything of {text}: {what}")
    if len(views.orbit) < job.views:
        reporter.report(Kind.NOTE, f"found only {len(views.orbit)} views that show {text} and differ by 20°")

    def outcome(files: list[Path], missing: list[str]) -> ViewsFound:
        return ViewsFound(
            files=files,
            notes=reporter.notes,
            seconds=reporter.seconds,
            interrupted=interrupted,
            missing=missing,
            result=views,
            focus=text,
            warnings=warnings,
            meaning=focus.meaning,
        )

    def write(warn: Warn) -> list[Path]:
        return write_view_set(
            out,
            views,
            renderer,
            record,
            focus=text,
            tinted=tinted,
            sentence=focus.sentence,
            warnings=warnings,
            with_pictures=job.pictures,
            warn=warn,
        )

    return _saved(write, outcome, reporter, f"kept the best of {views.iterations} iterations" if interrupted else None)


def _saved(
    write: Callable[[Warn], list[Path]],
    outcome: Callable[[list[Path], list[str]], Ended],
    reporter: Reporter,
    interrupted: str | None,
) -> Ended:
    """What a run gives back once its files are written.

    Args:
        write: writes the files; what it calls tells of missing pictures.
        outcome: of the files and the missing pictures.
        reporter: is told of missing pictures.
        interrupted: what was kept, where Ctrl-C ended the run.

    Raises:
        NotSaved: the numbers could not be written.
    """
    missing: list[str] = []
    try:
        files = write(missing.append)
    except InputError as error:
        raise NotSaved(str(error), outcome([], missing)) from error
    for text in missing:
        reporter.report(Kind.NOTE, text)
    reporter.end()
    if interrupted is not None:
        reporter.report(Kind.INTERRUPTED, interrupted)
    return outcome(files, missing)


def _until_interrupted(
    search: Callable[[OnProgress], Outcome], reporter: Reporter, progress: OnProgress | None
) -> tuple[Outcome, bool]:
    """What a search finds, and whether Ctrl-C ended it."""
    reporter.begin(OPTIMIZING)
    with Interruptible() as interruptible:

        def watch(step: Progress) -> None:
            if progress is not None and progress(step):
                interruptible.press()
            interruptible.check()

        found = search(watch)
    reporter.begin(WRITING)
    return found, interruptible.pressed
