"""Means over windows: the definition, and how near they come to means around each pixel."""

from __future__ import annotations

import pytest
import torch

from tests.objectives.direct_means import direct_means
from tvdrnet_nv.objectives.windows import window_means

SIZES = [(1, 1), (1, 9), (2, 3), (12, 17), (40, 30)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("width", [4.0, 20.0, 300.0])
def test_means_are_those_of_the_definition(size: tuple[int, int], width: float) -> None:
    torch.manual_seed(1)
    planes = torch.rand(2, 3, *size, dtype=torch.float64)
    means = window_means(planes, width)
    assert means.shape == planes.shape
    wanted = torch.from_numpy(direct_means(planes[1, 2].numpy(), width))
    torch.testing.assert_close(means[1, 2], wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_the_mean_of_a_constant_is_the_constant(size: tuple[int, int]) -> None:
    planes = torch.full((1, *size), 0.7, dtype=torch.float64)
    torch.testing.assert_close(window_means(planes, 6.0), planes, rtol=0, atol=1e-12)


def test_interpolated_means_are_near_those_around_each_pixel() -> None:
    torch.manual_seed(2)
    plane = torch.rand(60, 80, dtype=torch.float64)
    deviation = 6.0
    wanted = plane
    for axis in (0, 1):
        pixels = torch.arange(plane.shape[axis], dtype=torch.float64)
        weights = torch.exp(-0.5 * ((pixels[:, None] - pixels) / deviation).square())
        wanted = (weights / weights.sum(1, keepdim=True) @ wanted.movedim(axis, 0)).movedim(0, axis)
    error = window_means(plane, 2 * deviation) - wanted
    assert float(error.abs().max()) < 0.1 * float((plane - wanted).std())
