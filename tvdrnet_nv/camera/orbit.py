"""Cameras on orbits: the parameters that an optimisation moves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import torch
from torch import Tensor

from tvdrnet_nv.camera._arguments import (
    Device,
    Values,
    as_tensors,
    broadcast,
    check_between,
    in_batch,
)
from tvdrnet_nv.camera.camera import Camera
from tvdrnet_nv.camera.parameters import ORBIT, ORBIT_DEFAULT, Parameter
from tvdrnet_nv.camera.viewpoint import Viewpoint
from tvdrnet_nv.ops import orbit_view
from tvdrnet_nv.ops.orbit_view import WorldAxes

Up = Literal["x", "y", "z", "-x", "-y", "-z"]
# For each pole, which axes of a world with y up the world's x, y and z are; the world is turned, not mirrored.
WORLD_AXES: dict[Up, WorldAxes] = {
    "x": (2, -1, 3),
    "y": (1, 2, 3),
    "z": (1, -3, 2),
    "-x": (-2, 1, 3),
    "-y": (1, -2, -3),
    "-z": (1, 3, -2),
}


@dataclass(frozen=True, eq=False)
class Orbit(Viewpoint):
    """K cameras that look at a point from a distance, an elevation and an azimuth.

    position = at + distance · U (cos e·sin a, sin e, cos e·cos a), where U is `frame`. The rotation is written in
    closed form, so every parameter's gradient is exact and finite everywhere: at elevation ±90° the image's upright
    direction is its limit along the azimuth, and beyond it the camera goes on over the pole, upside down. Between the
    poles it is PyTorch3D's `look_at_view_transform`.

    The class checks shapes only, so that an optimisation's step costs nothing; `create` checks values.

    Attributes:
        distance: [K], scene units, > 0.
        elevation: [K], degrees above the plane through `at` that is perpendicular to the pole.
        azimuth: [K], degrees about the pole. up="y": from +z towards +x. up="z": from −y towards +x. Other poles: see
            `frame`.
        fov: [K], degrees along the image's shorter side, in (0, 180).
        at: [K, 3], the look-at point, world frame.
        up: Which world axis is the pole: "x", "y" or "z", or with a minus sign the opposite direction.

    Raises:
        TypeError: A tensor is not float32 or float64, or dtypes differ.
        ValueError: Shapes, batch sizes or devices do not match, or `up` is none of the six.
    """

    parameters: ClassVar[tuple[Parameter, ...]] = ORBIT
    moves_by_default: ClassVar[tuple[str, ...]] = ORBIT_DEFAULT
    fields: ClassVar[dict[str, tuple[int, ...]]] = {p.field: p.shape for p in ORBIT}

    distance: Tensor
    elevation: Tensor
    azimuth: Tensor
    fov: Tensor
    at: Tensor
    up: Up = "y"

    def __post_init__(self) -> None:
        if not isinstance(self.up, str) or self.up not in WORLD_AXES:
            raise ValueError(f"up must be one of {', '.join(WORLD_AXES)}; got {self.up!r}")
        self.check_shapes()

    @classmethod
    def create(
        cls,
        distance: Values,
        elevation: Values,
        azimuth: Values,
        fov: Values = 60.0,
        at: Values = (0.0, 0.0, 0.0),
        up: Up = "y",
        device: Device = None,
        dtype: torch.dtype | None = None,
    ) -> Self:
        """Return orbits from numbers, sequences, arrays or tensors, broadcast to one K. Gradients flow through.

        Args:
            distance: Number or [K], scene units, > 0.
            elevation: Number or [K], degrees; any, beyond ±90 too.
            azimuth: Number or [K], degrees.
            fov: Number or [K], degrees along the image's shorter side.
            at: [3] or [K, 3], look-at point, world frame.
            up: Which world axis is the pole.
            device: By default the tensors', or the CPU.
            dtype: By default the tensors', or float32.

        Raises:
            TypeError: An argument is not numeric.
            ValueError: distance <= 0, fov not in (0, 180), a value is not finite, or shapes do not match.
        """
        given = {"distance": distance, "elevation": elevation, "azimuth": azimuth, "fov": fov, "at": at}
        tensors = as_tensors(given, dtype=dtype, device=device)
        batched = {name: in_batch(name, tensor, *cls.fields[name]) for name, tensor in zip(given, tensors, strict=True)}
        infinity = math.inf
        check_between("distance", batched["distance"], 0.0, infinity, "positive and finite")
        check_between("fov", batched["fov"], 0.0, 180.0, "between 0 and 180 degrees")
        for name in ("elevation", "azimuth", "at"):
            check_between(name, batched[name], -infinity, infinity, "finite")
        return cls(*broadcast(**batched), up=up)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """One orbit from its fields; `fov`, `at` and `up` may be missing."""
        names = [*cls.fields, "up"]
        return cls.create(**{name: values[name] for name in names if name in values or name in ORBIT_DEFAULT})

    @classmethod
    def from_camera(cls, camera: Camera, distance: Values, up: Up = "y") -> Orbit:
        """Return the orbits that stand where `camera` does and look the same way, at a point `distance` ahead.

        An orbit has no roll, one focal length and its principal point in the centre: what the camera has beyond that
        is dropped. Elevation is in [−90, 90], azimuth in (−180, 180]. The result carries no gradient.

        Args:
            camera: B cameras.
            distance: Number or [B], scene units, > 0: how far ahead the look-at point lies.
            up: Which world axis is the pole.
        """
        with torch.no_grad():
            (ahead,) = as_tensors({"distance": distance}, dtype=camera.dtype, device=camera.device)
            ahead, R, position = broadcast(distance=in_batch("distance", ahead), R=camera.R, position=camera.position)
            axes = _frame(up, R).T @ R
            x, _, z = axes.unbind(-1)
            flat = torch.hypot(z[:, 0], z[:, 2])
            elevation = torch.atan2(-z[:, 1], flat)
            # At a pole the viewing direction has no azimuth; the image's horizontal axis has.
            polar = flat < math.sqrt(torch.finfo(camera.dtype).eps)
            azimuth = torch.atan2(torch.where(polar, x[:, 2], -z[:, 0]), torch.where(polar, -x[:, 0], -z[:, 2]))
            at = position + ahead[:, None] * R[:, :, 2]
            return cls.create(ahead, elevation.rad2deg(), azimuth.rad2deg(), camera.fov, at, up)

    def camera(self) -> Camera:
        """Return the K cameras, differentiable in every parameter."""
        fields = self.distance, self.elevation, self.azimuth, self.fov, self.at
        R, T, focal = orbit_view(fields, WORLD_AXES[self.up])
        return Camera(R, T, focal)

    def describe(self) -> dict[str, float | list[float]]:
        """One orbit's parameters by name."""
        return {name: getattr(self, name).detach()[0].tolist() for name in self.fields}

    def translated(self, offset: Sequence[float]) -> Self:
        """The same orbits with `offset` added to their look-at points, in float64; see `Viewpoint.translated`."""
        if not any(offset):
            return self
        moved = self.to(torch.float64)
        return moved.replace(at=moved.at + moved.at.new_tensor(list(offset)))

    def wrapped(self) -> Self:
        """The same orbits with azimuths in [0, 360)."""
        azimuth = self.azimuth.remainder(360.0)  # of a tiny negative number, rounded, 360
        return self.replace(azimuth=torch.where(azimuth >= 360.0, 0.0, azimuth))

    @property
    def frame(self) -> Tensor:
        """[3, 3] U: its columns are the orbit's axes in the world, the second the pole.

        up="y": identity; "z": (x, y, z) → (x, −z, y); "-y": (x, −y, −z); "-z": (x, z, −y); "x": (y, −x, z); "-x":
        (−y, x, z).
        """
        return _frame(self.up, self.distance)


def _frame(up: Up, like: Tensor) -> Tensor:
    """[3, 3]: rows are the world's axes, columns those of a world with y up."""
    axes = torch.tensor(WORLD_AXES[up], dtype=like.dtype, device=like.device)
    return axes.sign()[:, None] * torch.eye(3, dtype=like.dtype, device=like.device)[axes.abs().long() - 1]
