"""One camera of a file, as every format here gives and takes it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tvdrnet_nv.errors import InputError

LARGEST_SIDE = 1 << 20  # pixels; more is a damaged file
FARTHEST = 1e15  # scene units from the world's zero; float32 ends at 3e38, and squares of distances are taken
LARGEST_INTRINSIC = 1e9  # pixels; likewise
ROTATION_TOLERANCE = 1e-3
LARGEST_TANGENT = 40.0
"""Of half the field of view: 177°. Intrinsics as shares of the picture's size, 0 to 2, would be beyond it."""


class Distortion(NamedTuple):
    """A lens's distortion, by OpenCV's formulas.

    Attributes:
        model: "opencv" (k1, k2, p1, p2, k3, k4, k5, k6) or "fisheye" (k1, k2, k3, k4; `cv2.fisheye`).
        parameters: as many floats as the model has.
    """

    model: str
    parameters: tuple[float, ...]


class Lens(NamedTuple):
    """Intrinsics in pixels; the centre of the top left pixel is at (0.5, 0.5)."""

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class NamedCamera:
    """A camera in its file's world, in float64.

    Attributes:
        name: as the file calls it; its place in the file where it calls it nothing.
        camera_to_world: float64 [4, 4], column vectors, OpenCV's camera axes (+x right, +y down, +z forward).
        lens: intrinsics and the size of the picture.
        picture: the picture that it took, where the file names one.
        distortion: None for a pinhole camera.
        near, far: clip planes, scene units, where the file has them.
    """

    name: str
    camera_to_world: np.ndarray
    lens: Lens
    picture: Path | None = None
    distortion: Distortion | None = None
    near: float | None = None
    far: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.lens.height, self.lens.width

    @property
    def world_to_camera(self) -> np.ndarray:
        """float64 [4, 4]: the inverse of `camera_to_world`."""
        return inverse(self.camera_to_world)

    def calibration(self, first_pixel: float) -> np.ndarray:
        """K, float64 [3, 3], for pixels in which the centre of the top left one is at (first_pixel, first_pixel)."""
        shift = first_pixel - 0.5
        fx, fy, cx, cy = self.lens[:4]
        return np.array([[fx, 0, cx + shift], [0, fy, cy + shift], [0, 0, 1]], dtype=np.float64)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels [V, 2] (the top left one's centre at 0.5) of world points [V, 3], without distortion."""
        x = points @ self.world_to_camera[:3, :3].T + self.world_to_camera[:3, 3]
        fx, fy, cx, cy = self.lens[:4]
        return np.stack([fx * x[:, 0] / x[:, 2] + cx, fy * x[:, 1] / x[:, 2] + cy], 1)


def inverse(pose: np.ndarray) -> np.ndarray:
    """The inverse of a rigid [4, 4]."""
    R, t = pose[:3, :3], pose[:3, 3]
    return rigid(R.T, -R.T @ t)


def rigid(R: np.ndarray, t: np.ndarray) -> np.ndarray:
    """[4, 4] of a rotation and a translation, float64."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = R, t
    return pose


def flip_yz(camera_to_world: np.ndarray) -> np.ndarray:
    """From OpenGL's camera axes (+y up, −z forward) to OpenCV's, or back."""
    return camera_to_world * np.array([1.0, -1.0, -1.0, 1.0])


def checked_pose(where: str, values: Sequence[object] | np.ndarray, what: str = "a pose") -> np.ndarray:
    """A rigid [4, 4] in float64 of 4×4, 3×4 or flat numbers, with its rotation made orthonormal.

    `what` is what messages call it.

    Raises:
        InputError: not 12 or 16 numbers, not finite, or a rotation that is none to 1e-3.
    """
    try:
        flat = np.asarray(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{where}: {what} is not made of numbers; wanted 4×4 or 3×4 of them") from None
    if flat.size not in (12, 16):
        raise InputError(f"{where}: {what} has {flat.size} numbers; wanted 4×4 or 3×4")
    if not np.isfinite(flat).all():
        place = int(np.flatnonzero(~np.isfinite(flat))[0])
        at = f"{flat[place]:g} in row {place // 4 + 1}, column {place % 4 + 1}"
        raise InputError(f"{where}: {what} is not finite ({at}); leave it out")
    if flat.size == 16 and not np.allclose(flat[12:], [0, 0, 0, 1], rtol=0, atol=1e-6):
        raise InputError(f"{where}: {what}'s last row is {flat[12:].tolist()}, wanted 0, 0, 0, 1")
    upper = flat[:12].reshape(3, 4)
    far = float(np.abs(upper[:, 3]).max())
    if far > FARTHEST:
        raise InputError(f"{where}: {what} moves by {far:.3g}, wanted at most {FARTHEST:g}; the file is damaged")
    return rigid(checked_rotation(where, upper[:, :3]), upper[:, 3])


def checked_rotation(where: str, R: np.ndarray) -> np.ndarray:
    """The nearest rotation to a [3, 3] that is one to 1e-3."""
    with np.errstate(over="ignore", invalid="ignore"):
        off = float(np.abs(R @ R.T - np.eye(3)).max())
    if not off <= ROTATION_TOLERANCE:
        raise InputError(
            f"{where}: a rotation is off by {off:.3g} from orthonormal (at most {ROTATION_TOLERANCE:g}); "
            "the matrix has a scale, or is damaged"
        )
    if np.linalg.det(R) < 0:
        raise InputError(f"{where}: a rotation mirrors (its determinant is -1); negate one axis, or check the format")
    U, _, V = np.linalg.svd(R)
    return U @ V


_NAMES = ("fx", "fy", "cx", "cy", "width", "height")


def checked_lens(
    where: str,
    fx: object,
    fy: object,
    cx: object,
    cy: object,
    width: object,
    height: object,
    *,
    names: Sequence[str] = _NAMES,
) -> Lens:
    """A lens of numbers from a file, in pixels whose top left one has its centre at 0.5.

    `names` is what the file calls the numbers.

    Raises:
        InputError: a number is missing, not finite, or no size.
    """
    found = [number(f"{where}: {n}", v) for n, v in zip(names, (fx, fy, cx, cy, width, height), strict=True)]
    for name, kind, value in zip(names, _NAMES, found, strict=True):
        if kind not in ("cx", "cy") and value <= 0:
            raise InputError(f"{where}: {name} is {value:g}; wanted more than 0")
        if kind not in ("width", "height") and abs(value) > LARGEST_INTRINSIC:
            raise InputError(f"{where}: {name} is {value:g}; wanted pixels, at most {LARGEST_INTRINSIC:g}")
        if kind in ("width", "height") and (value > LARGEST_SIDE or value != round(value)):
            raise InputError(f"{where}: {name} is {value:g}; wanted a whole number of pixels")
    for name, focal, side in ((names[0], found[0], found[4]), (names[1], found[1], found[5])):
        if focal * LARGEST_TANGENT < side / 2:
            raise InputError(
                f"{where}: {name} is {focal:g} for pictures of {found[4]:g}×{found[5]:g}; wanted pixels: multiply "
                "intrinsics that are shares of the picture by its size"
            )
    return Lens(found[0], found[1], found[2], found[3], int(found[4]), int(found[5]))


def pinhole(where: str, K: np.ndarray) -> tuple[float, float, float, float]:
    """(fx, fy, cx, cy) of a calibration matrix [3, 3] or larger.

    Raises:
        InputError: it is none of a pinhole camera: it has skew, is transposed or scaled.
    """
    off = K[[0, 1, 2, 2, 2], [1, 0, 0, 1, 2]] - [0, 0, 0, 0, 1]
    if not np.abs(off).max() <= 1e-9:
        raise InputError(f"{where} is {K[:3, :3].tolist()}; wanted [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], without skew")
    return float(K[0, 0]), float(K[1, 1]), float(K[0, 2]), float(K[1, 2])


def number(where: str, value: object) -> float:
    """A finite float of what a file has."""
    if isinstance(value, bool):
        raise InputError(f"{where} is {str(value).lower()}; wanted a number")
    try:
        found = float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError, OverflowError):
        said = "is missing" if value is None else f"is {str(value)[:40]!r}, no number"
        raise InputError(f"{where} {said}; wanted a number") from None
    if not math.isfinite(found):
        raise InputError(f"{where} is {found:g}; wanted a finite number")
    return found


def distortion_of(model: str, parameters: Sequence[float]) -> Distortion | None:
    """The distortion, or None where all of its numbers are zero and the model is a pinhole's."""
    count = 4 if model == "fisheye" else 8
    padded = (*map(float, parameters), *[0.0] * (count - len(parameters)))
    return None if model == "opencv" and not any(padded) else Distortion(model, padded)


def rotation_of_quaternion(where: str, w: float, x: float, y: float, z: float) -> np.ndarray:
    """[3, 3] of a quaternion of any length but zero.

    Raises:
        InputError: it is zero or not finite.
    """
    q = np.array([w, x, y, z], dtype=np.float64)
    length = float(np.linalg.norm(q))
    if not (math.isfinite(length) and length > 1e-12):
        raise InputError(f"{where}: a quaternion is {q.tolist()}; wanted one of length 1")
    if abs(length - 1) > 0.01:
        raise InputError(f"{where}: a quaternion has length {length:.4g}, wanted 1; check the order of the columns")
    w, x, y, z = (q / length).tolist()
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_of_rotation(R: np.ndarray) -> np.ndarray:
    """(w, x, y, z), w ≥ 0: the eigenvector of Bar-Itzhack's symmetric 4×4 ("New method for extracting the quaternion",
    2000), which is accurate at every angle."""
    (a, b, c), (d, e, f), (g, h, i) = R
    K = np.array(
        [
            [a + e + i, h - f, c - g, d - b],
            [h - f, a - e - i, b + d, c + g],
            [c - g, b + d, e - a - i, f + h],
            [d - b, c + g, f + h, i - a - e],
        ]
    )
    q = np.linalg.eigh(K)[1][:, -1]
    return -q if q[0] < 0 else q


def rotation_of_vector(where: str, vector: np.ndarray) -> np.ndarray:
    """[3, 3] of an axis times an angle in radians (Rodrigues).

    Raises:
        InputError: it is not finite, or longer than two turns, as of degrees.
    """
    angle = float(np.linalg.norm(vector))
    if not angle <= 4 * math.pi:
        raise InputError(f"{where}: a rotation vector has length {angle:.4g}; wanted an angle in radians")
    if angle == 0:
        return np.eye(3)
    x, y, z = vector / angle
    K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * K + (1 - math.cos(angle)) * K @ K


def vector_of_rotation(R: np.ndarray) -> np.ndarray:
    """The axis times the angle in radians, 0 to π."""
    w, *axis = quaternion_of_rotation(R)
    sine = float(np.linalg.norm(axis))
    return np.array(axis) * (2.0 if sine < 1e-300 else 2 * math.atan2(sine, w) / sine)
