"""orbit_move and orbit_limited: steps of cameras on orbits, in one call each where torch takes twenty.

`tvdrnet_nv.optimization.orbit_coordinates` says what a step is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.function import Saved, addresses, differentiable, gradients_through, packed
from tvdrnet_nv.ops.orbit_view import Orbits

Moves = tuple[bool, ...]
"""Which of an orbit's five fields move: distance, elevation, azimuth, fov, at. A step has a column for each, three for
`at`."""

_CPU = {torch.float32: "CameraOps32", torch.float64: "CameraOps64"}
_DISTANCE, _ELEVATION, _FOV, _AT = 0, 1, 3, 4


def orbit_move(orbits: Orbits, step: Tensor, moves: Moves, radius: float) -> tuple[Tensor, ...]:
    """Where steps lead.

    Args:
        orbits: N of them, see `orbit_view`.
        step: [N, P], of their dtype.
        moves: what P columns of a step move.
        radius: of the scene, scene units, in which the look-at point moves.

    Returns:
        The fields that move. Differentiable in the step, forward mode and second derivatives included.
    """
    kernels = _kernels(orbits, step)
    if kernels is None:
        return _moved(orbits, step, moves, radius)
    return _native_move(moves, radius, kernels, step, *orbits)


def orbit_limited(orbits: Orbits, step: Tensor, moves: Moves, low: Tensor, high: Tensor) -> Tensor:
    """[N, P]: steps cut where they would lead beyond `low` and `high`, [P], both in the step's terms."""
    kernels = None if step.requires_grad else _kernels(orbits, step)
    if kernels is None:
        at = _in_step_terms(orbits, moves)
        return step.clamp(low - at, high - at)
    fields, step = packed(orbits, orbits), step.contiguous()
    out = torch.empty_like(step)
    kernels.orbit_limited(*step.shape, moves, addresses(fields), addresses((step, low, high, out)))
    return out


def _kernels(orbits: Orbits, step: Tensor) -> Any:
    """The kernels, which take a step for each orbit, none of which is differentiated; or None: torch must do it."""
    kernels = backend_of(step).kernels
    first = orbits[0]
    if kernels is None or step.dtype != first.dtype or step.shape[0] != first.shape[0]:
        return None
    if any(field.requires_grad for field in orbits):
        return None
    return getattr(kernels, _CPU[step.dtype])


def _columns(moves: Moves) -> list[int]:
    """How many columns of a step each moving field has."""
    return [3 if field == _AT else 1 for field in range(5) if moves[field]]


def _moved(orbits: Sequence[Tensor], step: Tensor, moves: Moves, radius: float) -> tuple[Tensor, ...]:
    """`orbit_move` in torch."""
    moved = []
    parts = iter(step.split(_columns(moves), 1))
    for field, now in enumerate(orbits):
        if not moves[field]:
            continue
        part = next(parts)
        change = part[:, 0]
        if field == _DISTANCE:
            moved.append(now * change.exp())
        elif field == _FOV:
            moved.append(torch.rad2deg(2 * torch.atan(torch.tan(torch.deg2rad(now) / 2) * change.exp())))
        elif field == _AT:
            moved.append(now + radius * part)
        else:
            moved.append(now + torch.rad2deg(change))
    return tuple(moved)


def _in_step_terms(orbits: Orbits, moves: Moves) -> Tensor:
    """[N, P]: where orbits are, in the terms of a step; 0 for what has no limits."""
    here = []
    for field, now in enumerate(orbits):
        if not moves[field]:
            continue
        if field == _DISTANCE:
            here.append(now.log())
        elif field == _ELEVATION:
            here.append(torch.deg2rad(now))
        elif field == _FOV:
            here.append(torch.tan(torch.deg2rad(now) / 2).log())
        else:
            here += [torch.zeros_like(orbits[0])] * (3 if field == _AT else 1)
    return torch.stack(here, 1)


def _forward(moves: Moves, radius: float, kernels: Any, step: Tensor, *orbits: Tensor) -> tuple[Tensor, ...]:
    """The last result is what derivatives need: that of each number by its own step."""
    orbits, step = packed(orbits, orbits), step.contiguous()
    out = [torch.empty_like(field) if moving else None for field, moving in zip(orbits, moves, strict=True)]
    slope = torch.empty_like(step)
    kernels.orbit_move(*step.shape, radius, addresses(orbits), step.data_ptr(), _or_null(out), slope.data_ptr())
    return *(field for field in out if field is not None), slope


def _keep(inputs: tuple[Any, ...], outputs: tuple[Tensor, ...]) -> Saved:
    moves, radius, kernels, step, *orbits = inputs
    return (step, outputs[-1]), (moves, radius, kernels, orbits)


def _backward(tensors: tuple[Tensor, ...], rest: tuple[Any, ...], _needs: object, *grads: Tensor) -> tuple[Any, ...]:
    _, slope = tensors
    moves, _, kernels, _ = rest
    given = iter(packed(grads, grads))
    of_step = torch.empty_like(slope)
    fields = _or_null([next(given) if moving else None for moving in moves])
    kernels.orbit_move_backward(*slope.shape, fields, slope.data_ptr(), of_step.data_ptr())
    return None, None, None, of_step, None, None, None, None, None


def _twice(tensors: tuple[Tensor, ...], rest: tuple[Any, ...], _needs: object, *grads: Tensor) -> tuple[Any, ...]:
    step, _ = tensors
    moves, radius, _, orbits = rest
    of_step = gradients_through(lambda x: _moved(orbits, x, moves, radius), (step,), grads)
    return None, None, None, *of_step, None, None, None, None, None


def _jvp(
    tensors: tuple[Tensor, ...],
    rest: tuple[Any, ...],
    _moves: None,
    _radius: None,
    _kernels: None,
    tangent: Tensor,
    *_: None,
) -> tuple[Tensor, ...]:
    slope = tensors[1]
    widths = _columns(rest[0])
    parts = (slope * tangent).split(widths, 1)
    return tuple(part if width == 3 else part[:, 0] for part, width in zip(parts, widths, strict=True))


_native_move = differentiable(
    "OrbitMove",
    _forward,
    keep=_keep,
    backward=_backward,
    jvp=_jvp,
    double_backward=_twice,
    saved_outputs=1,
    zero_missing_gradients=True,
)


def _or_null(fields: list[Tensor | None]) -> list[int]:
    return [0 if field is None else field.data_ptr() for field in fields]
