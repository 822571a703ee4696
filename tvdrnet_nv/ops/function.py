"""Operations with derivatives, made of plain functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual
from torch.utils._pytree import tree_flatten, tree_unflatten

Saved = tuple[Sequence[Tensor | None], Any]
"""What an op's derivatives need: tensors among its inputs and outputs, and anything else."""


class OpFunction(torch.autograd.Function):
    """`torch.autograd.Function` whose `apply` takes all arguments by position, which costs half as much.

    Function.apply looks up the signature of `forward` every time, for default values; its own base does without.
    Under `torch.func`'s transforms it goes its usual way; `torch.compile` does not look inside.
    """

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """As Function.apply."""
        if torch.compiler.is_compiling():
            return torch.compiler.disable(_call)(cls, args)  # type: ignore[call-arg]
        if torch._C._are_functorch_transforms_active():
            return super().apply(*args)
        return super(torch.autograd.Function, cls).apply(*args)  # type: ignore[misc]

    @classmethod
    def one_by_one(cls, info: Any, in_dims: tuple[int | None, ...], *args: Any) -> tuple[Any, Any]:
        """What `torch.func.vmap` does with the op: the elements one after the other."""
        flat, shape = tree_flatten(args)
        dims = tree_flatten(in_dims)[0]
        outs = []
        for i in range(info.batch_size):
            element = [a if d is None else a.select(d, i) for a, d in zip(flat, dims, strict=True)]
            outs.append(cls.apply(*tree_unflatten(element, shape)))
        if isinstance(outs[0], Tensor):
            return torch.stack(outs), 0
        columns = list(zip(*outs, strict=True))
        if any(isinstance(c[0], Tensor) and len({t.shape for t in c}) > 1 for c in columns):
            raise RuntimeError(
                f"{cls.__name__} under torch.func.vmap: what its derivatives need is of another size for each element; "
                "give the elements as a batch, or go through them in a loop"
            )
        stacked = tuple(torch.stack(c) if isinstance(c[0], Tensor) else c[0] for c in columns)
        return stacked, tuple(0 if isinstance(s, Tensor) else None for s in stacked)


def _call(cls: Any, args: tuple[Any, ...]) -> Any:
    return cls.apply(*args)


