"""Cameras joined into one batch, and turned on the spot."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import CamerasBase
from tvdrnet_nv.compat.pytorch3d.transforms.transform3d import Transform3d

__all__ = ["camera_to_eye_at_up", "join_cameras_as_batch", "rotate_on_spot"]


def camera_to_eye_at_up(world_to_view_transform: Transform3d) -> tuple[Tensor, Tensor, Tensor]:
    """Where cameras are, a point that each looks at, one unit ahead, and the direction that is up in its image.

    Args:
        world_to_view_transform: N rigid motions, as `get_world_to_view_transform` gives them.

    Returns:
        eye, at and up, [N, 3] each.
    """
    to_world = world_to_view_transform.inverse().get_matrix()
    eye = to_world[:, 3, :3]
    return eye, eye + to_world[:, 2, :3], to_world[:, 1, :3]


def rotate_on_spot(R: Tensor, T: Tensor, rotation: Tensor) -> tuple[Tensor, Tensor]:
    """Cameras turned without leaving their place.

    Args:
        R: [3, 3] or [N, 3, 3], with x_view = x_world @ R + T.
        T: [3] or [N, 3].
        rotation: [3, 3] or [N, 3, 3], acting on rows: how each camera turns in its own view space.

    Returns:
        the new R [N, 3, 3] and T [N, 3].

    Raises:
        ValueError: other shapes.
    """
    for name, values, shape in (("R", R, (3, 3)), ("T", T, (3,)), ("rotation", rotation, (3, 3))):
        if values.shape[-len(shape) :] != shape or values.dim() > len(shape) + 1:
            raise ValueError(f"Invalid {name}: wanted {list(shape)} or a batch of them; got {list(values.shape)}")
    R, T, rotation = R.reshape(-1, 3, 3), T.reshape(-1, 1, 3), rotation.reshape(-1, 3, 3)
    eye = -T @ R.transpose(1, 2)
    turned = R @ rotation.transpose(1, 2)
    moved = (-eye @ turned)[:, 0]
    return turned, moved


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
