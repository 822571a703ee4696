"""TVDRNet's own recipe (Adaptive Viewpoint Position Learning): a small MLP that adjusts the camera, and the camera."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from tvdrnet_nv.camera import Orbit, pack, unpack
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.parameters import ELEVATION_LIMITS, FOV_LIMITS, column, widened

LEARNING_RATE = 1e-3
DISTANCE_LIMITS = (1.0, 20.0)
_HIDDEN = 64
_OUTPUT = 0.1  # the tanh output's share of a parameter's scale


class CameraMLP(nn.Module):
    """K multilayer perceptrons side by side, one per camera: P inputs, three hidden layers of 64, ReLU, tanh."""

    def __init__(self, cameras: int, parameters: int) -> None:
        super().__init__()
        sizes = (parameters, _HIDDEN, _HIDDEN, _HIDDEN, parameters)
        networks = [[nn.Linear(a, b) for a, b in itertools.pairwise(sizes)] for _ in range(cameras)]
        self.weights = nn.ParameterList(torch.stack([n[i].weight.detach().T for n in networks]) for i in range(4))
        self.biases = nn.ParameterList(torch.stack([n[i].bias.detach() for n in networks]) for i in range(4))

    def forward(self, inputs: Tensor) -> Tensor:
        """[K, P] to [K, P] in (-1, 1)."""
        x = inputs[:, None]
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = torch.baddbmm(bias[:, None], x, weight)
            x = torch.relu(x) if i < 3 else torch.tanh(x)
        return x[:, 0]


class TVDRNetMover:
    """Adam on the MLP at the learning rate, and on the parameters themselves at a tenth of it.

    The MLP sees distance/10, elevation/90 and azimuth/180; its output times a tenth of those scales is added. Beyond
    the release: fov (scale 60) and the look-at point (scale: the scene's radius) take part in the same way when asked
    for, and a start outside the release's distance range of 1 to 20 widens it.
    """

    def __init__(self, start: Orbit, names: tuple[str, ...], radius: float, learning_rate: float | None) -> None:
        rate = LEARNING_RATE if learning_rate is None else learning_rate
        self._start, self._names = start, names
        self._values = pack(start, names).detach().clone().requires_grad_()
        scales = {"distance": 10.0, "elevation": 90.0, "azimuth": 180.0, "fov": 60.0, "at": radius}
        self._scale = column(names, scales, self._values)
        self._mlp = CameraMLP(*self._values.shape).to(self._values)
        self._distance_limits = widened(DISTANCE_LIMITS, start.distance)
        self._fov_limits = widened(FOV_LIMITS, start.fov)
        self._optimizer = Adam([(self._mlp.parameters(), rate), ([self._values], 0.1 * rate)])

    def viewpoint(self) -> Orbit:
        """The K cameras, differentiable."""
        adjusted = self._values + _OUTPUT * self._scale * self._mlp(self._values / self._scale)
        orbit = unpack(self._start, adjusted, self._names)
        return orbit.replace(
            distance=_clamp(orbit.distance, self._distance_limits),
            elevation=_clamp(orbit.elevation, ELEVATION_LIMITS),
            azimuth=torch.fmod(orbit.azimuth, 360.0),
            fov=_clamp(orbit.fov, self._fov_limits),
        )

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient at the parameters themselves."""
        return torch.zeros_like(self._values) if self._values.grad is None else self._values.grad

    def hold(self, cameras: Tensor) -> None:
        """Do not move these cameras, [K] bool, in this step."""
        for parameter in (self._values, *self._mlp.parameters()):
            if parameter.grad is not None:
                parameter.grad.masked_fill_(cameras.reshape(-1, *[1] * (parameter.ndim - 1)), 0)

    def at_limits(self, viewpoint: Orbit) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        bounds = {"distance": self._distance_limits, "elevation": ELEVATION_LIMITS, "fov": self._fov_limits}
        return tuple(n for n in self._names if n in bounds and float(getattr(viewpoint, n)) in bounds[n])

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        self._optimizer.step()


def _clamp(values: Tensor, limits: tuple[float, float]) -> Tensor:
    """Clamped, with the gradient of the unclamped: beyond a limit torch.clamp has none, and the camera would stay."""
    return values.detach().clamp(*limits) + (values - values.detach())
