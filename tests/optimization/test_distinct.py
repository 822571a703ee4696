from __future__ import annotations

import math

import torch

from tvdrnet_nv.optimization.distinct import best_distinct

PLACES = torch.tensor([0.0, 1.0, 5.0, 5.5, 9.0])


def apart(i: int) -> torch.Tensor:
    return (PLACES - PLACES[i]).abs() > 2


def test_neighbours_of_a_better_one_are_left_out():
    losses = torch.tensor([3.0, 1.0, 2.5, 2.0, 4.0])
    assert best_distinct(losses, apart, 5).tolist() == [1, 3, 4]


def test_no_more_than_are_wanted():
    losses = torch.tensor([3.0, 1.0, 2.5, 2.0, 4.0])
    assert best_distinct(losses, apart, 2).tolist() == [1, 3]


def test_losses_that_are_not_finite_are_not_chosen():
    losses = torch.tensor([math.nan, math.inf, 2.0, math.nan, 1.0])
    assert best_distinct(losses, apart, 5).tolist() == [4, 2]
    assert best_distinct(losses * math.nan, apart, 5).tolist() == [0]
