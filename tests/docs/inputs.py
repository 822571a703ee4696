"""The files that the snippets use: rooms made by code, and what a user would bring along with a scene of their own.

A page gets those whose names stand in its text. Models of pictures are small ones of the real classes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from tests.docs.pages import ROOT
from tests.docs.scans import make_evaluation, make_scan, small_room
from tests.rooms import write_room
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.io.cameras import NamedCamera, from_camera, to_camera, write_cameras
from tvdrnet_nv.jobs import OptimizeJob
from tvdrnet_nv.mapping import CameraMapping, save_mapping
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views, write_png
from tvdrnet_nv.shading import UNLIT
from tvdrnet_nv.starts import scene_orbit

SCENES = ("scene.ply", "scan.ply", "room.ply")


def make_inputs(folder: Path, text: str) -> None:
    """Write into a folder what a page's text names."""
    for name in SCENES:
        if name in text or name.replace(".ply", ".labels.ply") in text:
            write_room(small_room(), folder / name)
    for name, make in MAKERS.items():
        if name in text:
            make(folder / name)


def cameras(size: tuple[int, int], *names: str) -> list[NamedCamera]:
    """Cameras inside the small room, as many as names."""
    middle = small_room().mesh.bounds[0].lerp(small_room().mesh.bounds[1], 0.5)
    turns = [20.0 + 70.0 * k for k in range(len(names))]
    return [
        from_camera(Orbit.create(6.0, 35.0, turn, fov=60.0, at=tuple(middle.tolist()), up="z"), size, name)
        for turn, name in zip(turns, names, strict=True)
    ]


def _draw(mesh: Mesh, camera: NamedCamera, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, next(render_views(Renderer(mesh, camera.size, light=UNLIT), to_camera(camera))))


def _picture(path: Path) -> None:
    mesh = small_room().mesh
    orbit = scene_orbit(mesh, elevation=40.0, azimuth=50.0)
    write_png(path, next(render_views(Renderer(mesh, (240, 320), light=UNLIT), orbit.camera())))


def _colmap(path: Path) -> None:
    """A COLMAP model of two cameras, with their pictures beside it as COLMAP has them."""
    found = cameras((120, 160), "frame_00.png", "frame_01.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_cameras(path, found, "colmap")
    for camera in found:
        _draw(small_room().mesh, camera, path.parents[1] / "images" / camera.name)


def _tum(path: Path) -> None:
    write_cameras(path, cameras((480, 640), "1", "2"), "tum")


def _mapping(path: Path) -> None:
    torch.manual_seed(0)
    save_mapping(CameraMapping(query_size=3), path)


def _query(path: Path) -> None:
    np.save(path, np.array([0.1, 0.2, 0.3], np.float32))


def _clip(path: Path) -> None:
    from tests.language.tiny_models import save_clip

    save_clip(path)


def _asking(path: Path) -> None:
    """A program that marks the middle of a picture."""
    path.write_text(
        "import sys\nfrom PIL import Image, ImageDraw\nsize = Image.open(sys.argv[1]).size\n"
        "mask = Image.new('L', size)\nbox = [size[0] // 3, size[1] // 3, 2 * size[0] // 3, 2 * size[1] // 3]\n"
        "ImageDraw.Draw(mask).rectangle(box, fill=255)\nmask.save(sys.argv[3])\n"
    )


def _jobs(path: Path) -> None:
    write_room(small_room(), path.parent / "room.ply")
    if path.suffix == ".csv":
        path.write_text("scene,focus,iters\nroom.ply,everything,4\nroom.ply,label=sofa_0,4\n")
    else:
        path.write_text('{"scene": "room.ply", "focus": "everything", "iters": 4}\n')


def _photos(folder: Path) -> None:
    for camera in cameras((90, 120), "one.png", "two.png"):
        _draw(small_room().mesh, camera, folder / camera.name)


def _run(folder: Path) -> None:
    room = write_room(small_room(), folder.parent / "room.ply")
    OptimizeJob(scene=room, iterations=4, image_size=64, out=folder).run()


def _link(to: Path) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(to)


MAKERS: dict[str, Callable[[Path], None]] = {
    "picture.png": _picture,
    "sparse/0": _colmap,
    "poses.txt": _tum,
    "mapping.pt": _mapping,
    "sofa.npy": _query,
    "clip-vit-base-patch32": _clip,
    "ask.py": _asking,
    "scans": make_scan,
    "jobs.csv": _jobs,
    "jobs.jsonl": _jobs,
    "--photos photos": lambda path: _photos(path.parent / "photos"),
    "--run found": lambda path: _run(path.parent / "found"),
    "--predictions": lambda path: make_evaluation(path.parent),
    "examples": _link(ROOT / "examples"),
    ".venv": _link(Path(sys.prefix)),
}
