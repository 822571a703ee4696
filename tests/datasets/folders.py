"""Small scenes of data sets, made by code as these lay them out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from plyfile import PlyData, PlyElement

from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.io.cameras import NamedCamera, from_camera, to_camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views, write_png
from tvdrnet_nv.scenes import textured_box
from tvdrnet_nv.shading import UNLIT

BOX = textured_box(3)
ALIGNMENT = np.array([[0.0, -1, 0, 5], [1, 0, 0, -2], [0, 0, 1, 0.5], [0, 0, 0, 1]])
"""A quarter turn about z, and a shift."""


def segments(mesh: Mesh) -> np.ndarray:
    """Segment 7, 20, 31 or 44 of each vertex, by the signs of x and y."""
    x, y = mesh.vertices[:, 0].numpy() > 0, mesh.vertices[:, 1].numpy() > 0
    return np.array([7, 20, 31, 44])[2 * x + y]


def frame(name: str = "7") -> NamedCamera:
    """A camera that sees the box, for pictures of 128×96."""
    return from_camera(Orbit.create(4.0, 25.0, 40.0, fov=50.0, up="z"), (96, 128), name)


def add_frames(folder: Path) -> None:
    """ScanNet's poses, intrinsics and pictures: frame 0 was not tracked, frame 7 sees the box."""
    camera = frame()
    for name in ("pose", "intrinsic", "color"):
        (folder / name).mkdir()
    np.savetxt(folder / "pose" / "0.txt", np.full((4, 4), -np.inf))
    np.savetxt(folder / "pose" / "7.txt", camera.camera_to_world, fmt="%.9f")
    calibration = np.eye(4)
    calibration[:3, :3] = camera.calibration(0.0)
    np.savetxt(folder / "intrinsic" / "intrinsic_color.txt", calibration, fmt="%.6f")
    seen: Camera = to_camera(camera)
    write_png(folder / "color" / "7.png", next(render_views(Renderer(BOX, camera.size, light=UNLIT), seen)))


def write_labels(file: Path, labels: np.ndarray) -> None:
    """A labels file as ScanNet's, without faces."""
    vertex = np.zeros(len(labels), dtype=[("x", "f4"), ("y", "f4"), ("z", "f4"), ("label", "u2")])
    vertex["label"] = labels
    PlyData([PlyElement.describe(vertex, "vertex")]).write(str(file))


def scannet(folder: Path, name: str = "scene0042_01", *, align: bool = False) -> Path:
    """The files of one ScanNet scene: a chair of two segments, another chair, and a floor without vertices' label."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name}_vh_clean_2"
    save_ply(BOX, folder / f"{stem}.ply")
    of_vertex = segments(BOX)
    groups = [
        {"id": 0, "objectId": 0, "segments": [7, 20], "label": "office chair"},
        {"id": 1, "objectId": 4, "segments": [31], "label": "office chair"},
        {"id": 2, "objectId": 2, "segments": [44], "label": "floor"},
    ]
    segs = {"params": {}, "sceneId": name, "segIndices": of_vertex.tolist()}
    (folder / f"{stem}.0.010000.segs.json").write_text(json.dumps(segs))
    aggregation = {"sceneId": name, "segGroups": groups, "segmentsFile": f"{stem}.0.010000.segs.json"}
    (folder / f"{name}.aggregation.json").write_text(json.dumps(aggregation))
    write_labels(folder / f"{stem}.labels.ply", np.where(of_vertex == 44, 3, 10))
    facts = "colorHeight = 96\ncolorWidth = 128\n"
    if align:
        facts = f"axisAlignment = {' '.join(map(str, ALIGNMENT.reshape(-1)))}\n{facts}"
    (folder / f"{name}.txt").write_text(facts)
    return folder
