"""Optimisations on a device end where they end on the CPU."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import MatchImage, view_heuristic
from tvdrnet_nv.optimization import optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import scene_light, scene_orbit

_SIZE = 256
_DEGREES, _SHARE = 0.5, 0.01  # within which a camera counts as found
_LOSS = 0.02  # by which the heuristic's best may differ, as its gradients do


def check(mesh: Mesh, device: torch.device, size: int | None) -> dict[str, Any]:
    """TVDRNet's heuristic by Adam, and a picture's camera by Levenberg–Marquardt, on the CPU and on the device.

    nvdiffrast rounds vertices to 1/16 pixel: so the losses of the heuristic may differ a little, and the picture's
    camera must be found by both.
    """
    size = size or _SIZE
    target = scene_orbit(mesh, elevation=30.0, azimuth=40.0)
    start = target.replace(elevation=target.elevation + 8.0, azimuth=target.azimuth - 10.0)
    figures: dict[str, Any] = {}
    losses = {}
    for where in (torch.device("cpu"), device):
        renderer = Renderer(mesh.to(where), size, light=scene_light(target))
        with torch.no_grad():
            picture = renderer(target.to(where).camera()).rgb[0]
        found = optimize(renderer, start, view_heuristic, method="adam", iterations=64)
        losses[where.type] = float(found.loss)
        name = f"heuristic on {where.type}"
        figures[name] = {"loss": float(found.loss), **_camera(found.best), "good": True}
        found = optimize(renderer, start, MatchImage(picture), method="lm", iterations=64)
        best = found.best.to("cpu")
        turned = max(abs(float(best.elevation - target.elevation)), abs(float(best.azimuth - target.azimuth)))
        stretched = abs(float(best.distance / target.distance) - 1)
        figures[f"target on {where.type}"] = {
            "loss": float(found.loss),
            **_camera(found.best),
            "iterations": len(found.history),
            "degrees off": turned,
            "distance off": stretched,
            "good": turned < _DEGREES and stretched < _SHARE,
        }
    difference = abs(losses[device.type] - losses["cpu"])
    figures["heuristic"] = {"difference of the losses": difference, "good": difference < _LOSS}
    return figures


def _camera(orbit: Orbit) -> dict[str, float]:
    return {name: float(getattr(orbit, name)) for name in ("distance", "elevation", "azimuth")}
