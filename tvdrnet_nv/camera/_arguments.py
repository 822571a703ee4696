"""What a caller passes (numbers, sequences, arrays, tensors) made into tensors of one dtype, device and batch size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

Values = Tensor | np.ndarray | float | Sequence[Any]
Device = torch.device | str | None

Batch = TypeVar("Batch")

FLOATS = (torch.float32, torch.float64)


def as_tensors(
    arguments: Mapping[str, Values], *, dtype: torch.dtype | None = None, device: Device = None
) -> list[Tensor]:
    """Return arguments, by name, as tensors of one dtype on one device, in the order given.

    Floating tensors bring their dtype and device (float64 wins over float32); Python numbers, sequences, numpy arrays
    and integer tensors follow them, and are float32 on the CPU where there is no floating tensor. `dtype` and `device`
    override both. Gradients flow through.

    Raises:
        TypeError: An argument is not numeric, or its dtype is not float32 or float64.
        ValueError: Two tensors lie on different devices, and no `device` is given.
    """
    given = {name: value for name, value in arguments.items() if isinstance(value, Tensor)}
    floating = {name: value for name, value in given.items() if value.is_floating_point()}
    for name, value in given.items():
        if value.is_complex() or (name in floating and value.dtype not in FLOATS):
            raise TypeError(f"{name} must be float32 or float64, got {value.dtype}")
    if dtype is None:
        dtype = torch.float64 if any(t.dtype == torch.float64 for t in floating.values()) else torch.float32
    elif dtype not in FLOATS:
        raise TypeError(f"dtype must be torch.float32 or torch.float64, got {dtype}")
    if device is None:
        devices = {value.device for value in given.values()}
        if len(devices) > 1:
            places = ", ".join(f"{name} on {value.device}" for name, value in given.items())
            raise ValueError(f"all tensors must be on one device, got {places}")
        device = devices.pop() if devices else torch.device("cpu")
    return [
        value.to(device=device, dtype=dtype)
        if isinstance(value, Tensor)
        else torch.tensor(_numbers(name, value), dtype=dtype, device=device)
        for name, value in arguments.items()
    ]


def _numbers(name: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)) and any(isinstance(item, Tensor) for item in value):
        raise TypeError(f"{name} is a sequence of tensors; pass one tensor (torch.stack keeps the gradients)")
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a number, a sequence of numbers, an array or a tensor, got {value!r}")
    return array.tolist()


def in_batch(name: str, tensor: Tensor, *shape: int) -> Tensor:
    """Return `tensor` as [B, *shape]; one without a batch dimension becomes a batch of one.

    Raises:
        ValueError: `tensor` is neither [B, *shape] nor [*shape].
    """
    batched = tensor[None] if tensor.ndim == len(shape) else tensor
    if batched.ndim != len(shape) + 1 or batched.shape[1:] != shape:
        wanted = ", ".join(str(n) for n in shape)
        raise ValueError(f"{name} must have shape [{f'B, {wanted}' if wanted else 'B'}], got {list(tensor.shape)}")
    return batched


def broadcast(**tensors: Tensor) -> list[Tensor]:
    """Return batched tensors expanded to one batch size: each is B or 1.

    Raises:
        ValueError: Two batch sizes other than 1 differ.
    """
    sizes = {tensor.shape[0] for tensor in tensors.values()} - {1}
    if len(sizes) > 1:
        got = ", ".join(f"{name} {list(tensor.shape)}" for name, tensor in tensors.items())
        raise ValueError(f"batch sizes must be equal or 1, got {got}")
    size = sizes.pop() if sizes else 1
    return [tensor.expand(size, *tensor.shape[1:]) for tensor in tensors.values()]


def check_fields(owner: str, fields: dict[str, tuple[Tensor, tuple[int, ...]]]) -> None:
    """Check that the fields of a batched class are float tensors [B, *shape] of one B, dtype and device.

    Raises:
        TypeError: A field is not a tensor, or not float32 or float64, or its dtype differs from the first field's.
        ValueError: A field's shape, batch size or device is wrong.
    """
    first_name, (first, _) = next(iter(fields.items()))
    if _agree(first, fields):
        return
    for name, (tensor, shape) in fields.items():
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{owner}.{name} must be a tensor, got {type(tensor).__name__}")
        if tensor.dtype not in FLOATS:
            raise TypeError(f"{owner}.{name} must be float32 or float64, got {tensor.dtype}")
        if tensor.ndim != len(shape) + 1 or tensor.shape[1:] != shape:
            wanted = ", ".join(["B", *(str(n) for n in shape)])
            raise ValueError(f"{owner}.{name} must have shape [{wanted}], got {list(tensor.shape)}")
        if tensor.dtype != first.dtype:
            raise TypeError(f"{owner}.{name} is {tensor.dtype}, but {owner}.{first_name} is {first.dtype}")
        if tensor.device != first.device:
            raise ValueError(f"{owner}.{name} is on {tensor.device}, but {owner}.{first_name} is on {first.device}")
        if tensor.shape[0] != first.shape[0]:
            raise ValueError(
                f"{owner}.{name} holds {tensor.shape[0]} cameras, but {owner}.{first_name} holds {first.shape[0]}"
            )


def _agree(first: Tensor, fields: dict[str, tuple[Tensor, tuple[int, ...]]]) -> bool:
    """Whether nothing is wrong, at a glance: an optimisation's step asks often."""
    if not (isinstance(first, Tensor) and first.ndim and first.dtype in FLOATS):
        return False
    count, dtype, device = first.shape[0], first.dtype, first.device
    return all(
        isinstance(tensor, Tensor)
        and tensor.shape == (count, *shape)
        and tensor.dtype == dtype
        and tensor.device == device
        for tensor, shape in fields.values()
    )


def check_between(name: str, tensor: Tensor, low: float, high: float, what: str) -> None:
    """Check that every value lies strictly between `low` and `high`; NaN does not.

    Raises:
        ValueError: A value does not; the message names the argument, the first such value and `what` is wanted.
    """
    values = tensor.detach()
    good = (values > low) & (values < high)
    if not bool(good.all()):
        raise ValueError(f"{name} must be {what}, got {values[~good][0].item():g}")


def detached(batch: Batch) -> Batch:
    """Return a copy without its tensors' history, unchecked: shapes, dtypes and devices stay."""
    copy = object.__new__(type(batch))
    for name, value in vars(batch).items():
        copy.__dict__[name] = value.detach() if isinstance(value, Tensor) else value
    return copy


def batch_index(index: int | slice | Tensor, length: int) -> slice | Tensor:
    """Return what keeps the batch dimension for `index`: a slice, or the rows [N] int64 (or mask [B] bool) themselves.

    Raises:
        IndexError: `index` is out of range (which also ends a `for` loop over the batch), or a tensor of another shape.
    """
    if isinstance(index, Tensor):
        if index.ndim != 1:
            raise IndexError(f"rows must be a tensor of one dimension, got {list(index.shape)}")
        return index
    if isinstance(index, slice):
        return index
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of range for {length} cameras")
    index %= length
    return slice(index, index + 1)
