"""A smooth way of one camera through others, for films."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tvdrnet_nv.camera.camera import Camera
from tvdrnet_nv.camera.rotation import orthonormal, rotation_from_vector, vector_from_rotation
from tvdrnet_nv.camera.viewpoint import concatenate

_LEAST = 1e-2  # of the parameter between two cameras, where they are the same
_STEEPEST = 3.0  # times the slower of the two neighbouring speeds: with it a curve does not overshoot
_POLE = 0.05, 0.25  # sine between the viewing direction and up, within which a camera's roll means little


def camera_path(cameras: Sequence[Camera], ahead: Tensor, count: int, up: Tensor | None = None) -> Camera:
    """`count` cameras that go through K given ones in their order, beginning and ending at rest.

    What moves are the point that the camera looks at, the logarithms of its distance and of the focal lengths, the
    principal point, and the rotation. So a camera circles what it looks at, instead of flying through it. Numbers
    follow cubic Hermite curves through centripetal knots (Catmull and Rom 1974; Yuksel, Schaefer and Keyser 2011), with
    speeds limited as by Fritsch and Carlson (1980). Rotations follow the Bézier form of such a curve on the rotations
    (Shoemake 1985), by spherical linear interpolation.

    Args:
        cameras: K ≥ 2 of one camera each.
        ahead: [K], how far ahead the point lies that each looks at, scene units, > 0.
        count: how many, at least 2.
        up: [3], world frame; where it is given, the horizon is as level on the way as at the given cameras.

    Returns:
        `count` cameras, in the dtype and on the device of the first; the first and the last are the given ones, but for
        rounding.

    Raises:
        ValueError: fewer than two cameras or frames, or distances that do not fit.
    """
    if len(cameras) < 2 or count < 2:
        raise ValueError(f"wanted at least two cameras and two frames; got {len(cameras)} and {count}")
    if ahead.shape != (len(cameras),) or not bool((ahead > 0).all()):
        raise ValueError(f"ahead must be {len(cameras)} positive numbers; got {ahead.tolist()}")
    given = concatenate([camera.detach() for camera in cameras])
    like = given.T
    given, ahead = given.to("cpu").to(torch.float64), ahead.detach().cpu().double()
    R = orthonormal(given.R)
    looked_at = given.position + ahead[:, None] * R[:, :, 2]
    turns = vector_from_rotation(R[:-1].transpose(1, 2) @ R[1:])  # [K - 1, 3], in the frame of the camera before
    steps = _knots(looked_at, given.position, ahead, turns)
    numbers = torch.cat([looked_at, ahead.log()[:, None], given.focal.log(), given.principal], 1)
    rolls = None if up is None else _rolls(R, up.detach().cpu().double())
    numbers = numbers if rolls is None else torch.cat([numbers, rolls[:, None]], 1)

    ends = torch.cat([steps.new_zeros(1), steps.cumsum(0)])
    times = torch.linspace(0, float(ends[-1]), count, dtype=torch.float64)
    part = (torch.searchsorted(ends, times, right=True) - 1).clamp(0, len(steps) - 1)
    share = ((times - ends[part]) / steps[part]).clamp(0, 1)
    curve = _bezier(numbers[:-1], numbers[1:], _speeds(numbers.diff(dim=0), steps), steps, part, share)
    at, distance, focal, principal = curve[:, :3], curve[:, 3].exp(), curve[:, 4:6].exp(), curve[:, 6:8]
    turned = _turned(R, turns, steps, part, share)
    if rolls is not None and up is not None:
        turned = _level(turned, up.detach().cpu().double(), curve[:, 8])
    position = at - distance[:, None] * turned[:, :, 2]
    T = -(position[:, None] @ turned)[:, 0]
    return Camera(turned, T, focal, principal).to(like.dtype).to(like.device)


def _knots(at: Tensor, position: Tensor, ahead: Tensor, turns: Tensor) -> Tensor:
    """[K - 1]: the parameter between neighbours, the square root of how far apart they are."""
    scale = (ahead[:-1] * ahead[1:]).sqrt()
    moved = (at.diff(dim=0).norm(dim=1) + position.diff(dim=0).norm(dim=1)) / scale
    return (moved + turns.norm(dim=1)).sqrt().clamp_min(_LEAST)


def _speeds(changes: Tensor, steps: Tensor) -> Tensor:
    """[K, N]: at the cameras, of changes [K - 1, N] between them; 0 at the ends."""
    rates = changes / steps[:, None]
    before, after = rates[:-1], rates[1:]
    weights = (steps[1:] / (steps[:-1] + steps[1:]))[:, None]
    inner = weights * before + (1 - weights) * after
    most = _STEEPEST * torch.minimum(before.norm(dim=1), after.norm(dim=1))
    inner = inner * (most / inner.norm(dim=1).clamp_min(1e-300)).clamp(max=1)[:, None]
    still = changes.new_zeros(1, changes.shape[1])
    return torch.cat([still, inner, still])


def _bezier(first: Tensor, last: Tensor, speeds: Tensor, steps: Tensor, part: Tensor, share: Tensor) -> Tensor:
    """[count, N]: numbers along the parts' curves."""
    third = steps[:, None] / 3
    a, d = first[part], last[part]
    b, c = (first + third * speeds[:-1])[part], (last - third * speeds[1:])[part]
    s, r = share[:, None], 1 - share[:, None]
    return r**3 * a + 3 * r**2 * s * b + 3 * r * s**2 * c + s**3 * d


