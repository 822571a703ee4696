"""The options of `tvdr-nv evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvdrnet_nv.choices import ClassListName, Missing
from tvdrnet_nv.cli._options import INPUT, OTHER, OUTPUT, Group, JsonOption, QuietOption, option

DATASET_ARGUMENT: Group = {
    "dataset": Annotated[
        Path | None,
        typer.Argument(
            metavar="DATASET",
            help="A file of sentences (ScanRefer, Nr3D, Sr3D, Reason3D, Instruct3D), or a folder of scenes or of "
            "truth files NAME.txt.",
            show_default=False,
            rich_help_panel=INPUT,
        ),
    ],
}
EVALUATE_OPTIONS: Group = {
    "predictions": option(
        Path | None,
        "--predictions",
        "PATH",
        "For sentences: a folder of masks QUERY.npy, .npz, .json or .txt, or a JSON file as ScanRefer's. For scenes: a "
        "folder of NAME.txt, as ScanNet's benchmark takes them.",
        INPUT,
    ),
    "scenes": option(Path | None, "--scenes", "DIR", "The folder of the scenes that the sentences are about.", INPUT),
    "truth": option(
        Path | None, "--truth", "DIR", "Masks QUERY.npy that are the truth, instead of the scenes' objects.", INPUT
    ),
    "split": option(Path | None, "--split", "FILE", "Evaluate the scenes that this file names, one a line.", INPUT),
    "classes": option(
        ClassListName, "--classes", "scannet|scannet200|all", "For scenes: the classes that count.", OTHER
    ),
    "missing": option(
        Missing,
        "--missing",
        "refuse|zero|skip",
        "What has no prediction is refused, not found, or left out.",
        OTHER,
    ),
    "threshold": option(float, "--threshold", "SCORE", "Vertices with a higher score are in the mask.", OTHER),
    "gallery": option(int, "--gallery", "N", "How many of the worst queries failures.html shows.", OUTPUT),
    "out": option(
        Path | None,
        "--out",
        "DIR",
        "Folder for the files. What it has from an earlier run and has not changed is not evaluated again. Default: "
        "tvdr-nv-evaluate- and the predictions' name.",
        OUTPUT,
    ),
}
OUTPUT_SWITCHES: Group = {"quiet": QuietOption, "as_json": JsonOption}
