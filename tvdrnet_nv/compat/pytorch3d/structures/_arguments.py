"""What callers pass to `Meshes` and `Pointclouds`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Index = int | list[int] | slice | Tensor
Parts = Sequence[Tensor] | Tensor


def as_list(name: str, tensors: Sequence[Tensor] | Tensor) -> list[Tensor]:
    """N tensors [n_i, 3], of such a list or of one tensor [N, n, 3]; empty ones of any shape."""
    parts = list(tensors.unbind(0)) if isinstance(tensors, Tensor) and tensors.dim() == 3 else tensors
    if not isinstance(parts, (list, tuple)) or not all(isinstance(t, Tensor) for t in parts):
        raise ValueError(f"{name} must be a list of tensors or a tensor [N, n, 3]")
    for tensor in parts:
        if tensor.numel() and (tensor.dim() != 2 or tensor.shape[1] != 3):
            raise ValueError(f"{name} must be tensors [n, 3]; got {list(tensor.shape)}")
    return [tensor if tensor.numel() else tensor.reshape(0, 3) for tensor in parts]


def without_padding(faces: Tensor) -> Tensor:
    """Faces [F, 3] without the rows at the end that have a negative index.

    Raises:
        ValueError: such a row stands before a face.
    """
    whole = (faces >= 0).all(dim=-1)
    count = int(whole.sum())
    if not bool(whole[:count].all()):
        raise ValueError("Padding of faces must be at the end, but a row with a negative index precedes a face")
    return faces[:count]


def chosen_of(index: Index, count: int) -> list[int]:
    """The indices, not negative, of what `index` chooses from `count`."""
    if isinstance(index, Tensor):
        if index.dtype == torch.bool:
            index = index.nonzero().flatten()
        elif index.is_floating_point() or index.dim() > 1:
            raise IndexError(f"a tensor index must be bool or int64 [n]; got {index.dtype} {list(index.shape)}")
        index = index.reshape(-1).tolist()
    if isinstance(index, slice):
        return list(range(count))[index]
    chosen = index if isinstance(index, (list, tuple)) else [index]
    if not all(isinstance(i, int) for i in chosen):
        raise IndexError(f"meshes are chosen by integers, slices, or bool or int64 tensors; got {index!r}")
    return [range(count)[i] for i in chosen]


def beside(
    name: str, values: Sequence[Tensor | None] | Tensor | None, points: list[Tensor], channels: int | None
) -> list[Tensor] | None:
    """What clouds have beside their points: N tensors [P_i, C], or None, also where no cloud has a point.

    Args:
        name: in what an error says.
        values: likewise, or one tensor [N, P, C]; an empty cloud's may be None, or empty of any shape.
        points: N tensors [P_i, 3].
        channels: C, where it is known.

    Raises:
        ValueError: shapes, batch sizes or devices do not match.
    """
    if values is None:
        return None
    given = list(values)
    if isinstance(values, Tensor):
        if values.dim() != 3:
            raise ValueError(f"Auxiliary input {name} tensor has incorrect dimension; got {list(values.shape)}")
        given = [v[: len(p)] for v, p in zip(values, points, strict=False)]
    if len(given) != len(points):
        raise ValueError(f"Points and auxiliary input {name} must be the same length.")
    filled = [part for part in given if part is not None and part.numel()]
    if not filled:
        return None
    width = channels or filled[0].shape[-1]
    parts = [points[0].new_zeros(0, width) if v is None or (not v.numel() and v.dim() < 2) else v for v in given]
    for part, cloud in zip(parts, points, strict=True):
        if len(part) != len(cloud):
            raise ValueError(f"A cloud has mismatched numbers of points and {name}")
        if part.device != cloud.device:
            raise ValueError(f"All auxiliary inputs {name} must be on the same device as the points.")
        if part.dim() != 2 or (channels is not None and part.numel() and part.shape[1] != channels):
            raise ValueError(f"A cloud has {name} of the wrong shape {list(part.shape)}")
        if part.numel() and part.shape[1] != width:
            raise ValueError("Clouds must all have the same number of channels")
    return [part if part.numel() else part.reshape(0, width) for part in parts]
