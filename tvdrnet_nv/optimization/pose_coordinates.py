"""Steps of a camera that goes anywhere: on the manifold of poses."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, focal_from_fov, orthonormal, rotation_from_vector
from tvdrnet_nv.camera.parameters import POSE, parameter, widths
from tvdrnet_nv.optimization.columns import by_name, column, limits_of, rates, widened

# How many cameras, and how far off: degrees, and share of the distance.
_NEARBY = 175, 20.0, 0.25
_NEARBY_MANY = 31, 12.0, 0.15  # each of many starts
_CLOSER = 27, 6.0, 0.08
_NEAREST = 0.01  # radii; a camera that comes closer to its pivot is moved as if it were this far from it

_ADDED = [p.name for p in POSE if p.scale == "sum"]  # to fields of the same name


class PoseCoordinates:
    """Steps of rotation and position on SE(3), of the focal length's logarithm, and of what is added to other fields.

    A step (w, t) moves the scene before the camera, in its own axes (left, up, forward):

        x_view' = exp(w) (x_view - p) + p + d t

    exp is the exponential map of rotations; p is the pivot, a point of the scene that the start saw, and d the distance
    to it. About the pivot, rotation and position hardly disturb each other in the image: a rotation is the motion on
    an orbit, roll included. Where only one of the two moves, p is the camera's own position instead.

    Limits are the table's. `Coordinates` describes the methods. Deviations are in the table's units: of the rotation
    about the view's axes left, up and forward (pitch, yaw and roll), of the position along the world's axes.

    Args:
        start: K cameras.
        names: the parameters that move, in the order of `POSE_PARAMETERS`.
        radius: the scene's, scene units.
        pivot: [K, 3], world frame.
    """

    def __init__(self, start: Camera, names: tuple[str, ...], radius: float, pivot: Tensor) -> None:
        self.names = names
        self._radius, self._pivot = radius, pivot
        self._about_pivot = {"rotation", "position"} <= set(names)
        moved = [p for p in POSE if p.name in names and p.name != "focal"]
        bounds = {p.name: limits_of(p.name, getattr(start, p.field)) for p in moved}
        # The focal length's are fields of view.
        shortest, longest = focal_from_fov(start.focal.new_tensor(parameter("focal").limits[::-1])).tolist()
        shortest, longest = widened((shortest, longest), start.focal)
        bounds["focal"] = math.log(shortest), math.log(longest)
        self._low = column(names, {name: pair[0] for name, pair in bounds.items()}, start.focal)
        self._high = column(names, {name: pair[1] for name, pair in bounds.items()}, start.focal)
        self.rates = rates(names, start.focal)

    def retract(self, viewpoint: Camera, step: Tensor, rows: Tensor | None = None) -> Camera:
        parts = dict(zip(self.names, step.split(widths(self.names), 1), strict=True))
        moved = {}
        R, T = orthonormal(viewpoint.R), viewpoint.T
        if "rotation" in parts:
            turn = rotation_from_vector(parts["rotation"]).transpose(1, 2)  # row vectors
            about = self._seen_pivot(viewpoint, rows) if self._about_pivot else torch.zeros_like(T)
            moved["R"] = R @ turn
            T = ((T - about)[:, None] @ turn)[:, 0] + about
        if "position" in parts:
            T = T + self.viewing_distance(viewpoint, rows)[:, None] * parts["position"]
        if "rotation" in parts or "position" in parts:
            moved["T"] = T
        if "focal" in parts:
            moved["focal"] = viewpoint.focal * parts["focal"].exp()
        for name, part in parts.items():
            if name in _ADDED:
                moved[name] = getattr(viewpoint, name) + part
        return viewpoint.replace(**moved)

    def neighbours(self, start: Camera) -> tuple[Camera, Tensor]:
        """Drawn from a ball: looks aside and rolls of up to 20 degrees, moves of up to a quarter of the distance."""
        steps = torch.nn.functional.pad(self._ball(*(_NEARBY if len(start) == 1 else _NEARBY_MANY)), (0, 0, 1, 0))
        owners = torch.arange(len(start), device=start.device).repeat_interleave(len(steps))
        steps = self.limited(start[owners], steps.repeat(len(start), 1))
        return self.retract(start[owners], steps, owners), owners

    def refinement_steps(self) -> Tensor:
        return self._ball(*_CLOSER)

    def _ball(self, count: int, angle: float, length: float) -> Tensor:
        """[count, P]: steps to cameras that look aside and roll by up to so many degrees, from up to so far."""
        rng = np.random.default_rng(0)
        directions = rng.normal(size=(2, count, 3))
        directions /= np.linalg.norm(directions, axis=2, keepdims=True)
        turns, moves = torch.from_numpy(directions * np.sqrt(rng.uniform(size=(2, count, 1)))).to(self.rates)
        turns, moves = math.radians(angle) * turns, length * moves
        if self._about_pivot:
            # A look aside is a turn about the camera's own position.
            ahead = turns.new_tensor([0.0, 0.0, 1.0])
            moves = moves + rotation_from_vector(turns) @ ahead - ahead
        moved = {"rotation": turns, "position": moves}
        parts = [moved.get(n, turns.new_zeros(count, w)) for n, w in zip(self.names, widths(self.names), strict=True)]
        return torch.cat(parts, 1)

    def limited(self, viewpoint: Camera, step: Tensor) -> Tensor:
        here = {"focal": viewpoint.focal[:, 1:].log()} | {n: getattr(viewpoint, n) for n in _ADDED if n in self.names}
        free = viewpoint.T.new_zeros(len(viewpoint), 3)
        at = torch.cat([here.get(name, free) for name in self.names], 1)
        return step.clamp(self._low - at, self._high - at)

    def viewing_distance(self, viewpoint: Camera, rows: Tensor | None = None) -> Tensor:
        return self._seen_pivot(viewpoint, rows).norm(dim=1).clamp_min(_NEAREST * self._radius)

    def deviations(
        self, viewpoint: Camera, covariance: Tensor, rows: Tensor | None = None
    ) -> dict[str, float | list[float]]:
        camera = viewpoint.to(covariance.dtype)
        derivative = self._public_derivative(camera, rows)
        return by_name(self.names, (derivative @ covariance @ derivative.T).diagonal().sqrt())

    def _public_derivative(self, camera: Camera, rows: Tensor | None) -> Tensor:
        """[P, P]: of the public parameters of one camera by the step's numbers."""
        blocks: dict[str, Tensor] = {
            "rotation": math.degrees(1) * torch.eye(3, dtype=camera.dtype, device=camera.device),
            # The camera stands at -Rᵀ T': to first order, d t and a turn about the pivot move it by R (w × p - d t).
            "position": -self.viewing_distance(camera, rows) * camera.R[0],
            "focal": camera.focal[:1, 1:],
        }
        blocks |= {n: torch.eye(parameter(n).width, dtype=camera.dtype, device=camera.device) for n in _ADDED}
        derivative = torch.block_diag(*(blocks[name] for name in self.names))
        if self._about_pivot:
            x, y, z = self._seen_pivot(camera, rows)[0].unbind()
            o = torch.zeros_like(x)
            cross = torch.stack([o, z, -y, -z, o, x, y, -x, o]).reshape(3, 3)  # w × p = cross w
            derivative[3:6, 0:3] = camera.R[0] @ cross
        return derivative

    def _seen_pivot(self, viewpoint: Camera, rows: Tensor | None) -> Tensor:
        """[N, 3]: the pivot in the view's frame."""
        pivot = (self._pivot if rows is None else self._pivot[rows]).to(viewpoint.dtype)
        return (pivot[:, None] @ viewpoint.R)[:, 0] + viewpoint.T
