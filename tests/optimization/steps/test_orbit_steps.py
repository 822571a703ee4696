"""orbit_move and orbit_limited against the same formulas in torch."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import Orbit
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.optimization import PARAMETERS
from tvdrnet_nv.optimization.orbit_coordinates import OrbitCoordinates

NAMES = [PARAMETERS, ("distance", "elevation", "azimuth"), ("at",), ("azimuth", "fov")]


def case(names: tuple[str, ...], dtype: torch.dtype) -> tuple[OrbitCoordinates, Orbit, Tensor]:
    """Some cameras at their limits."""
    orbit = Orbit.create(
        [2.5, 30.0, 200.0], [10.0, -90.0, 90.0], [100.0, 359.0, 0.0], [47.0, 5.0, 150.0], [[1.0, 2.0, 3.0]] * 3
    ).to(dtype)
    step = 0.3 * torch.randn(3, 5 + 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    coordinates = OrbitCoordinates(orbit, names, 2.0)
    return coordinates, orbit, step[:, : len(coordinates.rates)].to(dtype)


def both(function):
    """What the kernels and what torch makes of it."""
    ours = function()
    with using("reference"):
        return ours, function()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-14), (torch.float32, 1e-6)])
@pytest.mark.parametrize("names", NAMES)
def test_moves_and_gradients_are_the_formulas(names, dtype, tolerance):
    coordinates, orbit, step = case(names, dtype)

    def outcome() -> list[Tensor]:
        x = step.clone().requires_grad_()
        moved = coordinates.retract(orbit, x)
        fields = [getattr(moved, name) for name in PARAMETERS]
        sum((f * torch.arange(1.0, 1.0 + f.numel()).reshape(f.shape)).sum() for f in fields).backward()
        assert x.grad is not None
        return [*(field.detach() for field in fields), x.grad]

    for one, other in zip(*both(outcome), strict=True):
        assert one.dtype == dtype
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@FORWARD_AD
@pytest.mark.parametrize("names", NAMES)
def test_gradcheck(names):
    coordinates, orbit, step = case(names, torch.float64)

    def moved(x: Tensor) -> tuple[Tensor, ...]:
        return tuple(getattr(coordinates.retract(orbit, x), name) for name in names)

    x = step.clone().requires_grad_()
    assert torch.autograd.gradcheck(moved, x, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(moved, x)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-14), (torch.float32, 1e-6)])
@pytest.mark.parametrize("names", NAMES)
def test_limits_are_the_formulas(names, dtype, tolerance):
    coordinates, orbit, step = case(names, dtype)
    step[0, 0] = math.nan
    for size in (1.0, -1.0, 30.0):
        ours, theirs = both(lambda size=size: coordinates.limited(orbit, size * step))
        torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)
    if "fov" in names:
        assert (ours != -30.0 * step)[1:].any()  # something was cut


def test_a_step_of_nothing_stays():
    coordinates, orbit, step = case(PARAMETERS, torch.float32)
    moved = coordinates.retract(orbit, torch.zeros_like(step))
    for name in PARAMETERS:
        torch.testing.assert_close(getattr(moved, name), getattr(orbit, name), rtol=1e-7, atol=0)


def test_a_gradient_of_the_cameras_themselves_still_comes():
    coordinates, orbit, step = case(PARAMETERS, torch.float64)
    distance = orbit.distance.clone().requires_grad_()
    coordinates.retract(orbit.replace(distance=distance), step).distance.sum().backward()
    torch.testing.assert_close(distance.grad, step[:, 0].exp())
