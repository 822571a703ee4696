"""Whose gradient is right at silhouettes: ours and PyTorch3D's against differences of supersampled renders.

The truth: what box-filtered pixels really do when the camera moves. An image is rendered in float64, hard, at 8 times
the resolution (64 samples per pixel), and averaged down. A parameter's slope is fitted to central differences of the
loss at six steps, k/16 of a pixel for k = 1…6, with a linear and a cubic term: one small step would see single samples
switch, one large step the loss's curvature. A step of a pixel is what moves a point at the scene's radius by a pixel.
The truth's own error is how far the fit moves when all steps are halved.

PyTorch3D's soft shaders differentiate a blurred image of their own; what they are asked here is whether that gradient
serves the image that one wants to optimise. Their settings are the tutorials' (`reference/pytorch3d_pipeline.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.benchmarks.parity.cases import NAMES, Case, start_view, units
from tvdrnet_nv.benchmarks.parity.figures import compare
from tvdrnet_nv.benchmarks.parity.ours import Ours, flat, matrices, objective, showing
from tvdrnet_nv.benchmarks.parity.source import Arrays, Source, as_source
from tvdrnet_nv.benchmarks.reference import Reference
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.shading import PhongLight

SIZE = 64
SUPERSAMPLING = 8
LOSSES = ("heuristic", "mse", "coverage")
RIVALS = ("ours", "ours_hard", "pytorch3d_hard", "pytorch3d_soft")

_STEPS = np.arange(1, 7) / 16  # pixels


def truth_rows(
    source: Reference | Source, *, quick: bool, progress: Callable[[str], None] = lambda _: None
) -> Iterator[dict[str, Any]]:
    """Compare gradients with the truth on silhouette scenes; one flat row per scene, camera, loss and parameter.

    `tvdrnet_nv.benchmarks.parity` describes the rows.

    Args:
        source: PyTorch3D, or the golden files, which hold the quick cases only.
        quick: one camera per scene, and no scene of fine triangles.
        progress: called with what is being worked on.
    """
    source = as_source(source)
    quick = source.quick(quick)
    for scene, mesh in source.scenes(quick):
        if quick and scene == "fine":
            continue
        for case in silhouettes(scene, mesh, quick):
            progress(f"truth: {scene}, {case.camera}")
            yield from _rows(case, mesh, source)


def silhouettes(scene: str, mesh: Mesh, quick: bool) -> Iterator[Case]:
    """Cameras that see the scene whole, with PyTorch3D's own near and far planes, 1 and 100."""
    view = start_view(scene, mesh)
    whole = replace(view, camera="lit", distance=2.2 * mesh.radius, height=SIZE, width=SIZE, znear=1.0, far=100.0)
    yield whole
    if not quick:
        yield replace(whole, camera="unlit", elevation=-20.0, azimuth=33.0)


class Supersampled:
    """Images of `SIZE` averaged down from `factor` times that, float64, hard."""

    def __init__(self, mesh: Mesh, case: Case, factor: int = SUPERSAMPLING) -> None:
        size, light = (case.height * factor, case.width * factor), PhongLight(case.light)
        self._renderer = Renderer(mesh, size, light=light, antialias=False, dtype=torch.float64, **case.clip_planes)
        self._factor = factor

    def __call__(self, orbit: Orbit) -> Render:
        with torch.no_grad():
            fine = self._renderer(orbit.camera())
            return showing(fine, self._pooled(fine.rgb), self._pooled(fine.alpha))

    def _pooled(self, image: torch.Tensor) -> torch.Tensor:
        planes = image.permute(0, 3, 1, 2)
        return torch.nn.functional.avg_pool2d(planes, self._factor).permute(0, 2, 3, 1)


