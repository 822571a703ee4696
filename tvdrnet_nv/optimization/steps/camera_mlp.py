"""The small networks of TVDRNet's recipe."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn

_HIDDEN = 64


class CameraMLP:
    """K multilayer perceptrons side by side, one per camera: P inputs, three hidden layers of 64, ReLU, tanh.

    All weights of a network stand in one row of one tensor, and the backward pass is written out: an optimiser's step
    is a few operations, instead of a few for each layer.

    Args:
        cameras: K.
        parameters: P.
        random: where the weights come from; None for torch's own.

    Attributes:
        flat: [K, N], the weights and biases that are optimised.
        weights, biases: the layers' parts of it, [K, in, out] and [K, 1, out].
    """

    def __init__(self, cameras: int, parameters: int, random: torch.Generator | None = None) -> None:
        sizes = (parameters, _HIDDEN, _HIDDEN, _HIDDEN, parameters)
        self._shapes = list(itertools.pairwise(sizes))
        self.flat = torch.stack([_network(self._shapes, random) for _ in range(cameras)])
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


def _network(shapes: list[tuple[int, int]], random: torch.Generator | None) -> Tensor:
    """[N]: a new network's weights [in, out] and biases, layer after layer: those of `torch.nn.Linear`."""
    parts = []
    for inputs, outputs in shapes:
        weight, bias = torch.empty(outputs, inputs, dtype=torch.float32), torch.empty(outputs, dtype=torch.float32)
        nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=random)
        bound = 1 / math.sqrt(inputs)
        nn.init.uniform_(bias, -bound, bound, generator=random)
        parts += [weight.T.reshape(-1), bias]
    return torch.cat(parts)
