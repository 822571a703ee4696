"""What is compared: scenes, and cameras that look at them in ordinary and in awkward ways."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

import torch

from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import room, sphere, sphere_field, textured_box
from tvdrnet_nv.starts import LIGHT_OFFSET

NAMES = ("distance", "elevation", "azimuth", "fov", "at")

SCENES: dict[str, Callable[[], Mesh]] = {
    "box": lambda: textured_box(8),
    "spheres": lambda: sphere_field(12, seed=1, subdivisions=2),
    "room": lambda: room(5000),
    "fine": lambda: sphere(5),  # 20,480 triangles, most smaller than a pixel
}

LOSSES = ("heuristic", "mse")


class ClipPlanes(TypedDict):
    """The renderer's, in scene units."""

    near: float
    far: float


@dataclass(frozen=True)
class Case:
    """One camera before one scene, and the image's size.

    Attributes:
        scene, camera: names.
        distance, at: scene units. elevation, azimuth, fov: degrees. The pole is +y, as in PyTorch3D.
        height, width: pixels.
        light: the point light, world frame.
        znear: PyTorch3D's near plane. It clips at half of that, and so do our cameras.
        far: our far plane, beyond the scene; PyTorch3D has none.
        matrices: give PyTorch3D our R and T, not the orbit's parameters.
    """

    scene: str
    camera: str
    distance: float
    elevation: float
    azimuth: float
    fov: float
    at: tuple[float, float, float]
    height: int
    width: int
    light: tuple[float, float, float]
    znear: float
    far: float
    matrices: bool = False

    @property
    def near_pole(self) -> bool:
        """Whether PyTorch3D's look_at_view_transform is not exact here, in float32."""
        return abs(self.elevation) > 89

    @property
    def name(self) -> str:
        """Unique among the cases."""
        return f"{self.scene}.{self.camera}.{self.height}x{self.width}"

    def leaves(self, dtype: torch.dtype) -> dict[str, torch.Tensor]:
        """The parameters as leaves of a graph: [1] each, `at` [1, 3]. Their values are float32's in either dtype."""
        values = {name: torch.tensor([getattr(self, name)], dtype=torch.float32) for name in NAMES}
        return {name: value.to(dtype).requires_grad_() for name, value in values.items()}

    def orbit(self, dtype: torch.dtype) -> Orbit:
        """The parameters as an orbit."""
        return orbit_of(self.leaves(dtype))

    @property
    def clip_planes(self) -> ClipPlanes:
        """Our `near` and `far`."""
        return {"near": self.znear / 2, "far": self.far}

    def look(self, leaves: dict[str, torch.Tensor]) -> Camera:
        """Our camera of the parameters."""
        return orbit_of(leaves).camera()

    def moved(self, distance: float, elevation: float, azimuth: float) -> Case:
        """From farther away by a factor, and from another angle by degrees."""
        return replace(
            self,
            distance=self.distance * distance,
            elevation=self.elevation + elevation,
            azimuth=self.azimuth + azimuth,
        )


def orbit_of(leaves: dict[str, torch.Tensor]) -> Orbit:
    """An orbit about +y of the named parameters."""
    distance, elevation, azimuth, fov, at = (leaves[name] for name in NAMES)
    return Orbit(distance, elevation, azimuth, fov, at)


def views(scene: str, mesh: Mesh) -> Iterator[Case]:
    """The scene's ordinary view, then the awkward ones, at 64 x 64.

    At elevation ±90 exactly PyTorch3D's look_at_view_transform returns a rotation of arbitrary roll, or no rotation at
    all: those cases hand it our matrices. Close to the poles it loses digits, as one over the sine of the angle to
    them: those cases come twice, with PyTorch3D's rotation and with ours.
    """
    x, y, z = mesh.center.tolist()
    radius = mesh.radius
    light = tuple(a + b * max(1.0, radius / 2) for a, b in zip((x, y, z), LIGHT_OFFSET, strict=True))
    ordinary = Case(
        scene=scene,
        camera="ordinary",
        distance=round(1.7 * radius, 3),
        elevation=25.0,
        azimuth=150.0,
        fov=60.0,
        at=(round(x, 3), round(y, 3), round(z, 3)),
        height=64,
        width=64,
        light=light,  # type: ignore[arg-type]
        znear=round(0.02 * radius, 4),
        far=20 * radius,
    )
    yield ordinary
    yield replace(ordinary, camera="close", distance=1.2 * radius, elevation=-35.0, azimuth=40.0, fov=75.0)
    yield replace(ordinary, camera="grazing", elevation=0.25, azimuth=179.5, distance=1.8 * radius)
    for elevation, azimuth, name in ((89.5, -130.0, "near-pole"), (-89.9, 20.0, "near-south-pole")):
        near = replace(ordinary, camera=name, elevation=elevation, azimuth=azimuth)
        yield near
        yield replace(near, camera=f"{name}-matrices", matrices=True)
    yield replace(ordinary, camera="pole-matrices", elevation=90.0, azimuth=33.0, matrices=True)
    yield replace(ordinary, camera="south-pole-matrices", elevation=-90.0, azimuth=75.0, matrices=True)
    # Amid the scene: most of it is behind the camera, and some crosses the near plane.
    yield replace(ordinary, camera="inside", distance=0.25 * radius, elevation=12.0, azimuth=-70.0, fov=80.0)


def sizes(case: Case, quick: bool) -> Iterator[Case]:
    """The ordinary view at more sizes."""
    yield case
    if case.camera == "ordinary":
        yield replace(case, height=40, width=56)
        if not quick:
            for size in (32, 48, 96, 128):
                yield replace(case, height=size, width=size)
            yield replace(case, height=72, width=48)


def parity_cases(scene: str, mesh: Mesh, quick: bool) -> list[Case]:
    """The cases of one scene; quick ones at 32 x 32 or a little more, and fewer of them."""
    if not quick:
        return [sized for case in views(scene, mesh) for sized in sizes(case, quick)]
    kept = {
        "box": ("ordinary", "grazing", "pole-matrices", "near-pole", "near-pole-matrices"),
        "spheres": ("ordinary", "south-pole-matrices", "near-south-pole-matrices", "close"),
        "room": ("ordinary", "inside"),
        "fine": ("close",),
    }[scene]
    small = [replace(case, height=32, width=32) for case in views(scene, mesh) if case.camera in kept]
    return [*small, *(replace(c, height=24, width=40) for c in small[:1] if scene == "box")]


def start_view(scene: str, mesh: Mesh) -> Case:
    """The scene's ordinary view."""
    return next(views(scene, mesh))


def scan_path() -> Path | None:
    """A real scan, where there is one: TVDR_SCAN, or its place beside a checkout; it is no part of the project."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data" / "scene0526_01_vh_clean_2.ply"
    path = Path(os.environ.get("TVDR_SCAN", beside))
    return path if path.is_file() else None


def scenes(quick: bool) -> Iterator[tuple[str, Mesh]]:
    """The scenes by name; unless quick, the real scan too, where there is one."""
    for name, make in SCENES.items():
        yield name, make()
    path = None if quick else scan_path()
    if path is not None:
        yield "scan", load_mesh(path)


def units(mesh: Mesh) -> torch.Tensor:
    """[7] float64: what turns a gradient by (distance, elevation, azimuth, fov, at) into one by radii and radians."""
    degrees = 180 / math.pi
    return torch.tensor([mesh.radius, degrees, degrees, degrees, *[mesh.radius] * 3], dtype=torch.float64)
