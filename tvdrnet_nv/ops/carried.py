"""A few numbers from the host to a device, and their gradients back, each in one copy. Ours; not in nvdiffrast.

A camera is some twenty numbers. The host computes its matrices and their derivatives in microseconds; a GPU takes a
launch for every operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.function import Saved, differentiable


def is_on_host(tensor: Tensor) -> bool:
    """Whether the host has a tensor's numbers, so that reading them waits for nothing."""
    return tensor.device.type == "cpu"


def carried(tensors: Sequence[Tensor], device: torch.device) -> tuple[Tensor, ...]:
    """The same tensors on a device.

    Args:
        tensors: of any shapes and one dtype, all on one device.
        device: where they go; where they are there already, they are returned as they are.

    Returns:
        Parts of one tensor. Gradients come back in one copy, for which the host waits; on the way there it waits for
        nothing. Forward mode and second derivatives work, as all of it is torch.
    """
    if all(tensor.device == device for tensor in tensors):
        return tuple(tensors)
    return _joined(tensors, device)


def _joined(tensors: Sequence[Tensor], device: torch.device) -> tuple[Tensor, ...]:
    """Parts of one copy."""
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    if device.type == "cuda" and torch.cuda.is_available():
        flat = torch.empty_like(flat, pin_memory=True).copy_(flat)  # out of other memory the host waits for a copy
    flat = flat.to(device, non_blocking=True)
    shapes = [tensor.shape for tensor in tensors]
    if torch._C._are_functorch_transforms_active():
        return _split(flat, shapes)
    return _parts(flat, shapes)


def _split(flat: Tensor, shapes: Sequence[torch.Size]) -> tuple[Tensor, ...]:
    parts = flat.split([shape.numel() for shape in shapes])
    return tuple(part.view(shape) for part, shape in zip(parts, shapes, strict=True))


def _keep(inputs: tuple[Any, ...], _outputs: tuple[Tensor, ...]) -> Saved:
    return (), inputs[1]


def _backward(_tensors: object, _shapes: object, _needs: object, *grads: Tensor) -> tuple[Tensor, None]:
    return _one_after_the_other(grads), None


def _double_backward(_tensors: object, _shapes: object, _needs: object, *grads: Tensor) -> tuple[Tensor, None]:
    return torch.cat([grad.reshape(-1) for grad in grads]), None


def _jvp(_tensors: object, shapes: Sequence[torch.Size], tangent: Tensor, *_: None) -> tuple[Tensor, ...]:
    return _split(tangent, shapes)


# torch's own `split`, but for gradients that stand one after the other already: these are not copied for it.
_parts = differentiable(
    "Parts",
    lambda flat, shapes: _split(flat.detach(), shapes),
    keep=_keep,
    backward=_backward,
    jvp=_jvp,
    double_backward=_double_backward,
    zero_missing_gradients=True,
)


def _one_after_the_other(grads: Sequence[Tensor]) -> Tensor:
    """Tensors as one flat one: a view of their memory where they stand in it so, as `one_memory` makes them."""
    end = grads[0].storage_offset()
    for grad in grads:
        same = grad.untyped_storage()._cdata == grads[0].untyped_storage()._cdata
        if not same or not grad.is_contiguous() or grad.storage_offset() != end:
            return torch.cat([grad.reshape(-1) for grad in grads])
        end += grad.numel()
    first = grads[0].storage_offset()
    return grads[0].as_strided((end - first,), (1,), first)


def one_memory(*like: Tensor) -> tuple[Tensor, ...]:
    """Not initialised, of these shapes and of the first one's dtype and device, one after the other in one memory."""
    return _split(like[0].new_empty(sum(tensor.numel() for tensor in like)), [tensor.shape for tensor in like])
