"""What `Orbit` and `Camera` have in common: batches of viewpoints, whose fields can be taken apart and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

from tvdrnet_nv.camera.camera import Camera
from tvdrnet_nv.camera.orbit import Orbit

Viewpoint = TypeVar("Viewpoint", Orbit, Camera)
"""Either of the two; `.camera()` gives the cameras to render."""

_FIELDS = {Orbit: ("distance", "elevation", "azimuth", "fov", "at"), Camera: ("R", "T", "focal", "principal")}


def fields_of(viewpoint: Orbit | Camera) -> tuple[str, ...]:
    """The names of the tensors that hold it."""
    return _FIELDS[type(viewpoint)]


def pack(viewpoint: Orbit | Camera, names: tuple[str, ...] | None = None) -> Tensor:
    """[K, N]: the named fields, all by default, flat and side by side."""
    return torch.cat(
        [getattr(viewpoint, name).reshape(len(viewpoint), -1) for name in names or fields_of(viewpoint)], 1
    )


def unpack(like: Viewpoint, values: Tensor, names: tuple[str, ...] | None = None) -> Viewpoint:
    """`like` with the named fields, all by default, taken from `values` [K, N], as `pack` lays them out."""
    names = names or fields_of(like)
    shapes = [getattr(like, name).shape[1:] for name in names]
    parts = values.split([shape.numel() for shape in shapes], 1)
    return like.replace(**{n: part.reshape(-1, *shape) for n, part, shape in zip(names, parts, shapes, strict=True)})


def concatenate(viewpoints: Sequence[Viewpoint]) -> Viewpoint:
    """One batch of several; what is no tensor (the pole) is the first's."""
    names = fields_of(viewpoints[0])
    return viewpoints[0].replace(**{n: torch.cat([getattr(viewpoint, n) for viewpoint in viewpoints]) for n in names})


def with_rows(viewpoint: Viewpoint, rows: Tensor, others: Viewpoint) -> Viewpoint:
    """The batch with `rows` [N] int64 replaced by the N `others`."""
    names = fields_of(viewpoint)
    return viewpoint.replace(**{n: getattr(viewpoint, n).index_copy(0, rows, getattr(others, n)) for n in names})
