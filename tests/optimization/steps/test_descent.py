"""What a step of gradient descent does with its gradient, against the same in torch."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.optimization.steps.descent import adam_update, gradient_masks

HOW = {"steps": 3, "rate": 0.03, "betas": (0.8, 0.95), "eps": 1e-8}


@pytest.mark.parametrize("backend", ["cpu", "reference"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_are_told_apart(dtype, backend):
    inf, nan = float("inf"), float("nan")
    rows = [[0, 1e-30, 0], [0, -0.0, 0], [nan, 1, 1], [1, 1, -inf], [0, nan, 0], [1, 2, 3]]
    with using(backend):
        non_finite, has_gradient = gradient_masks(torch.tensor(rows, dtype=dtype))
        assert non_finite is not None
        assert non_finite.tolist() == [False, False, True, True, True, False]
        assert has_gradient.tolist() == [True, False, False, False, False, True]
        non_finite, has_gradient = gradient_masks(torch.tensor(rows[:2], dtype=dtype))
        assert (non_finite is None) if backend == "cpu" else (non_finite.tolist() == [False, False])
        assert has_gradient.tolist() == [True, False]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-15), (torch.float32, 3e-7)])
@pytest.mark.parametrize("shape", [(1,), (3, 21), (70_001,)])
def test_adam_is_the_same_in_torch(shape, dtype, tolerance):
    draw = torch.Generator().manual_seed(0)
    state = [torch.randn(shape, generator=draw, dtype=dtype) for _ in range(4)]
    state[2].square_()
    state[3].flatten()[:2] = 0
    ours, theirs = ([tensor.clone() for tensor in state] for _ in range(2))
    adam_update(*ours, **HOW)
    with using("reference"):
        adam_update(*theirs, **HOW)
    for one, other, before in zip(ours, theirs, state, strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)
        assert torch.equal(one, before) == (before is state[3])


def test_threads_do_not_change_a_bit():
    found = []
    usual = torch.get_num_threads()
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            draw = torch.Generator().manual_seed(0)
            state = [torch.rand(150_000, generator=draw) for _ in range(4)]
            adam_update(*state, **HOW)
            found.append(torch.stack(state))
    finally:
        torch.set_num_threads(usual)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


def test_autograd_knows_of_the_change():
    parameter = torch.ones(3, requires_grad=True)
    loss = parameter.square().sum()
    with torch.no_grad():
        adam_update(parameter, torch.zeros(3), torch.zeros(3), torch.ones(3), **HOW)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_any_layout():
    draw = torch.Generator().manual_seed(0)
    state = [torch.rand((4, 5), generator=draw) for _ in range(4)]
    strided = [tensor.T.contiguous().T for tensor in state]
    adam_update(*state, **HOW)
    adam_update(*strided, **HOW)
    for one, other in zip(state, strided, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)
