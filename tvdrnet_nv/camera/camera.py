"""Pinhole cameras, and how they are made from and turned into those of PyTorch3D, OpenCV, OpenGL and NeRF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from tvdrnet_nv.camera import convert
from tvdrnet_nv.camera._arguments import Values, as_tensors, broadcast, check_between, in_batch
from tvdrnet_nv.camera.look_at import ORIGIN, UP, look_at_view_transform
from tvdrnet_nv.camera.parameters import POSE
from tvdrnet_nv.camera.perspective import focal_from_fov
from tvdrnet_nv.camera.pinhole import Pinhole


class PyTorch3DCamera(NamedTuple):
    """What PyTorch3D's PerspectiveCameras (in NDC) takes; its FoVPerspectiveCameras takes R, T and `Camera.fov`."""

    R: Tensor  # [B, 3, 3], x_view = x_world @ R + T
    T: Tensor  # [B, 3]
    focal: Tensor  # [B, 2], half shorter sides: PyTorch3D's focal_length
    principal: Tensor  # [B, 2], half shorter sides, +x left, +y up: PyTorch3D's principal_point


class OpenCVCamera(NamedTuple):
    """OpenCV's camera: pixel ~ K (R x_world + t), view axes +x right, +y down, +z into the scene."""

    R: Tensor  # [B, 3, 3], column vectors
    t: Tensor  # [B, 3], scene units
    K: Tensor  # [B, 3, 3], pixels; the centre of the first pixel is at (0.5, 0.5)


class OpenGLCamera(NamedTuple):
    """OpenGL's matrices: clip = projection · view · x_world, column vectors."""

    view: Tensor  # [B, 4, 4]
    projection: Tensor  # [B, 4, 4]


