"""Damped Gauss-Newton steps of one camera: when they end."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv import Orbit
from tvdrnet_nv.optimization.damped_descent import DampedDescent

COUNT = 10  # residuals


def equations(loss: float, gradient: float) -> torch.Tensor:
    """The loss, J^T r and J^T J = 1 of one parameter."""
    return torch.tensor([loss, gradient, 1.0], dtype=torch.float64)


@pytest.mark.parametrize(("gradient", "ends"), [(0.01, True), (0.3, False)])
def test_a_refused_step_ends_it_where_no_more_was_to_be_had(gradient: float, ends: bool) -> None:
    # The step promises g² / 10: a hundred thousandth of the loss, and nearly a hundredth.
    descent = DampedDescent(Orbit.create(3.0, 10.0, 20.0), 1, 5e-5, None)
    assert descent.judge(equations(1.0, gradient), COUNT)
    step = descent.proposed()
    assert float(step) == pytest.approx(-gradient, rel=0.01)
    descent.size = float(step.abs())
    assert not descent.judge(equations(1.1, gradient), COUNT)
    assert descent.finished == ends


@pytest.mark.parametrize(("other", "ends"), [(0.5, True), (0.9, False)])
def test_one_far_above_another_that_comes_down_slowly_is_given_up(other: float, ends: bool) -> None:
    # Each step promises 0.009 of the loss of 1, so that 20 of them come to 0.82.
    descent = DampedDescent(Orbit.create(3.0, 10.0, 20.0), 1, 5e-5, None)
    assert descent.judge(equations(1.0, 0.3), COUNT)
    descent.give_up_above(other, 20)
    assert not descent.finished  # before its first step, nothing is known of what it promises
    descent.proposed()
    descent.give_up_above(other, 20)
    assert descent.finished == ends
