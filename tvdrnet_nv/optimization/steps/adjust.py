"""adjust: camera parameters that small networks adjust; where there are kernels, in one call for each direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.function import Saved, addresses, differentiable
from tvdrnet_nv.optimization.steps.camera_mlp import CameraMLP

_CPU = {torch.float32: "MlpOps32", torch.float64: "MlpOps64"}


@dataclass(frozen=True)
class Adjustment:
    """What is added to the parameters, and where they end.

    Attributes:
        scale: [P], the networks see the values in these units.
        share: [P], what is added at most.
        low, high: [P], limits, which let the gradient of the unlimited through.
        turn: the column that is taken modulo 360, or -1.
        widths: how many numbers each parameter has; P in all.
        mlp: the networks.
    """

    scale: Tensor
    share: Tensor
    low: Tensor
    high: Tensor
    turn: int
    widths: list[int]
    mlp: CameraMLP


def adjust(values: Tensor, networks: Tensor, how: Adjustment) -> tuple[Tensor, ...]:
    """values + share tanh(network(values / scale)), within limits, for K cameras with a network each.

    A limit lets the gradient of the unlimited through: beyond it torch.clamp has none, and the camera would stay.

    Args:
        values: [K, P].
        networks: [K, N], `how.mlp.flat`; contiguous as all others, and of one float dtype.
        how: the rest.

    Returns:
        The parameters: [K] each, or [K, width] where they have more numbers. Differentiable once.

    Raises:
        ValueError: networks of another shape.
    """
    if networks.shape != (values.shape[0], how.mlp.flat.shape[1]):
        shapes = f"{list(values.shape)}; got {list(networks.shape)}"
        raise ValueError(f"networks must have a row for each of values, {shapes}")
    kernels = backend_of(values).kernels
    if kernels is None:
        return _reference(values, networks, how)
    kept = values.new_empty((values.shape[0], kernels.mlp_kept(values.shape[1])))
    return _native(values, networks, how, kernels, kept)


def _reference_forward(values: Tensor, _networks: Tensor, how: Adjustment) -> tuple[Tensor, ...]:
    output, seen = how.mlp.forward(values / how.scale)
    adjusted = torch.addcmul(values, how.share, output).clamp_(how.low, how.high)
    if how.turn >= 0:
        adjusted[:, how.turn].fmod_(360.0)
    parts = (p if p.shape[1] > 1 else p[:, 0] for p in adjusted.split(how.widths, 1))
    return *parts, *seen


def _reference_keep(inputs: tuple[Any, ...], outputs: tuple[Tensor, ...]) -> Saved:
    how = inputs[2]
    return outputs[len(how.widths) :], how


def _reference_backward(
    seen: tuple[Tensor, ...], how: Adjustment, _needs: object, *grads: Tensor
) -> tuple[Tensor | None, ...]:
    grad = torch.cat([g.reshape(len(g), -1) for g in grads], 1)
    of_inputs, of_networks = how.mlp.backward(list(seen), grad * how.share)
    return torch.addcdiv(grad, of_inputs, how.scale), of_networks, None


_reference = differentiable(
    "Adjust",
    _reference_forward,
    keep=_reference_keep,
    backward=_reference_backward,
    saved_outputs=5,  # what the four layers got, and the output
    zero_missing_gradients=True,
)


def _native_forward(
    values: Tensor, networks: Tensor, how: Adjustment, kernels: Any, kept: Tensor
) -> tuple[Tensor, ...]:
    """Writes what the backward pass needs to `kept`."""
    cameras = values.shape[0]
    out = tuple(values.new_empty((cameras,) if width == 1 else (cameras, width)) for width in how.widths)
    getattr(kernels, _CPU[values.dtype]).adjust(
        cameras,
        how.turn,
        how.widths,
        _addresses(values, networks, how),
        kept.data_ptr(),
        addresses(out),
        torch.get_num_threads(),
    )
    return out


def _native_keep(inputs: tuple[Any, ...], _outputs: object) -> Saved:
    values, networks, *rest = inputs
    return (values, networks), rest


def _native_backward(
    tensors: tuple[Tensor, ...], rest: tuple[Adjustment, Any, Tensor], _needs: object, *grads: Tensor
) -> tuple[Tensor | None, ...]:
    values, networks = tensors
    how, kernels, kept = rest
    of_values, of_networks = torch.empty_like(values), torch.empty_like(networks)
    grads = tuple(grad.contiguous() for grad in grads)
    getattr(kernels, _CPU[values.dtype]).adjust_backward(
        values.shape[0],
        how.turn,
        how.widths,
        _addresses(values, networks, how),
        kept.data_ptr(),
        addresses(grads),
        (of_values.data_ptr(), of_networks.data_ptr()),
        torch.get_num_threads(),
    )
    return of_values, of_networks, None, None, None


_native = differentiable(
    "Adjust", _native_forward, keep=_native_keep, backward=_native_backward, zero_missing_gradients=True
)


def _addresses(values: Tensor, networks: Tensor, how: Adjustment) -> list[int]:
    return addresses((values, networks, how.scale, how.share, how.low, how.high))
