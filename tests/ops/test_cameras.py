"""orbit_view and clip_matrices against the same formulas in torch."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import Orbit
from tvdrnet_nv.camera.orbit import WORLD_AXES
from tvdrnet_nv.ops import clip_matrices, orbit_view
from tvdrnet_nv.ops.clip_matrices import reference as clip_matrices_reference
from tvdrnet_nv.ops.orbit_view import reference as orbit_view_reference

SCALES = (0.6, -1.3, 1.002, -0.4)


def orbits(dtype: torch.dtype) -> tuple[Tensor, ...]:
    draw = partial(torch.rand, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    elevation = torch.tensor([-90.0, 0.0, 38.0, 90.0, 135.0], dtype=torch.float64)
    parts = (1 + 5 * draw(5), elevation, 360 * draw(5) - 180, 30 + 90 * draw(5), 4 * draw(5, 3) - 2)
    return tuple(part.to(dtype).requires_grad_() for part in parts)


def pinholes(dtype: torch.dtype) -> tuple[Tensor, ...]:
    draw = partial(torch.randn, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return tuple(draw(4, *shape).to(dtype).requires_grad_() for shape in ((3, 3), (3,), (2,), (2,)))


OPS = {
    **{
        f"orbit_view, {up} up": (
            orbits,
            partial(orbit_view, axes=axes),
            partial(orbit_view_reference.orbit_view, axes=axes),
        )
        for up, axes in WORLD_AXES.items()
    },
    "clip_matrices": (
        pinholes,
        lambda x: clip_matrices(x, SCALES),
        lambda x: clip_matrices_reference.clip_matrices(x, SCALES),
    ),
}


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-6), (torch.float64, 1e-14)])
@pytest.mark.parametrize(("inputs", "op", "reference"), OPS.values(), ids=OPS.keys())
def test_it_is_the_formula_in_torch(inputs, op, reference, dtype, tolerance):
    got, wanted = op(inputs(dtype)), reference(inputs(torch.float64))
    for one, other in zip(got, wanted, strict=True):
        assert one.dtype == dtype
        torch.testing.assert_close(one.double(), other, rtol=tolerance, atol=4 * tolerance)


@FORWARD_AD
@pytest.mark.parametrize(("inputs", "op", "reference"), OPS.values(), ids=OPS.keys())
def test_gradcheck(inputs, op, reference):
    x = inputs(torch.float64)
    assert torch.autograd.gradcheck(lambda *x: op(x), x, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(lambda *x: op(x), x)


@pytest.mark.parametrize(("inputs", "op", "reference"), OPS.values(), ids=OPS.keys())
def test_float32_gradients_are_those_of_the_reference(inputs, op, reference):
    found = []
    for function, dtype in ((op, torch.float32), (reference, torch.float64)):
        x = inputs(dtype)
        sum((out * torch.arange(out.numel()).reshape(out.shape)).sum() for out in function(x)).backward()
        found.append([t.grad.double() for t in x])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-4)


def test_the_tangents_of_torch_func_are_the_references():
    for inputs, op, reference in OPS.values():
        x = tuple(t.detach() for t in inputs(torch.float64))
        tangents = tuple(torch.ones_like(t) for t in x)
        got, wanted = (torch.func.jvp(lambda *x, f=f: f(x), x, tangents)[1] for f in (op, reference))
        for one, other in zip(got, wanted, strict=True):
            torch.testing.assert_close(one, other)


def test_fields_that_are_views_and_one_that_alone_needs_a_gradient():
    table = torch.tensor([[2.0, 10.0, 20.0, 60.0], [3.0, -15.0, 80.0, 50.0]], requires_grad=True)
    orbit = Orbit(*table.unbind(1), at=torch.zeros(2, 3))
    whole = Orbit(*(c.detach().clone() for c in table.unbind(1)), at=torch.zeros(2, 3))
    matrix, eye = orbit.camera().clip_matrix_and_position(1.5, 0.1, 100.0)
    for one, other in zip((matrix, eye), whole.camera().clip_matrix_and_position(1.5, 0.1, 100.0), strict=True):
        assert torch.equal(one, other)
    (of_distance,) = torch.autograd.grad(eye.sum(), table)
    assert torch.isfinite(of_distance).all()
    assert of_distance[:, 0].abs().min() > 0
    assert (of_distance[:, 3] == 0).all()


def test_flipping_y_negates_one_row():
    camera = Orbit.create(2.0, 10.0, 20.0).camera()
    plain, flipped = (camera.clip_matrix_and_position(1.5, 0.1, 100.0, flip_y=flip)[0] for flip in (False, True))
    assert torch.equal(flipped, plain * torch.tensor([1.0, -1.0, 1.0, 1.0])[:, None])
