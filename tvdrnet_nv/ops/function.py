"""The base of the ops' autograd functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """torch's decorator, without its cost where no derivative of the backward pass is asked for."""
    checked = torch.autograd.function.once_differentiable(backward)

    @wraps(backward)
    def called(ctx: Any, *grads: Any) -> Any:
        return checked(ctx, *grads) if torch.is_grad_enabled() else backward(ctx, *grads)

    return called


class OpFunction(torch.autograd.Function):
    """`torch.autograd.Function` whose `apply` takes all arguments by position, which costs half as much.

    Function.apply looks up the signature of `forward` every time, for default values; its own base does without.
    Under `torch.func`'s transforms it goes its usual way.
    """

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """As Function.apply."""
        if torch._C._are_functorch_transforms_active():
            return super().apply(*args)
        return super(torch.autograd.Function, cls).apply(*args)  # type: ignore[misc]
