"""Cameras on orbits that keep what an orbit has no room for."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.camera._arguments import Values
from tvdrnet_nv.camera.camera import Camera
from tvdrnet_nv.camera.orbit import Orbit, Up


class Mount:
    """How K cameras are mounted on the orbits of their positions and directions: with which roll and which lens.

    Args:
        cameras: K cameras.
        distance: number or [K], scene units, > 0: how far ahead the point lies that they orbit.
        up: the pole; by default, the one of "y" and "z" that is closer to upright in the first camera's image.

    Attributes:
        orbits: the K cameras' own orbits.
    """

    def __init__(self, cameras: Camera, distance: Values, up: Up | None = None) -> None:
        cameras = cameras.detach()
        if up is None:
            upright = cameras.R[0, :, 1].abs()
            up = "y" if bool(upright[1] >= upright[2]) else "z"
        self.orbits = Orbit.from_camera(cameras, distance, up)
        self._cameras = cameras
        # An orbit's camera sits where ours does, turned about its axis.
        self._turn = self.orbits.camera().R.transpose(1, 2) @ cameras.R

    @property
    def roll(self) -> Tensor:
        """[K], degrees: how far the images are turned clockwise from upright."""
        return torch.rad2deg(torch.atan2(self._turn[:, 0, 1], self._turn[:, 0, 0]))

    def cameras(self, orbits: Orbit, rows: Tensor | None = None) -> Camera:
        """The cameras on other orbits [N]; `rows` [N] int64 says whose mount each has, by default its own."""
        if rows is None:
            rows = torch.arange(len(self._cameras), device=self._turn.device)
        mine = self._cameras[rows]
        bare = orbits.camera()
        turn = self._turn[rows]
        return mine.replace(R=bare.R @ turn, T=(bare.T[:, None] @ turn)[:, 0])
