"""`pytorch3d.renderer.fisheyecameras`: lenses with radial, tangential and thin-prism distortion.

The model is that of Project Aria's cameras: the Kannala-Brandt polynomial (2006), whose image is then moved by
tangential distortion and by that of a thin prism (Weng, Cohen and Herniou 1992).
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import IDENTITY, NOWHERE, CamerasBase

__all__ = ["FishEyeCameras"]

_NEAR_AXIS = 1e-10  # shorter distances from the axis count as none
_STEPS = 50  # of Newton's method


class FishEyeCameras(CamerasBase):
    """N cameras with a distorting lens.

    With (a, b) = (x / z, y / z), r their length and θ = atan r, the polynomial puts a point at p = (a, b) · θ / r ·
    (1 + k₀θ² + k₁θ⁴ + …). Tangential distortion adds 2 (p · t) p + |p|² t, a thin prism (s₀|p|² + s₁|p|⁴, s₂|p|² +
    s₃|p|⁴). The image is focal length times that plus the principal point.

    Args:
        focal_length: [N, 1].
        principal_point: [N, 2].
        radial_params: k, [N, K].
        tangential_params: t, [N, 2].
        thin_prism_params: s, [N, 4].
        R: [N, 3, 3], x_view = x_world @ R + T.
        T: [N, 3].
        world_coordinates: whether `transform_points` takes points of the world rather than of view space.
        use_radial: whether the polynomial counts; otherwise the undistorted (a, b) is moved by the rest.
        use_tangential: whether tangential distortion counts.
        use_thin_prism: whether the thin prism counts.
        device: where to put the tensors.
        image_size: (height, width) in pixels, or [N, 2].

    Raises:
        ValueError: batch sizes do not match.
    """

    focal: Tensor
    principal_point: Tensor
    radial_params: Tensor
    tangential_params: Tensor
    thin_prism_params: Tensor

    def __init__(
        self,
        focal_length: Tensor = torch.ones(1, 1),  # noqa: B008
        principal_point: Tensor = torch.zeros(1, 2),  # noqa: B008
        radial_params: Tensor = torch.zeros(1, 6),  # noqa: B008
        tangential_params: Tensor = torch.zeros(1, 2),  # noqa: B008
        thin_prism_params: Tensor = torch.zeros(1, 4),  # noqa: B008
        R: Tensor = IDENTITY,
        T: Tensor = NOWHERE,
        world_coordinates: bool = False,
        use_radial: bool = True,
        use_tangential: bool = True,
        use_thin_prism: bool = True,
        device: Device = "cpu",
        image_size: Any = None,
    ) -> None:
        super().__init__(
            device=device,
            R=R,
            T=T,
            focal=focal_length,
            principal_point=principal_point,
            radial_params=radial_params,
            tangential_params=tangential_params,
            thin_prism_params=thin_prism_params,
            image_size=None if image_size is None else torch.as_tensor(image_size).reshape(-1, 2),
        )
        self.world_coordinates = bool(world_coordinates)
        self.use_radial, self.use_tangential = bool(use_radial), bool(use_tangential)
        self.use_thin_prism = bool(use_thin_prism)
        self._in_ndc = True

    def is_perspective(self) -> bool:
        """False: barycentrics are linear on the screen, as in PyTorch3D."""
        return False

    def _lens(self) -> tuple[Tensor, ...]:
        """Focal length, principal point, k, t and s, [N, 1, …] each."""
        names = ("focal", "principal_point", "radial_params", "tangential_params", "thin_prism_params")
        return tuple(getattr(self, name)[:, None] for name in names)

    def _batched(self, points: Tensor) -> Tensor:
        """[P, 3] or [M, P, 3] as [M, P, 3].

        Raises:
            ValueError: another shape, or as many clouds as there are not cameras.
        """
        if points.dim() not in (2, 3) or points.shape[-1] != 3:
            raise ValueError(f"Expected points of shape (P, 3) or (M, P, 3); got {list(points.shape)}")
        batch = points if points.dim() == 3 else points[None]
        if len(self) > 1 and len(batch) not in (1, len(self)):
            raise ValueError(f"got {len(batch)} sets of points for {len(self)} cameras")
        return batch.to(self.device)

    def _shaped(self, found: Tensor, given: Tensor) -> Tensor:
        return found[0] if given.dim() == 2 and len(found) == 1 else found

    def transform_points(self, points: Tensor, eps: float | None = None, **kwargs: Any) -> Tensor:
        """Points in the image, with a third coordinate of 1.

        Args:
            points: [P, 3] or [M, P, 3]; M is 1 or, for several cameras, N.
            eps: the least magnitude of the divisor of the motion into view space.
            **kwargs: `R` and `T` instead of the cameras'.

        Returns:
            [P, 3] for one camera and points [P, 3]; else [M or N, P, 3].
        """
        batch = self._batched(points)
        if self.world_coordinates:
            batch = self.get_world_to_view_transform(**kwargs).transform_points(batch, eps=eps)
        focal, centre, k, _, _ = self._lens()
        plain = batch[..., :2] / batch[..., 2:]
        squared = plain.square().sum(-1, keepdim=True)
        off_axis = squared > _NEAR_AXIS**2
        r = torch.where(off_axis, squared, 1.0).sqrt()
        theta = torch.atan(r)
        radial = torch.where(off_axis, theta * _series(theta, k) / r, 1.0) * plain
        moved = (radial if self.use_radial else plain) + self._shift(radial)
        return self._shaped(torch.nn.functional.pad(focal * moved + centre, (0, 1), value=1.0), points)

    def _shift(self, p: Tensor) -> Tensor:
        """How far tangential distortion and the thin prism move p, [N, P, 2]."""
        _, _, _, t, s = self._lens()
        squared = p.square().sum(-1, keepdim=True)
        shift = torch.zeros_like(p)
        if self.use_tangential:
            shift = shift + 2 * (p * t).sum(-1, keepdim=True) * p + squared * t
        if self.use_thin_prism:
            shift = shift + squared * s[..., 0::2] + squared.square() * s[..., 1::2]
        return shift

    def _shift_jacobian(self, p: Tensor) -> Tensor:
        """[N, P, 2, 2]: the derivative of `_shift`."""
        _, _, _, t, s = self._lens()
        squared = p.square().sum(-1, keepdim=True)
        found = torch.zeros(*p.shape, 2, dtype=p.dtype, device=p.device)
        if self.use_tangential:
            outer = p[..., :, None] * t[..., None, :]
            along = torch.eye(2, dtype=p.dtype, device=p.device) * (p * t).sum(-1)[..., None, None]
            found = found + 2 * (outer + outer.transpose(-1, -2) + along)
        if self.use_thin_prism:
            found = found + ((s[..., 0::2] + 2 * squared * s[..., 1::2])[..., :, None] * 2 * p[..., None, :])
        return found

    def unproject_points(  # type: ignore[override]
        self, xy_depth: Tensor, world_coordinates: bool = True, scaled_depth_input: bool = False, **kwargs: Any
    ) -> Tensor:
        """View space's points at depth 1 that `transform_points` puts there, by Newton's method.

        Args:
            xy_depth: [P, 3] or [M, P, 3]; the third coordinate has no effect.
            world_coordinates: accepted; without effect, as in PyTorch3D.
            scaled_depth_input: accepted; without effect.
            **kwargs: none.

        Returns:
            [P, 3] for one camera and points [P, 3]; else [M or N, P, 3].
        """
        focal, centre, k, _, _ = self._lens()
        wanted = (self._batched(xy_depth)[..., :2] - centre) / focal
        p = wanted
        if self.use_tangential or self.use_thin_prism:
            unit = torch.eye(2, dtype=p.dtype, device=p.device)
            for _ in range(_STEPS):
                rest = (wanted - p - self._shift(p))[..., None]
                p = p + torch.linalg.solve(unit + self._shift_jacobian(p), rest)[..., 0]
        length = torch.linalg.vector_norm(p, dim=-1, keepdim=True)
        odd = torch.arange(k.shape[-1], device=p.device) * 2 + 3
        theta, limit = length, 0.999 * math.pi / 2
        for _ in range(_STEPS):
            slope = _series(theta, k * odd)
            step = (length - theta * _series(theta, k)) / torch.where(slope.abs() > _NEAR_AXIS, slope, 1.0)
            theta = (theta + step).clamp(-limit, limit)
        ray = torch.where(length > _NEAR_AXIS, theta.tan() / length.clamp_min(_NEAR_AXIS), 1.0) * p
        return self._shaped(torch.nn.functional.pad(ray, (0, 1), value=1.0), xy_depth)


def _series(theta: Tensor, k: Tensor) -> Tensor:
    """1 + k₀θ² + k₁θ⁴ + … of θ [N, P, 1] and k [N, 1, K]."""
    powers = theta.square() ** torch.arange(1, k.shape[-1] + 1, device=theta.device)
    return 1 + (powers * k).sum(-1, keepdim=True)