def _turned(R: Tensor, turns: Tensor, steps: Tensor, part: Tensor, share: Tensor) -> Tensor:
    """[count, 3, 3]: rotations along the parts' curves, by de Casteljau's scheme."""
    speeds = _speeds(turns, steps)
    third = steps[:, None] / 3
    a, d = R[:-1][part], R[1:][part]
    b = a @ rotation_from_vector(third * speeds[:-1])[part]
    c = d @ rotation_from_vector(-third * speeds[1:])[part]
    ab, bc, cd = _between(a, b, share), _between(b, c, share), _between(c, d, share)
    return orthonormal(_between(_between(ab, bc, share), _between(bc, cd, share), share))


def _between(a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    """Spherical linear interpolation of rotations [N, 3, 3]."""
    return a @ rotation_from_vector(share[:, None] * vector_from_rotation(a.transpose(1, 2) @ b))


def _rolls(R: Tensor, up: Tensor) -> Tensor:
    """[K] radians: by how much cameras are turned about their axes from upright, without jumps of a whole turn."""
    level = torch.linalg.cross(up.expand_as(R[:, :, 2]), R[:, :, 2])
    left = R[:, :, 0]
    across = (torch.linalg.cross(level, left) * R[:, :, 2]).sum(1)
    rolls = torch.atan2(across, (level * left).sum(1))
    jumps = torch.round(rolls.diff() / (2 * torch.pi)).cumsum(0) * 2 * torch.pi
    return torch.cat([rolls[:1], rolls[1:] - jumps])


def _level(R: Tensor, up: Tensor, wanted: Tensor) -> Tensor:
    """Cameras [N, 3, 3] turned about their axes to rolls [N], the less the nearer they look to straight up or down."""
    sine = torch.linalg.cross(up.expand_as(R[:, :, 2]), R[:, :, 2]).norm(dim=1) / up.norm()
    weight = ((sine - _POLE[0]) / (_POLE[1] - _POLE[0])).clamp(0, 1)
    weight = weight * weight * (3 - 2 * weight)
    missing = wanted - _rolls(R, up)
    missing = torch.remainder(missing + torch.pi, 2 * torch.pi) - torch.pi
    vector = torch.nn.functional.pad((weight * missing)[:, None], (2, 0))
    return R @ rotation_from_vector(vector)
