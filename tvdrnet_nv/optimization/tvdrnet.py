"""TVDRNet's own recipe (Adaptive Viewpoint Position Learning): a small MLP that adjusts the camera, and the camera."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.camera.parameters import widths
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.columns import column, limits_of, widened
from tvdrnet_nv.optimization.steps.adjust import Adjustment, adjust
from tvdrnet_nv.optimization.steps.camera_mlp import CameraMLP

LEARNING_RATE = 1e-3
DISTANCE_LIMITS = (1.0, 20.0)
_OUTPUT = 0.1  # the tanh output's share of a parameter's scale


class TVDRNetStepper:
    """Adam on the MLP at the learning rate, and on the parameters themselves at a tenth of it.

    The MLP sees distance/10, elevation/90 and azimuth/180; its output times a tenth of those scales is added. Beyond
    the release: fov (scale 60) and the look-at point (scale: the scene's radius) take part in the same way when asked
    for, and a start outside the release's distance range of 1 to 20 widens it.
    """

    def __init__(
        self, start: Orbit, names: tuple[str, ...], radius: float, learning_rate: float | None, seed: int = 0
    ) -> None:
        rate = LEARNING_RATE if learning_rate is None else learning_rate
        self._start, self._names = start, names
        self._values = start.pack(names).detach().clone().requires_grad_()
        scales = {"distance": 10.0, "elevation": 90.0, "azimuth": 180.0, "fov": 60.0, "at": radius}
        self._limits = limits = {name: limits_of(name, getattr(start, name)) for name in names}
        if "distance" in names:
            limits["distance"] = widened(DISTANCE_LIMITS, start.distance)
        scale = column(names, scales, self._values)
        low, high = (column(names, {name: pair[i] for name, pair in limits.items()}, self._values) for i in (0, 1))
        turn = names.index("azimuth") if "azimuth" in names else -1  # of the columns: "at" comes last
        cameras, parameters = self._values.shape
        mlp = CameraMLP(cameras, parameters, torch.Generator().manual_seed(seed)).to(self._values)
        self._adjustment = Adjustment(scale, _OUTPUT * scale, low, high, turn, widths(names), mlp)
        self._weights = mlp.flat.requires_grad_()
        self._optimizer = Adam([([self._weights], rate), ([self._values], 0.1 * rate)])

    def viewpoint(self) -> Orbit:
        """The K cameras, differentiable."""
        adjusted = adjust(self._values, self._weights, self._adjustment)
        return self._start.replace(**dict(zip(self._names, adjusted, strict=True)))

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient at the parameters themselves."""
        return torch.zeros_like(self._values) if self._values.grad is None else self._values.grad

    def freeze(self, cameras: Tensor) -> None:
        """Leave these cameras, [K] bool, where they are in this step."""
        for parameter in (self._values, self._weights):
            if parameter.grad is not None:
                parameter.grad.masked_fill_(cameras[:, None], 0)

    def parameters_at_limit(self, viewpoint: Orbit) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        bounded = (name for name in self._names if name in ("distance", "elevation", "fov"))
        return tuple(name for name in bounded if float(getattr(viewpoint, name)) in self._limits[name])

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        self._optimizer.step()
