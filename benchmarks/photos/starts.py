"""Where a search begins: the true camera, turned about the middle of what it sees."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.benchmarks.photos.cameras import rolled
from tvdrnet_nv.benchmarks.photos.picture import Picture
from tvdrnet_nv.camera import Camera, rotation_from_vector

_ROLL = 3.0  # degrees, either way


@dataclass(frozen=True)
class StartError:
    """How far off starts are: a turn in degrees, and a share by which they are nearer or farther."""

    rotation: float
    distance: float = 0.0


def starts(picture: Picture, error: StartError, count: int) -> Iterator[Camera]:
    """Make `count` starts; the same ones each time.

    The camera is turned, together with its position, by exactly `error.rotation` about a random axis through the point
    at the picture's distance on its axis. Then it moves to or from that point by exactly `error.distance` of the
    distance, and rolls by up to 3 degrees.
    """
    named = zlib.crc32(picture.name.encode())
    rng = np.random.default_rng([named, round(1000 * error.rotation), round(1000 * error.distance)])
    true = picture.camera.to(torch.float64)
    middle = true.position + picture.distance * true.R[:, :, 2]
    for _ in range(count):
        axis = rng.normal(size=3)
        turn = rotation_from_vector(torch.from_numpy(math.radians(error.rotation) * axis / np.linalg.norm(axis)))
        R = turn @ true.R
        nearer = 1 + error.distance * float(rng.choice([-1, 1]))
        position = middle + nearer * ((true.position - middle) @ turn.T)
        start = true.replace(R=R, T=-(position[:, None] @ R)[:, 0])
        yield rolled(start, rng.uniform(-_ROLL, _ROLL)).to(torch.float32)
