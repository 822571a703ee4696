"""A result in files."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.optimization.display import loss_curve, small_picture
from tvdrnet_nv.showing import png

if TYPE_CHECKING:
    from tvdrnet_nv.optimization.result import Result

JSON_FILE, HISTORY_FILE, LOSS_FILE, VIEW_FILE = "result.json", "history.npz", "loss.svg", "view.png"


def save_result(result: Result[Any], out: Path) -> list[Path]:
    """See `Result.save`."""
    files: dict[str, bytes] = {JSON_FILE: _json(result), HISTORY_FILE: _history(result)}
    files[LOSS_FILE] = loss_curve(result).encode("utf-8")
    if result.renderer is not None:
        view = png(small_picture(result.renderer, result.best, side=None))
        files |= {} if view is None else {VIEW_FILE: view}
    with staged_folder(out) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
    return [Path(out) / name for name in files]


def _json(result: Result[Any]) -> bytes:
    """As `--camera` and `load_camera` read it: the best camera in the coordinates of the scene's file."""
    facts: dict[str, Any] = {**_camera(result, result.best), "initial": _camera(result, result.initial)}
    for name in ("status", "reason", "loss", "initial_loss", "best_iteration", "best_start", "iterations"):
        facts[name] = getattr(result, name)
    for name in ("seconds", "seed", "method", "parameters", "deviations", "quality"):
        facts[name] = getattr(result, name)
    renderer = result.renderer
    if renderer is not None:
        height, width = renderer.resolution
        facts |= {"image_size": {"width": width, "height": height}, "near": renderer.near, "far": renderer.far}
        facts |= {"origin": list(renderer.mesh.origin)}
    text = json.dumps(finite(facts), indent=1, allow_nan=False, ensure_ascii=False, default=str)
    return (text + "\n").encode("utf-8")


def _camera(result: Result[Any], viewpoint: Viewpoint) -> dict[str, Any]:
    origin = (0.0, 0.0, 0.0) if result.renderer is None else result.renderer.mesh.origin
    values = viewpoint.translated(origin).to_dict()
    return values if isinstance(viewpoint, Orbit) else {"camera": values}


def _history(result: Result[Any]) -> bytes:
    """The losses, [I, K], and the cameras' fields, [I, K, …], by name, in the renderer's frame."""
    history = result.history
    fields: Any = {name: history.array(name) for name in history.viewpoints.present}
    content = io.BytesIO()
    np.savez_compressed(content, loss=history.loss, **fields)
    return content.getvalue()


def finite(value: Any) -> Any:
    """Values without what JSON lacks: NaN and infinities, in dicts and lists as well, become None."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
