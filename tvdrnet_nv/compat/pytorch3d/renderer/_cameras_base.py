"""What all cameras have in common; public in `pytorch3d.renderer.cameras`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer.utils import TensorProperties, format_tensor
from tvdrnet_nv.compat.pytorch3d.transforms.transform3d import Rotate, Transform3d, Translate

__all__ = [
    "CamerasBase",
    "get_ndc_to_screen_transform",
    "get_screen_to_ndc_transform",
    "get_world_to_view_transform",
    "try_get_projection_transform",
]

IDENTITY = torch.eye(3)[None]
NOWHERE = torch.zeros(1, 3)


class CamerasBase(TensorProperties):
    """A batch of cameras: R [N, 3, 3] and T [N, 3] with x_view = x_world @ R + T, and a projection.

    View space has +x left, +y up and +z into the scene. NDC has the same directions, and spans [-1, 1] along the
    image's shorter side. The screen is in pixels, (0, 0) at the top left corner, +x right and +y down.

    Where a method takes keyword arguments, `R`, `T` and what the constructor takes override what the cameras have; R
    and T are kept from then on, as in PyTorch3D.
    """

    R: Tensor
    T: Tensor
    image_size: Tensor | None
    _in_ndc: bool

    def get_projection_transform(self, **kwargs: Any) -> Transform3d:
        """From view space to NDC, or to the screen's units for cameras that are given in them."""
        raise NotImplementedError

    def unproject_points(self, xy_depth: Tensor, **kwargs: Any) -> Tensor:
        """From x, y as `transform_points` gives them, and depth, back to points."""
        raise NotImplementedError

    def is_perspective(self) -> bool:
        """Whether farther means smaller."""
        raise NotImplementedError

    def in_ndc(self) -> bool:
        """Whether the cameras are given in NDC rather than in the screen's units."""
        return self._in_ndc

    def get_znear(self) -> Tensor | None:
        """Depth of the near plane, [N], if the cameras have one."""
        return getattr(self, "znear", None)

    def get_image_size(self) -> Tensor | None:
        """[N, 2]: height and width in pixels, if the cameras have them."""
        return getattr(self, "image_size", None)

    def get_world_to_view_transform(self, **kwargs: Any) -> Transform3d:
        """From the world to view space."""
        self.R = kwargs.get("R", self.R)
        self.T = kwargs.get("T", self.T)
        return get_world_to_view_transform(R=self.R, T=self.T)

    def get_camera_center(self, **kwargs: Any) -> Tensor:
        """[N, 3]: where the cameras are in the world."""
        return self.get_world_to_view_transform(**kwargs).inverse().get_matrix()[:, 3, :3]

    def get_full_projection_transform(self, **kwargs: Any) -> Transform3d:
        """From the world to NDC, or to the screen's units for cameras that are given in them."""
        world_to_view = self.get_world_to_view_transform(**kwargs)
        return world_to_view.compose(self.get_projection_transform(**kwargs))

    def get_ndc_camera_transform(self, **kwargs: Any) -> Transform3d:
        """From what `get_projection_transform` gives to NDC."""
        if self.in_ndc():
            return Transform3d(device=self.device, dtype=self.R.dtype)
        return get_screen_to_ndc_transform(self, with_xyflip=False, image_size=kwargs.get("image_size"))

    def transform_points(self, points: Tensor, eps: float | None = None, **kwargs: Any) -> Tensor:
        """Points [P, 3] or [N, P, 3] of the world in NDC, or in the screen's units for cameras given in them."""
        return self.get_full_projection_transform(**kwargs).transform_points(points, eps=eps)

    def transform_points_ndc(self, points: Tensor, eps: float | None = None, **kwargs: Any) -> Tensor:
        """Points [P, 3] or [N, P, 3] of the world in NDC."""
        to_ndc = self.get_full_projection_transform(**kwargs).compose(self.get_ndc_camera_transform(**kwargs))
        return to_ndc.transform_points(points, eps=eps)

    def transform_points_screen(
        self, points: Tensor, eps: float | None = None, with_xyflip: bool = True, **kwargs: Any
    ) -> Tensor:
        """Points [P, 3] or [N, P, 3] of the world on the screen; needs `image_size`, (height, width).

        Args:
            points: the points.
            eps: the least magnitude of the divisor.
            with_xyflip: +x right and +y down from the top left corner; otherwise the negative of that, as in PyTorch3D.
            **kwargs: see the class.
        """
        ndc = self.transform_points_ndc(points, eps=eps, **kwargs)
        to_screen = get_ndc_to_screen_transform(self, with_xyflip=with_xyflip, image_size=kwargs.get("image_size"))
        return to_screen.transform_points(ndc, eps=eps)

    def clone(self, other: Any = None) -> CamerasBase:
        """A copy whose tensors are copies, through which gradients flow."""
        return super().clone()

    def __getitem__(self, index: int | slice | list[int] | Tensor) -> CamerasBase:  # type: ignore[override]
        """The chosen cameras, as a batch."""
        if isinstance(index, int):
            if not -self._N <= index < self._N:
                raise IndexError(f"index {index} is out of bounds for {self._N} cameras")
            index = [index]
        kind = index.dtype if isinstance(index, Tensor) and index.is_floating_point() else type(index)
        if isinstance(kind, torch.dtype) or not isinstance(index, (slice, list, tuple, np.ndarray, Tensor)):
            raise ValueError(f"Invalid index type, expected int, list, slice, bool or int64 tensor; got {kind}")
        if isinstance(index, Tensor) and index.dtype == torch.bool and index.shape != (self._N,):
            raise ValueError(f"Boolean index of shape {list(index.shape)} does not match cameras: there are {self._N}")
        return self._with([(name, value[index]) for name, value in self._tensor_items()])

    def _value(self, name: str, kwargs: dict[str, Any]) -> Any:
        """A property, or what a keyword argument says instead."""
        value = kwargs.get(name)
        if value is None:
            return getattr(self, name)
        if isinstance(value, (bool, str)):
            return value
        return format_tensor(value, self.R.dtype, self.device)


