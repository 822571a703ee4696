"""Carries out a `SegmentJob`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.atomic import check_writable
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.datasets import find_scene
from tvdrnet_nv.errors import InputError, NothingMeantError
from tvdrnet_nv.grounding import scene_things
from tvdrnet_nv.jobs.data_set import scene_alignment, scene_file
from tvdrnet_nv.jobs.events import SEGMENTING, WRITING, Kind, OnEvent, Reporter
from tvdrnet_nv.jobs.interrupt import Interruptible
from tvdrnet_nv.jobs.meaning import Meaning, find_meaning
from tvdrnet_nv.jobs.outcome import Segmented
from tvdrnet_nv.jobs.output import output_folder
from tvdrnet_nv.jobs.scene import load_scene
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.jobs.segment_job import SegmentJob
from tvdrnet_nv.jobs.sentence import job_sentence
from tvdrnet_nv.lifting import MaskOfViews
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.report import Record
from tvdrnet_nv.report.segmentation import SegmentationReport, write_segmentation
from tvdrnet_nv.segmentation import Look, Oracle, View, explore, load_segmenter, looking_with, overlap
from tvdrnet_nv.segmentation.noise import parse_noise

DEFAULT_SIZE = "640x480"
_FIRST, _FIRST_AROUND = 3, 6  # views before the mask chooses


def run_segment(job: SegmentJob, on_event: OnEvent | None, command: str) -> Segmented:
    """See `SegmentJob.run`."""
    reporter = Reporter(on_event)
    out = output_folder(job)
    check_writable(out)
    loaded = load_scene(job, None, parse_image_size(job.image_size or DEFAULT_SIZE))
    renderer, start = loaded.renderer, loaded.viewpoint
    assert isinstance(start, Orbit)  # a job without a camera file
    if renderer.mesh.is_invisible:
        raise InputError(f"{job.scene}: no face has an area, so no view shows any. {' '.join(renderer.mesh.notes)}")
    meaning = _meaning(job, renderer.mesh, start, reporter)
    listener = reporter if meaning is None else None  # else the meaning's search has told
    sentence = job_sentence(job.meaning_job(), find_scene(Path(job.scene)), listener)
    look, name = _look(job, renderer.mesh, meaning, sentence)
    loaded.report(job, reporter)
    part = None if meaning is None or job.around else meaning.weights > 0.5
    reporter.report(Kind.START, f"{name} looks for “{sentence}”, at first {_where(part)}")
    reporter.begin(SEGMENTING)
    with Interruptible() as interruptible:

        def watch(number: int, view: View) -> bool:
            share = float((view.scores > 0.5).float().mean())
            told = f"view {number}: {share:.1%} of the picture, the mask changed by {view.changed:.1%}"
            reporter.report(Kind.STEP, told)
            return interruptible.pressed

        found = explore(
            renderer,
            look,
            MaskOfViews(renderer.mesh, segments=_segments(job, renderer.mesh), near=renderer.near, far=renderer.far),
            start,
            part=part,
            views=job.views,
            first=job.first or (_FIRST_AROUND if part is None else _FIRST),
            seed=job.seed,
            callback=watch,
        )
    if not bool(found.lifted.mask.any()):
        reporter.report(Kind.NOTE, f"nothing of the scene is “{sentence}” to {name}; the mask is empty")
    reporter.begin(WRITING)
    truth = None if meaning is None or not meaning.chosen else (meaning.weights > 0.5).cpu()
    report = SegmentationReport(
        sentence=sentence,
        segmenter=name,
        found=found,
        meaning=None if meaning is None else meaning.facts(),
        truth=truth,
        iou=None if truth is None else overlap(found.lifted.mask, truth),
        things=None if meaning is None else meaning.things,
    )
    record = Record(scene_file(job), command, color=job.color, device=job.device, alignment=scene_alignment(job))
    missing: list[str] = []
    files = write_segmentation(out, report, renderer, start, record, warn=missing.append)
    for text in missing:
        reporter.report(Kind.NOTE, text)
    reporter.end()
    if interruptible.pressed:
        reporter.report(Kind.INTERRUPTED, f"kept the mask of {len(found.views)} views")
    return Segmented(
        files=files,
        notes=reporter.notes,
        seconds=reporter.seconds,
        interrupted=interruptible.pressed,
        missing=missing,
        found=found,
        sentence=sentence,
        segmenter=name,
        meaning=meaning,
        iou=report.iou,
    )


def _where(part: Tensor | None) -> str:
    return "all over the scene" if part is None else "where the scene's objects say it is"


def _meaning(job: SegmentJob, mesh: Mesh, start: Orbit, reporter: Reporter) -> Meaning | None:
    """What the sentence means among the scene's objects; None where it has none, or none is meant."""
    up, is_oracle = start.frame[:, 1].cpu(), _is_oracle(job)
    if job.features is None:
        labels = None if job.labels is None else Path(job.labels)
        things = scene_things(mesh, Path(job.scene), labels, up)
        if things is None or not things.items:
            if is_oracle:
                raise InputError(
                    f"`segmenter` {job.segmenter}: knows what is meant by the scene's objects, and {job.scene} has "
                    "none and no labels with names; name labels with `labels`, or another segmenter"
                )
            return None
    try:
        return find_meaning(job.meaning_job(), mesh, up, reporter)
    except NothingMeantError as error:
        if is_oracle:
            raise
        reporter.report(Kind.NOTE, f"{error}; it is looked for all over the scene")
        return None


def _is_oracle(job: SegmentJob) -> bool:
    return job.segmenter.partition(":")[0] == "oracle"


def _look(job: SegmentJob, mesh: Mesh, meaning: Meaning | None, sentence: str) -> tuple[Look, str]:
    """What looks at the pictures, and its name."""
    if not _is_oracle(job):
        segmenter = load_segmenter(job.segmenter, seconds=job.timeout, device=mesh.device)
        return looking_with(segmenter, sentence), segmenter.name
    assert meaning is not None
    noise = parse_noise(job.segmenter.partition(":")[2])
    labels = np.full(mesh.num_vertices, -1, dtype=np.int64)
    for item in () if meaning.things is None else meaning.things.items:
        labels[item.vertices] = item.id
    return Oracle(mesh, meaning.weights, torch.from_numpy(labels), noise, seed=job.seed), job.segmenter


def _segments(job: SegmentJob, mesh: Mesh) -> np.ndarray | None:
    """[V] int: the data set's own superpoints, of which its objects are made; None where there are none.

    Raises:
        InputError: they are of another mesh.
    """
    known = find_scene(Path(job.scene))
    found = None if known is None else known.segments()
    if known is None or found is None:
        return None
    count = mesh.num_vertices if mesh.file_vertices is None else int(mesh.file_vertices.max()) + 1
    if len(found) != count:
        raise InputError(f"{known.segments_file()}: {len(found)} segments, but {known.mesh_file} has {count} vertices")
    return found if mesh.file_vertices is None else found[mesh.file_vertices.cpu().numpy()]
