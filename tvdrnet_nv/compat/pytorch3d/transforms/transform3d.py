"""`Transform3d`: batches of 4x4 matrices that act on row vectors from the right, (x, y, z, 1) @ M."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device, make_device

__all__ = ["Rotate", "RotateAxisAngle", "Scale", "Transform3d", "Translate"]


class Transform3d:
    """N transforms, applied one after the other from left to right, as `pytorch3d.transforms.Transform3d`.

    Args:
        dtype: of the matrix, where none is given.
        device: of the matrix, where none is given.
        matrix: [4, 4] or [N, 4, 4]; default the identity. Translations are in the last row.

    Raises:
        ValueError: a matrix of another shape.
    """

    def __init__(
        self, dtype: torch.dtype = torch.float32, device: Device = "cpu", matrix: Tensor | None = None
    ) -> None:
        if matrix is None:
            matrix = torch.eye(4, dtype=dtype, device=make_device(device))[None]
        elif matrix.dim() not in (2, 3) or matrix.shape[-2:] != (4, 4):
            raise ValueError(f"matrix must have shape [4, 4] or [N, 4, 4]; got {list(matrix.shape)}")
        # These two are private in PyTorch3D, too, but programs set and read them.
        self._matrix = matrix.reshape(-1, 4, 4)
        self._transforms: list[Transform3d] = []

    @property
    def dtype(self) -> torch.dtype:
        """The matrix's."""
        return self._matrix.dtype

    @property
    def device(self) -> torch.device:
        """The matrix's."""
        return self._matrix.device

    def __len__(self) -> int:
        return len(self.get_matrix())

    def __getitem__(self, index: int | list[int] | slice | Tensor) -> Transform3d:
        """The chosen transforms, as a batch of the same class."""
        out = object.__new__(type(self))
        Transform3d.__init__(out, matrix=self.get_matrix()[[index] if isinstance(index, int) else index])
        return out

    def get_se3_log(self, eps: float = 1e-4, cos_bound: float = 1e-4) -> Tensor:
        """[N, 6]: the logarithms of rigid motions; see `se3_log_map`."""
        from tvdrnet_nv.compat.pytorch3d.transforms.se3 import se3_log_map

        return se3_log_map(self.get_matrix(), eps, cos_bound)

    def get_matrix(self) -> Tensor:
        """[N, 4, 4]: all transforms composed."""
        matrix = self._matrix
        for other in self._transforms:
            matrix = _matmul(matrix, other.get_matrix())
        return matrix

    def compose(self, *others: Transform3d) -> Transform3d:
        """This transform and then the others; batches of one are repeated."""
        for other in others:
            if not hasattr(other, "get_matrix"):
                raise ValueError(f"Only possible to compose Transform3d objects; got {type(other).__name__}")
        out = Transform3d(matrix=self._matrix)
        out._transforms = [*self._transforms, *others]
        return out

    def inverse(self, invert_composed: bool = False) -> Transform3d:
        """The transform back.

        Args:
            invert_composed: whether to invert the composed matrix instead of each transform.
        """
        if invert_composed or not self._transforms:
            return Transform3d(matrix=self._inverted(self.get_matrix()))
        back = [other.inverse() for other in reversed(self._transforms)]
        out = Transform3d(matrix=torch.eye(4, dtype=self.dtype, device=self.device)[None])
        out._transforms = [*back, Transform3d(matrix=self._inverted(self._matrix))]
        return out

    def _inverted(self, matrix: Tensor) -> Tensor:
        return torch.linalg.inv(matrix)

    def stack(self, *others: Transform3d) -> Transform3d:
        """One batch of this transform's and the others'."""
        return Transform3d(matrix=torch.cat([t.get_matrix() for t in (self, *others)]))

    def transform_points(self, points: Tensor, eps: float | None = None) -> Tensor:
        """Transform points, and divide by the homogeneous coordinate.

        Args:
            points: [P, 3] or [N, P, 3].
            eps: the least magnitude of the divisor.

        Returns:
            [P, 3], or [N, P, 3] where `points` or the transforms are a batch.
        """
        out = self._apply(torch.nn.functional.pad(points, (0, 1), value=1.0), self.get_matrix(), 4)
        w = out[..., 3:]
        if eps is not None:
            sign = w.sign() + (w == 0.0).to(w.dtype)
            w = sign * torch.clamp(w.abs(), min=eps)
        return self._shaped(out[..., :3] / w, points)

    def transform_normals(self, normals: Tensor) -> Tensor:
        """Transform normals, [P, 3] or [N, P, 3], by the transposed inverse; not normalised."""
        back = torch.linalg.inv(self.get_matrix()[:, :3, :3]).transpose(1, 2)
        return self._shaped(self._apply(normals, back, 3), normals)

    def _apply(self, rows: Tensor, matrix: Tensor, size: int) -> Tensor:
        if rows.dim() not in (2, 3) or rows.shape[-1] != size:
            raise ValueError(f"points and normals must be [P, 3] or [N, P, 3]; got {list(rows.shape[:-1])} rows")
        return _matmul(rows if rows.dim() == 3 else rows[None], matrix)

    def _shaped(self, out: Tensor, given: Tensor) -> Tensor:
        return out[0] if given.dim() == 2 and len(out) == 1 else out

    def translate(self, *args: Any, **kwargs: Any) -> Transform3d:
        """This transform, then `Translate(...)`."""
        return self.compose(Translate(*args, device=self.device, dtype=self.dtype, **kwargs))

    def scale(self, *args: Any, **kwargs: Any) -> Transform3d:
        """This transform, then `Scale(...)`."""
        return self.compose(Scale(*args, device=self.device, dtype=self.dtype, **kwargs))

    def rotate(self, *args: Any, **kwargs: Any) -> Transform3d:
        """This transform, then `Rotate(...)`."""
        return self.compose(Rotate(*args, device=self.device, dtype=self.dtype, **kwargs))

    def rotate_axis_angle(self, *args: Any, **kwargs: Any) -> Transform3d:
        """This transform, then `RotateAxisAngle(...)`."""
        return self.compose(RotateAxisAngle(*args, device=self.device, dtype=self.dtype, **kwargs))

    def clone(self) -> Transform3d:
        """A copy, of each composed transform too, through which gradients flow."""
        out = Transform3d(matrix=self._matrix.clone())
        out._transforms = [other.clone() for other in self._transforms]
        return out

    def to(self, device: Device, copy: bool = False, dtype: torch.dtype | None = None) -> Transform3d:
        """The same on `device`; this very object where nothing changes and `copy` is not set."""
        target, dtype = make_device(device), dtype or self.dtype
        if not copy and (target, dtype) == (self.device, self.dtype):
            return self
        out = Transform3d(matrix=self._matrix.to(device=target, dtype=dtype, copy=copy))
        out._transforms = [other.to(target, copy, dtype) for other in self._transforms]
        return out

    def cpu(self) -> Transform3d:
        """The same on the CPU."""
        return self.to("cpu")

    def cuda(self) -> Transform3d:
        """The same on the current GPU."""
        return self.to("cuda")