class _NoSecond(OpFunction):
    """Hands on gradients that have no derivatives of their own, and says so where these are asked for."""

    @staticmethod
    def forward(name: str, count: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        return tuple(gradient.clone() for gradient in tensors[:count])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.name = inputs[0]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Any:
        raise RuntimeError(f"{ctx.name} has no second derivatives; take differences of its gradients")


def differentiable(
    name: str,
    forward: Callable[..., Any],
    *,
    keep: Callable[[tuple[Any, ...], Any], Saved],
    backward: Callable[..., Any],
    jvp: Callable[..., Any] | _Native | None = None,
    double_backward: Callable[..., Any] | None = None,
    saved_outputs: int = 0,
    zero_missing_gradients: bool = False,
) -> Callable[..., Any]:
    """Make an op of its forward pass and its derivatives.

    Args:
        name: of the op, for autograd's graph.
        forward: from the inputs to the outputs, a tensor or a tuple. Its tensors have memory that a kernel can read,
            under `torch.func`'s transforms too; those that require a gradient must be detached first.
        keep: from the inputs and the outputs to `Saved`, of which the next three take both parts.
        backward: from (tensors, rest, which inputs need a gradient, *gradients of the outputs) to one gradient, or
            None, for each input. A gradient is None where there is none. It is differentiable once.
        jvp: from (tensors, rest, *tangents of the inputs) to the tangents of the outputs; a missing tangent is None.
            `native` wraps one that calls kernels. Without it there is no forward mode.
        double_backward: as `backward`, in differentiable torch, for second derivatives; without it these are refused.
        saved_outputs: how many of the outputs, the last ones, only derivatives need. Callers do not get them,
            `backward` gets no gradients of them, and `jvp` gives no tangents of them. All three then deal in tuples.
        zero_missing_gradients: `backward` gets zeros for missing gradients instead of None.

    Returns:
        A function of the inputs, by position.
    """
    no_tangents = (None,) * saved_outputs

    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        tensors, ctx.rest = keep(inputs, output)
        ctx.save_for_backward(*tensors)
        if jvp is not None:
            ctx.save_for_forward(*tensors)
        if saved_outputs:
            ctx.mark_non_differentiable(*output[-saved_outputs:])
        if not zero_missing_gradients:
            ctx.set_materialize_grads(False)

    def once(ctx: Any, *grads: Tensor | None) -> Any:
        if saved_outputs:
            grads = grads[:-saved_outputs]
        for grad in grads:
            if grad is not None:
                return backward(ctx.saved_tensors, ctx.rest, ctx.needs_input_grad, *grads)
        return (None,) * len(ctx.needs_input_grad)

    def either(ctx: Any, *grads: Tensor | None) -> Any:
        if torch._C._are_functorch_transforms_active():
            return unwrapped(ctx, *grads)
        if not torch.is_grad_enabled():
            return once(ctx, *grads)
        if double_backward is None:
            # Whoever asks for their derivatives comes by here, from the gradients or from the op's own tensors.
            with torch.no_grad():
                found = once(ctx, *grads)
            kept = [t for t in (*grads, *ctx.saved_tensors) if t is not None and t.requires_grad]
            given = [g for g in found if g is not None]
            if not kept or not given:
                return found
            handed = iter(_NoSecond.apply(name, len(given), *given, *kept))
            return tuple(None if g is None else next(handed) for g in found)
        shown = grads[:-saved_outputs] if saved_outputs else grads
        return double_backward(ctx.saved_tensors, ctx.rest, ctx.needs_input_grad, *shown)

    def unwrapped(ctx: Any, *grads: Tensor | None) -> Any:
        """`once` under `torch.func`'s transforms, whose tensors have no memory."""
        there: list[bool] = []

        def called(tensors: Sequence[Tensor | None], rest: Any, *grads: Tensor | None) -> tuple[Tensor, ...]:
            with torch.no_grad():
                found = backward(tensors, rest, ctx.needs_input_grad, *grads)
            there[:] = [g is not None for g in found]
            return tuple(g for g in found if g is not None)

        shown = grads[:-saved_outputs] if saved_outputs else grads
        if all(grad is None for grad in shown):
            return (None,) * len(ctx.needs_input_grad)
        tensors = ctx.saved_tensors
        given = iter(_Unwrapped.apply(name, called, len(tensors), ctx.rest, *tensors, *shown))
        return tuple(next(given) if one else None for one in there)

    def forward_mode(ctx: Any, *tangents: Tensor | None) -> Any:
        assert jvp is not None
        kept = ctx.saved_tensors
        if isinstance(jvp, _Native):
            out = _Unwrapped.apply(name, jvp.function, len(kept), ctx.rest, *kept, *tangents)
        else:
            out = jvp(kept, ctx.rest, *tangents)
        return (*out, *no_tangents) if saved_outputs else out

    parts = {"forward": forward, "setup_context": setup_context, "backward": either}
    if jvp is not None:
        parts["jvp"] = forward_mode
    made = type(name, (OpFunction,), {part: staticmethod(function) for part, function in parts.items()})
    made.vmap = staticmethod(made.one_by_one)  # type: ignore[attr-defined]
    apply = made.apply  # type: ignore[attr-defined]
    return (lambda *inputs: apply(*inputs)[:-saved_outputs]) if saved_outputs else apply


class _Unwrapped(OpFunction):
    """Calls a function with tensors that have memory, which those of `torch.func`'s transforms have not."""

    @staticmethod
    def forward(name: str, function: Callable[..., Any], kept: int, rest: Any, *tensors: Tensor | None) -> Any:
        return function(tensors[:kept], rest, *tensors[kept:])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.name = inputs[0]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Any:
        raise RuntimeError(
            f"{ctx.name} has no second derivatives in torch.func and forward mode; take differences of its gradients"
        )

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Any:
        return _Unwrapped.backward(ctx, *tangents)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *args: Any) -> tuple[Any, Any]:
        """The elements one after the other."""
        return _Unwrapped.one_by_one(info, in_dims, *args)


@dataclass(frozen=True)
class _Native:
    function: Callable[..., Any]


def native(jvp: Callable[..., Any]) -> _Native:
    """A `jvp` for `differentiable` that calls kernels; it has no derivatives of its own."""
    return _Native(jvp)


def gradients_through(
    function: Callable[..., Any], inputs: Sequence[Tensor], grads: Sequence[Tensor | None]
) -> tuple[Tensor | None, ...]:
    """The gradients of inputs through a function in torch, with a graph of their own: for `double_backward`.

    Args:
        function: from the inputs to a tuple of outputs.
        inputs: where; those that require no gradient get None.
        grads: of the outputs.
    """
    pairs = zip(function(*inputs), grads, strict=True)
    given = [(out, grad) for out, grad in pairs if grad is not None and out.requires_grad]
    wanted = [tensor for tensor in inputs if tensor.requires_grad]
    found = iter(
        torch.autograd.grad(
            [out for out, _ in given], wanted, [grad for _, grad in given], create_graph=True, allow_unused=True
        )
    )
    return tuple(next(found) if tensor.requires_grad else None for tensor in inputs)


def has_derivatives(tensor: Tensor) -> bool:
    """Whether a derivative with respect to it may be asked for, forward or backward."""
    if torch.is_grad_enabled() and tensor.requires_grad:
        return True
    return torch._C._are_functorch_transforms_active() or unpack_dual(tensor).tangent is not None


def contiguous(tensor: Tensor | None) -> Tensor | None:
    """A tensor as kernels read it: detached and contiguous; None stays None."""
    return None if tensor is None else tensor.detach().contiguous()


def packed(tensors: Sequence[Tensor | None], like: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Contiguous, with zeros for what is missing."""
    pairs = zip(tensors, like, strict=True)
    return tuple(torch.zeros_like(shape) if tensor is None else tensor.contiguous() for tensor, shape in pairs)


def addresses(tensors: Sequence[Tensor]) -> list[int]:
    """Of tensors that are contiguous, as the kernels for a few numbers take them."""
    return [tensor.data_ptr() for tensor in tensors]
