"""The gradient of moving silhouettes against its true value."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.conformance.scenes import CTX, to_clip
from tvdrnet_nv.ops import antialias, rasterize

# In each row that a silhouette crosses steeply (each column, where it is flat) the antialiased image adds up to where
# the silhouette crosses the line through the row's centres: one exact sample a pixel, along one axis, of the true
# coverage. For a straight edge such samples average to the truth. What remains is at its ends, where a sample is
# counted wholly or not at all: at the border of the image, and at a corner, where the walk leaves the visible
# triangle through an inner edge and the silhouette goes unseen. So the error is about one sample an end, out of as
# many as the edge is pixels long; and since corners lose samples and never gain any, fine outlines come out too
# small.


def half_plane(angle: float, offset: float, size: int) -> tuple[Tensor, Tensor]:
    """A triangle that covers all of the image on one side of a line, and the line's normal (outwards)."""
    normal_ = torch.tensor((math.cos(angle), math.sin(angle)), dtype=torch.float64)
    along = torch.stack((-normal_[1], normal_[0]))
    foot = size / 2 + offset * normal_
    return torch.stack((foot - 1000 * along, foot + 1000 * along, foot - 1000 * normal_)), normal_


def length_in_square(angle: float, offset: float, size: int) -> float:
    """How long the line is within the image, by clipping it to the square."""
    n = (math.cos(angle), math.sin(angle))
    low, high = -math.inf, math.inf
    for foot, direction in ((offset * n[0], -n[1]), (offset * n[1], n[0])):
        if abs(direction) < 1e-12:
            continue
        ends = sorted(((-size / 2 - foot) / direction, (size / 2 - foot) / direction))
        low, high = max(low, ends[0]), min(high, ends[1])
    return high - low


def gradient_of_mean(points: Tensor, motion: Tensor, size: int) -> tuple[float, float]:
    """Sum of a white polygon on black, and its derivative when its corners move by `motion`; both in pixels."""
    pos = to_clip(points, (size, size))[None].requires_grad_()
    tri = torch.tensor([(0, i, i + 1) for i in range(1, len(points) - 1)], dtype=torch.int32)
    rast, _ = rasterize(CTX, pos, tri, (size, size))
    image = antialias((rast[..., 3:] > 0).double(), rast, pos, tri)
    (grad,) = torch.autograd.grad(image.sum(), pos)
    return float(image.detach().sum()), float((grad[0, :, :2] * motion * 2 / size).sum())


OFF_AXIS = [math.radians(d) for d in (3, 11, 19, 27, 35, 43, 47, 58, 71, 84, 96, 122, 151, 199, 227, 262, 290, 333)]


@pytest.mark.parametrize(
    ("size", "worst", "mean"),
    [(16, 0.16, 0.04), (32, 0.05, 0.01), (64, 0.02, 0.004), (128, 0.01, 0.002)],
)
def test_the_gradient_of_a_moving_edge_is_its_length(size, worst, mean):
    """Measured: at most 14, 3.6, 1.3 and 0.7 per cent; -3, -0.5, -0.1 and -0.04 on average."""
    errors = []
    for angle in OFF_AXIS:
        for offset in (-5.3, -1.7, 0.13, 2.9, 6.1):
            points, outwards = half_plane(angle, offset, size)
            _, slope = gradient_of_mean(points, outwards.expand(3, 2), size)
            errors.append(slope / length_in_square(angle, offset, size) - 1)
    assert max(map(abs, errors)) < worst
    assert abs(sum(errors) / len(errors)) < mean


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_gradient_of_an_edge_along_the_pixels_is_exact(degrees):
    points, outwards = half_plane(math.radians(degrees), 2.3, 16)
    value, slope = gradient_of_mean(points, outwards.expand(3, 2), 16)
    assert value == pytest.approx(16 * 10.3)
    assert slope == pytest.approx(16)


@pytest.mark.parametrize(
    ("sides", "size", "lowest", "highest", "mean"),
    [
        (3, 32, -0.08, 0.05, 0.04),
        (3, 128, -0.03, 0.02, 0.01),
        (5, 32, -0.1, 0.05, 0.05),
        (5, 128, -0.03, 0.02, 0.015),
        (7, 32, -0.15, 0.05, 0.08),
        (7, 128, -0.04, 0.02, 0.025),
        (64, 128, -0.3, 0.02, 0.25),
    ],
)
def test_the_gradient_of_a_growing_polygon_is_its_outline(sides, size, lowest, highest, mean):
    """At 128 x 128, measured on average: -0.6, -1.0, -1.7 per cent, and -21 with edges of 5 pixels (64 sides)."""
    radius, center = 0.4 * size, torch.tensor([size / 2 + 0.31, size / 2 - 0.17], dtype=torch.float64)
    area = 0.5 * sides * radius**2 * math.sin(2 * math.pi / sides)
    errors = []
    for turn in range(12):
        angle = 0.1 + 2 * math.pi * (torch.arange(sides, dtype=torch.float64) + turn / 12) / sides
        directions = torch.stack((angle.cos(), angle.sin()), dim=1)
        value, slope = gradient_of_mean(center + radius * directions, directions, size)
        assert value == pytest.approx(area, rel=0.006)
        errors.append(slope / (2 * area / radius) - 1)
    assert lowest < min(errors)
    assert max(errors) < highest
    assert abs(sum(errors) / len(errors)) < mean
