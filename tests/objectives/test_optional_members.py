"""An objective of one's own, with the members that it may have."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv import MatchImage, Orbit, Render, Renderer, Status, optimize, view_heuristic
from tvdrnet_nv.objectives import RobustLoss
from tvdrnet_nv.objectives.objective import (
    ResidualObjective,
    correlation_length,
    reason_without_gradient,
    robust_loss,
    sees_only_colours,
)
from tvdrnet_nv.scenes import textured_box

RENDERER = Renderer(textured_box(6), 48)
TARGET = Orbit.create(4.0, 32.0, 47.0)


class Depths:
    """The mean square of the difference to known depths, where both see something."""

    robust = RobustLoss("huber", scale=1.0)

    def __init__(self, depth: Tensor) -> None:
        self._depth = depth

    def __call__(self, render: Render) -> Tensor:
        return self.robust.loss(self.residuals(render)).mean((1, 2, 3))

    def residuals(self, render: Render) -> Tensor:
        """[B, H, W, 1]."""
        return (render.depth - self._depth) * ((render.depth > 0) & (self._depth > 0))


class Nothing:
    """An objective that knows that it has no gradient."""

    reason_without_gradient = "nothing is asked for"

    def __call__(self, render: Render) -> Tensor:
        return 0.0 * render.rgba.mean((1, 2, 3))


def test_a_callable_has_none_of_them() -> None:
    assert not isinstance(view_heuristic, ResidualObjective)
    assert robust_loss(view_heuristic) is None
    assert not sees_only_colours(view_heuristic)
    assert correlation_length(view_heuristic, (48, 64)) == 1.0
    assert reason_without_gradient(view_heuristic) == ""


def test_residuals_make_levenberg_marquardt_the_method() -> None:
    depth = RENDERER(TARGET.camera()).depth[0].detach()
    objective = Depths(depth)
    assert isinstance(objective, ResidualObjective)
    assert robust_loss(objective) is Depths.robust
    result = optimize(RENDERER, Orbit.create(4.2, 28.0, 41.0), objective, iterations=40)
    assert result.method == "lm"
    assert result.loss < 0.05 * result.initial_loss


def test_a_reason_ends_the_run() -> None:
    result = optimize(RENDERER, TARGET, Nothing(), iterations=2)
    assert (result.status, result.reason) == (Status.NO_GRADIENT, "nothing is asked for")


def test_a_picture_is_matched_by_its_colours() -> None:
    objective = MatchImage(torch.rand(8, 8, 3), robust="huber")
    assert sees_only_colours(objective)
    assert robust_loss(objective) is objective.robust
    assert reason_without_gradient(objective) == ""
