"""shade on Triton against the CPU op, which tests/ops/test_shade.py holds against autograd and finite differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.kernels.compare import assert_near, gradients
from tests.kernels.on_triton import on_triton
from tests.ops.marks import FORWARD_AD
from tests.ops.test_shade import BACKGROUND, LIGHTS, scene
from tests.ops.test_shade import shade as shade_cpu
from tvdrnet_nv import PhongLight, ops

shade_cuda = on_triton(ops.shade)

TVDRNET = LIGHTS["tvdrnet"]


def shade(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, light: PhongLight) -> Tensor:
    return shade_cuda(attributes, rast, tri, eye, light.over(BACKGROUND))


def of(function: Callable[..., Tensor], attributes: Tensor, tri: Tensor, light: PhongLight) -> Callable[..., Tensor]:
    """As a function of what can move."""
    return lambda rast, eye: function(attributes, rast, tri, eye, light)


def compare(backend, attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, light: PhongLight) -> None:
    """Values and gradients on the backend, of float64 tensors that `exact` has rounded."""
    there = [x.to(backend.device, None if x is tri else backend.dtype) for x in (attributes, rast, tri, eye)]
    got = gradients(of(shade, there[0], there[2], light), there[1], there[3])
    expected = gradients(of(shade_cpu, attributes, tri, light), rast, eye)
    for g, e in zip(got, expected, strict=True):
        assert_near(g, e, backend)
    assert torch.equal(got[1][..., 2:].cpu(), torch.zeros_like(rast[..., 2:], dtype=backend.dtype))


def exact(backend, *tensors: Tensor) -> list[Tensor]:
    """The tensors in float64, with values that the backend has too."""
    return [x if x.dtype == torch.int32 else x.to(backend.dtype).double() for x in tensors]


def of_size(rast: Tensor, height: int, width: int) -> Tensor:
    """An image of another size of these pixels, the first of which has a triangle in both images."""
    first = int((rast[..., 3] > 0).all(0).flatten().nonzero()[0, 0])
    return rast.flatten(1, 2)[:, first:][:, : height * width].reshape(len(rast), height, width, 4).contiguous()


@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS.keys())
@pytest.mark.parametrize("size", [(1, 1), (9, 17), (16, 16)])  # a block is of 128 pixels
def test_values_and_gradients_are_those_of_the_cpu(backend, light, size):
    attributes, rast, tri, eye = exact(backend, *scene(torch.float64, size=24))
    compare(backend, attributes, of_size(rast, *size), tri, eye, light)


@pytest.mark.parametrize("shininess", [0.0, 0.3, 1.0, 2.0, 2.5, 63.5])
def test_any_exponent(backend, shininess):
    light = PhongLight((-0.5, 0.5, -1.5), 0.1, 0.7, 0.9, shininess)
    compare(backend, *exact(backend, *scene(torch.float64, size=10)), light)


@pytest.mark.parametrize("shininess", [64.0, 1000.0, 1000.5, 5000.0])
def test_a_sharp_highlight(backend, shininess):
    """On a wall that mirrors the light towards the camera; the power multiplies the rounding of its base."""
    wall = torch.tensor([[-1.0, -1.0], [3.0, -1.0], [-1.0, 3.0]], dtype=torch.float64)
    normal, color = torch.tensor([0.0, 0.0, -1.0]), torch.tensor([0.2, 0.5, 0.4])
    attributes = torch.cat((wall, torch.zeros(3, 1), normal.expand(3, 3), color.expand(3, 3)), dim=1)
    near = torch.tensor([0.49, 0.24], dtype=torch.float64)
    uv = near + 0.02 * torch.rand((1, 8, 8, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rast = torch.cat((uv, torch.zeros_like(uv[..., :1]), torch.ones_like(uv[..., :1])), dim=-1)
    tri, eye = torch.tensor([[0, 1, 2]], dtype=torch.int32), torch.tensor([[0.01, 0.0, -2.0]], dtype=torch.float64)
    light = PhongLight((0.0, 0.0, -1.5), shininess=shininess)
    tolerance = max(backend.tolerance, 4 * shininess * torch.finfo(backend.dtype).eps)
    compare(replace(backend, tolerance=tolerance), *exact(backend, attributes, rast, tri, eye), light)
    assert float(shade_cpu(attributes, rast, tri, eye, light)[..., 0].max()) > 0.27


def test_a_huge_exponent_is_a_point_of_light(backend):
    attributes, rast, tri, eye = exact(backend, *scene(torch.float64, size=8))
    there = [x.to(backend.device, None if x is tri else backend.dtype) for x in (attributes, rast, tri, eye)]
    got = shade(*there, PhongLight(TVDRNET.location, shininess=1e12))
    expected = shade(*there, PhongLight(TVDRNET.location, specular=0.0))
    assert torch.equal(got, expected)


def test_degenerate_directions(backend):
    """Normals of no length; a light and a camera that sit on the surface."""
    attributes, rast, tri, eye = exact(backend, *scene(torch.float64, size=8))
    attributes[::2, 3:6] = 0.0
    compare(backend, attributes, rast, tri, eye, TVDRNET)
    attributes[:, :3] = 0.0
    eye[0] = 0.0
    compare(backend, attributes, rast, tri, eye, TVDRNET)
    compare(backend, attributes, rast, tri, eye, PhongLight((0.0, 0.0, 0.0)))


def test_vectors_too_short_to_be_normalised(backend):
    attributes, rast, tri, eye = scene(torch.float64, size=8)
    attributes[:, :3] = 0.0
    attributes[:, 3:6] *= 2e-7
    tiny = 2.0**-21  # float32 has it too
    light = PhongLight((0.5 * tiny, tiny, -tiny), shininess=2.0, specular=2.0)
    compare(backend, *exact(backend, attributes, rast, tri, tiny * eye / 4), light)


def test_all_background(backend):
    attributes, rast, tri, eye = (x.to(backend.device) for x in scene(torch.float64, size=3))
    attributes, rast, eye = (x.to(backend.dtype) for x in (attributes, torch.zeros_like(rast), eye))
    out, rast_grad, eye_grad = gradients(of(shade, attributes, tri, TVDRNET), rast, eye)
    assert torch.equal(out[..., :3], out.new_tensor(BACKGROUND).expand(2, 3, 3, 3))
    assert torch.equal(out[..., 3], torch.zeros_like(out[..., 3]))
    assert torch.equal(rast_grad, torch.zeros_like(rast))
    assert torch.equal(eye_grad, torch.zeros_like(eye))


def test_indices_of_another_mesh_are_background_and_reach_no_foreign_memory(backend):
    attributes, rast, tri, eye = (x.to(backend.device) for x in scene(torch.float64, size=6))
    attributes, rast, eye = (x.to(backend.dtype) for x in (attributes, rast, eye))
    rast[:, 0, :, 3] = 13.0  # there are 12 triangles
    rast[:, 1, :, 3] = 1.0
    rast[:, 2, :, 3] = -3.0
    tri = tri.clone()
    tri[0, 1] = 2**31 - 1
    out, rast_grad, _ = gradients(of(shade, attributes, tri, TVDRNET), rast, eye)
    assert torch.equal(out[:, :3, :, :3], out.new_tensor(BACKGROUND).expand(2, 3, 6, 3))
    assert torch.equal(rast_grad[:, :3], torch.zeros_like(rast_grad[:, :3]))


def test_an_image_gets_the_same_bits_in_any_batch_and_every_time(backend):
    attributes, rast, tri, eye = (x.to(backend.device) for x in scene(torch.float64, size=14))
    attributes, rast, eye = (x.to(backend.dtype) for x in (attributes, rast, eye))
    function = of(shade, attributes, tri, TVDRNET)
    both = gradients(lambda r, e: function(r, e).square(), rast, eye)
    for a, b in zip(both, gradients(lambda r, e: function(r, e).square(), rast, eye), strict=True):
        assert torch.equal(a, b)
    r, e = rast[1:].clone().requires_grad_(), eye[1:].clone().requires_grad_()
    weights = torch.linspace(-1, 2, rast.numel(), dtype=torch.float64).reshape(rast.shape).to(rast)
    torch.autograd.backward(function(r, e).square(), weights[1:])
    assert torch.equal(r.grad, both[1][1:])
    assert torch.equal(e.grad, both[2][1:])


def test_only_one_needs_a_gradient(backend):
    attributes, rast, tri, eye = (x.to(backend.device) for x in scene(torch.float64, size=6))
    attributes, rast, eye = (x.to(backend.dtype) for x in (attributes, rast, eye))
    _, rast_grad, eye_grad = gradients(of(shade, attributes, tri, TVDRNET), rast, eye)
    assert bool(rast_grad.any())
    assert bool(eye_grad.any())
    assert torch.equal(gradients(lambda r: shade(attributes, r, tri, eye, TVDRNET), rast)[1], rast_grad)
    assert torch.equal(gradients(lambda e: shade(attributes, rast, tri, e, TVDRNET), eye)[1], eye_grad)
    e = eye.clone().requires_grad_()
    shade(attributes, rast, tri, e, TVDRNET).sum().backward()  # a gradient that is one number, expanded
    assert bool(e.grad.any())


@FORWARD_AD
@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS.keys())
def test_forward_mode(backend, light):
    attributes, rast, tri, eye = exact(backend, *scene(torch.float64, size=8))
    there = [x.to(backend.device, None if x is tri else backend.dtype) for x in (attributes, rast, tri, eye)]
    tangents = [torch.linspace(-1, 1, x.numel(), dtype=torch.float64).reshape(x.shape) for x in (rast, eye)]
    tangents = exact(backend, *tangents)
    ours, theirs = of(shade, there[0], there[2], light), of(shade_cpu, attributes, tri, light)
    moved = [t.to(backend.device, backend.dtype) for t in tangents]
    _, got = torch.func.jvp(ours, (there[1], there[3]), tuple(moved))
    _, expected = torch.func.jvp(theirs, (rast, eye), tuple(tangents))
    assert float(expected.abs().max()) > 0
    assert_near(got, expected, backend)
    _, got = torch.func.jvp(lambda e: ours(there[1], e), (there[3],), (moved[1],))
    assert_near(got, torch.func.jvp(lambda e: theirs(rast, e), (eye,), (tangents[1],))[1], backend)
    _, got = torch.func.jvp(lambda r: ours(r, there[3]), (there[1],), (moved[0],))
    assert_near(got, torch.func.jvp(lambda r: theirs(r, eye), (rast,), (tangents[0],))[1], backend)
