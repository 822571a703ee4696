"""`tvdr-nv segment`: the vertices of a scene that a sentence means."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import typer

from tvdrnet_nv.cli._command import job_of, takes
from tvdrnet_nv.cli._errors import INTERRUPTED, NOT_FOUND
from tvdrnet_nv.cli._options import OUTPUT_OPTIONS, RENDERING_OPTIONS, SCENE_OPTIONS
from tvdrnet_nv.cli._segment_options import SEGMENT_OPTIONS
from tvdrnet_nv.jobs import SegmentJob

if TYPE_CHECKING:
    from tvdrnet_nv.jobs import Segmented


EXAMPLES = (
    ("The vertices of the plant, in mask.npy and mask.ply", 'tvdr-nv segment room.ply --text "the plant" --out plant'),
    ("The same by the room's own labels, for tests", 'tvdr-nv segment room.ply --text "the plant" --segmenter oracle'),
)


@takes(SCENE_OPTIONS, SEGMENT_OPTIONS, RENDERING_OPTIONS, OUTPUT_OPTIONS, job=SegmentJob)
def command(ctx: typer.Context, values: dict[str, Any]) -> int:
    """Find the vertices of a scene that a sentence means, by masks in pictures of views that it chooses.

    Writes mask.ply, mask.npy, instances.json, segmentation.json, segmentation.png, and each view with its mask.

    Exit codes: 0 found; 3 not found (the mask is empty, and all files are written; or with --segmenter oracle the
    sentence means nothing of the scene, and nothing is written); 2 wrong input.

    Ctrl-C ends the run early, writes the mask of the views so far and exits with 130.
    """
    job = job_of(SegmentJob, values)
    quiet, as_json = values["quiet"], values["as_json"]
    import json

    from tvdrnet_nv.cli._display import Display
    from tvdrnet_nv.cli._output import notes, print_json

    with Display(notes(quiet)) as display:
        outcome = job.run(display.event, shlex.join(ctx.obj or ["tvdr-nv", "segment"]))
    if as_json:
        facts = json.loads(outcome.files[0].read_text(encoding="utf-8"))
        print_json({**facts, "files": [str(file.absolute()) for file in outcome.files]})
    elif not quiet:
        _print(outcome)
    if outcome.interrupted:
        return INTERRUPTED
    return 0 if bool(outcome.found.lifted.mask.any()) else NOT_FOUND


def _print(outcome: Segmented) -> None:
    from tvdrnet_nv.cli._output import results, say_files, tell
    from tvdrnet_nv.cli._tables import Facts

    console, found = results(quiet=False), outcome.found
    count, of = int(found.lifted.mask.sum()), len(found.lifted.mask)
    tell(console, f"“{outcome.sentence}”: {count:,} of {of:,} vertices", "bold green")
    rows = [("views", f"{len(found.views)}, as {found.reason}"), ("segmenter", outcome.segmenter)]
    if outcome.iou is not None and outcome.meaning is not None:
        rows.append((f"IoU with {outcome.meaning.shown}", f"{outcome.iou:.3f}"))
    rows.append(("time", f"{sum(outcome.seconds.values()):.1f} s"))
    console.print(Facts(rows))
    say_files(console, outcome.files)
