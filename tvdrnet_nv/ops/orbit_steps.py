"""orbit_move and orbit_limited: steps of cameras on orbits, in one call each where torch takes twenty. CPU only.

`tvdrnet_nv.optimization.orbit_coordinates` says what a step is, and has the same formulas in torch, for CUDA and for
second derivatives. Ours; not in nvdiffrast.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tvdrnet_nv.ops.cameras import OPS, Orbits, addresses, packed
from tvdrnet_nv.ops.function import OpFunction

Moves = tuple[bool, ...]
"""Which of an orbit's five fields move, in their order. A step has a column for each, three for `at`."""


def orbit_move(
    orbits: Orbits, step: Tensor, moves: Moves, radius: float, twin: Callable[[Tensor], tuple[Tensor, ...]]
) -> tuple[Tensor, ...]:
    """Where steps lead.

    Args:
        orbits: N of them, see `orbit_view`; no gradient flows into them.
        step: [N, P], of their dtype.
        moves: what P columns of a step move.
        radius: of the scene, scene units, in which the look-at point moves.
        twin: from a step to the same in torch, for second derivatives.

    Returns:
        The fields that move. Differentiable in the step, forward mode included.
    """
    return _OrbitMove.apply(moves, radius, twin, step, *orbits)[:-1]


def orbit_limited(orbits: Orbits, step: Tensor, moves: Moves, low: Tensor, high: Tensor) -> Tensor:
    """[N, P]: steps cut where they would lead beyond `low` and `high`, [P], both in the step's terms; no gradient."""
    fields, step = packed(orbits, orbits), step.contiguous()
    out = torch.empty_like(step)
    others = step.data_ptr(), low.data_ptr(), high.data_ptr(), out.data_ptr()
    OPS[step.dtype].orbit_limited(*step.shape, moves, addresses(fields), others)
    return out


class _OrbitMove(OpFunction):
    """The CPU kernels. The last result is what derivatives need: that of each number by its own step."""

    @staticmethod
    def forward(  # type: ignore[override]
        moves: Moves, radius: float, _twin: Callable, step: Tensor, *orbits: Tensor
    ) -> tuple[Tensor, ...]:
        orbits, step = packed(orbits, orbits), step.contiguous()
        out = [torch.empty_like(field) if moving else None for field, moving in zip(orbits, moves, strict=True)]
        slope = torch.empty_like(step)
        OPS[step.dtype].orbit_move(
            *step.shape, radius, addresses(orbits), step.data_ptr(), _or_null(out), slope.data_ptr()
        )
        return *(field for field in out if field is not None), slope

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.moves, _, ctx.twin, step, *_ = inputs
        *_, slope = output
        ctx.mark_non_differentiable(slope)
        ctx.save_for_backward(step, slope)
        ctx.save_for_forward(slope)

    @staticmethod
    def backward(ctx, *grads: Tensor):  # type: ignore[override]
        step, slope = ctx.saved_tensors
        grads = grads[:-1]
        none = (None,) * 5
        if torch.is_grad_enabled():
            (of_step,) = torch.autograd.grad(ctx.twin(step), step, grads, create_graph=True)
            return None, None, None, of_step, *none
        given = iter(packed(grads, grads))
        of_step = torch.empty_like(slope)
        OPS[slope.dtype].orbit_move_backward(
            *slope.shape,
            _or_null([next(given) if moving else None for moving in ctx.moves]),
            slope.data_ptr(),
            of_step.data_ptr(),
        )
        return None, None, None, of_step, *none

    @staticmethod
    def jvp(ctx, _moves: None, _radius: None, _twin: None, tangent: Tensor, *_: None):  # type: ignore[override]
        (slope,) = ctx.saved_tensors
        widths = [3 if field == 4 else 1 for field in range(5) if ctx.moves[field]]
        parts = (slope * tangent).split(widths, 1)
        return *(part if width == 3 else part[:, 0] for part, width in zip(parts, widths, strict=True)), None


def _or_null(fields: list[Tensor | None]) -> list[int]:
    return [0 if field is None else field.data_ptr() for field in fields]
