"""Adam, as in torch.optim, whose import alone takes longer than the whole optimisation of a small scene."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from tvdrnet_nv.optimization.steps.descent import adam_update


class Adam:
    """Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015).

    Args:
        groups: parameters, each group with its learning rate; `rates` holds them and may be changed between steps.
        betas: decay of the running means of the gradient and of its square.
        eps: added to the root of the latter.
    """

    def __init__(
        self,
        groups: Iterable[tuple[Iterable[Tensor], float]],
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        listed = [(list(parameters), rate) for parameters, rate in groups]
        self.rates = [rate for _, rate in listed]
        self._groups = [
            [
                (p, torch.zeros_like(p, requires_grad=False), torch.zeros_like(p, requires_grad=False))
                for p in parameters
            ]
            for parameters, _ in listed
        ]
        self._betas, self._eps = betas, eps
        self._steps = 0

    @torch.no_grad()
    def step(self) -> None:
        """Update the parameters from their gradients, and clear these."""
        self._steps += 1
        for group, rate in zip(self._groups, self.rates, strict=True):
            for parameter, mean, square in group:
                if (gradient := parameter.grad) is not None:
                    how = {"steps": self._steps, "rate": rate, "betas": self._betas, "eps": self._eps}
                    adam_update(parameter, mean, square, gradient, **how)
        self.clear()

    def clear(self) -> None:
        """Forget the gradients."""
        for group in self._groups:
            for parameter, _, _ in group:
                parameter.grad = None
