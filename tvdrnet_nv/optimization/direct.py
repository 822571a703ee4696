"""The direct method: Adam on the parameters, each stepped on a scale of its own, from coarse images to fine."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.parameters import ELEVATION_LIMITS, FOV_LIMITS, column, pack, unpack, widened
from tvdrnet_nv.renderer import Render

LEARNING_RATE = 1.0
# What a learning rate of 1 moves a parameter by in a step: a share of the distance, degrees, a share of the radius.
_STEPS = {"distance": 0.01, "elevation": 0.5, "azimuth": 0.5, "fov": 0.5, "at": 0.01}
_COARSEST = 64  # pixels along the shorter side
_FINAL_RATE = 0.02  # of the first


@runtime_checkable
class CoarseToFine(Protocol):
    """An objective that can also be asked on averaged images."""

    def __call__(self, render: Render, /) -> Tensor:
        """One loss per camera."""
        ...

    def at_scale(self, scale: int) -> Objective:
        """The objective on images averaged over squares of `scale` pixels."""
        ...


class DirectMethod:
    """Adam (Kingma and Ba 2015) on log distance, degrees, and the look-at point in radii; the rate falls as a cosine.

    Where the objective can be asked on averaged images, the first step goes to the best camera that `look_around`
    finds, the iterations after it follow coarse images, which tell the direction from farther away, and the last ones
    follow the objective itself.
    """

    def __init__(
        self,
        start: Orbit,
        names: tuple[str, ...],
        radius: float,
        learning_rate: float | None,
        iterations: int,
        image_size: int,
        look_around: Callable[[Orbit], Orbit] | None,
    ) -> None:
        self._start, self._names = start, names
        self._look_around = look_around
        coarsest = max(0, round(math.log2(image_size / _COARSEST))) if image_size > 0 else 0
        self._scales = [2**i for i in range(coarsest, -1, -1)]
        self._rate = LEARNING_RATE if learning_rate is None else learning_rate
        self._iterations = iterations
        self._iteration = 0
        values = self._values(start)
        self._unit = column(names, {**_STEPS, "at": _STEPS["at"] * radius}, values)
        self._origin = values
        self._limits = self._make_limits(values, radius)
        self._moved = torch.zeros_like(values).requires_grad_()
        self._optimizer = Adam([([self._moved], self._rate)], betas=(0.8, 0.95))

    def _values(self, orbit: Orbit) -> Tensor:
        values = pack(orbit, self._names).detach().clone()
        if "distance" in self._names:
            values[:, 0] = values[:, 0].log()  # `pack` puts the distance first
        return values

    def _make_limits(self, values: Tensor, radius: float) -> tuple[Tensor, Tensor]:
        infinity = math.inf
        nearest = min(math.log(0.01 * radius), float(self._start.distance.min().log()))
        farthest = max(math.log(100 * radius), float(self._start.distance.max().log()))
        narrowest, widest = widened(FOV_LIMITS, self._start.fov)
        low = {"distance": nearest, "elevation": ELEVATION_LIMITS[0], "fov": narrowest}
        high = {"distance": farthest, "elevation": ELEVATION_LIMITS[1], "fov": widest}
        free = {"azimuth": infinity, "at": infinity}
        return (
            column(self._names, {**low, "azimuth": -infinity, "at": -infinity}, values),
            column(self._names, {**high, **free}, values),
        )

    def orbit(self) -> Orbit:
        """The K cameras, differentiable."""
        values = self._origin + self._unit * self._moved
        if "distance" in self._names:
            values = torch.cat([values[:, :1].exp(), values[:, 1:]], dim=1)
        return unpack(self._start, self._names, values)

    def driving(self, objective: Objective) -> Objective:
        """What this iteration descends: the objective at the scale of its stage."""
        if not isinstance(objective, CoarseToFine):
            return objective
        stage = min(len(self._scales) * self._iteration // self._iterations, len(self._scales) - 1)
        return objective.at_scale(self._scales[stage])

    @property
    def needs_gradient(self) -> bool:
        """Whether the next step follows a gradient; the first one may look around instead."""
        return self._look_around is None

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient."""
        return torch.zeros_like(self._moved) if self._moved.grad is None else self._moved.grad

    def hold(self, cameras: Tensor) -> None:
        """Do not move these cameras, [K] bool, in this step."""
        if self._moved.grad is not None:
            self._moved.grad[cameras] = 0

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        self._iteration += 1
        if self._look_around is not None:
            found = self._look_around(self.orbit().detach())
            self._look_around = None
            self._optimizer.clear()
            with torch.no_grad():
                self._moved.copy_((self._values(found) - self._origin) / self._unit)
            return
        done = self._iteration / self._iterations
        rate = self._rate * (_FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * done)))
        self._optimizer.rates = [rate]
        self._optimizer.step()
        low, high = self._limits
        with torch.no_grad():
            self._moved.copy_(((self._origin + self._unit * self._moved).clamp(low, high) - self._origin) / self._unit)
