"""The parts of a benchmark run, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from tvdrnet_nv.benchmarks.environment import environment
from tvdrnet_nv.benchmarks.parity import Golden, parity_rows, trajectory_rows, truth_rows
from tvdrnet_nv.benchmarks.photos.run import photo_rows, photo_summary
from tvdrnet_nv.benchmarks.photos.seven_scenes import Photographs
from tvdrnet_nv.benchmarks.recovery.run import TRIALS, recovery_rows
from tvdrnet_nv.benchmarks.reference import Reference, ReferenceError_
from tvdrnet_nv.benchmarks.results import Results, Row
from tvdrnet_nv.benchmarks.segment import segment_rows
from tvdrnet_nv.benchmarks.speed.bars import speed_bars
from tvdrnet_nv.benchmarks.speed.cases import all_cases, main_scene, quick_cases
from tvdrnet_nv.benchmarks.speed.run import speed_rows
from tvdrnet_nv.benchmarks.speed.startup import startup_rows
from tvdrnet_nv.benchmarks.text import text_rows
from tvdrnet_nv.benchmarks.views import views_rows
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.interrupt import raised_on_ctrl_c
from tvdrnet_nv.mesh import Mesh

_CHECKS = {"parity": parity_rows, "trajectory": trajectory_rows, "truth": truth_rows}


def run_parts(
    parts: Sequence[str],
    device: torch.device,
    reference: Reference | None,
    *,
    scene: tuple[str, Mesh] | None,
    quick: bool,
    limit: float,
    trials: int = TRIALS,
    photographs: Photographs | None = None,
    sentences: tuple[Path | None, Path | None] = (None, None),
    known: Path | None = None,
    command: Sequence[str],
    progress: Callable[[str], None],
    keep: Callable[[Results], None] = lambda results: None,
) -> Results:
    """Run the parts; an interrupt, or a failing reference, ends the run with what there is by then.

    Args:
        parts: of "parity", "trajectory", "truth", "speed", "recovery", "views", "photos", "text" and "segment".
        device: what ours runs on.
        reference: PyTorch3D's process; None: recorded results stand for it, but not for its speed or its recovery.
        scene: name and mesh, for speed in place of a room made by code, and for recovery and photos beside
            others.
        quick: only a part of each.
        limit: seconds that PyTorch3D may take for a step.
        trials: how many cameras recovery looks for in each bin.
        photographs: real ones, for photos.
        sentences: for text, a scene and a file of sentences about it; None and None for the room.
        known: for segment, a scene with objects; None for the room.
        command: the command line, for the record.
        progress: called with what is being worked on.
        keep: called after each row with what there is so far, which says that it is interrupted.

    Raises:
        KeyboardInterrupt: interrupted before there was anything.
        InputError: the reference failed before there was anything.
    """
    source = Golden() if reference is None else reference
    results = Results(environment(device), dict(source.info), list(command))
    cases = quick_cases if quick else all_cases
    name, mesh = (None, None) if scene is None else scene

    def rows(part: str) -> Iterator[Row]:
        if part == "speed":
            return speed_rows(cases(mesh, name or ""), device, reference, limit=limit, progress=progress)
        if part == "recovery":
            return recovery_rows(
                device, scene=scene, quick=quick, progress=progress, reference=reference, trials=trials
            )
        if part == "views":
            return views_rows(device, quick=quick, progress=progress)
        if part == "text":
            about, file = sentences
            return text_rows(device, scene=about, sentences=file, quick=quick, progress=progress)
        if part == "segment":
            return segment_rows(device, scene=known, quick=quick, progress=progress)
        if part == "photos":
            return photo_rows(device, photographs=photographs, scene=scene, quick=quick, progress=progress)
        return _CHECKS[part](source, quick=quick, progress=progress)

    def bars() -> Iterator[Row]:
        yield from speed_bars(results.sections.get("speed", []))
        label, make = main_scene(mesh, name or "")
        yield from startup_rows(label, make, device, quick=quick, progress=progress)

    try:
        with raised_on_ctrl_c():
            for part in parts:
                for row in rows(part):
                    results.sections.setdefault(part, []).append(row)
                    keep(replace(results, interrupted=True))
                if part == "speed":
                    for row in bars():
                        results.sections.setdefault("bars", []).append(row)
    except KeyboardInterrupt:
        if not results.sections:
            raise
        results.interrupted = True
    except ReferenceError_ as error:
        if not results.sections:
            raise InputError(str(error)) from None
        results.failure = str(error)
    results.sections |= photo_summary(results.sections.get("photos", []))
    return results
