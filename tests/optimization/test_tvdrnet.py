"""TVDRNet's stepper: its written-out gradient against autograd's."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.optimization.tvdrnet import TVDRNetStepper

STARTS = Orbit.create(
    [3.0, 30.0, 0.5], [10.0, 95.0, -3.0], [20.0, 400.0, -500.0], at=[[0.0, 0.0, 0.1]] * 3, dtype=torch.float64
)


NAMES = [("distance", "elevation", "azimuth"), ("azimuth",), ("elevation", "fov", "at"), ("at",)]


@pytest.mark.parametrize("names", NAMES)
def test_the_gradient_is_autograds(names):
    torch.manual_seed(0)
    stepper = TVDRNetStepper(STARTS, names, 2.0, None)
    how, values = stepper._adjustment, stepper._values.detach().clone().requires_grad_()
    weights = [w.detach().clone().requires_grad_() for w in how.mlp.weights]
    biases = [b.detach().clone().requires_grad_() for b in how.mlp.biases]
    x = (values / how.scale)[:, None]
    for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        x = x @ weight + bias
        x = torch.relu(x) if i < 3 else torch.tanh(x)
    wanted = values + 0.1 * how.scale * x[:, 0]  # but for the limits, through which gradients pass
    factors = torch.randn_like(wanted)
    (wanted * factors).sum().backward()
    orbit = stepper.viewpoint()
    (orbit.pack(names) * factors).sum().backward()
    torch.testing.assert_close(stepper._values.grad, values.grad)
    flat = torch.cat([p.grad.flatten(1) for pair in zip(weights, biases, strict=True) for p in pair], 1)
    torch.testing.assert_close(stepper._weights.grad, flat)
    if "elevation" in names:
        assert (orbit.elevation.abs() <= 90).all()
    if "azimuth" in names:
        unlimited = wanted[:, names.index("azimuth")].detach()
        torch.testing.assert_close(orbit.azimuth.detach(), torch.fmod(unlimited, 360.0))


def test_a_held_camera_does_not_move():
    torch.manual_seed(0)
    stepper = TVDRNetStepper(STARTS, ("distance", "azimuth"), 2.0, None)
    before = stepper.viewpoint().pack(("distance", "azimuth"))
    before.sum().backward()
    stepper.freeze(torch.tensor([False, True, False]))
    stepper.step()
    moved = (stepper.viewpoint().pack(("distance", "azimuth")) - before).detach().abs().sum(1)
    assert moved[1] == 0
    assert (moved[[0, 2]] > 0).all()
