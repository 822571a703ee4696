"""`tvdr-nv render`: pictures of a scene from given cameras."""

from __future__ import annotations

from typing import Any

import typer

from tvdrnet_nv.cli._command import job_of, takes
from tvdrnet_nv.cli._errors import NOT_FOUND
from tvdrnet_nv.cli._options import CAMERA_OPTIONS, OUTPUT_OPTIONS, RENDERING_OPTIONS, SCENE_OPTIONS
from tvdrnet_nv.cli._render_options import RENDER_OPTIONS
from tvdrnet_nv.jobs import Kind, RenderJob

EXAMPLES = (
    ("Once around the room, as a film", "tvdr-nv render room.ply --mode turntable --format mp4"),
    (
        "One picture, from above",
        "tvdr-nv render room.ply --mode single --elevation 60 --image-size 640x480",
    ),
)


@takes(SCENE_OPTIONS, RENDER_OPTIONS, CAMERA_OPTIONS, RENDERING_OPTIONS, OUTPUT_OPTIONS, job=RenderJob)
def command(ctx: typer.Context, values: dict[str, Any]) -> int:
    """Render a scene from one camera, from all around, from many directions in one picture, as a film or a figure.

    Writes single_view.png, turntable.gif (or turntable.mp4, or turntable_000.png and so on), and multi_view_grid.png.
    With a --camera file of several cameras: one picture for each, by its name. With --path: path.mp4.
    With --camera RUN, the folder of a run of tvdr-nv optimize, SCENE may be left out.

    Exit codes: 0 done; 3 a picture is blank (the scene fills no pixel of it; the files are written); 2 wrong input.
    """
    if values["scene"] is None and values["mesh"] is None and values["camera"] is not None:
        from tvdrnet_nv.jobs.run_folder import scene_of_run

        values |= scene_of_run(values["camera"])
    job = job_of(RenderJob, values)
    quiet, as_json = values["quiet"], values["as_json"]

    from tvdrnet_nv.cli._display import Display
    from tvdrnet_nv.cli._output import notes, print_json, results, say

    with Display(notes(quiet), hidden=(Kind.SCENE, Kind.DEVICE)) as display:
        outcome = job.run(display.event)
    if as_json:
        files = [str(file.absolute()) for file in outcome.files]
        camera = outcome.viewpoint.to_dict() | {"near": outcome.near, "far": outcome.far}
        camera["background"] = outcome.background  # None: transparent
        print_json({"camera": camera, "files": files})
    else:
        for file in outcome.files:
            say(results(quiet), str(file))
    return NOT_FOUND if outcome.blank else 0
