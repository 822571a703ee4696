"""Where a search begins: the true camera, turned about the middle of what it sees."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.benchmarks.photos.cameras import rolled
from tvdrnet_nv.benchmarks.photos.picture import Picture, depth_ahead
from tvdrnet_nv.camera import Camera, rotation_from_vector
from tvdrnet_nv.renderer import Renderer

_ROLL = 3.0  # degrees, either way
_CLEAR = 0.5  # of the distance: where half of what a start sees is nearer, it stands in a wall or in furniture
_TRIES = 20


@dataclass(frozen=True)
class StartError:
    """How far off starts are: a turn in degrees, and a share by which they are nearer or farther."""

    rotation: float
    distance: float = 0.0


def starts(renderer: Renderer, picture: Picture, error: StartError, count: int) -> Iterator[Camera]:
    """Make `count` starts; the same ones each time.

    The camera is turned, together with its position, by exactly `error.rotation` about a random axis through the point
    at the picture's distance on its axis. Then it moves to or from that point by exactly `error.distance` of the
    distance, and rolls by up to 3 degrees. A start that stands in something is drawn again, up to 20 times.
    """
    named = zlib.crc32(picture.name.encode())
    rng = np.random.default_rng([named, round(1000 * error.rotation), round(1000 * error.distance)])
    for _ in range(count):
        start = _drawn(picture, error, rng)
        for _ in range(_TRIES):
            if depth_ahead(renderer, start) >= _CLEAR * picture.distance:
                break
            start = _drawn(picture, error, rng)
        yield start


def _drawn(picture: Picture, error: StartError, rng: np.random.Generator) -> Camera:
    true = picture.camera.to(torch.float64)
    middle = true.position + picture.distance * true.R[:, :, 2]
    axis = rng.normal(size=3)
    turn = rotation_from_vector(torch.from_numpy(math.radians(error.rotation) * axis / np.linalg.norm(axis)))
    R = turn @ true.R
    nearer = 1 + error.distance * float(rng.choice([-1, 1]))
    position = middle + nearer * ((true.position - middle) @ turn.T)
    start = true.replace(R=R, T=-(position[:, None] @ R)[:, 0])
    return rolled(start, rng.uniform(-_ROLL, _ROLL)).to(torch.float32)
