"""A camera in every convention and every format of file, as texts to copy."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import write_cameras
from tvdrnet_nv.io.cameras.convert import from_camera
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.page.document import code, folded, note
from tvdrnet_nv.report.params import to_json

_TITLES = {
    "opencv": "OpenCV",
    "pytorch3d": "PyTorch3D",
    "opengl": "OpenGL",
    "camera_to_world": "Camera to world (OpenGL's axes)",
}
_OPENGL_POSE = "column vectors, x_world = camera_to_world @ x_camera; camera axes +x right, +y up, -z forward"
# The formats whose files are text, and the name that a file of each is written by.
_FILES = {
    "colmap": "sparse",
    "nerfstudio": "transforms.json",
    "blender": "transforms.json",
    "open3d": "camera.json",
    "opencv": "camera.yml",
    "scannet": "scene",
    "arkitscenes": "lowres_wide.traj",
    "polycam": "polycam",
    "tum": "trajectory.txt",
    "kitti": "poses.txt",
    "tvdr-nv": "camera.json",
}


def conventions(matrices: Mapping[str, Any], prefix: str = "camera") -> str:
    """The camera's matrices, one folded text for each convention.

    Args:
        matrices: what `camera_matrices` gives.
        prefix: of the elements' names.
    """
    parts = []
    for name, title in _TITLES.items():
        values = matrices[name]
        pose = name == "camera_to_world"
        said = _OPENGL_POSE if pose else values["convention"]
        shown = {name: values} if pose else {key: value for key, value in values.items() if key != "convention"}
        block = code(to_json(shown), f"{prefix}-{name}", f"the camera for {title}")
        parts.append(folded(title, note(said), block, is_open=name == "opencv"))
    return "".join(parts)


def camera_files(viewpoint: Viewpoint, renderer: Renderer, prefix: str = "file") -> str:
    """What `tvdr-nv camera convert` would write of one camera, one folded text for each format.

    A format that cannot hold the camera is left out, and a note says why.
    """
    record = from_camera(viewpoint, renderer.resolution, "view", np.array(renderer.mesh.origin))
    parts, without = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name, file in _FILES.items():
            path = Path(folder, name, file)
            path.parent.mkdir()
            try:
                missing = write_cameras(path, [record], name)
            except InputError as error:
                without.append(f"{name} {str(error).removeprefix(f'{path}: ').removeprefix(name).strip()}")
                continue
            written = sorted(found for found in path.parent.rglob("*") if found.is_file())
            texts = [_file(found, path.parent, f"{prefix}-{name}-{k}", name) for k, found in enumerate(written)]
            held = note(f"does not hold {', '.join(missing)}") if missing else ""
            parts.append(folded(name, held, *texts))
    return "".join(parts) + (note("Left out: " + "; ".join(without)) if without else "")


def _file(path: Path, folder: Path, name: str, kind: str) -> str:
    text = path.read_text(encoding="utf-8")
    where = path.relative_to(folder).as_posix()
    return note(where) + code(text.rstrip("\n"), name, f"{where} of {kind}") if text.strip() else ""
