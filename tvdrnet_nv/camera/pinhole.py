"""The pinhole camera: where it stands, its lens, and the matrices between the world, the view and the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Tensor

from tvdrnet_nv.camera import convert
from tvdrnet_nv.camera.parameters import POSE, POSE_DEFAULT, Parameter
from tvdrnet_nv.camera.perspective import (
    check_clip_planes,
    depth_coefficients,
    fov_from_focal,
    image_scales,
    perspective,
)
from tvdrnet_nv.camera.project import transform_points
from tvdrnet_nv.camera.viewpoint import Viewpoint
from tvdrnet_nv.ops import clip_matrices

_CENTRED = torch.zeros(1, 2)


@dataclass(frozen=True, eq=False)
class Pinhole(Viewpoint):
    """The geometry of a `Camera`: its fields, which `Camera` describes, and its matrices.

    Only shapes are checked, so that it costs nothing in an optimisation's step.

    Raises:
        TypeError: A tensor is not float32 or float64, or dtypes differ.
        ValueError: Shapes, batch sizes or devices do not match.
    """

    parameters: ClassVar[tuple[Parameter, ...]] = POSE
    moves_by_default: ClassVar[tuple[str, ...]] = POSE_DEFAULT
    fields: ClassVar[dict[str, tuple[int, ...]]] = {p.field: p.shape for p in POSE}

    R: Tensor  # [B, 3, 3]
    T: Tensor  # [B, 3]
    focal: Tensor  # [B, 2]
    principal: Tensor = _CENTRED  # [B, 2]

    def __post_init__(self) -> None:
        if self.principal is _CENTRED:
            object.__setattr__(self, "principal", torch.zeros_like(self.focal))
        self.check_shapes()

    @property
    def position(self) -> Tensor:
        """[B, 3] where the cameras stand, world frame."""
        return -(self.R * self.T[:, None, :]).sum(-1)

    @property
    def fov(self) -> Tensor:
        """[B] fields of view in degrees along the image's shorter side, from fy."""
        return fov_from_focal(self.focal[:, 1])

    def view_matrix(self) -> Tensor:
        """Return [B, 4, 4], world to OpenGL's view frame (+x right, +y up, −z forward), column vectors."""
        left, up, forward = self._world_to_view().unbind(1)
        upper = torch.stack([-left, up, -forward], 1)
        return torch.cat([upper, convert.last_row(upper)], 1)

    def projection_matrix(self, aspect: float, near: float, far: float) -> Tensor:
        """Return [B, 4, 4], OpenGL's view frame to clip space: `perspective`, which describes the arguments."""
        return perspective(self.focal, self.principal, aspect, near, far)

    def clip_matrix(self, aspect: float, near: float, far: float) -> Tensor:
        """Return [B, 4, 4], world to OpenGL's clip space, column vectors: projection_matrix(…) @ view_matrix().

        clip x/w = +1 is the image's right edge, y/w = +1 its top, z/w = −1 the near plane and +1 the far plane; w is
        the depth along the viewing direction.

        Args:
            aspect: The image's width / height.
            near: Depth of the near clip plane, scene units.
            far: Depth of the far clip plane, scene units.

        Raises:
            ValueError: aspect <= 0, or not 0 < near < far.
        """
        check_clip_planes(near, far)
        return self.clip_matrix_and_position(aspect, near, far)[0]

    def clip_matrix_and_position(
        self, aspect: float, near: float, far: float, *, flip_y: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Return `clip_matrix`, and `position`, in one go: what a renderer asks for. It has checked the clip planes.

        Args:
            aspect: The image's width / height.
            near: Depth of the near clip plane, scene units.
            far: Depth of the far clip plane, scene units.
            flip_y: Whether y/w = +1 is the image's bottom instead.

        Returns:
            [B, 4, 4] and [B, 3].
        """
        sx, sy = image_scales(aspect)
        scales = sx, -sy if flip_y else sy, *depth_coefficients(near, far)
        fields = self.R, self.T, self.focal, self.principal
        return clip_matrices(fields, scales)

    def to_clip(self, points: Tensor, aspect: float, near: float, far: float) -> Tensor:
        """Return world points in OpenGL's clip space, as `clip_matrix` describes it.

        Args:
            points: [V, 3] for all cameras, or [B, V, 3] (either batch may be 1), world frame, the camera's dtype; or
                homogeneous with a last dimension of 4, which saves a copy.
            aspect: The image's width / height.
            near: Depth of the near clip plane, scene units.
            far: Depth of the far clip plane, scene units.

        Returns:
            [B, V, 4].

        Raises:
            TypeError: The points' dtype is not the camera's.
            ValueError: Their shape or device does not match.
        """
        if points.dtype != self.dtype:
            raise TypeError(f"points must be {self.dtype} as the camera, got {points.dtype}")
        if points.device != self.device:
            raise ValueError(f"points must be on {self.device} as the camera, got {points.device}")
        batch = points.shape[0] if points.ndim == 3 else 1
        fits = batch == len(self) or 1 in (batch, len(self))
        if points.ndim not in (2, 3) or points.shape[-1] not in (3, 4) or not fits:
            raise ValueError(f"points must be [V, 3] or [{len(self)}, V, 3], got {list(points.shape)}")
        if points.shape[-1] == 3:
            points = torch.nn.functional.pad(points, (0, 1), value=1.0)
        return transform_points(self.clip_matrix(aspect, near, far), points)

    def translated(self, offset: Sequence[float]) -> Self:
        """The same cameras with `offset` added to their positions, in float64; see `Viewpoint.translated`.

        A rotation in float32 is off by 1e-7, which would move a position that is found as −R T from far away; so R is
        the nearest rotation in float64.
        """
        if not any(offset):
            return self
        moved = self.to(torch.float64)
        u, _, vh = torch.linalg.svd(moved.R)
        R = u @ vh
        return moved.replace(R=R, T=moved.T - moved.T.new_tensor(list(offset)) @ R)

    def _world_to_view(self) -> Tensor:
        """[B, 3, 4], rows: PyTorch3D's view axes (left, up, forward) and their offsets."""
        return torch.cat([self.R.transpose(1, 2), self.T[:, :, None]], -1)
