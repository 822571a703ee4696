"""`tvdr-nv optimize`: move a camera by gradient descent, and report."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import typer

from tvdrnet_nv.cli._command import job_of, takes
from tvdrnet_nv.cli._errors import INTERRUPTED, NOT_FOUND
from tvdrnet_nv.cli._options import CAMERA_OPTIONS, OUTPUT_OPTIONS, RENDERING_OPTIONS, SCENE_OPTIONS
from tvdrnet_nv.cli._search_options import SEARCH_OPTIONS
from tvdrnet_nv.jobs import OptimizeJob

if TYPE_CHECKING:
    from tvdrnet_nv.cli._display import Display


EXAMPLES = (
    ("Four views that together show most of the room's surface", "tvdr-nv optimize room.ply --views 4"),
    ("The camera that took a picture of the room", "tvdr-nv optimize room.ply --target picture.png"),
)


@takes(SCENE_OPTIONS, SEARCH_OPTIONS, CAMERA_OPTIONS, RENDERING_OPTIONS, OUTPUT_OPTIONS, job=OptimizeJob)
def command(ctx: typer.Context, values: dict[str, Any]) -> int:
    """Find the best view of a scene or of a part of it (--focus, --text), or the camera of a picture (--target).

    A --camera file with several cameras that name their pictures: each camera is refined on its picture.

    A camera is moved by gradient descent. The best one is written to the folder --out, with pictures.

    Exit codes: 0 found; 3 not found (the status is poor-fit, ambiguous, drifted or no-gradient; all files are written),
    or --text means nothing of the scene (nothing is written); 2 wrong input.

    Ctrl-C ends the run early, writes the best camera so far and exits with 130.

    TVDRNet's own option names are accepted too: --initial-distance, --initial-elevation, --initial-azimuth,
    --iterations, --learning-rate, --target-image, --output-dir.
    """
    job = job_of(OptimizeJob, values)
    quiet, as_json, profile = (values[name] for name in ("quiet", "as_json", "profile"))
    import json

    from tvdrnet_nv.cli._display import Display
    from tvdrnet_nv.cli._output import notes, print_json
    from tvdrnet_nv.cli._summary import print_summary, print_views
    from tvdrnet_nv.jobs import Optimized, ViewsFound
    from tvdrnet_nv.jobs.outcome import NotSaved
    from tvdrnet_nv.jobs.refine_cameras import refines_file

    lens = bool({"fov", "focal"} & set(job.moving or ()))
    if refines_file(job) and not profile:
        return _refine(ctx, job, quiet=quiet, as_json=as_json, lens=lens)
    with Display(notes(quiet), iterations=job.iteration_limit, fov=lens) as display:
        if profile:
            _profile(job, display, as_json)
            return 0
        try:
            outcome = job.run(display.progress, display.event, shlex.join(ctx.obj or ["tvdr-nv", "optimize"]))
        except NotSaved as error:  # what was found is shown at least
            if isinstance(error.outcome, Optimized) and not (quiet or as_json):
                print_summary(error.outcome, None)
            elif isinstance(error.outcome, ViewsFound) and not (quiet or as_json):
                print_views(error.outcome)
            raise
    params = json.loads(outcome.files[0].read_text(encoding="utf-8"))
    if as_json:
        print_json({**params, "files": [str(file.absolute()) for file in outcome.files]})
    elif not quiet:
        if isinstance(outcome, Optimized):
            print_summary(outcome, params["render_command"])
        else:
            print_views(outcome)
    if outcome.interrupted:
        return INTERRUPTED
    return 0 if outcome.is_found else NOT_FOUND


def _refine(ctx: typer.Context, job: OptimizeJob, *, quiet: bool, as_json: bool, lens: bool) -> int:
    """Refine every camera of a file, and print a table."""
    from dataclasses import asdict

    from tvdrnet_nv.cli._display import Display
    from tvdrnet_nv.cli._output import notes, print_json, results, say
    from tvdrnet_nv.cli._tables import Grid
    from tvdrnet_nv.jobs.refine_cameras import refine_cameras

    with Display(notes(quiet), iterations=job.iteration_limit, fov=lens) as display:
        done = refine_cameras(job, display.progress, display.event, shlex.join(ctx.obj or ["tvdr-nv", "optimize"]))
    for note in done.notes:
        say(notes(quiet), f"note: {note}")
    if as_json:
        print_json({"cameras": [asdict(row) for row in done.cameras], "files": [str(done.file), str(done.table)]})
    else:
        rows = []
        for row in done.cameras:
            quality = "" if row.quality is None else f"{row.quality:.2f}"
            rows.append((row.name, row.status, quality, f"{row.moved:.4g}", f"{row.turned:.3g}°"))
        results(quiet).print(Grid(("camera", "status", "quality", "moved", "turned"), rows, words=2))
        say(results(quiet), f"{done.file}")
        say(results(quiet), f"{done.table}")
    if done.interrupted:
        return INTERRUPTED
    return 0 if all(row.found for row in done.cameras) else NOT_FOUND


def _profile(job: OptimizeJob, display: Display, as_json: bool) -> None:
    """A table of a step's parts, or JSON."""
    from dataclasses import asdict

    from tvdrnet_nv.cli._output import print_json, results
    from tvdrnet_nv.cli._tables import Grid

    parts = job.profile(display.event)
    if as_json:
        print_json([asdict(part) for part in parts])
        return
    whole = parts[-1].milliseconds
    rows, styles = [], {}
    for part in (part for part in parts if not part.of):
        for shown in (part, *(inner for inner in parts if inner.of == part.name)):
            if shown is not part:
                styles[len(rows)] = "dim"
            name = shown.name if shown is part else f"  {shown.name}"
            rows.append((name, f"{shown.milliseconds:.2f}", f"{shown.milliseconds / whole:.0%}"))
    results(quiet=False).print(Grid(("part of a step", "ms", "share"), rows, styles=styles))