class Camera(Pinhole):
    """A batch of pinhole cameras, as a renderer needs them: differentiable in R, T, focal and principal.

    All tensors are float32 or float64, of one dtype on one device; constructors keep gradients. The frames are
    PyTorch3D's (docs/conventions.md). The constructors below take numbers, sequences, arrays or tensors, with or
    without the batch dimension, broadcast a batch of one, and check values; `Camera(R, T, focal, principal)` takes
    tensors with it, and checks shapes only.

    Attributes:
        R: [B, 3, 3], view rotation, `x_view = x_world @ R + T`; view axes +x left, +y up, +z into the scene.
        T: [B, 3], scene units.
        focal: [B, 2], (fx, fy) in units of half the image's shorter side.
        principal: [B, 2], principal point from the image's centre, +x left and +y up, in the same unit; default zeros.

    Raises:
        TypeError: A tensor is not float32 or float64, or dtypes differ.
        ValueError: Shapes, batch sizes or devices do not match.
    """

    @classmethod
    def from_look_at(cls, eye: Values, at: Values = ORIGIN, up: Values = UP, fov: Values = 60.0) -> Camera:
        """Return cameras that stand at `eye` and look at `at`.

        Args:
            eye: [3] or [B, 3], world position.
            at: [3] or [B, 3], world look-at point.
            up: [3] or [B, 3], the world direction that is upright in the image; any length but zero. Where it is
                parallel to the viewing direction, `look_at_rotation` says what takes its place.
            fov: Number or [B], degrees along the image's shorter side.

        Raises:
            ValueError: eye = at, up = 0, fov not in (0, 180), or shapes do not match.
        """
        eye, at, up, fov = as_tensors({"eye": eye, "at": at, "up": up, "fov": fov})
        R, T = look_at_view_transform(eye=eye, at=at, up=up)
        return cls._assemble(R, T, _focal(fov, None), None)

    @classmethod
    def from_pytorch3d(
        cls,
        R: Values,
        T: Values,
        *,
        fov: Values | None = None,
        focal: Values | None = None,
        principal: Values | None = None,
    ) -> Camera:
        """Return the cameras of PyTorch3D's R and T.

        Args:
            R: [3, 3] or [B, 3, 3], `x_view = x_world @ R + T`.
            T: [3] or [B, 3].
            fov: Number or [B], degrees along the image's shorter side; default 60, as FoVPerspectiveCameras'.
            focal: Instead of `fov`: a number, (fx, fy), or [B, 2], in half shorter sides (PyTorch3D's NDC).
            principal: (px, py) or [B, 2], in half shorter sides, +x left, +y up; default the centre.

        Raises:
            ValueError: Both fov and focal, fov not in (0, 180), focal <= 0, R not a rotation (to 1e-3), T or principal
                not finite, or shapes do not match.
        """
        given = {"fov": 60.0 if fov is None and focal is None else fov, "focal": focal, "principal": principal}
        given = {name: value for name, value in given.items() if value is not None}
        rotation, translation, *rest = as_tensors({"R": R, "T": T, **given})
        tensors = dict(zip(given, rest, strict=True))
        rotation, translation = in_batch("R", rotation, 3, 3), in_batch("T", translation, 3)
        convert.check_rotation("R", rotation)
        convert.check_finite("T", translation)
        lens = _focal(tensors.get("fov"), tensors.get("focal"))
        return cls._assemble(rotation, translation, lens, tensors.get("principal"))

    @classmethod
    def from_opencv(cls, R: Values, t: Values, K: Values, image_size: tuple[int, int]) -> Camera:
        """Return the cameras of OpenCV's extrinsics and calibration: pixel ~ K (R x_world + t), no distortion.

        Args:
            R: [3, 3] or [B, 3, 3], column vectors, view axes +x right, +y down, +z into the scene.
            t: [3] or [B, 3], scene units.
            K: [3, 3] or [B, 3, 3] in pixels, without skew; (0, 0) is the image's top left corner, the centre of the
                first pixel (0.5, 0.5). For a calibration that has it at (0, 0), as OpenCV's own, add 0.5 to cx and cy.
            image_size: (H, W) in pixels, of the images that K was made for.

        Raises:
            ValueError: R not a rotation (to 1e-3), K not of the form above, t not finite, bad image_size, or shapes
                do not match.
        """
        rotation, translation, calibration = as_tensors({"R": R, "t": t, "K": K})
        rotation, translation = in_batch("R", rotation, 3, 3), in_batch("t", translation, 3)
        convert.check_rotation("R", rotation)
        convert.check_finite("t", translation)
        focal, principal = convert.calibration_from_pixels(in_batch("K", calibration, 3, 3), image_size)
        flipped_R, flipped_T = convert.flip_view_xy(rotation.transpose(1, 2), translation)
        return cls._assemble(flipped_R, flipped_T, focal, principal)

    @classmethod
    def from_camera_to_world(
        cls,
        camera_to_world: Values,
        *,
        fov: Values | None = None,
        focal: Values | None = None,
        principal: Values | None = None,
    ) -> Camera:
        """Return the cameras of 4×4 camera-to-world matrices with OpenGL's axes, as Blender and NeRF write them.

        Args:
            camera_to_world: [4, 4] or [B, 4, 4], column vectors; camera axes +x right, +y up, −z forward. (For a pose
                with OpenCV's axes, as ScanNet's, negate the second and third columns.)
            fov: Number or [B], degrees along the image's shorter side; default 60.
            focal: Instead of `fov`: a number, (fx, fy), or [B, 2], in half shorter sides.
            principal: (px, py) or [B, 2], in half shorter sides, +x left, +y up; default the centre.

        Raises:
            ValueError: The last row is not (0, 0, 0, 1), the rotation is none (to 1e-3), and as `from_pytorch3d`.
        """
        given = {"fov": fov, "focal": focal, "principal": principal}
        given = {name: value for name, value in given.items() if value is not None}
        matrix, *rest = as_tensors({"camera_to_world": camera_to_world, **given})
        R, T = convert.camera_to_world_to_view(in_batch("camera_to_world", matrix, 4, 4))
        return cls.from_pytorch3d(R, T, **dict(zip(given, rest, strict=True)))

    @classmethod
    def _assemble(cls, R: Tensor, T: Tensor, focal: Tensor, principal: Tensor | None) -> Camera:
        if principal is None:
            principal = torch.zeros_like(focal)
        principal = in_batch("principal", principal, 2)
        convert.check_finite("principal", principal)
        R, T, focal, principal = broadcast(R=R, T=T, focal=focal, principal=principal)
        return cls(R, T, focal, principal)

    def camera(self) -> Camera:
        """Return the cameras themselves: whoever has an `Orbit` or a `Camera` need not know which."""
        return self

    def describe(self) -> dict[str, float | list[float]]:
        """One camera's position, angles, roll, field of view, and what else the table adds to its lens."""
        from tvdrnet_nv.camera.orbit_frame import OrbitFrame  # which is made of cameras

        frame = OrbitFrame(self, 1.0)
        orbit = frame.orbits
        angles = {"elevation": orbit.elevation, "azimuth": orbit.azimuth, "roll": frame.roll, "fov": orbit.fov}
        lens = {p.name: getattr(self, p.field) for p in POSE if p.scale == "sum" and p.field in self.present}
        values = {"position": self.position} | angles | lens
        return {name: value.detach()[0].tolist() for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """One camera from its fields, to the last bit; those that have a default may be missing. Tensors keep their
        dtype."""
        required = ("R", "T", "focal")
        given = {name: torch.as_tensor(values[name])[None] for name in cls.fields if name in required or name in values}
        # Its checks; the values themselves are kept.
        cls.from_pytorch3d(given["R"], given["T"], focal=given["focal"], principal=given.get("principal"))
        return cls(**given)

    def to_pytorch3d(self) -> PyTorch3DCamera:
        """Return (R, T, focal, principal) as PyTorch3D's PerspectiveCameras takes them; `from_pytorch3d` inverts."""
        return PyTorch3DCamera(self.R, self.T, self.focal, self.principal)

    def to_opencv(self, image_size: tuple[int, int]) -> OpenCVCamera:
        """Return OpenCV's (R, t, K) for images of image_size = (H, W); see `from_opencv`, which inverts it."""
        R, t = convert.flip_view_xy(self.R, self.T)
        return OpenCVCamera(R.transpose(1, 2), t, convert.calibration_to_pixels(self.focal, self.principal, image_size))

    def to_opengl(self, aspect: float, near: float, far: float) -> OpenGLCamera:
        """Return OpenGL's (view, projection) matrices for images of aspect = width / height, and clip planes."""
        return OpenGLCamera(self.view_matrix(), self.projection_matrix(aspect, near, far))

    def to_camera_to_world(self) -> Tensor:
        """Return [B, 4, 4] camera-to-world matrices with OpenGL's camera axes; see `from_camera_to_world`."""
        return convert.view_to_camera_to_world(self.R, self.T)


def _focal(fov: Tensor | None, focal: Tensor | None) -> Tensor:
    """[B, 2] from a checked fov, or a checked focal: a number, (fx, fy) or [B, 2]."""
    if fov is not None and focal is not None:
        raise ValueError("fov and focal exclude each other, got both")
    if focal is not None:
        focal = in_batch("focal", focal.expand(2) if focal.ndim == 0 else focal, 2)
        check_between("focal", focal, 0.0, float("inf"), "positive and finite")
        return focal
    if fov is None:
        raise ValueError("fov or focal must be given, got neither")
    fov = in_batch("fov", fov)
    check_between("fov", fov, 0.0, 180.0, "between 0 and 180 degrees")
    return focal_from_fov(fov)[:, None].expand(-1, 2)
