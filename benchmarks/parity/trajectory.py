"""Whole optimisations by TVDRNet's recipe, ours against PyTorch3D's: `trajectory_rows`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.benchmarks.parity.cases import LOSSES, Case, start_view
from tvdrnet_nv.benchmarks.parity.ours import Ours, as_image, objective
from tvdrnet_nv.benchmarks.parity.source import Arrays, Source, as_source
from tvdrnet_nv.benchmarks.reference import Reference, network_weights
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.optimization import INTERRUPTED, optimize
from tvdrnet_nv.optimization.tvdrnet import LEARNING_RATE

LIMIT = 1e-3  # |end - reference's end| / |reference's end|, in radii and radians
ITERATIONS = 50
SEED = 0
PARAMETERS = ("distance", "elevation", "azimuth")


def trajectory_rows(
    source: Reference | Source, *, quick: bool, progress: Callable[[str], None] = lambda _: None
) -> Iterator[dict[str, Any]]:
    """Run TVDRNet's recipe on both from the same weights and start, with hard visibility; one flat row per run.

    `tvdrnet_nv.benchmarks.parity` describes the rows.

    Args:
        source: PyTorch3D, or the golden files, which hold the quick cases only.
        quick: three scenes at 32 x 32; otherwise all, most at 64 x 64 and from two starts.
        progress: called with what is being worked on.
    """
    source = as_source(source)
    quick = source.quick(quick)
    for scene, mesh in source.scenes(quick):
        if quick and scene == "fine":
            continue
        for case in starts(scene, mesh, quick):
            for loss in LOSSES:
                progress(f"trajectory: {scene}, {case.camera}, {loss}")
                yield _row(mesh, case, loss, source)


def starts(scene: str, mesh: Mesh, quick: bool) -> Iterator[Case]:
    """Where the runs start; TVDRNet keeps the distance between 1 and 20."""
    size = 32 if quick or scene == "scan" else 64
    view = replace(start_view(scene, mesh), camera="start", height=size, width=size)
    view = replace(view, distance=min(max(view.distance, 1.5), 15.0))
    yield view
    if not quick and scene not in ("fine", "scan"):
        yield replace(view, camera="other-start", elevation=-30.0, azimuth=40.0)


def _row(mesh: Mesh, case: Case, loss: str, source: Source) -> dict[str, Any]:
    ours = Ours(mesh)
    target = ours.target(case) if loss == "mse" else None
    key = f"trajectory.{case.camera}.{loss}"
    answer = source.answer(case.scene, key, mesh, lambda reference: _ask(reference, case, loss, target))
    target = answer.get("target")
    result = optimize(
        ours.renderer(case),
        case.orbit(torch.float32).detach(),
        lambda render: objective(render, loss, target)[None],
        parameters=PARAMETERS,
        method="tvdrnet",
        iterations=ITERATIONS,
        seed=SEED,
    )
    if result.reason == INTERRUPTED:
        raise KeyboardInterrupt
    mine = _path({name: result.history.array(name)[:, 0] for name in PARAMETERS}, mesh.radius)
    theirs = _path(answer, mesh.radius)
    length = min(len(mine), len(theirs))  # ours ends early where no gradient is left
    apart = np.linalg.norm(mine[:length] - theirs[:length], axis=1)
    end = float(np.linalg.norm(theirs[-1]))
    travelled = float(np.linalg.norm(np.diff(theirs, axis=0), axis=1).sum())
    value = float(apart[-1]) / end if length == ITERATIONS else math.inf
    limit, nearby, note = LIMIT, None, ""
    if not value <= LIMIT or source.recording:
        ends = source.answer(
            case.scene, f"{key}.nearby", mesh, lambda reference: _nearby(reference, case, loss, target)
        )
        finite = [p for p in _paths(ends, mesh.radius) if np.isfinite(p).all()]
        nearby = max((float(np.linalg.norm(p[-1] - theirs[-1])) / end for p in finite), default=math.inf)
        if not value <= LIMIT:
            limit = max(LIMIT, 2 * nearby) if math.isfinite(nearby) else LIMIT
            note = "the limit is twice the distance of two PyTorch3D runs whose starts differ by one rounding error"
    if length < ITERATIONS:
        note = f"ours ended after {length} iterations: {result.reason}"
    elif not np.isfinite(theirs).all():
        note = f"PyTorch3D's run is not finite from iteration {int(np.argmin(np.isfinite(theirs).all(1)))} on"
    losses = result.history.loss[:, 0], answer["loss"]
    return {
        "part": "trajectory",
        "scene": case.scene,
        "camera": case.camera,
        "height": case.height,
        "width": case.width,
        "faces": mesh.num_faces,
        "loss": loss,
        "iterations": ITERATIONS,
        "quantity": "end",
        "value": value,
        "limit": limit,
        "reference_to_itself": nearby,
        "first": float(apart[0]) / end,
        "largest": float(apart.max()) / end,
        "travelled": travelled / end,
        "of_travelled": float(apart[-1]) / travelled,
        "distance_apart": float(abs(result.history.array("distance")[-1, 0] - answer["distance"][-1])),
        "elevation_apart": float(abs(result.history.array("elevation")[-1, 0] - answer["elevation"][-1])),
        "azimuth_apart": math.degrees(abs(float(mine[length - 1, 2] - theirs[length - 1, 2]))),
        "loss_end": float(losses[0][-1]),
        "reference_loss_end": float(losses[1][-1]),
        "passed": value <= limit,
        "note": note,
    }


def _ask(reference: Reference, case: Case, loss: str, target: np.ndarray | None) -> Arrays:
    """PyTorch3D's run: per iteration distance, elevation, azimuth and loss; and the target that it was given."""
    leaves = {name: leaf.detach().numpy() for name, leaf in case.leaves(torch.float32).items()}
    arrays = {**leaves, **network_weights(SEED), "light": np.array(case.light, dtype=np.float32)}
    found: Arrays = {}
    if target is not None:
        arrays["target"], found["target"] = as_image(target).numpy(), target
    options = {
        "scene": case.scene,
        "height": case.height,
        "width": case.width,
        "znear": case.znear,
        "zfar": case.far,
        "loss": loss,
        "iterations": ITERATIONS,
        "learning_rate": LEARNING_RATE,
    }
    answer = reference.call("trajectory", arrays, **options)
    del answer["seconds"]  # no two runs take the same
    return found | answer


def _nearby(reference: Reference, case: Case, loss: str, target: np.ndarray | None) -> Arrays:
    """PyTorch3D's runs from the start with the last bit of one parameter raised: one after the other, [3, I] each."""
    found = []
    for name in PARAMETERS:
        value = float(np.nextafter(np.float32(getattr(case, name)), np.float32(np.inf)))
        found.append(_ask(reference, replace(case, **{name: value}), loss, target))  # type: ignore[arg-type]
    return {name: np.stack([run[name] for run in found]) for name in PARAMETERS}


def _paths(runs: Arrays, radius: float) -> list[np.ndarray]:
    count = len(runs["distance"])
    return [_path({name: array[i] for name, array in runs.items()}, radius) for i in range(count)]


def _path(history: Any, radius: float) -> np.ndarray:
    """[I, 3] in radii and radians; the azimuth without jumps at 360°."""
    azimuth = np.unwrap(np.asarray(history["azimuth"], dtype=np.float64), period=360)
    azimuth -= 360 * np.round(azimuth[0] / 360)
    distance, elevation = (np.asarray(history[name], dtype=np.float64) for name in ("distance", "elevation"))
    return np.stack([distance / radius, np.radians(elevation), np.radians(azimuth)], axis=1)
