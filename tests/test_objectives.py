"""The objectives' numbers."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv import MatchImage, Orbit, Renderer, view_heuristic
from tvdrnet_nv.benchmarks.scenes import sphere


@pytest.fixture(scope="module")
def render():
    return Renderer(sphere(2), (24, 32))(Orbit.create([2.5, 4.0], 20.0, [0.0, 90.0]).camera(0.1, 100))


def test_heuristic_is_tvdrnets_formula(render):
    losses = view_heuristic(render)
    assert losses.shape == (2,)
    for b in range(2):
        rgb, alpha = render.rgb[b].double(), render.alpha[b].double()
        expected = abs(float(rgb.mean()) - 0.5) - 0.1 * float(rgb.std()) - 0.5 * float(alpha.mean())
        assert float(losses[b]) == pytest.approx(expected, abs=1e-6)


def test_match_is_the_mean_squared_error_of_each_camera(render):
    target = render.rgb[0].clone()
    losses = MatchImage(target)(render)
    assert losses.shape == (2,)
    assert float(losses[0]) == 0.0
    assert float(losses[1]) == pytest.approx(float(((render.rgb[1] - target) ** 2).mean()), rel=1e-5)


def test_match_averages_the_target_down(render):
    blocks = torch.rand(24, 32, 3)
    large = blocks.repeat_interleave(4, 0).repeat_interleave(4, 1)
    torch.testing.assert_close(MatchImage(large)(render), MatchImage(blocks)(render))


def test_the_loss_is_the_mean_square_of_the_residuals(render):
    target = torch.rand(24, 32, 3)
    objective = MatchImage(target)
    residuals = objective.residuals(render)
    torch.testing.assert_close(residuals, render.rgb - target)
    torch.testing.assert_close(objective(render), residuals.square().mean((1, 2, 3)), rtol=1e-5, atol=1e-7)


def test_target_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\[H, W, 3\].*\[3, 8, 8\]"):
        MatchImage(torch.zeros(3, 8, 8))
