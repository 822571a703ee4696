"""Several views of a part that differ."""

from __future__ import annotations

import torch

from tvdrnet_nv import FocusOn, Orbit, Renderer, choose_views
from tvdrnet_nv.optimization.view_set import _greedy
from tvdrnet_nv.scenes import sphere


def test_views_of_a_ball_go_around_it() -> None:
    """No view shows more than half of a ball; three that differ hardly overlap."""
    ball = sphere(3)
    focus = FocusOn(ball, torch.ones(ball.num_vertices), size=48)
    views = choose_views(Renderer(ball, 48), focus, Orbit.create(3.0, 0.0, 0.0), 3, iterations=4)
    assert len(views.orbit) == 3
    assert 0.2 < float(views.visible_share.max()) < 0.5
    assert 0.9 * float(views.visible_share.sum()) < views.coverage <= views.reachable
    assert float(views.angles.fill_diagonal_(180).min()) > 60
    assert bool((views.scores.score.diff() <= 0).all())


def test_greedy_takes_what_adds_most_and_no_neighbours() -> None:
    shares = torch.tensor([[1.0, 1, 0, 0], [1.0, 0.9, 0.2, 0], [0, 0, 0.5, 0.5], [0, 0, 0, 0], [0, 0, 0, 1.0]])
    axes = torch.nn.functional.normalize(
        torch.tensor([[1.0, 0, 0], [0.99, 0.1, 0], [0, 1, 0], [0, 0, 1], [0, 0, -1]]), dim=1
    )
    assert _greedy(shares, axes, 2).tolist() == [1, 4]
    assert _greedy(shares, axes, 9).tolist() == [1, 4, 2]  # a neighbour, and one that shows nothing, are left
