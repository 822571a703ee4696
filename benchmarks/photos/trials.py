"""One search, and how far from the truth it ended."""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.photos.methods import Method
from tvdrnet_nv.benchmarks.photos.picture import Picture
from tvdrnet_nv.benchmarks.photos.starts import StartError
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.optimization.loop import INTERRUPTED
from tvdrnet_nv.renderer import Renderer

Row = dict[str, Any]

DEGREES, METRES = 2.0, 0.05  # what counts as right


def trial_row(
    scene: str,
    renderer: Renderer,
    picture: Picture,
    error: StartError,
    start: Camera,
    method: str,
    search: Method,
    seed: int,
) -> Row:
    """Look for the picture's camera once; the package's docstring lists the row's fields.

    Args:
        scene: its name.
        renderer: of the scene, at the picture's resolution.
        picture: what to find the camera of.
        error: how far off the start is.
        start: one camera.
        method: the name of `search`.
        search: how to look.
        seed: for it.
    """
    began = time.perf_counter()
    result = search(renderer, start.to(renderer.mesh.device), picture.pixels.to(renderer.mesh.device), seed)
    seconds = time.perf_counter() - began
    if result.reason == INTERRUPTED:
        raise KeyboardInterrupt  # a trial that was cut short says nothing
    turn, move = errors(result.best, picture.camera)
    degrees, metres = float(turn.norm()), float(move.norm())
    z = z_scores(result, turn, move) if picture.has_answer and picture.exact else (None, None)
    fit = result.fit
    return {
        "source": picture.source,
        "scene": scene,
        "picture": picture.name,
        "method": method,
        "rotation": error.rotation,
        "distance": error.distance,
        "has_answer": picture.has_answer,
        "right": picture.has_answer and degrees <= DEGREES and metres <= METRES,
        "status": str(result.status),
        "quality": None if fit is None else float(fit.quality),
        "explained": None if fit is None else round(float(fit.explained), 4),
        "by_chance": None if fit is None else round(float(fit.by_chance), 4),
        "places": None if fit is None else fit.places,
        "degrees": round(degrees, 4) if picture.has_answer else None,
        "metres": round(metres, 5) if picture.has_answer else None,
        "seconds": round(seconds, 4),
        "iterations": result.iterations,
        "z_rotation": z[0],
        "z_position": z[1],
    }


def errors(found: Camera, true: Camera) -> tuple[Tensor, Tensor]:
    """How far one camera is from another: [3] degrees about the found one's axes left, up and forward, as standard
    deviations are given; and [3] scene units along the world's axes."""
    mine, theirs = (camera.to("cpu").to(torch.float64) for camera in (found, true))
    turn = rotation_vector((mine.R.transpose(1, 2) @ theirs.R)[0])  # of the scene before the camera
    return math.degrees(1) * turn, (mine.position - theirs.position)[0]


def rotation_vector(matrix: Tensor) -> Tensor:
    """[3] radians: the inverse of `rotation_from_vector` for one matrix [3, 3]; at half a turn any of the two axes."""
    skew = torch.stack([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]]) / 2
    sine, cosine = skew.norm(), (matrix.trace() - 1) / 2
    if float(sine) > 1e-9:
        return skew / sine * torch.atan2(sine, cosine)
    if float(cosine) > 0:
        return skew
    axis = (matrix + torch.eye(3, dtype=matrix.dtype))[:, int(matrix.diagonal().argmax())]
    return math.pi * axis / axis.norm()


def z_scores(result: Result[Camera], turn: Tensor, move: Tensor) -> tuple[list[float] | None, list[float] | None]:
    """The errors of rotation and of position in units of the result's own standard deviations, three each."""
    if result.deviations is None:
        return None, None
    scores = []
    for name, off in (("rotation", turn), ("position", move)):
        deviation = torch.tensor(result.deviations[name], dtype=off.dtype)
        scores.append([round(z, 4) for z in (off / deviation).tolist()])
    return scores[0], scores[1]
