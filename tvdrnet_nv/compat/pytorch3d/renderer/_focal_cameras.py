"""Cameras given by a focal length and a principal point, in NDC or in pixels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import (
    IDENTITY,
    NOWHERE,
    CamerasBase,
    get_screen_to_ndc_transform,
    transposed,
)
from tvdrnet_nv.compat.pytorch3d.transforms.transform3d import Transform3d

__all__ = ["OrthographicCameras", "PerspectiveCameras"]


class _FocalCameras(CamerasBase):
    """Args:
    focal_length: number, [N], or [N, 2] for x and y: in NDC units, or in pixels where `in_ndc` is False.
    principal_point: [N, 2]: in NDC, +x left and +y up from the image's centre; or in pixels, +x right and +y down from
        the top left corner.
    R: [N, 3, 3].
    T: [N, 3].
    K: [N, 4, 4], acting on columns, instead of focal_length and principal_point.
    device: where to put the tensors.
    in_ndc: the unit of focal_length, principal_point and K.
    image_size: (height, width), [N, 2], in pixels; needed where `in_ndc` is False.
    """

    focal_length: Tensor
    principal_point: Tensor
    K: Tensor | None

    def __init__(
        self,
        focal_length: Any = 1.0,
        principal_point: Any = ((0.0, 0.0),),
        R: Tensor = IDENTITY,
        T: Tensor = NOWHERE,
        K: Tensor | None = None,
        device: Device = "cpu",
        in_ndc: bool = True,
        image_size: Any = None,
    ) -> None:
        super().__init__(
            device=device,
            focal_length=focal_length,
            principal_point=principal_point,
            R=R,
            T=T,
            K=K,
            _in_ndc=in_ndc,
            image_size=image_size,
        )
        if self.focal_length.dim() == 1 or self.focal_length.shape[-1] == 1:
            self.focal_length = self.focal_length.reshape(-1, 1).expand(-1, 2)
        if image_size is not None:
            size = self.image_size
            assert size is not None
            if size.shape[-1] != 2 or bool((size < 1).any()):
                raise ValueError(f"Image_size provided has invalid values: {size.tolist()}")
        elif not in_ndc:
            raise ValueError("Image size should be set for screen cameras (in_ndc=False)")

    def _calibration(self, kwargs: dict[str, Any]) -> tuple[Tensor, Tensor]:
        """Focal lengths and principal points, [N, 2] each."""
        focal, point = self._value("focal_length", kwargs), self._value("principal_point", kwargs)
        if focal.dim() == 1 or focal.shape[-1] == 1:
            focal = focal.reshape(-1, 1).expand(-1, 2)
        focal, point = torch.broadcast_tensors(focal, point)
        return focal, point

    def _columns(self, kwargs: dict[str, Any]) -> Tensor:
        raise NotImplementedError

    def get_projection_transform(self, **kwargs: Any) -> Transform3d:
        """From view space to NDC, or to pixels, +x left and +y up, where `in_ndc` is False."""
        K = self._value("K", kwargs)
        return transposed(self._columns(kwargs) if K is None else K)

    def get_principal_point(self, **kwargs: Any) -> Tensor:
        """[N, 2]."""
        projection = self.get_projection_transform(**kwargs).get_matrix()
        return projection[:, 2, :2] if self.is_perspective() else projection[:, 3, :2]

    def get_ndc_camera_transform(self, **kwargs: Any) -> Transform3d:
        """From what `get_projection_transform` gives to NDC."""
        if self.in_ndc():
            return Transform3d(device=self.device, dtype=self.R.dtype)
        # The principal point is measured to the right and down, while view space's x points left and its y up.
        point = self.get_principal_point(**kwargs)
        shift = torch.nn.functional.pad(-2.0 * point, (0, 1))
        to_ndc = get_screen_to_ndc_transform(self, with_xyflip=False, image_size=kwargs.get("image_size"))
        return Transform3d(dtype=self.R.dtype, device=self.device).translate(shift).compose(to_ndc)

    def unproject_points(
        self, xy_depth: Tensor, world_coordinates: bool = True, from_ndc: bool = False, **kwargs: Any
    ) -> Tensor:
        """From x, y and view space's depth back to points.

        Args:
            xy_depth: [P, 3] or [N, P, 3]; x, y as `transform_points` gives them.
            world_coordinates: to the world; otherwise to view space.
            from_ndc: x, y are in NDC whatever `in_ndc` says.
            **kwargs: see `CamerasBase`.
        """
        projection = self.get_projection_transform(**kwargs)
        if from_ndc:
            projection = projection.compose(self.get_ndc_camera_transform(**kwargs))
        view = self.get_world_to_view_transform(**kwargs)
        xyz = self._before_projection(xy_depth)
        back = view.compose(projection) if world_coordinates else projection
        return back.inverse().transform_points(xyz)

    def _before_projection(self, xy_depth: Tensor) -> Tensor:
        raise NotImplementedError


class PerspectiveCameras(_FocalCameras):
    __doc__ = (
        "Perspective cameras by focal length and principal point, as `pytorch3d.renderer.PerspectiveCameras`.\n\n"
        + (_FocalCameras.__doc__ or "")
    )

    def _columns(self, kwargs: dict[str, Any]) -> Tensor:
        (fx, fy), (px, py) = (pair.unbind(-1) for pair in self._calibration(kwargs))
        one, zero = torch.ones_like(fx), torch.zeros_like(fx)
        rows = [[fx, zero, px, zero], [zero, fy, py, zero], [zero, zero, zero, one], [zero, zero, one, zero]]
        return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)

    def is_perspective(self) -> bool:
        """True."""
        return True

    def _before_projection(self, xy_depth: Tensor) -> Tensor:
        return torch.cat([xy_depth[..., :2], 1.0 / xy_depth[..., 2:]], dim=-1)


class OrthographicCameras(_FocalCameras):
    __doc__ = (
        "Orthographic cameras by focal length and principal point, as `pytorch3d.renderer.OrthographicCameras`.\n\n"
        + (_FocalCameras.__doc__ or "")
    )

    def _columns(self, kwargs: dict[str, Any]) -> Tensor:
        (fx, fy), (px, py) = (pair.unbind(-1) for pair in self._calibration(kwargs))
        one, zero = torch.ones_like(fx), torch.zeros_like(fx)
        rows = [[fx, zero, zero, px], [zero, fy, zero, py], [zero, zero, one, zero], [zero, zero, zero, one]]
        return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)

    def is_perspective(self) -> bool:
        """False."""
        return False

    def _before_projection(self, xy_depth: Tensor) -> Tensor:
        return xy_depth