def slopes(mesh: Mesh, case: Case, target: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The truth by loss, and the same at half the steps.

    Each is [7], by distance, elevation, azimuth, fov and at, in radii and radians.
    """
    render = Supersampled(mesh, case)
    values = flat(leaf.detach() for leaf in case.leaves(torch.float64).values())
    focal = 1 / np.tan(np.radians(case.fov) / 2)
    pixel = case.distance / mesh.radius / (focal * min(case.height, case.width) / 2)  # in radii and radians
    scale = units(mesh).numpy()
    steps = np.union1d(_STEPS, _STEPS / 2)
    differences = {loss: np.zeros((7, len(steps))) for loss in LOSSES}
    for i in range(7):
        for k, step in enumerate(steps):
            for sign in (1, -1):
                moved = values.clone()
                moved[i] += sign * step * pixel * scale[i]
                image = render(Orbit(moved[0:1], moved[1:2], moved[2:3], moved[3:4], moved[4:][None]))
                for loss in LOSSES:
                    differences[loss][i, k] += sign * float(objective(image, loss, target)) / 2

    def fitted(some: np.ndarray) -> dict[str, np.ndarray]:
        powers = np.stack([some, some**3], axis=1)
        chosen = np.searchsorted(steps, some)
        fits = {loss: np.linalg.lstsq(powers, d[:, chosen].T, rcond=None)[0][0] for loss, d in differences.items()}
        return {loss: fit / pixel for loss, fit in fits.items()}

    return fitted(_STEPS), fitted(_STEPS / 2)


def _rows(case: Case, mesh: Mesh, source: Source) -> Iterator[dict[str, Any]]:
    ours, scale = Ours(mesh), units(mesh)
    target = Supersampled(mesh, case)(case.moved(1.06, -5.0, 7.0).orbit(torch.float64)).rgb[0].float().numpy()
    truth, halved = slopes(mesh, case, target)

    def ask(reference: Reference) -> Arrays:
        camera = {**matrices(case), "light": np.array(case.light, dtype=np.float32)}
        options = {"scene": case.scene, "height": case.height, "width": case.width}
        found: Arrays = {}
        for loss in LOSSES:
            arrays = {**camera, "target": target} if loss == "mse" else camera
            soft = "soft_silhouette" if loss == "coverage" else "soft_phong"
            for name, shader in (("pytorch3d_hard", "hard_phong"), ("pytorch3d_soft", soft)):
                given = reference.call("gradients", arrays, **options, shader=shader, loss=loss, scene_too=False)
                found[f"{loss}.{name}"] = flat(torch.from_numpy(given[n]) for n in NAMES).numpy()
                found[f"{loss}.{name}.overflowed"] = np.array(reference.overflowed)
        return found

    answer = source.answer(case.scene, f"truth.{case.camera}", mesh, ask)
    for loss in LOSSES:
        gradients = {
            "ours": ours.camera_gradient(case, loss, target, antialias=True)[1],
            "ours_hard": ours.camera_gradient(case, loss, target)[1],
            "pytorch3d_hard": torch.from_numpy(answer[f"{loss}.pytorch3d_hard"]).double(),
            "pytorch3d_soft": torch.from_numpy(answer[f"{loss}.pytorch3d_soft"]).double(),
        }
        gradients = {name: (gradient * scale).numpy() for name, gradient in gradients.items()}
        overflowed = [name for name in RIVALS if f"{loss}.{name}.overflowed" in answer]
        void = [name for name in overflowed if answer[f"{loss}.{name}.overflowed"]]
        for quantity, columns in (("camera", slice(0, 7)), *zip(NAMES, _COLUMNS, strict=True)):
            chosen = {name: gradient[columns] for name, gradient in gradients.items()}
            yield _row(case, mesh, loss, quantity, chosen, truth[loss][columns], halved[loss][columns], void)


_COLUMNS = (*(slice(i, i + 1) for i in range(4)), slice(4, 7))


def _row(
    case: Case,
    mesh: Mesh,
    loss: str,
    quantity: str,
    gradients: dict[str, np.ndarray],
    truth: np.ndarray,
    halved: np.ndarray,
    void: list[str],
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "part": "truth",
        "scene": case.scene,
        "camera": case.camera,
        "height": case.height,
        "width": case.width,
        "faces": mesh.num_faces,
        "loss": loss,
        "quantity": quantity,
        "value": 0.0,
        "limit": None,
        "truth_norm": float(np.linalg.norm(truth)),
        "truth_error": compare(halved, truth)["relative_error"],
    }
    for name, gradient in gradients.items():
        figures = compare(gradient, truth)
        row[f"{name}_error"], row[f"{name}_cosine"] = figures["relative_error"], figures["cosine"]
        row[f"{name}_ratio"] = figures["norm"] / figures["reference_norm"] if figures["reference_norm"] else 0.0
    row["value"] = row["ours_error"]
    if quantity == "camera":
        row["limit"] = min(row["pytorch3d_hard_error"], row["pytorch3d_soft_error"])
    row["void"] = f"the reference ran out of space for faces: {', '.join(void)}" if void else ""
    row["passed"] = not void and (row["limit"] is None or row["value"] < row["limit"])
    row["note"] = ""
    return row