class Translate(Transform3d):
    """Moves by x, y and z: three numbers or tensors [N], or one tensor [N, 3] or [3] as `x`."""

    def __init__(
        self,
        x: Any,
        y: Any = None,
        z: Any = None,
        dtype: torch.dtype = torch.float32,
        device: Device | None = None,
    ) -> None:
        vector = _vector(x, y, z, dtype, device, all_alike=False)
        bottom = torch.nn.functional.pad(vector, (0, 1), value=1.0)
        top = torch.eye(4, dtype=vector.dtype, device=vector.device)[:3].expand(len(vector), 3, 4)
        super().__init__(matrix=torch.cat([top, bottom[:, None]], dim=1))

    def _inverted(self, matrix: Tensor) -> Tensor:
        sign = torch.ones(4, 4, dtype=matrix.dtype, device=matrix.device)
        sign[3, :3] = -1.0
        return matrix * sign


class Scale(Transform3d):
    """Stretches by x, y and z: as `Translate` takes them; `x` alone, a number or [N], along all axes alike."""

    def __init__(
        self,
        x: Any,
        y: Any = None,
        z: Any = None,
        dtype: torch.dtype = torch.float32,
        device: Device | None = None,
    ) -> None:
        vector = _vector(x, y, z, dtype, device, all_alike=True)
        super().__init__(matrix=torch.diag_embed(torch.nn.functional.pad(vector, (0, 1), value=1.0)))


