"""Pairs of a start and a target, and whether a camera is the target."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.starts import scene_orbit

DEGREES, SHARE = 0.5, 0.005  # what counts as found


@dataclass(frozen=True)
class Bin:
    """How far starts are from their targets: degrees, and shares of distance, focal length and the scene's radius."""

    rotation: float
    distance: float
    focal: float = 0.0
    shift: float = 0.0

    @property
    def parameters(self) -> tuple[str, ...]:
        """What has to be optimised."""
        extra = [name for name, amount in (("fov", self.focal), ("at", self.shift)) if amount]
        return ("distance", "elevation", "azimuth", *extra)


@dataclass(frozen=True)
class CoveredBin(Bin):
    """And so large a share of the picture is covered by a rectangle of some colour."""

    covered: float = 0.25

    def cover(self, picture: Tensor, seed: int) -> Tensor:
        """The picture [H, W, 3] with the rectangle, somewhere."""
        rng = np.random.default_rng(seed)
        height, width = picture.shape[:2]
        wide = rng.uniform(self.covered, 1.0) ** 0.5
        h, w = round(height * self.covered**0.5 / wide), round(width * self.covered**0.5 * wide)
        top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
        covered = picture.clone()
        covered[top : top + h, left : left + w] = picture.new_tensor(rng.uniform(size=3))
        return covered


# What all methods are tried on: the orbit alone is off.
LADDER = (Bin(5, 0.05), Bin(10, 0.10), Bin(20, 0.20), Bin(30, 0.30), Bin(45, 0.40), Bin(60, 0.50))
# What ours is tried on besides.
OTHERS = (
    Bin(10, 0.10, focal=0.05),
    Bin(10, 0.10, focal=0.10),
    Bin(20, 0.20, focal=0.20),
    Bin(10, 0.10, shift=0.05),
    Bin(10, 0.10, shift=0.10),
    Bin(20, 0.20, shift=0.20),
    Bin(10, 0.10, focal=0.10, shift=0.10),
)
QUICK_BINS = (Bin(10, 0.10), Bin(20, 0.20))
COVERED_BINS = (CoveredBin(10, 0.10), CoveredBin(20, 0.20))
SMALL_BINS = (Bin(5, 0.05), Bin(10, 0.10))  # at PyTorch3D's size


def pairs(mesh: Mesh, chosen: Bin, count: int, seed: int) -> Iterator[tuple[Orbit, Orbit]]:
    """`count` starts and targets, one camera each: targets all around the scene, starts off by exactly the bin's."""
    rng = np.random.default_rng([seed, *(round(1000 * x) for x in vars(chosen).values())])
    for target in targets(mesh, count, rng):
        yield _off(target, chosen, mesh.radius, rng), target


def targets(mesh: Mesh, count: int, rng: np.random.Generator) -> Iterator[Orbit]:
    """`count` orbits of one camera each, all around the scene."""
    base = scene_orbit(mesh)
    for _ in range(count):
        yield base.replace(
            distance=base.distance * math.exp(rng.uniform(-0.3, 0.2)),
            elevation=base.elevation.new_tensor([rng.uniform(15, 65)]),
            azimuth=base.azimuth.new_tensor([rng.uniform(0, 360)]),
        )


def _off(target: Orbit, chosen: Bin, radius: float, rng: np.random.Generator) -> Orbit:
    elevation, azimuth = _turned(float(target.elevation), float(target.azimuth), chosen.rotation, rng)
    focal = (1 + chosen.focal) ** rng.choice([-1, 1])
    fov = 2 * torch.rad2deg(torch.atan(torch.tan(torch.deg2rad(target.fov) / 2) * focal))
    direction = rng.normal(size=3)
    offset = chosen.shift * radius * direction / np.linalg.norm(direction)
    return target.replace(
        distance=target.distance * (1 + chosen.distance * rng.choice([-1, 1])),
        elevation=target.elevation.new_tensor([elevation]),
        azimuth=target.azimuth.new_tensor([azimuth]),
        fov=fov,
        at=target.at + target.at.new_tensor(offset),
    )


def _turned(elevation: float, azimuth: float, degrees: float, rng: np.random.Generator) -> tuple[float, float]:
    """The direction turned by `degrees` any way that stays within 85 degrees of elevation."""
    e, a, turn = math.radians(elevation), math.radians(azimuth), math.radians(degrees)
    out = np.array([math.cos(e) * math.sin(a), math.sin(e), math.cos(e) * math.cos(a)])
    east = np.array([math.cos(a), 0.0, -math.sin(a)])
    north = np.cross(out, east)
    while True:
        way = rng.uniform(0, 2 * math.pi)
        x, y, z = math.cos(turn) * out + math.sin(turn) * (math.cos(way) * east + math.sin(way) * north)
        if abs(y) < math.sin(math.radians(85)):
            return math.degrees(math.asin(y)), math.degrees(math.atan2(x, z))


def found(viewpoint: Viewpoint, target: Viewpoint, distance: Tensor | None = None) -> np.ndarray:
    """[K] bool: which of K cameras are the one target: rotation, position (a share of its distance), focal length, and
    principal point, in half shorter sides.

    `distance` is the target's, by default an orbit's. The found orbit's own would not do: where the look-at point is
    free, it slides along the line of sight.
    """
    if distance is None:
        assert isinstance(target, Orbit)
        distance = target.distance
    mine, theirs = (v.to(torch.float64).camera() for v in (viewpoint, target))
    relative = mine.R.transpose(1, 2) @ theirs.R
    sine = torch.linalg.matrix_norm(relative - relative.transpose(1, 2)) / math.sqrt(8)
    cosine = (relative.diagonal(dim1=1, dim2=2).sum(1) - 1) / 2
    degrees = torch.rad2deg(torch.atan2(sine, cosine))
    apart = (mine.position - theirs.position).norm(dim=1) / distance
    focal = (mine.focal[:, 0] / theirs.focal[:, 0] - 1).abs()
    principal = (mine.principal - theirs.principal).abs().amax(1)
    return ((degrees <= DEGREES) & (apart <= SHARE) & (focal <= SHARE) & (principal <= SHARE)).numpy()
