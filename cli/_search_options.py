"""The options of `tvdr-nv optimize` that say what is wanted and how it is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvdrnet_nv.camera.parameters import ORBIT_DEFAULT, PARAMETERS, POSE_DEFAULT, POSE_PARAMETERS
from tvdrnet_nv.choices import MethodName, Robust
from tvdrnet_nv.cli._options import OTHER, PICTURE, SEARCH, Group, option
from tvdrnet_nv.defaults import FOCUS_ITERATIONS
from tvdrnet_nv.jobs.optimize_job import ITERATIONS

DEFAULT_SIZE = "the target's size (at most 1024 a side), else 256"

SEARCH_OPTIONS: Group = {
    "iterations": option(
        int | None,
        "--iters",
        "N",
        f"Steps, at most; lm ends by itself. Default: {ITERATIONS}; with --focus {FOCUS_ITERATIONS}.",
        SEARCH,
    ),
    "target": option(
        Path | None,
        "--target",
        "PICTURE",
        "The picture whose camera is wanted. Without --target and --focus: the best view by TVDRNet's heuristic.",
        SEARCH,
    ),
    "focus": option(
        str | None,
        "--focus",
        "PART",
        "Find a view that shows a part of the scene unhidden, large and centred: label=NAME,… or label=NUMBER,… "
        "(of a .labels.ply), box=X0,Y0,Z0,X1,Y1,Z1, point=X,Y,Z,RADIUS, or a file (.npy or text) of one score for each "
        "vertex.",
        SEARCH,
    ),
    "labels": option(
        Path | None,
        "--labels",
        "FILE",
        "The file of labels for --focus. Default: SCENE.labels.ply beside SCENE.ply.",
        SEARCH,
    ),
    "views": option(
        int, "--views", "K", "With --focus: K views that differ and together show most of the part.", SEARCH
    ),
    "parameters": option(
        str | None,
        "--optimize",
        "LIST",
        f"What may change: any of {','.join(PARAMETERS)}, for a camera on an orbit; or any of "
        f"{','.join(POSE_PARAMETERS)}, for a camera anywhere (pose means {','.join(POSE_DEFAULT)}). "
        f"Default: {','.join(ORBIT_DEFAULT)}, or pose where --camera holds one.",
        SEARCH,
    ),
    "robust": option(
        Robust | None,
        "--robust",
        "none|huber|geman-mcclure",
        "Robust loss: pixels that do not fit count less. For a target in which something hides part of the scene, or "
        "the light differs. Default: none.",
        SEARCH,
    ),
    "mask": option(
        Path | None,
        "--mask",
        "PICTURE",
        "A picture of the target's size: its white pixels count, its black pixels do not.",
        SEARCH,
    ),
    "exposure": Annotated[
        bool,
        typer.Option(
            "--free-exposure",
            help="The target may be brighter or darker than the renders, or have another white balance.",
            rich_help_panel=SEARCH,
        ),
    ],
    "method": option(
        MethodName,
        "--method",
        "auto|lm|adam|tvdrnet",
        "lm: Levenberg-Marquardt, coarse to fine, needs --target; adam: Adam on the parameters; tvdrnet: TVDRNet's "
        "network. auto: lm with a --target and no --lr, else adam.",
        SEARCH,
    ),
    "learning_rate": option(
        float | None, "--lr", "RATE", "Learning rate. Default: the method's own; lm has none.", SEARCH
    ),
    "starts": option(
        int | None,
        "--starts",
        "K",
        "Start from K cameras in one batch, the given one and others near it; the best is kept. Default: 1.",
        SEARCH,
    ),
    "search": Annotated[
        bool | None,
        typer.Option(
            "--search/--no-search",
            help="First look from all around the look-at point, and start from the best K views (--starts). On by "
            "default with --focus, unless there is a --mapping.",
            rich_help_panel=SEARCH,
            show_default=False,
        ),
    ],
    "mapping": option(
        Path | None, "--mapping", "FILE", "A learned mapping; start from the view that it proposes.", SEARCH
    ),
    "query": option(
        str | None,
        "--query",
        "EMBEDDING",
        "What to ask the mapping: an .npy or .pt file, or numbers such as 0.1,0.2.",
        SEARCH,
    ),
    "seed": option(int, "--seed", "N", "The same seed gives the same result.", SEARCH),
    "image_size": option(str | None, "--image-size", "N|WxH", f"Pixels. Default: {DEFAULT_SIZE}.", PICTURE),
    "profile": Annotated[
        bool,
        typer.Option("--profile", help="Only measure where the time of a step of adam goes.", rich_help_panel=OTHER),
    ],
}
