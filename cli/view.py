"""`tvdr-nv view`: a scene in the browser, its cameras, and runs by click."""

from __future__ import annotations

from typing import Any

import typer

from tvdrnet_nv.cli._command import job_of, takes
from tvdrnet_nv.cli._options import CAMERA_OPTIONS, OUTPUT_OPTIONS, RENDERING_OPTIONS, SCENE_OPTIONS
from tvdrnet_nv.cli._view_options import VIEW_OPTIONS
from tvdrnet_nv.viewer import ViewJob

EXAMPLES = (
    ("A room, at the address that is printed", "tvdr-nv view room.ply"),
    ("The cameras and the way of a run", "tvdr-nv view room.ply --run found"),
)


@takes(SCENE_OPTIONS, VIEW_OPTIONS, CAMERA_OPTIONS, RENDERING_OPTIONS, OUTPUT_OPTIONS, job=ViewJob)
def command(ctx: typer.Context, values: dict[str, Any]) -> int:
    """Show a scene in the browser: the cameras of a run and its way, our renders, and new runs by a click on an object,
    a sentence or a picture.

    Needs the extra view: pip install 'tvdrnet_nv[view]'. The address is printed once the page is served. The options of
    the camera say where the browser looks from first. Runs and saved cameras go to the folder --out.

    Ctrl-C ends it, with exit code 0; a run that is under way stops, and its best is written. A second Ctrl-C ends at
    once. Exit code 2: wrong input.
    """
    job = job_of(ViewJob, values)
    quiet, as_json = values["quiet"], values["as_json"]
    from contextlib import ExitStack

    from tvdrnet_nv.cli._display import Display
    from tvdrnet_nv.cli._output import notes, print_json, results, say
    from tvdrnet_nv.jobs.interrupt import Interruptible

    ctrl_c = Interruptible()
    with ExitStack() as stack, Display(notes(quiet)) as display:

        def ready(address: str) -> None:
            stack.enter_context(ctrl_c)  # before, while the scene loads, it ends at once
            if as_json:
                print_json({"url": address})
            else:
                say(results(quiet), address, "bold")
                say(notes(quiet), "Ctrl-C ends it")

        job.serve(lambda: ctrl_c.pressed, display.event, ready)
    return 0
