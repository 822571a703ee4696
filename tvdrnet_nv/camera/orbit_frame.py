"""Viewpoints as cameras on orbits, and what an orbit has no room for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

import torch
from torch import Tensor

from tvdrnet_nv.camera._arguments import Values
from tvdrnet_nv.camera.orbit import Orbit, Up
from tvdrnet_nv.camera.viewpoint import Viewpoint

if TYPE_CHECKING:
    from tvdrnet_nv.camera.camera import Camera

_ALIKE = 5.0  # degrees
_ALONG = 1e-4  # length in the image of an axis that the camera looks along; an orbit is upright there


class OrbitFrame:
    """The orbits of K viewpoints, and the way back from other orbits to viewpoints of their kind.

    A `Camera` keeps its roll and its lens on the way; an `Orbit` has neither, and is its own orbit.

    Args:
        viewpoints: K of them.
        distance: number or [K], scene units, > 0: how far ahead of a `Camera` the point lies that it orbits.
        up: a `Camera`'s pole; by default, the axis that is upright in the first image; see `pole_of`.

    Attributes:
        orbits: the K viewpoints' own orbits.
        roll: [K], degrees: how far the images are turned clockwise from upright.
    """

    def __init__(self, viewpoints: Viewpoint, distance: Values, up: Up | None = None) -> None:
        if isinstance(viewpoints, Orbit):
            self.orbits: Orbit = viewpoints
            self.roll, self._cameras = torch.zeros_like(viewpoints.distance), None
            return
        self._cameras = cameras = viewpoints.camera().detach()
        self.orbits = Orbit.from_camera(cameras, distance, pole_of(cameras[:1]) if up is None else up)
        # An orbit's camera sits where ours does, turned about its axis.
        self._turn = self.orbits.camera().R.transpose(1, 2) @ cameras.R
        self.roll = torch.rad2deg(torch.atan2(self._turn[:, 0, 1], self._turn[:, 0, 0]))

    def viewpoints(self, orbits: Orbit, rows: Tensor | None = None) -> Any:
        """The viewpoints, of their kind, on other orbits [N].

        `rows` [N] int64 says whose roll and lens each has; by default, its own.
        """
        if self._cameras is None:
            return orbits
        if rows is None:
            rows = torch.arange(len(self._cameras), device=self._turn.device)
        upright, turn = orbits.camera(), self._turn[rows]
        return self._cameras[rows].replace(R=upright.R @ turn, T=(upright.T[:, None] @ turn)[:, 0])


def pole_of(camera: Camera) -> Up:
    """The axis that is upright in one camera's image: about which the image is turned the least.

    Of several, within 5°, it is y or z, and the one closest to the image's upward direction: a camera that looks down
    along a wall is as upright about the axis that it looks along.
    """
    left, up = camera.R[0, :, :2].T.tolist()

    def shown(axis: Up) -> tuple[float, float]:
        """How far the axis points to the left and upward in the image."""
        number, sign = "xyz".index(axis[-1]), -1 if axis[0] == "-" else 1
        return sign * left[number], sign * up[number]

    def turned(axis: Up) -> float:
        along = shown(axis)
        return 0.0 if math.hypot(*along) < _ALONG else math.degrees(abs(math.atan2(*along)))

    axes: tuple[Up, ...] = get_args(Up)
    least = min(map(turned, axes))
    alike: list[Up] = [axis for axis in axes if turned(axis) <= least + _ALIKE]
    usual: list[Up] = [axis for axis in alike if axis in ("y", "z")]
    return max(usual or alike, key=lambda axis: shown(axis)[1])