class Rotate(Transform3d):
    """Turns by R, [3, 3] or [N, 3, 3]: x @ R.

    Raises:
        ValueError: another shape.
    """

    def __init__(
        self,
        R: Tensor,
        dtype: torch.dtype = torch.float32,
        device: Device | None = None,
        orthogonal_tol: float = 1e-5,
    ) -> None:
        if R.shape[-2:] != (3, 3) or R.dim() not in (2, 3):
            raise ValueError(f"R must have shape [3, 3] or [N, 3, 3]; got {list(R.shape)}")
        R = R.reshape(-1, 3, 3).to(dtype=dtype, device=R.device if device is None else make_device(device))
        last = torch.eye(4, dtype=R.dtype, device=R.device)[3:].expand(len(R), 1, 4)
        super().__init__(matrix=torch.cat([torch.nn.functional.pad(R, (0, 1)), last], dim=1))

    def _inverted(self, matrix: Tensor) -> Tensor:
        return matrix.transpose(1, 2).contiguous()


class RotateAxisAngle(Rotate):
    """Turns about 'X', 'Y' or 'Z' by an angle: a number, [N] or [N, 1]; anticlockwise seen against the axis."""

    def __init__(
        self,
        angle: Any,
        axis: str = "X",
        degrees: bool = True,
        dtype: torch.dtype = torch.float32,
        device: Device | None = None,
    ) -> None:
        from tvdrnet_nv.compat.pytorch3d.transforms.rotation_conversions import euler_angles_to_matrix

        axis = axis.upper()
        if axis not in ("X", "Y", "Z"):
            raise ValueError(f"Expected axis to be one of ['X', 'Y', 'Z']; got {axis}")
        angle = _as_tensor(angle, dtype, device)
        if angle.dim() > 2 or (angle.dim() == 2 and angle.shape[1] != 1):
            raise ValueError(f"angle must be a number, [N] or [N, 1]; got {list(angle.shape)}")
        angle = angle.reshape(-1)
        radians = angle * (math.pi / 180.0) if degrees else angle
        # Matrices of conversions act on columns; these act on rows.
        matrix = euler_angles_to_matrix(radians[:, None], axis)
        super().__init__(matrix.transpose(1, 2), dtype=matrix.dtype)


def _matmul(a: Tensor, b: Tensor) -> Tensor:
    if a.dim() == b.dim() == 3 and len(a) != len(b) and 1 not in (len(a), len(b)):
        raise ValueError(f"Expected batch dim for bmm to be equal or 1; got {list(a.shape)}, {list(b.shape)}")
    dtype = torch.promote_types(a.dtype, b.dtype)
    return a.to(dtype) @ b.to(dtype)


def _as_tensor(value: Any, dtype: torch.dtype, device: Device | None) -> Tensor:
    if isinstance(value, Tensor):
        return value.to(dtype=dtype, device=value.device if device is None else make_device(device))
    return torch.as_tensor(value, dtype=dtype, device=make_device(device or "cpu"))


def _vector(x: Any, y: Any, z: Any, dtype: torch.dtype, device: Device | None, all_alike: bool) -> Tensor:
    """[N, 3] of x, y, z as the transforms take them."""
    if isinstance(x, Tensor) and (x.dim() == 2 or (x.shape == (3,) and not all_alike)):
        if y is not None or z is not None:
            raise ValueError("Expected y and z to be None when x is a tensor [N, 3]")
        if x.shape[-1] != 3:
            raise ValueError(f"Expected a tensor of shape [N, 3]; got {list(x.shape)}")
        return _as_tensor(x, dtype, device).reshape(-1, 3)
    if all_alike and y is None and z is None:
        y = z = x
    if y is None or z is None:
        raise ValueError("x, y and z are needed")
    given = [v for v in (x, y, z) if isinstance(v, Tensor)]
    device = device if device is not None or not given else given[0].device
    parts = [_as_tensor(v, dtype, device).reshape(-1) for v in (x, y, z)]
    return torch.stack(torch.broadcast_tensors(*parts), dim=1)
