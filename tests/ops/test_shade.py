"""shade against its reference, by autograd."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import PhongLight
from tvdrnet_nv import ops as dr
from tvdrnet_nv.ops.shade.reference import shade as shade_reference

BACKGROUND = (0.9, 0.8, 0.7)
LIGHTS = {
    "tvdrnet": PhongLight((1.0, 1.5, -2.0)),
    "odd exponent": PhongLight((-1.0, 0.5, -1.0), 0.1, 0.7, 0.9, 3.7),
    "low exponent": PhongLight((0.0, 0.5, -1.5), 0.0, 0.5, 1.0, 1.0),
}


def scene(dtype: torch.dtype, seed: int = 0, size: int = 12) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Attributes, rast of two images, faces and eyes; some pixels lit, some not, some background."""
    g = torch.Generator().manual_seed(seed)
    position = torch.rand((30, 3), generator=g, dtype=dtype) * 2 - 1
    normal = torch.randn((30, 3), generator=g, dtype=dtype)
    color = torch.rand((30, 3), generator=g, dtype=dtype)
    tri = torch.randint(0, 30, (12, 3), generator=g, dtype=torch.int32)
    clip = torch.cat((position, torch.ones(30, 1, dtype=dtype)), dim=1).expand(2, -1, -1).contiguous()
    clip[1] *= torch.tensor([0.5, 1.0, 0.9, 1.2], dtype=dtype)
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(), clip, tri, (size, size))
    eye = torch.tensor([[0.3, 0.2, -2.0], [-0.5, 0.1, -1.5]], dtype=dtype)
    return torch.cat((position, normal, color), dim=1), rast, tri, eye


def shade(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, light: PhongLight) -> Tensor:
    return dr.shade(attributes, rast, tri, eye, light.over(BACKGROUND))


def reference(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, light: PhongLight) -> Tensor:
    return shade_reference(attributes, rast, tri, eye, light.over(BACKGROUND))


@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS.keys())
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-5), (torch.float64, 1e-12)])
def test_values_and_gradients_are_the_references(light, dtype, tolerance):
    attributes, rast, tri, eye = scene(dtype)
    results = []
    for function in (shade, reference):
        r, e = rast.clone().requires_grad_(), eye.clone().requires_grad_()
        out = function(attributes, r, tri, e, light)
        weights = torch.linspace(-1, 2, out.numel(), dtype=dtype).reshape(out.shape)
        (out * weights).sum().backward()
        results.append((out.detach(), r.grad, e.grad))
    for got, expected in zip(*results, strict=True):
        scale = float(expected.abs().max())
        assert scale > 0
        torch.testing.assert_close(got, expected, rtol=0, atol=tolerance * scale)
    assert 0 < float(results[0][0][..., 3].mean()) < 1


@FORWARD_AD
@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS.keys())
def test_gradcheck(light):
    attributes, rast, tri, eye = scene(torch.float64, seed=1, size=6)
    constant = rast[..., 2:]

    def function(uv: Tensor, e: Tensor) -> Tensor:
        return shade(attributes, torch.cat((uv, constant), dim=-1), tri, e, light)

    inputs = (rast[..., :2].clone().requires_grad_(), eye.clone().requires_grad_())
    assert torch.autograd.gradcheck(function, inputs, eps=1e-7, atol=1e-5, check_forward_ad=True)


@FORWARD_AD
def test_jvp_of_torch_func():
    attributes, rast, tri, eye = scene(torch.float64)
    light = LIGHTS["tvdrnet"]
    direction = torch.ones_like(eye)
    _, tangent = torch.func.jvp(lambda e: shade(attributes, rast, tri, e, light), (eye,), (direction,))
    step = 1e-6
    high, low = (shade(attributes, rast, tri, eye + s * direction, light) for s in (step, -step))
    torch.testing.assert_close(tangent, (high - low) / (2 * step), rtol=1e-6, atol=1e-8)


def test_the_number_of_threads_changes_no_bit():
    attributes, rast, tri, eye = scene(torch.float32, size=61)
    threads = torch.get_num_threads()
    results = []
    try:
        for n in (1, 2, 8):
            torch.set_num_threads(n)
            r, e = rast.clone().requires_grad_(), eye.clone().requires_grad_()
            out = shade(attributes, r, tri, e, LIGHTS["tvdrnet"])
            out.square().sum().backward()
            results.append((out.detach(), r.grad, e.grad))
    finally:
        torch.set_num_threads(threads)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_bad_arguments_are_named():
    attributes, rast, tri, eye = scene(torch.float32)
    light = LIGHTS["tvdrnet"]
    with pytest.raises(ValueError, match=r"attributes.*9"):
        shade(attributes[:, :8], rast, tri, eye, light)
    with pytest.raises(ValueError, match="attributes must not require a gradient"):
        shade(attributes.clone().requires_grad_(), rast, tri, eye, light)
    with pytest.raises(ValueError, match="eye"):
        shade(attributes, rast, tri, eye[:1], light)
    with pytest.raises(TypeError, match="eye"):
        shade(attributes, rast, tri, eye.double(), light)
    with pytest.raises(ValueError, match="tri"):
        shade(attributes, rast, tri + 30, eye, light)
    with pytest.raises(ValueError, match="rast"):
        shade(attributes, rast, tri[:2], eye, light)
