"""Every scene, bin and method, one trial after the other."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch

from tvdrnet_nv.benchmarks.recovery.interval import wilson
from tvdrnet_nv.benchmarks.recovery.methods import COVERED_METHODS, OURS, POSE_METHODS, RIVALS, Method
from tvdrnet_nv.benchmarks.recovery.poses import POSES, PoseBin, pose_pairs
from tvdrnet_nv.benchmarks.recovery.pytorch3d import SHADERS, by_pytorch3d
from tvdrnet_nv.benchmarks.recovery.trials import (
    COVERED_BINS,
    LADDER,
    OTHERS,
    QUICK_BINS,
    SMALL_BINS,
    Bin,
    CoveredBin,
    found,
    pairs,
)
from tvdrnet_nv.benchmarks.reference import Reference
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room, sphere, textured_box
from tvdrnet_nv.starts import scene_light, scene_orbit

RESOLUTION, TRIALS, QUICK_TRIALS = 256, 20, 4
_RIVALS = 4  # times fewer trials: a rival takes its 256 iterations each time, found or not
SMALL_RESOLUTION, SMALL_TRIALS, SMALL_SIDE = 32, 3, 4  # what PyTorch3D can do on a CPU in minutes
_LIMITS = (("lm", 20, 0.20), ("lm, 8 starts", 45, 0.40))  # up to which a rate of 95 % is wanted of orbits
_WANTED, _ITERATIONS, _SECONDS = 0.95, 30, 1.0

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
    device: torch.device,
    *,
    scene: tuple[str, Mesh] | None,
    quick: bool,
    progress: Callable[[str], None],
    reference: Reference | None = None,
    trials: int = TRIALS,
) -> Iterator[Row]:
    """Run the trials; see the package's docstring for the rows.

    Args:
        device: what the renders run on.
        scene: name and mesh of one more scene.
        quick: few trials of two bins, and only of "lm".
        progress: called with what is being tried.
        reference: PyTorch3D's process, for rows of its own on a small scene; None: there are none.
        trials: how many cameras ours looks for in each bin; the others, for a quarter of them.
    """
    all_scenes = scenes(scene)
    renderers = {
        name: Renderer(here, RESOLUTION, light=scene_light(scene_orbit(here)))
        for name, here in ((name, mesh.to(device)) for name, mesh in all_scenes.items())
    }

    def rows(bins: Iterable[Bin], methods: dict[str, Method], count: int) -> Iterator[Row]:
        tried = {name: count if name.startswith("lm") else max(1, count // _RIVALS) for name in methods}
        for name, renderer in renderers.items():
            given = scene is not None and name == scene[0]
            for chosen in bins:
                yield from _bin_rows(name, renderer, chosen, methods, tried, progress, given=given)

    if quick:
        yield from rows(QUICK_BINS, {"lm": OURS["lm"]}, QUICK_TRIALS)
        return
    # What the bars are about first: a run that is cut short has it for all scenes.
    yield from rows(LADDER, {**RIVALS, **OURS}, trials)
    yield from rows(OTHERS, OURS, trials)
    yield from rows(POSES, POSE_METHODS, trials)
    yield from rows(COVERED_BINS, COVERED_METHODS, max(1, trials // 2))
    if reference is not None:
        yield from _small_rows(device, reference, progress)


def _small_rows(device: torch.device, reference: Reference, progress: Callable[[str], None]) -> Iterator[Row]:
    """PyTorch3D's rows, and ours of the very same trials."""
    box = textured_box(SMALL_SIDE)
    here = box.to(device)
    renderer = Renderer(here, SMALL_RESOLUTION, light=scene_light(scene_orbit(here)))
    methods = {name: by_pytorch3d(reference, box, shader) for name, shader in SHADERS.items()}
    methods |= {"tvdrnet": RIVALS["tvdrnet"], "lm": OURS["lm"]}
    for chosen in SMALL_BINS:
        name = f"small box, {box.num_faces} triangles"
        yield from _bin_rows(name, renderer, chosen, methods, dict.fromkeys(methods, SMALL_TRIALS), progress)


def _bin_rows(
    scene: str,
    renderer: Renderer,
    chosen: Bin,
    methods: dict[str, Method],
    trials: dict[str, int],
    progress: Callable[[str], None],
    *,
    given: bool = False,
) -> Iterator[Row]:
    """The methods' rows, ours last and judged, by the others' too."""
    best_rival = None
    for method, search in methods.items():
        progress(f"{scene}: {method}, {chosen.rotation:g}° and {chosen.distance:.0%} off")
        row = _row(scene, renderer, chosen, method, search, trials[method])
        if method not in OURS:
            best_rival = max(row["rate"], best_rival or 0.0)
        yield _judged(row, best_rival, given=given)


def _row(scene: str, renderer: Renderer, chosen: Bin, method: str, search: Method, trials: int) -> Row:
    iterations, seconds, searched = [], [], []
    mesh = renderer.mesh
    made = pose_pairs(mesh, chosen, trials, 1) if isinstance(chosen, PoseBin) else pairs(mesh, chosen, trials, 1)
    for seed, (start, target) in enumerate(made):
        with torch.no_grad():
            picture = renderer(target.camera()).rgb[0].clamp(0, 1)
        if isinstance(chosen, CoveredBin):
            picture = chosen.cover(picture, seed)
        answer = search(renderer, start, picture, chosen.parameters, seed)
        searched.append(answer.searched)
        distance = (target.camera().position - mesh.center).norm(dim=1).cpu()  # all targets look there
        if not bool(found(answer.best.to("cpu"), target.to("cpu"), distance)[0]):
            continue
        there = found(answer.tried.to("cpu"), target.to("cpu"), distance)
        first = int(there.argmax()) if there.any() else len(there) - 1
        iterations.append(first + 1)
        seconds.append(round(float(answer.seconds[first]), 4))
    low, high = wilson(len(seconds), trials)
    return {
        "scene": scene,
        "method": method,
        "rotation": chosen.rotation,
        "distance": chosen.distance,
        "focal": chosen.focal,
        "shift": chosen.shift,
        "covered": chosen.covered if isinstance(chosen, CoveredBin) else 0.0,
        "principal": chosen.principal if isinstance(chosen, PoseBin) else 0.0,
        "resolution": renderer.resolution[0],
        "trials": trials,
        "found": len(seconds),
        "rate": len(seconds) / trials,
        "low": low,
        "high": high,
        "iterations": statistics.median(iterations) if iterations else None,
        "seconds": statistics.median(seconds) if seconds else None,
        "searched": statistics.median(searched),
        "every_iterations": iterations,
        "every_seconds": seconds,
    }


def _judged(row: Row, best_rival: float | None, *, given: bool) -> Row:
    """The row with what is wanted of it, where it is."""
    method, rate = row["method"], row["rate"]
    judgeable = any(method == m and row["rotation"] <= r and row["distance"] <= d for m, r, d in _LIMITS)
    wanted = judgeable and not row["focal"] and not row["shift"]
    fails = {
        f"found less than {_WANTED:.0%}": rate < _WANTED,
        "another method finds more": best_rival is not None and rate < best_rival,
        f"more than {_ITERATIONS} iterations": (row["iterations"] or 0) > _ITERATIONS,
        f"more than {_SECONDS:g} s": given and (row["seconds"] or 0) > _SECONDS,
    }
    missed = ", ".join(words for words, fail in fails.items() if fail) if wanted else ""
    judged = {"limit": _WANTED if wanted else None, "passed": not missed if wanted else None, "missed": missed}
    return {**row, "best_rival": best_rival if method in OURS else None, **judged}
