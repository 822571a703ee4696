"""Viewpoints as cameras on orbits, and what an orbit has no room for."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.camera._arguments import Values
from tvdrnet_nv.camera.orbit import WORLD_AXES, Orbit, Up
from tvdrnet_nv.camera.viewpoint import Viewpoint


class OrbitFrame:
    """The orbits of K viewpoints, and the way back from other orbits to viewpoints of their kind.

    A `Camera` keeps its roll and its lens on the way; an `Orbit` has neither, and is its own orbit.

    Args:
        viewpoints: K of them.
        distance: number or [K], scene units, > 0: how far ahead of a `Camera` the point lies that it orbits.
        up: a `Camera`'s pole; by default, the axis that is closest to upright in the first image.

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
        if up is None:
            upright = cameras.R[0, :, 1].tolist()
            up = max(WORLD_AXES, key=lambda axis: upright["xyz".index(axis[-1])] * (-1 if axis[0] == "-" else 1))
        self.orbits = Orbit.from_camera(cameras, distance, up)
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
