"""Cameras given by their field of view, or by the box that they show: NDC, with a near and a far plane."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import IDENTITY, NOWHERE, CamerasBase, transposed
from tvdrnet_nv.compat.pytorch3d.transforms.transform3d import Transform3d

__all__ = ["FoVOrthographicCameras", "FoVPerspectiveCameras"]


def _matrix(rows: list[list[Tensor]]) -> Tensor:
    return torch.stack([torch.stack(torch.broadcast_tensors(*row), dim=-1) for row in rows], dim=-2)


class _FoVCameras(CamerasBase):
    """NDC z is 0 at `znear` and 1 at `zfar`."""

    K: Tensor | None
    znear: Tensor
    zfar: Tensor
    degrees: bool
    _in_ndc = True

    def __init__(self, device: Device, K: Tensor | None, **kwargs: Any) -> None:
        super().__init__(device=device, K=K, **kwargs)
        if K is not None and K.shape[-2:] != (4, 4):
            raise ValueError(f"Expected K to have shape of (N, 4, 4); got {list(K.shape)}")

    def in_ndc(self) -> bool:
        """True."""
        return True

    def unproject_points(
        self, xy_depth: Tensor, world_coordinates: bool = True, scaled_depth_input: bool = False, **kwargs: Any
    ) -> Tensor:
        """From NDC x, y and depth back to points.

        Args:
            xy_depth: [P, 3] or [N, P, 3].
            world_coordinates: to the world; otherwise to view space.
            scaled_depth_input: the depth is NDC's z; otherwise view space's.
            **kwargs: see `CamerasBase`.
        """
        projection = self.get_projection_transform(**kwargs)
        if not scaled_depth_input:
            depth = torch.nn.functional.pad(xy_depth[..., 2:], (2, 0))
            xy_depth = torch.cat([xy_depth[..., :2], projection.transform_points(depth)[..., 2:]], dim=-1)
        back = self.get_full_projection_transform(**kwargs) if world_coordinates else projection
        return back.inverse().transform_points(xy_depth)


class FoVPerspectiveCameras(_FoVCameras):
    """Perspective cameras by their field of view, as `pytorch3d.renderer.FoVPerspectiveCameras`.

    Args:
        znear: depth of the near plane, scene units; number or [N]. The rasterizer clips at half of it.
        zfar: depth of the far plane. Nothing is clipped there.
        aspect_ratio: width over height of a pixel.
        fov: field of view along the image's shorter side, number or [N].
        degrees: whether `fov` is in degrees; otherwise in radians.
        R: [N, 3, 3].
        T: [N, 3].
        K: [N, 4, 4], acting on columns, instead of fov, aspect_ratio, znear and zfar.
        device: where to put the tensors.
    """

    fov: Tensor
    aspect_ratio: Tensor

    def __init__(
        self,
        znear: Any = 1.0,
        zfar: Any = 100.0,
        aspect_ratio: Any = 1.0,
        fov: Any = 60.0,
        degrees: bool = True,
        R: Tensor = IDENTITY,
        T: Tensor = NOWHERE,
        K: Tensor | None = None,
        device: Device = "cpu",
    ) -> None:
        super().__init__(device, K, znear=znear, zfar=zfar, aspect_ratio=aspect_ratio, fov=fov, R=R, T=T)
        self.degrees = degrees

    def compute_projection_matrix(self, znear: Any, zfar: Any, fov: Any, aspect_ratio: Any, degrees: bool) -> Tensor:
        """[N, 4, 4], acting on columns."""
        given = {"znear": znear, "zfar": zfar, "fov": fov, "aspect_ratio": aspect_ratio}
        znear, zfar, fov, aspect_ratio = (self._value(name, {name: value}) for name, value in given.items())
        focal = 1.0 / torch.tan((fov * (math.pi / 180.0) if degrees else fov) / 2)
        one, zero = torch.ones_like(focal), torch.zeros_like(focal)
        return _matrix(
            [
                [focal / aspect_ratio, zero, zero, zero],
                [zero, focal, zero, zero],
                [zero, zero, zfar / (zfar - znear), -(zfar * znear) / (zfar - znear)],
                [zero, zero, one, zero],
            ]
        )

    def get_projection_transform(self, **kwargs: Any) -> Transform3d:
        """From view space to NDC."""
        K = self._value("K", kwargs)
        if K is None:
            names = ("znear", "zfar", "fov", "aspect_ratio")
            values = [self._value(name, kwargs) for name in names]
            K = self.compute_projection_matrix(*values, degrees=kwargs.get("degrees", self.degrees))
        return transposed(K)

    def is_perspective(self) -> bool:
        """True."""
        return True


class FoVOrthographicCameras(_FoVCameras):
    """Orthographic cameras by the box that they show, as `pytorch3d.renderer.FoVOrthographicCameras`.

    Args:
        znear: depth of the near plane, scene units; number or [N].
        zfar: depth of the far plane.
        max_y: the box's greatest y in view space.
        min_y: its least y.
        max_x: its greatest x.
        min_x: its least x.
        scale_xyz: [3] or [N, 3], factors of the axes.
        R: [N, 3, 3].
        T: [N, 3].
        K: [N, 4, 4], acting on columns, instead of the box.
        device: where to put the tensors.
    """

    max_x: Tensor
    min_x: Tensor
    max_y: Tensor
    min_y: Tensor
    scale_xyz: Tensor

    def __init__(
        self,
        znear: Any = 1.0,
        zfar: Any = 100.0,
        max_y: Any = 1.0,
        min_y: Any = -1.0,
        max_x: Any = 1.0,
        min_x: Any = -1.0,
        scale_xyz: Any = ((1.0, 1.0, 1.0),),
        R: Tensor = IDENTITY,
        T: Tensor = NOWHERE,
        K: Tensor | None = None,
        device: Device = "cpu",
    ) -> None:
        box = {"znear": znear, "zfar": zfar, "max_y": max_y, "min_y": min_y, "max_x": max_x, "min_x": min_x}
        super().__init__(device, K, **box, scale_xyz=scale_xyz, R=R, T=T)

    def compute_projection_matrix(
        self, znear: Any, zfar: Any, max_x: Any, min_x: Any, max_y: Any, min_y: Any, scale_xyz: Any
    ) -> Tensor:
        """[N, 4, 4], acting on columns."""
        given = {"znear": znear, "zfar": zfar, "max_x": max_x, "min_x": min_x, "max_y": max_y, "min_y": min_y}
        n, f, right, left, top, bottom = (self._value(name, {name: value}) for name, value in given.items())
        sx, sy, sz = self._value("scale_xyz", {"scale_xyz": scale_xyz}).unbind(-1)
        one, zero = torch.ones_like(sx), torch.zeros_like(sx)
        return _matrix(
            [
                [2.0 / (right - left) * sx, zero, zero, -(right + left) / (right - left)],
                [zero, 2.0 / (top - bottom) * sy, zero, -(top + bottom) / (top - bottom)],
                [zero, zero, sz / (f - n), -n / (f - n)],
                [zero, zero, zero, one],
            ]
        )

    def get_projection_transform(self, **kwargs: Any) -> Transform3d:
        """From view space to NDC."""
        K = self._value("K", kwargs)
        if K is None:
            names = ("znear", "zfar", "max_x", "min_x", "max_y", "min_y", "scale_xyz")
            K = self.compute_projection_matrix(*(self._value(name, kwargs) for name in names))
        return transposed(K)

    def is_perspective(self) -> bool:
        """False."""
        return False
