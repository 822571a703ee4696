"""What the tests of the Triton kernels share."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tests.kernels.conftest import Backend


def assert_near(got: Tensor, expected: Tensor, backend: Backend, share: float = 1.0) -> None:
    """Equal up to the backend's share, times `share`, of the largest expected value; the same shape, and finite."""
    assert got.shape == expected.shape
    assert got.device.type == backend.device.type
    assert got.dtype == backend.dtype
    expected = expected.detach().double()
    scale = float(expected.abs().max()) if expected.numel() else 0.0
    torch.testing.assert_close(got.detach().cpu().double(), expected, rtol=0, atol=share * backend.tolerance * scale)


def gradients(function: Callable[..., Tensor], *inputs: Tensor) -> tuple[Tensor, ...]:
    """The result of a function, and the inputs' gradients of a weighted sum of it."""
    leaves = [x.detach().clone().requires_grad_() for x in inputs]
    out = function(*leaves)
    weights = torch.linspace(-1, 2, out.numel(), dtype=torch.float64).reshape(out.shape)
    return (out.detach(), *torch.autograd.grad(out, leaves, weights.to(out)))
