"""Derivatives of render_phong, against those of the ops that it fuses and against differences."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.phong_scenes import MESHES, ODD, PHONG, ToClip, cameras, composed, scene
from tvdrnet_nv import ops as dr
from tvdrnet_nv.scenes import sphere, sphere_field


@pytest.mark.parametrize("phong", [PHONG, ODD], ids=["whole exponent", "odd exponent"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-4), (torch.float64, 1e-10)])
@pytest.mark.parametrize("mesh", MESHES.values(), ids=MESHES.keys())
def test_gradients_are_those_of_the_ops(mesh, dtype, tolerance, phong):
    mesh, size = mesh(), (48, 64)
    s = scene(mesh, dtype)
    start = cameras(mesh, dtype, size[1] / size[0])
    found = []
    for fused in (True, False):
        to_clip, eye = (t.clone().requires_grad_() for t in start)
        if fused:
            image, rast = dr.render_phong(s, to_clip, eye, size, phong, walk=64)
        else:
            image, rast = composed(s, ToClip.apply(to_clip, s), eye, size, 64, phong)
        weights = torch.linspace(-1, 2, image.numel(), dtype=dtype).reshape(image.shape)
        ((image * weights).sum() + (rast[..., :2] * weights[..., :2]).sum()).backward()
        found.append((to_clip.grad, eye.grad))
    for have, want in zip(*found, strict=True):
        assert want.abs().max() > 0
        for one, other in zip(have, want, strict=True):  # camera by camera
            scale = float(other.abs().max())
            torch.testing.assert_close(one, other, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("which", ["image", "rast"])
def test_either_output_alone_has_a_gradient(which):
    mesh, size = sphere(2), (24, 24)
    s = scene(mesh, torch.float64)
    found = []
    for fused in (True, False):
        to_clip, eye = (t.clone().requires_grad_() for t in cameras(mesh, torch.float64, 1.0))
        if fused:
            image, rast = dr.render_phong(s, to_clip, eye, size, PHONG)
        else:
            image, rast = composed(s, ToClip.apply(to_clip, s), eye, size, 64)
        (image[..., :3].square() if which == "image" else rast[..., :2].square()).sum().backward()
        found.append(to_clip.grad)
    torch.testing.assert_close(found[0], found[1], rtol=1e-9, atol=1e-9 * float(found[1].abs().max()))
    assert found[0].abs().max() > 0


@FORWARD_AD
def test_gradcheck():
    mesh = sphere(1)
    s = scene(mesh, torch.float64)
    to_clip, eye = (t[:2].clone().requires_grad_() for t in cameras(mesh, torch.float64, 1.0))

    def draw(to_clip: Tensor, eye: Tensor) -> Tensor:
        return dr.render_phong(s, to_clip, eye, (7, 6), PHONG)[0]

    assert torch.autograd.gradcheck(draw, (to_clip, eye), eps=1e-7, atol=1e-4, check_forward_ad=True)


@FORWARD_AD
@pytest.mark.parametrize("walk", [0, 64])
def test_forward_mode_is_the_transpose(walk):
    mesh, size = sphere_field(3000, seed=1), (40, 56)
    s = scene(mesh, torch.float64)
    start = cameras(mesh, torch.float64, size[1] / size[0])
    generator = torch.Generator().manual_seed(0)
    along = tuple(torch.randn(t.shape, generator=generator, dtype=t.dtype) for t in start)

    def draw(to_clip: Tensor, eye: Tensor) -> tuple[Tensor, Tensor]:
        return dr.render_phong(s, to_clip, eye, size, PHONG, walk=walk)

    outputs, tangents = torch.func.jvp(draw, start, along)
    back = [torch.randn(t.shape, generator=generator, dtype=t.dtype) for t in outputs]
    leaves = [t.clone().requires_grad_() for t in start]
    grads = torch.autograd.grad(draw(*leaves), leaves, back)
    forward = sum(float((t * b).sum()) for t, b in zip(tangents, back, strict=True))
    backward = sum(float((g * a).sum()) for g, a in zip(grads, along, strict=True))
    assert math.isclose(forward, backward, rel_tol=1e-9)
    assert abs(forward) > 1e-3
