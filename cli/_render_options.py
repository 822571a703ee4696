"""The options of `tvdr-nv render` that say which pictures are wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvdrnet_nv.choices import Mode, TurntableFormat
from tvdrnet_nv.cli._options import OUTPUT, PICTURE, Group, option

RENDER_OPTIONS: Group = {
    "mode": option(
        Mode,
        "--mode",
        "MODE",
        "single: one view; turntable: once around the scene; grid: 4 elevations × 8 azimuths; all: these three.",
        OUTPUT,
    ),
    "path": option(
        str | None,
        "--path",
        "NAME,NAME,…|all",
        "A film through cameras of the --camera file, or of a run's folder: start,found, or all K views.",
        OUTPUT,
    ),
    "figure": option(
        Path | None,
        "--figure",
        "FILE.pdf|svg|png",
        "Write a figure for a paper instead: 1024 pixels or more, a light that keeps white surfaces white; of a "
        "--camera file of several cameras, all of them side by side.",
        OUTPUT,
    ),
    "layers": option(str, "--layers", "LIST", "What a figure shows: any of color,depth,normals.", OUTPUT),
    "caption": option(str | None, "--caption", "TEXT", "A text below the figure.", OUTPUT),
    "format": option(
        TurntableFormat | None,
        "--format",
        "gif|mp4|png",
        "Format of turntable and film; png writes numbered pictures. Default: gif for a turntable, mp4 for a film.",
        OUTPUT,
    ),
    "num_views": option(
        int | None,
        "--num-views",
        "N",
        "Number of views in the turntable or the film. Default: 36; in MP4, what --fps makes of its time.",
        OUTPUT,
    ),
    "fps": option(float, "--fps", "N", "Pictures a second in MP4.", OUTPUT),
    "image_size": option(
        str | None,
        "--image-size",
        "N|WxH",
        "Size in pixels. Default: the size in the --camera file, otherwise 512.",
        PICTURE,
    ),
    "samples": option(
        int | None, "--samples", "N", "Samples in each pixel, a square number. Default: 1; 16 in a figure.", PICTURE
    ),
    "dollhouse": Annotated[
        bool,
        typer.Option(
            "--dollhouse",
            help="Leave out the ceiling, the walls between camera and room, and the backs of faces.",
            rich_help_panel=PICTURE,
        ),
    ],
}
