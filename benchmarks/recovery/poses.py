"""Pairs of a start and a target that stand anywhere: off by a turn about any axis, roll included, and a move."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.benchmarks.recovery.trials import Bin, targets
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.finding.candidates import turned
from tvdrnet_nv.mesh import Mesh

_ROLL = 20.0  # degrees; of the targets, either way


@dataclass(frozen=True)
class PoseBin(Bin):
    """How far starts are from their targets: a turn in degrees, a move as a share of the distance to the scene's
    middle, a share of the focal length, and the principal point's shift in half shorter sides."""

    principal: float = 0.0

    @property
    def parameters(self) -> tuple[str, ...]:
        """What has to be optimised."""
        extra = [name for name in ("focal", "principal") if getattr(self, name)]
        return ("rotation", "position", *extra)


POSES = (
    PoseBin(5, 0.05),
    PoseBin(10, 0.10),
    PoseBin(20, 0.20),
    PoseBin(30, 0.30),
    PoseBin(10, 0.10, focal=0.10),
    PoseBin(10, 0.10, principal=0.10),
    PoseBin(10, 0.10, focal=0.10, principal=0.10),
    PoseBin(20, 0.20, focal=0.20, principal=0.20),
)


def pose_pairs(mesh: Mesh, chosen: PoseBin, count: int, seed: int) -> Iterator[tuple[Camera, Camera]]:
    """`count` starts and targets, one camera each: targets all around the scene, starts off by exactly the bin's."""
    rng = np.random.default_rng([seed, *(round(1000 * x) for x in vars(chosen).values())])
    for orbit in targets(mesh, count, rng):
        target = _turned(orbit.camera(), math.radians(rng.uniform(-_ROLL, _ROLL)) * np.array([0.0, 0.0, 1.0]))
        yield _off(target, float(orbit.distance), chosen, rng), target


def _off(target: Camera, distance: float, chosen: PoseBin, rng: np.random.Generator) -> Camera:
    start = _turned(target, math.radians(chosen.rotation) * _direction(3, rng))
    position = target.position + target.T.new_tensor(chosen.distance * distance * _direction(3, rng))
    return start.replace(
        T=-(position[:, None] @ start.R)[:, 0],
        focal=target.focal * (1 + chosen.focal) ** float(rng.choice([-1, 1])),
        principal=target.principal + target.T.new_tensor(chosen.principal * _direction(2, rng)),
    )


def _turned(camera: Camera, vector: np.ndarray) -> Camera:
    """Turned on the spot about a vector of radians in the view's frame."""
    return turned(camera, torch.as_tensor(vector).to(camera.T)[None])


def _direction(dimensions: int, rng: np.random.Generator) -> np.ndarray:
    direction = rng.normal(size=dimensions)
    return direction / np.linalg.norm(direction)
