"""Two small scenes with sentences about their objects, and predictions for these."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.datasets.folders import BOX, scannet, segments
from tvdrnet_nv.evaluation import write_mask

SCENES = ("scene0042_01", "scene0043_00")
OBJECTS = {0: (7, 20), 4: (31,), 2: (44,)}
"""The segments of each object of a scene."""


def object_mask(number: int) -> np.ndarray:
    """bool [V]: an object of either scene."""
    return np.isin(segments(BOX), OBJECTS[number])


def make(folder: Path) -> None:
    """Writes `scans`, aligned; `scanrefer.json` with a sentence on each of six objects; `masks`, all of them right."""
    for scene in SCENES:
        scannet(folder / "scans" / scene, scene, align=True)
    (folder / "scans" / "scannetv2-labels.combined.tsv").write_text(
        "id\traw_category\tnyu40id\n10\toffice chair\t5\n3\tfloor\t2\n"
    )
    names = {0: "office_chair", 4: "office_chair", 2: "floor"}
    entries = [
        {
            "scene_id": scene,
            "object_id": str(number),
            "object_name": names[number],
            "ann_id": "0",
            "description": f"the <{names[number]}> & {number}",
        }
        for scene in SCENES
        for number in OBJECTS
    ]
    (folder / "scanrefer.json").write_text(json.dumps(entries))
    (folder / "masks").mkdir()
    for scene in SCENES:
        for number in OBJECTS:
            write_mask(mask_file(folder, scene, number), object_mask(number))


def mask_file(folder: Path, scene: str, number: int) -> Path:
    """Where the predicted mask of an object is."""
    return folder / "masks" / f"{scene}-{number}-0.npy"


def make_instances(folder: Path) -> None:
    """Writes `truth` and `found` of two scenes of 300 vertices: a chair that is found, and a table that is not."""
    masks = folder / "found" / "predicted_masks"
    masks.mkdir(parents=True)
    (folder / "truth").mkdir()
    codes = np.repeat([5001, 7001, 0], [120, 130, 50])
    for scene in SCENES:
        np.savetxt(folder / "truth" / f"{scene}.txt", codes, fmt="%d")
        np.savetxt(masks / f"{scene}_0.txt", codes == 5001, fmt="%d")
        (folder / "found" / f"{scene}.txt").write_text(f"predicted_masks/{scene}_0.txt 5 0.5\n")
