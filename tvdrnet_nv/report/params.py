"""What `optimized_params.json` holds."""

from __future__ import annotations

import json
import platform
import re
import shlex
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tvdrnet_nv
from tvdrnet_nv.camera import Orbit, OrbitFrame, Viewpoint
from tvdrnet_nv.camera.parameters import ORBIT, ORBIT_DEFAULT, PARAMETERS
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.optimization import Result, visible_centers
from tvdrnet_nv.optimization.saving import finite
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.record import Record
from tvdrnet_nv.report.render_command import digits, in_file, render_command


def to_json(value: Any) -> str:
    """Indented JSON with lists of numbers on one line, which makes matrices readable; null for what is not finite."""
    text = json.dumps(finite(value), indent=2, allow_nan=False, ensure_ascii=False)
    # A line break never stands inside a JSON string, so this touches nothing but layout.
    return re.sub(r"\[\n\s*([^\[\]{}]*?)\n\s*\]", lambda found: "[" + re.sub(r"\n\s*", " ", found[1]) + "]", text)


def optimized_params(
    result: Result, renderer: Renderer, record: Record, *, saved: Path | None = None
) -> dict[str, Any]:
    """The result as plain JSON values: TVDRNet's six keys first, then everything needed to use or repeat it.

    Where a `Camera` was optimised, these are those of the orbit around the point in the middle of its picture, at the
    median depth of what it sees; `roll` is how far the picture is turned clockwise from upright, and `camera` has the
    camera itself. Angles are in degrees, lengths in scene units, positions in the coordinates of the
    scene's file, float64; `origin` is the point of these about which the scene was rendered. Numbers that are not
    finite become None.
    `best_iteration` counts from 1 to `iterations`, `best_start` from 0.

    Args:
        result: what `optimize` returned.
        renderer: the renderer that it used.
        record: how the run was made.
        saved: the file that the values will be written to.
    """
    height, width = renderer.resolution
    mesh = renderer.mesh
    again = render_command(record, result.best, renderer, saved=saved)
    (best, pose), (initial, initial_pose) = (_orbit(v, renderer) for v in (result.best, result.initial))
    others = [name for name in PARAMETERS if name not in ORBIT_DEFAULT]
    params = {
        **{name: _value(best, name, mesh) for name in ORBIT_DEFAULT},
        **{f"initial_{name}": _value(initial, name, mesh) for name in ORBIT_DEFAULT},
        **{
            f"{prefix}{name}": _value(orbit, name, mesh)
            for name in others
            for prefix, orbit in (("", best), ("initial_", initial))
        },
        "up": best.up,
        **pose,
        **{f"initial_{name}": value for name, value in initial_pose.items()},
        "near": renderer.near,
        "far": renderer.far,
        "image_size": {"width": width, "height": height},
        "light": light_facts(renderer),
        "background": list(renderer.background),
        "antialias": renderer.antialias,
        "loss": result.loss,
        "initial_loss": result.initial_loss,
        "standard_deviations": result.deviations,
        "status": str(result.status),
        "reason": result.reason,
        "quality": result.quality,
        "fit": None if result.fit is None else asdict(result.fit),
        "best_iteration": result.best_iteration + 1,
        "best_start": result.best_start,
        "starts": result.history.loss.shape[1],
        "iterations": result.iterations,
        "seconds": round(result.seconds, 3),
        "method": result.method,
        "parameters": list(result.parameters),
        "seed": result.seed,
        "matrices": camera_matrices(result.best, renderer),
        "scene": str(Path(record.scene).absolute()),
        "origin": list(mesh.origin),
        "notes": list(mesh.notes),
        "alignment": None if record.alignment is None else record.alignment.tolist(),
        "command": record.command,
        "render_command": None if again is None else shlex.join(again),
        "versions": versions(),
        "device": str(renderer.mesh.device),
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    return finite(params)


def _orbit(viewpoint: Viewpoint, renderer: Renderer) -> tuple[Orbit, dict[str, Any]]:
    """The orbit of one viewpoint; of a `Camera`, its roll and its fields as well."""
    if viewpoint.parameters is ORBIT:
        return OrbitFrame(viewpoint, 1.0).orbits, {}
    camera = viewpoint.camera()
    frame = OrbitFrame(viewpoint, (visible_centers(renderer, camera) - camera.position).norm(dim=1))
    return frame.orbits, {"roll": _scalar(frame.roll), "camera": in_file(viewpoint, renderer).to_dict()}


def light_facts(renderer: Renderer) -> dict[str, Any]:
    """The light as plain values, its place in the coordinates of the scene's file."""
    light = renderer.light
    names = ("ambient", "diffuse", "specular", "shininess", "head", "exposure")
    return {"location": list(renderer.mesh.to_file(light.location)), **{name: getattr(light, name) for name in names}}


def camera_matrices(viewpoint: Viewpoint, renderer: Renderer) -> dict[str, Any]:
    """One camera, as nested lists, in the conventions that other programs expect and the coordinates of the scene's
    file.

    Args:
        viewpoint: one camera.
        renderer: its resolution makes OpenCV's K and OpenGL's projection; its clip planes, the latter.
    """
    height, width = renderer.resolution
    camera = in_file(viewpoint.detach().to("cpu").to(torch.float64), renderer).camera()
    pytorch3d = camera.to_pytorch3d()
    opencv = camera.to_opencv((height, width))
    opengl = camera.to_opengl(width / height, renderer.near, renderer.far)
    return {
        "pytorch3d": {
            "convention": "row vectors, x_view = x_world @ R + T; view axes +x left, +y up, +z into the scene",
            "R": _rows(pytorch3d.R),
            "T": _rows(pytorch3d.T),
            "focal": _rows(pytorch3d.focal),
            "principal": _rows(pytorch3d.principal),
        },
        "opencv": {
            "convention": "column vectors, x_view = R @ x_world + t; view axes +x right, +y down, +z into the scene",
            "R": _rows(opencv.R),
            "t": _rows(opencv.t),
            "K": _rows(opencv.K),
        },
        "opengl": {
            "convention": "column vectors, x_clip = projection @ view @ x_world; view axes +x right, +y up, -z forward",
            "view": _rows(opengl.view),
            "projection": _rows(opengl.projection),
        },
        "camera_to_world": _rows(camera.to_camera_to_world()),
    }


def versions() -> dict[str, str]:
    """The versions of what the numbers depend on."""
    known = {"tvdrnet_nv": tvdrnet_nv.__version__, "python": platform.python_version(), "torch": torch.__version__}
    known["numpy"] = np.__version__
    for package in ("nvdiffrast", "diffrp-nvdiffrast"):
        try:
            known[package] = version(package)
        except PackageNotFoundError:
            continue
    return known


def _value(orbit: Orbit, name: str, mesh: Mesh) -> float | list[float]:
    if name == "at" and any(mesh.origin):
        return list(mesh.to_file(orbit.at[0].tolist()))
    values = getattr(orbit, name)[0]
    return [_scalar(value) for value in values] if values.ndim else _scalar(values)


def _scalar(value: torch.Tensor) -> float:
    return float(digits(value))


def _rows(batch: torch.Tensor) -> list[Any]:
    return (batch[0] + 0.0).tolist()  # turns -0 into 0
