"""Between lists of tensors, one padded tensor with a batch dimension, and one packed tensor without."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["list_to_packed", "list_to_padded", "packed_to_list", "padded_to_list", "padded_to_packed"]


def list_to_padded(
    x: Sequence[Tensor], pad_size: Sequence[int] | None = None, pad_value: float = 0.0, equisized: bool = False
) -> Tensor:
    """N tensors [n_i, …] as one [N, max n, …], filled up with `pad_value`.

    Args:
        x: tensors with the same number of dimensions; empty ones of another shape count as nothing.
        pad_size: the size to fill up to, without N; default the largest in each dimension.
        pad_value: what fills up.
        equisized: the caller knows that all have one size.
    """
    if not x:
        return torch.zeros(0, *(pad_size or (0,)))
    if equisized and pad_size is None:
        return torch.stack(tuple(x))
    dims = max(t.dim() for t in x)
    shaped = [t for t in x if t.numel() or t.dim() == dims]
    if pad_size is None:
        pad_size = [max((t.shape[d] for t in shaped), default=0) for d in range(dims)]
    elif any(t.dim() != len(pad_size) for t in shaped):
        raise ValueError(f"Pad size must have a number for each dimension of the tensors, {dims}; got {list(pad_size)}")
    out = []
    for tensor in x:
        if tensor.numel() == 0:
            out.append(tensor.new_full(tuple(pad_size), pad_value))
            continue
        if any(have > want for have, want in zip(tensor.shape, pad_size, strict=True)):
            raise ValueError(f"pad_size {list(pad_size)} is smaller than a tensor of shape {list(tensor.shape)}")
        widths = [n for have, want in zip(tensor.shape, pad_size, strict=True) for n in (want - have, 0)]
        out.append(torch.nn.functional.pad(tensor, widths[::-1], value=pad_value))
    return torch.stack(out)


def padded_to_list(x: Tensor, split_size: Sequence[int] | Sequence[Sequence[int]] | None = None) -> list[Tensor]:
    """[N, M, …] as N tensors; with `split_size` the first n_i (or n_i, m_i, …) of each."""
    parts = list(x.unbind(0))
    if split_size is None:
        return parts
    if len(split_size) != len(parts):
        raise ValueError(f"split_size has {len(split_size)} entries for a batch of {len(parts)}")
    sizes = [(n,) if isinstance(n, int) else tuple(n) for n in split_size]
    return [part[tuple(slice(int(n)) for n in size)] for part, size in zip(parts, sizes, strict=True)]


def padded_to_packed(
    x: Tensor, split_size: Sequence[int] | None = None, pad_value: float | int | None = None
) -> Tensor:
    """[N, M] or [N, M, C] as one [Σn] or [Σn, C], without the rows that fill up.

    Args:
        x: the padded tensor.
        split_size: n_i, how many rows of each to keep, [N].
        pad_value: instead of `split_size`: rows that hold nothing but this are left out. With neither all are kept.

    Raises:
        ValueError: both are given, or shapes do not fit.
    """
    if x.dim() not in (2, 3):
        raise ValueError(f"Supports only inputs [N, M] or [N, M, C]; got {list(x.shape)}")
    if split_size is not None and pad_value is not None:
        raise ValueError("Only one of split_size or pad_value should be provided.")
    rows = x.reshape(-1, *x.shape[2:])
    if pad_value is not None:
        kept = rows != pad_value
        return rows[kept if x.dim() == 2 else kept.any(-1)]
    if split_size is None:
        return rows
    if any(isinstance(n, Tensor) and n.dim() for n in split_size):
        raise ValueError("split_size must be 1-dimensional")
    if len(split_size) != len(x):
        raise ValueError(f"split_size must be of the same length as inputs first dimension, {len(x)}")
    return torch.cat([part[: int(n)] for part, n in zip(x, split_size, strict=True)])


def list_to_packed(x: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """N tensors [n_i, …] as one [Σn, …].

    Returns:
        the packed tensor; n_i, int64 [N]; the first index of each, int64 [N]; and for each row which tensor it is of,
        int64 [Σn].
    """
    device = x[0].device if x else torch.device("cpu")
    packed = torch.cat(tuple(x)) if x else torch.zeros(0, device=device)
    counts = torch.tensor([len(t) for t in x], dtype=torch.int64, device=device)
    return packed, counts, counts.cumsum(0) - counts, torch.repeat_interleave(counts)


def packed_to_list(x: Tensor, split_size: int | Sequence[int]) -> list[Tensor]:
    """[Σn, …] as N tensors of n_i rows."""
    return list(x.split(split_size if isinstance(split_size, int) else list(split_size)))