def get_world_to_view_transform(R: Tensor = IDENTITY, T: Tensor = NOWHERE) -> Transform3d:
    """x_view = x_world @ R + T, for R [N, 3, 3] and T [N, 3]; a batch of one is repeated.

    Raises:
        ValueError: other shapes.
    """
    if T.shape[-1:] != (3,) or T.dim() != 2:
        raise ValueError(f"Expected T to have shape (N, 3); got {list(T.shape)}")
    if R.shape[-2:] != (3, 3) or R.dim() != 3:
        raise ValueError(f"Expected R to have shape (N, 3, 3); got {list(R.shape)}")
    if len(R) != len(T) and 1 not in (len(R), len(T)):
        raise ValueError(f"Expected R and T of one batch size; got {len(R)} and {len(T)}")
    return Rotate(R, dtype=R.dtype, device=R.device).compose(Translate(T, dtype=T.dtype, device=T.device))


def _screen_size(cameras: CamerasBase, image_size: Any) -> Tensor:
    """[N, 2]: width and height."""
    size = cameras.get_image_size() if image_size is None else image_size
    if size is None:
        raise ValueError("For NDC to screen conversion, image_size=(height, width) needs to be specified.")
    size = torch.as_tensor(size, dtype=cameras.R.dtype, device=cameras.device).reshape(-1, 2)
    if bool((size < 1).any()):
        raise ValueError(f"Provided image size is invalid: {size.tolist()}")
    size = size.flip(1)
    return size.expand(len(cameras), 2) if len(size) == 1 else size


def get_ndc_to_screen_transform(cameras: CamerasBase, with_xyflip: bool = False, image_size: Any = None) -> Transform3d:
    """From NDC to pixels.

    Args:
        cameras: their image size, where `image_size` is not given.
        with_xyflip: +x right and +y down from the top left corner; otherwise the negative of that, as in PyTorch3D.
        image_size: (height, width), or [N, 2].
    """
    size = _screen_size(cameras, image_size)
    sign = -1.0 if with_xyflip else 1.0
    scale, centre = sign * size.amin(1) / 2, -sign * size / 2
    one, zero = torch.ones_like(scale), torch.zeros_like(scale)
    rows = [
        [scale, zero, zero, centre[:, 0]],
        [zero, scale, zero, centre[:, 1]],
        [zero, zero, one, zero],
        [zero, zero, zero, one],
    ]
    return transposed(torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2))


def transposed(columns: Tensor) -> Transform3d:
    """Of [N, 4, 4] that act on columns."""
    return Transform3d(matrix=columns.transpose(1, 2).contiguous())


def get_screen_to_ndc_transform(cameras: CamerasBase, with_xyflip: bool = False, image_size: Any = None) -> Transform3d:
    """The inverse of `get_ndc_to_screen_transform`."""
    return get_ndc_to_screen_transform(cameras, with_xyflip=with_xyflip, image_size=image_size).inverse()


def try_get_projection_transform(cameras: CamerasBase, cameras_kwargs: dict[str, Any]) -> Transform3d | None:
    """The cameras' projection, or None for cameras without one."""
    try:
        return cameras.get_projection_transform(**cameras_kwargs)
    except NotImplementedError:
        return None
