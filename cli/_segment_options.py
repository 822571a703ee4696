"""The options of `tvdr-nv segment` that say what is wanted and how it is looked for."""

from __future__ import annotations

from typing import Annotated

import typer

from tvdrnet_nv.cli._options import CAMERA_OPTIONS, PICTURE, SEARCH, Group, option
from tvdrnet_nv.cli._search_options import SEARCH_OPTIONS

_SAME = ("text_model", "parser", "features", "referral", "object_id", "labels", "seed")

SEGMENT_OPTIONS: Group = {
    "text": option(
        str | None,
        "--text",
        "SENTENCE",
        "What is meant, such as 'the chair next to the window'. Where the scene has objects or labels with names, they "
        "say where to look first.",
        SEARCH,
    ),
    "segmenter": option(
        str,
        "--segmenter",
        "NAME|COMMAND",
        "What finds the sentence in pictures. rooms: the small network that the package brings; clipseg:DIR, "
        "owlv2:DIR, owlv2:DIR+sam2:DIR, grounding-dino:DIR+sam2:DIR, sam3:DIR: models of transformers; 'COMMAND "
        "{image} {text} {out}': a program that writes a mask as PNG; oracle: the scene's own objects, with errors such "
        "as oracle:border=0.1,confused=0.2. See docs/segmentation.md.",
        SEARCH,
    ),
    "views": option(int, "--views", "K", "Take K views at most; it ends earlier when the mask has settled.", SEARCH),
    "first": option(
        int | None,
        "--first",
        "N",
        "How many views are taken before the mask chooses them. Default: 3 where the scene's objects say where to "
        "look, otherwise 6.",
        SEARCH,
    ),
    "around": Annotated[
        bool,
        typer.Option(
            "--around",
            help="Begin with views all over the scene, also where its objects are known.",
            rich_help_panel=SEARCH,
        ),
    ],
    "timeout": option(
        float, "--timeout", "SECONDS", "How long a command of --segmenter may take for a picture.", SEARCH
    ),
    **{name: SEARCH_OPTIONS[name] for name in _SAME},
    "image_size": option(str | None, "--image-size", "N|WxH", "Size of the pictures. Default: 640x480.", PICTURE),
    **{name: CAMERA_OPTIONS[name] for name in ("align", "fov", "up", "near", "far")},
}
