"""What is timed: scenes, image sizes and batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import torch

from tvdrnet_nv.benchmarks.speed.bars import BATCH
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import bumpy_sphere, room
from tvdrnet_nv.starts import scene_orbit, spread_starts

# Of the camera that the batches are spread around.
ELEVATION, AZIMUTH = 45.0, 90.0

RESOLUTIONS = (64, 128, 256, 512, 1024)
TRIANGLES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 5_000_000)
CAMERAS = (1, 4, 16, 64)
STEP, FORWARD = "step", "forward"


@dataclass(frozen=True)
class Case:
    """One thing to time.

    Attributes:
        axis: the curve it is a point of.
        scene: its name.
        mesh: makes the scene, or returns the one made before.
        resolution: the side of the square images, pixels.
        cameras: how many a step moves.
        what: "step" or "forward".
        threads: of the CPU; None: as many as torch takes. Other libraries are not timed where it is set.
    """

    axis: str
    scene: str
    mesh: Callable[[], Mesh]
    resolution: int
    cameras: int = 1
    what: str = STEP
    threads: int | None = None

    def orbit(self) -> Orbit:
        """The cameras: the first one sees all of the scene, the others are spread around it."""
        return spread_starts(scene_orbit(self.mesh(), elevation=ELEVATION, azimuth=AZIMUTH), self.cameras)

    def __str__(self) -> str:
        cameras = f", {self.cameras} cameras" if self.cameras > 1 else ""
        threads = f", {self.threads} threads" if self.threads else ""
        return f"{self.scene}, {self.resolution}x{self.resolution}{cameras}{threads}, {self.what}"


@cache
def _room() -> Mesh:
    return room(100_000)


def _sphere(triangles: int) -> Mesh:
    """Two triangles a cell, the columns twice the rows."""
    rows = max(2, round((triangles / 4) ** 0.5))
    return bumpy_sphere(rows, max(3, round(triangles / (2 * rows))))


def _thread_counts() -> list[int]:
    """1, 2, 4 and so on, up to what torch takes."""
    most = torch.get_num_threads()
    counts = [2**i for i in range(most.bit_length()) if 2**i < most]
    return [*counts, most]


def main_scene(scene: Mesh | None, name: str) -> tuple[str, Callable[[], Mesh]]:
    """The scene of all but the triangles' curve: the one given, or a room made by code."""
    return (name, lambda: scene) if scene is not None else ("room", _room)


def all_cases(scene: Mesh | None = None, name: str = "") -> Iterator[Case]:
    """The headline, the curves over resolution, cameras, threads and triangles, and a large batch.

    Args:
        scene: in place of the room made by code.
        name: its name.
    """
    label, mesh = main_scene(scene, name)
    for what in (STEP, FORWARD):
        for resolution in (256, 512):
            yield Case("headline", label, mesh, resolution, 1, what)
    for resolution in RESOLUTIONS:
        yield Case("resolution", label, mesh, resolution)
    for cameras in CAMERAS:
        yield Case("cameras", label, mesh, 64, cameras)
    for cameras in (1, BATCH):  # one after the other, as a machine's speed changes
        yield Case("batch", label, mesh, 256, cameras)
    for threads in _thread_counts():
        yield Case("threads", label, mesh, 256, threads=threads)
    for triangles in TRIANGLES:
        made = cache(lambda triangles=triangles: _sphere(triangles))
        yield Case("triangles", f"sphere of {triangles:,}", made, 128)


def quick_cases(scene: Mesh | None = None, name: str = "") -> Iterator[Case]:
    """A few seconds' worth of them."""
    label, mesh = main_scene(scene, name)
    for what in (STEP, FORWARD):
        yield Case("headline", label, mesh, 256, 1, what)
    for resolution in (64, 128, 512):
        yield Case("resolution", label, mesh, resolution)
    for cameras in (1, 8):
        yield Case("cameras", label, mesh, 64, cameras)
