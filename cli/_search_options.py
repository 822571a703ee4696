"""The options of `tvdr-nv optimize` that say what is wanted and how it is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvdrnet_nv.camera.parameters import ORBIT_DEFAULT, PARAMETERS, POSE_DEFAULT, POSE_PARAMETERS
from tvdrnet_nv.choices import Compare, DepthUnit, Effort, MethodName, ObjectiveName, Robust
from tvdrnet_nv.cli._options import OTHER, OUTPUT, PICTURE, SEARCH, Group, option
from tvdrnet_nv.defaults import FOCUS_ITERATIONS
from tvdrnet_nv.jobs.optimize_job import ITERATIONS

DEFAULT_SIZE = "the target's size, at most 1024 a side; without a target, 256"

SEARCH_OPTIONS: Group = {
    "iterations": option(
        int | None,
        "--iters",
        "N",
        f"Maximum number of steps; lm ends by itself. Default: {FOCUS_ITERATIONS} for a view (see --focus), otherwise "
        f"{ITERATIONS}.",
        SEARCH,
    ),
    "target": option(
        Path | None,
        "--target",
        "PICTURE",
        "Find the camera of this picture. frame:NAME is a frame of a data set's scene, whose pose and lens are the "
        "start. If the picture has alpha, it is how much each pixel counts. A "
        "focal length in its EXIF data gives the start's field of view, unless --fov or --camera is given. Without "
        "--target: find the best view of the scene, or of a part (--focus).",
        SEARCH,
    ),
    "focus": option(
        str | None,
        "--focus",
        "PART",
        "Find a view in which a part of the scene is large, centred and not hidden. The part is everything, "
        "label=NAME,… or label=NUMBER,… (see --labels), object=NAME,… or object=ID,… (of a data set's scene), "
        "box=X0,Y0,Z0,X1,Y1,Z1, point=X,Y,Z,RADIUS, or a file (.npy or text) with one score for each vertex. Default "
        "without --target: everything.",
        SEARCH,
    ),
    "text": option(
        str | None,
        "--text",
        "SENTENCE",
        "Say what the view is to show, such as 'the chair next to the window' or 'where can I wash my hands?'. The "
        "scene needs objects, labels with names, or --features. See docs/text.md.",
        SEARCH,
    ),
    "text_model": option(
        str | None,
        "--text-model",
        "NAME|DIR",
        "The encoder of the words of --text: a model that sentence-transformers knows. Default: all-MiniLM-L6-v2.",
        SEARCH,
    ),
    "features": option(
        Path | None,
        "--features",
        "FILE",
        "Find --text by features of the vertices, [V, Q] in an .npy, .pt or .safetensors file, in the space of "
        "--text-model.",
        SEARCH,
    ),
    "image_text_model": option(
        str | None,
        "--image-text-model",
        "DIR|NAME|NAME=FILE",
        "Let a model of pictures and text judge pictures by --text, such as a CLIP's folder; needs no objects and no "
        "labels. NAME=FILE is a model of open_clip and its weights. See docs/image_text.md.",
        SEARCH,
    ),
    "parser": option(
        str | None,
        "--parser",
        "COMMAND",
        "Ask a program of your own what --text says, such as a language model: it gets JSON on stdin and writes JSON. "
        "See docs/text.md.",
        SEARCH,
    ),
    "referral": option(
        Path | None,
        "--referral",
        "FILE",
        "Take the sentence about --object from a file of ScanRefer, Nr3D, Sr3D or Instruct3D.",
        SEARCH,
    ),
    "object_id": option(int | None, "--object", "ID", "The object that the sentence of --referral is about.", SEARCH),
    "objective": option(
        ObjectiveName,
        "--objective",
        "auto|view|tvdrnet",
        "Without --target, what makes a camera good. view: a good view of --focus; tvdrnet: TVDRNet's heuristic "
        "(medium brightness, contrast, coverage). auto: tvdrnet with --method tvdrnet and without --focus, otherwise "
        "view.",
        SEARCH,
    ),
    "labels": option(
        Path | None,
        "--labels",
        "FILE",
        "The labels file for --focus label=… and --text. Default: SCENE.labels.ply beside SCENE.ply.",
        SEARCH,
    ),
    "views": option(
        int, "--views", "K", "Find K different views that together show most of the scene, or of --focus.", SEARCH
    ),
    "parameters": option(
        str | None,
        "--optimize",
        "LIST",
        f"The parameters to optimise. For a camera on an orbit: any of {','.join(PARAMETERS)}. For a camera that moves "
        f"freely: any of {','.join(POSE_PARAMETERS)} (pose means {','.join(POSE_DEFAULT)}). "
        f"Default: {','.join(ORBIT_DEFAULT)}, or pose if the --camera file has a pose. With a "
        "--target, fov as well unless --fov or --camera gives the lens, and pose and focal where no orbit explains it.",
        SEARCH,
    ),
    "compare": option(
        Compare,
        "--compare",
        "auto|colors|photograph|edges",
        "What of --target is compared. colors: only colours, in one optimisation; photograph: local contrast, so that "
        "exposure and slow changes of the light do not count; edges: where edges are, for a picture in other colours "
        "than the scene. auto: colors, then photograph, until one explains it.",
        SEARCH,
    ),
    "robust": option(
        Robust | None,
        "--robust",
        "none|huber|geman-mcclure",
        "Robust loss: pixels that do not fit count less. Use it if something hides part of the scene in the target, or "
        "if the light differs. Default: none; geman-mcclure for --compare photograph and edges.",
        SEARCH,
    ),
    "mask": option(
        Path | None,
        "--mask",
        "PICTURE",
        "A picture of the same size as the target: white pixels count, black and transparent pixels do not. It is "
        "multiplied by the target's alpha.",
        SEARCH,
    ),
    "depth": option(
        Path | None,
        "--depth",
        "FILE",
        "A depth picture of the target's camera, compared as well: a PNG of 16 bits in millimetres, or floats in "
        "metres (.npy, .tif, .exr); 0 and NaN are unknown. The scene must be in metres. Of another size, the "
        "nearest depths are taken.",
        SEARCH,
    ),
    "depth_unit": option(
        DepthUnit | None, "--depth-unit", "mm|m", "The unit of --depth, where it is not the usual one.", SEARCH
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
        "network. auto: lm with --target and without --lr, otherwise adam.",
        SEARCH,
    ),
    "learning_rate": option(
        float | None, "--lr", "RATE", "Learning rate. Default: the method's own; lm has none.", SEARCH
    ),
    "starts": option(
        int | None,
        "--starts",
        "K",
        "Start from K cameras at once: the given one and others near it. The best result is kept. Default: 1.",
        SEARCH,
    ),
    "search": Annotated[
        bool | None,
        typer.Option(
            "--search/--no-search",
            help="First compare views from all around the look-at point, and start from the best K of them (--starts). "
            "On by default for a view (see --focus), unless --mapping or --camera says where to start.",
            rich_help_panel=SEARCH,
            show_default=False,
        ),
    ],
    "mapping": option(
        Path | None,
        "--mapping",
        "default|FILE",
        "A learned mapping, which proposes a view for --query or --text: the one that the package brings, or a file's. "
        "With --target, --focus, --text or --objective, this view is the start, unless it shows little of the part; "
        "with none of them, it is the result.",
        SEARCH,
    ),
    "query": option(
        str | None,
        "--query",
        "SENTENCE|EMBEDDING",
        "The input of the mapping: a sentence, an .npy or .pt file, or numbers such as 0.1,0.2. With --text or "
        "--referral, it is their sentence, unless an embedding is given here.",
        SEARCH,
    ),
    "effort": option(
        Effort | None,
        "--effort",
        "quick|normal|thorough",
        "How long to look for the camera of --target, if the first attempts do not find it. quick: near the start, or "
        "all around the scene; normal, the default: also from places all over the scene; thorough: from four times as "
        "many.",
        SEARCH,
    ),
    "seed": option(int, "--seed", "N", "The same seed gives the same result.", SEARCH),
    "image_size": option(str | None, "--image-size", "N|WxH", f"Size in pixels. Default: {DEFAULT_SIZE}.", PICTURE),
    "pictures": Annotated[
        bool,
        typer.Option(
            " /--no-pictures",
            help="Write only the numbers, optimized_params.json or views.json.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ],
    "profile": Annotated[
        bool,
        typer.Option(
            "--profile",
            help="Only measure how much time each part of a step of adam takes; without --target, of one by TVDRNet's "
            "heuristic.",
            rich_help_panel=OTHER,
        ),
    ],
}
