"""TVDRNet's own recipe (Adaptive ViewpointT Position Learning): a small MLP that adjusts the camera, and the camera."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.camera.parameters import widths
from tvdrnet_nv.ops.adjust import Adjustment, adjust
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.columns import column, limits_of, widened

LEARNING_RATE = 1e-3
DISTANCE_LIMITS = (1.0, 20.0)
_HIDDEN = 64
_OUTPUT = 0.1  # the tanh output's share of a parameter's scale


class CameraMLP:
    """K multilayer perceptrons side by side, one per camera: P inputs, three hidden layers of 64, ReLU, tanh.

    All weights of a network stand in one row of one tensor, and the backward pass is written out: an optimiser's step
    is a few operations, instead of a few for each layer.

    Attributes:
        flat: [K, N], the weights and biases that are optimised.
        weights, biases: the layers' parts of it, [K, in, out] and [K, 1, out].
    """

    def __init__(self, cameras: int, parameters: int) -> None:
        sizes = (parameters, _HIDDEN, _HIDDEN, _HIDDEN, parameters)
        self._shapes = list(itertools.pairwise(sizes))
        self.flat = torch.stack([_network(self._shapes) for _ in range(cameras)])
        self.weights, self.biases = self._layers(self.flat)

    def to(self, like: Tensor) -> CameraMLP:
        """The same on the device and in the dtype of `like`."""
        self.flat = self.flat.to(like)
        self.weights, self.biases = self._layers(self.flat)
        return self

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Tensor]]:
        """[K, P] to [K, P] in (-1, 1), and what the layers got, for `backward`; without a graph."""
        x, seen = inputs[:, None], []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            seen.append(x)
            x = torch.baddbmm(bias, x, weight)
            x = x.relu_() if len(seen) < len(self.weights) else x.tanh_()
        return x[:, 0], [*seen, x]

    def backward(self, seen: list[Tensor], grad: Tensor) -> tuple[Tensor, Tensor]:
        """The gradients of the inputs, [K, P], and of `flat`, from the output's."""
        of_flat = torch.empty_like(self.flat)
        weights, biases = self._layers(of_flat)
        *seen, output = seen
        g = (grad * (1 - output[:, 0].square()))[:, None]
        for i in reversed(range(len(seen))):
            biases[i].copy_(g)
            torch.mul(seen[i].transpose(1, 2), g, out=weights[i])
            g = torch.bmm(g, self.weights[i].transpose(1, 2))
            if i > 0:
                g.mul_(seen[i] > 0)
        return g[:, 0], of_flat

    def _layers(self, flat: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Views of one row a network, [K, N]: the weights [K, in, out], and the biases [K, 1, out]."""
        parts = flat.split([size for a, b in self._shapes for size in (a * b, b)], 1)
        weights = [part.unflatten(1, shape) for part, shape in zip(parts[::2], self._shapes, strict=True)]
        return weights, [part[:, None] for part in parts[1::2]]


def _network(shapes: list[tuple[int, int]]) -> Tensor:
    """[N]: a new network's weights [in, out] and biases, layer after layer."""
    layers = [nn.Linear(*shape) for shape in shapes]
    return torch.cat([part.detach().reshape(-1) for layer in layers for part in (layer.weight.T, layer.bias)])


class TVDRNetMover:
    """Adam on the MLP at the learning rate, and on the parameters themselves at a tenth of it.

    The MLP sees distance/10, elevation/90 and azimuth/180; its output times a tenth of those scales is added. Beyond
    the release: fov (scale 60) and the look-at point (scale: the scene's radius) take part in the same way when asked
    for, and a start outside the release's distance range of 1 to 20 widens it.
    """

    def __init__(self, start: Orbit, names: tuple[str, ...], radius: float, learning_rate: float | None) -> None:
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
        mlp = CameraMLP(*self._values.shape).to(self._values)
        self._adjustment = _Adjustment(scale, _OUTPUT * scale, low, high, turn, widths(names), mlp)
        self._weights = mlp.flat.requires_grad_()
        self._optimizer = Adam([([self._weights], rate), ([self._values], 0.1 * rate)])

    def viewpoint(self) -> Orbit:
        """The K cameras, differentiable."""
        adjusting = adjust if self._values.is_cpu else _Adjust.apply
        adjusted = adjusting(self._values, self._weights, self._adjustment)
        return self._start.replace(**dict(zip(self._names, adjusted, strict=True)))

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient at the parameters themselves."""
        return torch.zeros_like(self._values) if self._values.grad is None else self._values.grad

    def hold(self, cameras: Tensor) -> None:
        """Do not move these cameras, [K] bool, in this step."""
        for parameter in (self._values, self._weights):
            if parameter.grad is not None:
                parameter.grad.masked_fill_(cameras[:, None], 0)

    def at_limits(self, viewpoint: Orbit) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        bounded = (name for name in self._names if name in ("distance", "elevation", "fov"))
        return tuple(name for name in bounded if float(getattr(viewpoint, name)) in self._limits[name])

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        self._optimizer.step()


@dataclass(frozen=True)
class _Adjustment(Adjustment):
    """With the networks themselves."""

    mlp: CameraMLP


class _Adjust(torch.autograd.Function):
    """`ops.adjust` in torch, for CUDA.

    A limit lets the gradient of the unlimited through: beyond it torch.clamp has none, and the camera would stay.
    """

    @staticmethod
    def forward(ctx, values: Tensor, _weights: Tensor, how: _Adjustment) -> tuple[Tensor, ...]:  # type: ignore[override]
        output, ctx.seen = how.mlp.forward(values / how.scale)
        ctx.how = how
        adjusted = torch.addcmul(values, how.share, output).clamp_(how.low, how.high)
        if how.turn >= 0:
            adjusted[:, how.turn].fmod_(360.0)
        return tuple(p if p.shape[1] == 3 else p[:, 0] for p in adjusted.split(how.widths, 1))

    @staticmethod
    @once_differentiable
    def backward(ctx, *grads: Tensor):  # type: ignore[override]
        how: _Adjustment = ctx.how
        grad = torch.cat([g.reshape(len(g), -1) for g in grads], 1)
        of_inputs, of_weights = how.mlp.backward(ctx.seen, grad * how.share)
        return torch.addcdiv(grad, of_inputs, how.scale), of_weights, None
