"""adjust against the same in torch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.camera.parameters import widths
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.optimization.steps.adjust import Adjustment, adjust
from tvdrnet_nv.optimization.steps.camera_mlp import CameraMLP

NAMES = [("distance", "elevation", "azimuth"), ("azimuth",), ("distance", "elevation", "azimuth", "fov", "at")]


def in_torch(values: Tensor, networks: Tensor, how: Adjustment) -> tuple[Tensor, ...]:
    with using("reference"):
        return adjust(values, networks, how)


def case(cameras: int, names: tuple[str, ...], dtype: torch.dtype) -> tuple[Tensor, Tensor, Adjustment]:
    """Some values beyond their limits, and azimuths of several turns."""
    draw = torch.Generator().manual_seed(cameras)
    sizes = widths(names)
    values = 3 * torch.randn(cameras, sum(sizes), generator=draw, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        mlp = CameraMLP(cameras, sum(sizes))
    mlp.flat = 2 * mlp.flat  # so that the tanh bends
    scale = 0.5 + torch.rand(sum(sizes), generator=draw, dtype=torch.float64)
    low, high = torch.full_like(scale, -2.5), torch.full_like(scale, 2.5)
    turn = names.index("azimuth")
    low[turn], high[turn] = -torch.inf, torch.inf
    values[:, turn] *= 400
    scale[turn] = 180
    how = [tensor.to(dtype) for tensor in (scale, 0.7 * scale, low, high)]
    return values.to(dtype), mlp.to(values.to(dtype)).flat, Adjustment(*how, turn, sizes, mlp)


def outcome(function, values: Tensor, networks: Tensor, how: Adjustment) -> list[Tensor]:
    """What it gives, and the gradients."""
    values, networks = (tensor.clone().requires_grad_() for tensor in (values, networks))
    out = function(values, networks, how)
    sum((part * torch.arange(1.0, 1.0 + part.numel()).reshape(part.shape)).sum() for part in out).backward()
    return [*(part.detach() for part in out), values.grad, networks.grad]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-13), (torch.float32, 3e-6)])
@pytest.mark.parametrize("cameras", [1, 5])
@pytest.mark.parametrize("names", NAMES)
def test_it_is_the_same_in_torch(names, cameras, dtype, tolerance):
    given = case(cameras, names, dtype)
    for got, wanted in zip(outcome(adjust, *given), outcome(in_torch, *given), strict=True):
        assert got.dtype == dtype
        assert got.shape == wanted.shape
        torch.testing.assert_close(got, wanted, rtol=tolerance, atol=tolerance * float(wanted.abs().max()))


def test_gradcheck():
    values, networks, how = case(2, NAMES[0], torch.float64)
    how.low.fill_(-torch.inf)  # a limit lets a gradient through that is not its own
    how.high.fill_(torch.inf)
    values = values.requires_grad_()
    networks = networks.requires_grad_()
    assert torch.autograd.gradcheck(lambda v: adjust(v, networks, how), values)
    # Some numbers of each layer; all would take thousands of evaluations.
    some = torch.arange(0, networks.shape[1], 613)
    rows = networks.detach()[:, some].requires_grad_()
    assert torch.autograd.gradcheck(
        lambda r: adjust(values.detach(), networks.detach().index_copy(1, some, r), how), rows
    )


def test_the_gradient_of_one_output_alone():
    given = case(3, NAMES[2], torch.float64)
    found = []
    for function in (adjust, in_torch):
        values = given[0].clone().requires_grad_()
        function(values, *given[1:])[4].transpose(0, 1).sum(0).sum().backward()
        found.append(values.grad)
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_threads_do_not_change_a_bit(dtype):
    given = case(40, NAMES[0], dtype)
    usual = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 7):
            torch.set_num_threads(threads)
            found.append(outcome(adjust, *given))
    finally:
        torch.set_num_threads(usual)
    alone = [outcome(adjust, given[0][k : k + 1], given[1][k : k + 1], given[2])[0] for k in range(40)]
    assert torch.equal(torch.cat(alone), found[0][0])
    for other in found[1:]:
        assert all(torch.equal(one, two) for one, two in zip(found[0], other, strict=True))


@pytest.mark.parametrize("where", ["values", "networks"])
def test_what_is_not_a_number_stays_so(where):
    values, networks, how = case(2, NAMES[0], torch.float32)
    (values if where == "values" else networks)[0, 0] = torch.nan
    for got, wanted in zip(adjust(values, networks, how), in_torch(values, networks, how), strict=True):
        assert got.isnan().tolist() == wanted.isnan().tolist() == [True, False]


def test_networks_of_another_shape_are_refused():
    values, networks, how = case(2, NAMES[0], torch.float32)
    with pytest.raises(ValueError, match="networks must have a row for each"):
        adjust(values, networks[:, 1:].contiguous(), how)
    with pytest.raises(ValueError, match="networks must have a row for each"):
        adjust(values, networks[:1], how)
