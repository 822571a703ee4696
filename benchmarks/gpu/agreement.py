"""Optimisations on a device end where they end on the CPU."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import MatchImage, view_heuristic
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.optimization import optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import scene_light, scene_orbit

_SIZE = 256
_DEGREES, _SHARE = 0.5, 0.01  # within which a camera counts as found
_LOSS = 0.02  # by which the heuristic's best may differ with nvdiffrast, as its gradients do

Figures = dict[str, Any]


def check(mesh: Mesh, device: torch.device, size: int | None) -> Figures:
    """TVDRNet's heuristic by Adam, and a picture's camera by Levenberg–Marquardt, on the CPU and on the device.

    nvdiffrast rounds vertices to 1/16 pixel: so the losses of the heuristic may differ a little, and the picture's
    camera must be found by both. Our own kernels give the CPU's bits: Adam must end at the CPU's very numbers.
    (Levenberg–Marquardt adds up its normal equations in torch, in an order that is the device's own.)
    """
    here, there = (ends(mesh, where, size) for where in (torch.device("cpu"), device))
    figures = {f"{name} on cpu": figure for name, figure in here.items()}
    figures |= {f"{name} on {device.type}": figure for name, figure in there.items()}
    return figures | compared(here, there, exact=backend_for(device).exact_coverage)


def compared(here: Figures, there: Figures, *, exact: bool) -> Figures:
    """How far the ends of two devices are apart."""
    difference = abs(there["heuristic"]["loss"] - here["heuristic"]["loss"])
    good = here["heuristic"] == there["heuristic"] if exact else difference <= _LOSS
    return {"heuristic": {"difference of the losses": difference, "good": good}}


def ends(mesh: Mesh, where: torch.device, size: int | None) -> Figures:
    """Where the two optimisations end on a device."""
    size = size or _SIZE
    target = scene_orbit(mesh, elevation=30.0, azimuth=40.0)
    start = target.replace(elevation=target.elevation + 8.0, azimuth=target.azimuth - 10.0)
    renderer = Renderer(mesh.to(where), size, light=scene_light(target))
    with torch.no_grad():
        picture = renderer(target.to(where).camera()).rgb[0]
    seen = optimize(renderer, start, view_heuristic, method="adam", iterations=64)
    found = optimize(renderer, start, MatchImage(picture), method="lm", iterations=64)
    best = found.best.to("cpu")
    turned = max(abs(float(best.elevation - target.elevation)), abs(float(best.azimuth - target.azimuth)))
    stretched = abs(float(best.distance / target.distance) - 1)
    return {
        "heuristic": {"loss": float(seen.loss), **_camera(seen.best), "good": True},
        "target": {
            "loss": float(found.loss),
            **_camera(found.best),
            "iterations": len(found.history),
            "degrees off": turned,
            "distance off": stretched,
            "good": turned < _DEGREES and stretched < _SHARE,
        },
    }


def _camera(orbit: Orbit) -> dict[str, float]:
    return {name: float(getattr(orbit, name)) for name in ("distance", "elevation", "azimuth")}
