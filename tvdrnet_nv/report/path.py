"""The cameras on the way of an optimisation, for programs that show them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.render_command import in_file

PATH_FILE = "optimization_path.json"
MOST = 256  # cameras; of a longer way, as many evenly


def path_facts(result: Result, renderer: Renderer) -> dict[str, Any]:
    """What `optimization_path.json` holds, as plain values: degrees, scene units, the coordinates of the scene's file.

    The cameras of the winning start, in their order; of a method with levels those that it went on from. The best one
    is among them. `tvdrnet_nv.io.cameras.read_cameras` reads it. `loss` is None where it is not finite.

    Args:
        result: what `optimize` returned.
        renderer: the renderer that it used.
    """
    history, k = result.history, result.best_start
    steps = np.arange(len(history))
    if history.levels is not None:
        steps = steps[history.levels.accepted[:, k] | (steps == result.best_iteration)]
    if len(steps) > MOST:
        evenly = steps[np.linspace(0, len(steps) - 1, MOST).round().astype(int)]
        steps = np.union1d(evenly, [result.best_iteration])
    height, width = renderer.resolution
    return {
        "cameras": [
            {
                "name": f"iteration {step + 1}",
                "loss": _finite(history.loss[step, k]),
                **in_file(history.viewpoint(int(step), k), renderer).to_dict(),
            }
            for step in steps
        ],
        "image_size": {"width": width, "height": height},
        "near": renderer.near,
        "far": renderer.far,
    }


def _finite(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
