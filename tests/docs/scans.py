"""A room made by code in the place of ScanNet's scene0000_00, and predictions for it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

from tests.datasets.folders import write_labels
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.evaluation import FoundInstance, InstanceTruth, write_entries, write_instances, write_mask, write_truth
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.io.cameras import from_camera, to_camera
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views, write_png
from tvdrnet_nv.scenes import Room, make_room
from tvdrnet_nv.shading import UNLIT

SCENE = "scene0000_00"
CALLED = {"sofa": "couch", "floor_lamp": "stool", "coffee_table": "bed", "sideboard": "sink", "vase": "toilet"}
"""Things of the room under the names that the pages use, so that object 36 is a stool."""
NYU40 = {"chair": 5, "bed": 4, "couch": 6, "window": 9, "sink": 34, "toilet": 33}


@cache
def small_room() -> Room:
    """The room of all snippets."""
    return make_room(6000, 0)


def name_of(number: int) -> str:
    """What the scan calls an object."""
    kind = small_room().names[number].rsplit("_", 1)[0]
    return CALLED.get(kind, kind.replace("_", " "))


def object_mask(number: int) -> np.ndarray:
    """bool [V]: an object's vertices."""
    return small_room().labels.numpy() == number


def make_scan(folder: Path) -> None:
    """ScanNet's files of one scene, with frame 120 and sentences in ScanRefer's format."""
    room, scene = small_room(), folder / SCENE
    scene.mkdir(parents=True)
    stem = f"{SCENE}_vh_clean_2"
    save_ply(room.mesh, scene / f"{stem}.ply")
    segments = {"params": {}, "sceneId": SCENE, "segIndices": room.labels.tolist()}
    (scene / f"{stem}.0.010000.segs.json").write_text(json.dumps(segments))
    groups = [{"id": n, "objectId": n, "segments": [n], "label": name_of(n)} for n in range(len(room.names))]
    aggregation = {"sceneId": SCENE, "segGroups": groups, "segmentsFile": f"{stem}.0.010000.segs.json"}
    (scene / f"{SCENE}.aggregation.json").write_text(json.dumps(aggregation))
    classes = np.array([NYU40.get(name_of(n), 40) for n in range(len(room.names))])
    write_labels(scene / f"{stem}.labels.ply", classes[room.labels.numpy()])
    quarter_turn = "0 -1 0 0 1 0 0 0 0 0 1 0 0 0 0 1"
    (scene / f"{SCENE}.txt").write_text(f"axisAlignment = {quarter_turn}\ncolorHeight = 120\ncolorWidth = 160\n")
    _make_frame(scene)
    kinds = sorted({name_of(n) for n in range(len(room.names))})
    rows = [f"{k}\t{kind}\t{NYU40.get(kind, 40)}" for k, kind in enumerate(kinds, start=1)]
    (folder / "scannetv2-labels.combined.tsv").write_text("\n".join(["id\traw_category\tnyu40id", *rows]) + "\n")
    (folder.parent / "ScanRefer_val.json").write_text(json.dumps(_sentences()))


def _make_frame(scene: Path) -> None:
    mesh = small_room().mesh
    middle = tuple(mesh.bounds[0].lerp(mesh.bounds[1], 0.5).tolist())
    camera = from_camera(Orbit.create(6.0, 40.0, 70.0, fov=60.0, at=middle, up="z"), (120, 160), "120")
    for name in ("pose", "intrinsic", "color"):
        (scene / name).mkdir()
    np.savetxt(scene / "pose" / "120.txt", camera.camera_to_world, fmt="%.9f")
    calibration = np.eye(4)
    calibration[:3, :3] = camera.calibration(0.0)
    np.savetxt(scene / "intrinsic" / "intrinsic_color.txt", calibration, fmt="%.6f")
    picture = next(render_views(Renderer(mesh, camera.size, light=UNLIT), to_camera(camera)))
    write_png(scene / "color" / "120.png", picture)


def _sentences() -> list[dict[str, str]]:
    """One on each of three objects."""
    return [
        {
            "scene_id": SCENE,
            "object_id": str(n),
            "object_name": name_of(n).replace(" ", "_"),
            "ann_id": "0",
            "description": f"the {name_of(n)}",
        }
        for n in (29, 36, 50)
    ]


def make_evaluation(folder: Path) -> None:
    """Sentences, predictions and true masks in the formats of docs/evaluation.md."""
    sentences = _sentences()
    (folder / "ScanRefer_filtered_val.json").write_text(json.dumps(sentences))
    (folder / "nr3d.csv").write_text(
        "assignmentid,stimulus_id,utterance,correct_guess,scan_id,instance_type,target_id,mentions_target_class\n"
        + "".join(
            f"{k},{SCENE}-{s['object_name']}-2-{s['object_id']},{s['description']},True,{SCENE},{s['object_name']},"
            f"{s['object_id']},True\n"
            for k, s in enumerate(sentences)
        )
    )
    entries = [
        {"query": f"{SCENE}-{s['object_id']}-{k}", "object_ids": [int(s["object_id"])]} for k, s in enumerate(sentences)
    ]
    write_entries(folder / "ids.json", entries)
    reason = [{"scene_name": SCENE, "object_id": 5, "question": f"where is {s['description']}?"} for s in sentences]
    (folder / "reason3d_val.json").write_text(json.dumps(reason))
    for name in ("masks", "answers", "true_masks", "submission", "gt"):
        (folder / name).mkdir()
    for place, sentence in enumerate(sentences):
        mask = object_mask(int(sentence["object_id"]))
        write_mask(folder / "masks" / f"{SCENE}-{sentence['object_id']}-0.npy", mask)
        for name in ("answers", "true_masks"):
            write_mask(folder / name / f"{SCENE}-{place}.npy", mask)
    for name in ("test_scans.txt", "scannetv2_val.txt"):
        (folder / name).write_text(f"{SCENE}\n")
    chair = 17
    write_instances(folder / "submission", SCENE, [FoundInstance(object_mask(chair), 5, 0.9)])
    labels = np.where(object_mask(chair), 5, 0)
    write_truth(folder / "gt" / f"{SCENE}.txt", InstanceTruth(labels, (labels > 0).astype(np.int64)))
