"""Every scene, bin and method, one trial after the other."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import torch

from tvdrnet_nv.benchmarks.recovery.methods import METHODS
from tvdrnet_nv.benchmarks.recovery.trials import BINS, QUICK_BINS, Bin, found, pairs
from tvdrnet_nv.benchmarks.scenes import room, sphere, textured_box
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer, default_clip_planes
from tvdrnet_nv.starts import scene_light, scene_orbit

RESOLUTION, TRIALS, QUICK_TRIALS = 256, 20, 4
_LIMITS = (("lm", 20, 0.20), ("lm, 8 starts", 45, 0.40))  # of the bins in which a rate of 95 % is wanted
_WANTED = 0.95

Row = dict[str, Any]


def scenes(scene: tuple[str, Mesh] | None) -> dict[str, Mesh]:
    """A room, an object, a nearly symmetric scene, and the one that is given."""
    made = {"room": room(100_000), "box": textured_box(), "nearly symmetric": _nearly_symmetric()}
    return made if scene is None else {**made, scene[0]: scene[1]}


def _nearly_symmetric() -> Mesh:
    """A ball whose colours come around four times, but for one faint spot."""
    ball = sphere(5)
    x, y, z = ball.vertices.unbind(1)
    waves = 0.5 + 0.35 * torch.sin(4 * torch.atan2(x, z)) * (1 - y * y)
    spot = 0.25 * torch.exp(-8 * ((x - 0.8) ** 2 + (y - 0.4) ** 2 + (z - 0.4) ** 2))
    return Mesh(ball.vertices, ball.faces, torch.stack([waves, 0.5 + 0.3 * y, waves - spot], 1).clamp(0, 1))


def recovery_rows(
    device: torch.device, *, scene: tuple[str, Mesh] | None, quick: bool, progress: Callable[[str], None]
) -> Iterator[Row]:
    """Run the trials; see the package's docstring for the rows.

    Args:
        device: what the renders run on.
        scene: name and mesh of one more scene.
        quick: few trials of two bins, and only of "lm".
        progress: told what is being tried.
    """
    methods = ("lm",) if quick else tuple(METHODS)
    for name, mesh in scenes(scene).items():
        here = mesh.to(device)
        renderer = Renderer(here, RESOLUTION, light=scene_light(scene_orbit(here)))
        for chosen in QUICK_BINS if quick else BINS:
            for method in methods:
                progress(f"{name}: {method}, {chosen.rotation:g}° and {chosen.distance:.0%} off")
                yield _row(name, renderer, chosen, method, QUICK_TRIALS if quick else TRIALS)


def _row(scene: str, renderer: Renderer, chosen: Bin, method: str, trials: int) -> Row:
    planes = default_clip_planes(renderer.mesh)
    successes = 0
    iterations, seconds = [], []
    for seed, (start, target) in enumerate(pairs(renderer.mesh, chosen, trials, seed=1)):
        with torch.no_grad():
            picture = renderer(target.camera(*planes)).rgb[0].clamp(0, 1)
        search = METHODS[method](renderer, start, picture, chosen.parameters, seed)
        if not bool(found(search.best.to("cpu"), target.to("cpu"))[0]):
            continue
        successes += 1
        there = found(search.tried.to("cpu"), target.to("cpu"))
        first = int(there.argmax()) if there.any() else len(there) - 1
        iterations.append(first + 1)
        seconds.append(search.seconds * (first + 1) / len(there))
    low, high = wilson(successes, trials)
    rate = successes / trials
    wanted = any(method == m and chosen.rotation <= r and chosen.distance <= d for m, r, d in _LIMITS)
    return {
        "scene": scene,
        "method": method,
        "rotation": chosen.rotation,
        "distance": chosen.distance,
        "focal": chosen.focal,
        "shift": chosen.shift,
        "resolution": renderer.resolution[0],
        "trials": trials,
        "found": successes,
        "rate": rate,
        "low": low,
        "high": high,
        "iterations": statistics.median(iterations) if iterations else None,
        "seconds": statistics.median(seconds) if seconds else None,
        "limit": _WANTED if wanted else None,
        "passed": rate >= _WANTED if wanted else None,
    }


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The confidence interval of a share, by Wilson's score: sensible also where all or none succeed."""
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, middle - half), min(1.0, middle + half)
