"""Cameras joined into one batch, and turned on the spot."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import CamerasBase

__all__ = ["join_cameras_as_batch"]


def join_cameras_as_batch(cameras_list: Sequence[CamerasBase]) -> CamerasBase:
    """One batch of the cameras, which must be of one class and, where it matters, agree on `in_ndc`.

    Raises:
        ValueError: they do not.
    """
    first = cameras_list[0]
    if any(type(c) is not type(first) for c in cameras_list):
        raise ValueError("All cameras must be of the same type")
    if any(c.device != first.device for c in cameras_list):
        raise ValueError("All cameras in the batch must be on the same device")
    if any(c.in_ndc() != first.in_ndc() for c in cameras_list):
        raise ValueError("All cameras must either be in NDC or in screen space")
    joined: list[tuple[str, Tensor]] = []
    for name in first._tensors:
        values = [getattr(c, name, None) for c in cameras_list]
        if not all(isinstance(v, Tensor) for v in values):
            raise ValueError(f"{name} is not given for all cameras")
        joined.append((name, torch.cat(values)))  # type: ignore[arg-type]
    return first._with(joined)
