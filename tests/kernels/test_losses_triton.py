"""The losses on Triton against the formulas in plain torch and float64; test_pipeline_triton.py has the objectives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.kernels.compare import assert_near, gradients
from tests.kernels.on_triton import on_triton
from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import ops
from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.losses.cuda import fused_squared_error

view_heuristic_cuda = on_triton(ops.view_heuristic_loss)
mean_squared_error_cuda = on_triton(ops.mean_squared_error)

SIZES = [(1, 1, 1), (3, 3, 5), (2, 23, 29), (1, 16, 32)]  # a block is of 512 pixels


def squared_error_cuda(images: Tensor, target: Tensor, clip: bool = False) -> Tensor:
    """The kernels themselves, which take three channels, and a target for each image, too."""
    return fused_squared_error(images.contiguous(), target.contiguous().reshape(-1, *images.shape[1:3], 3), clip)


def heuristic(images: Tensor) -> Tensor:
    values = images[..., :3].flatten(1)
    return (values.mean(1) - 0.5).abs() - 0.1 * values.std(1) - 0.5 * images[..., 3].flatten(1).mean(1)


def squared_error(images: Tensor, target: Tensor, clip: bool = False) -> Tensor:
    colors = images[..., :3].clamp(0, 1) if clip else images[..., :3]
    return (colors - target).square().mean(dim=(1, 2, 3))


def pictures(backend, *shape: int, seed: int = 0) -> Tensor:
    """Of different brightness, so that the heuristic's first term has either sign."""
    g = torch.Generator().manual_seed(seed)
    images = torch.rand(shape, generator=g, dtype=torch.float64)
    images = images * torch.linspace(0.4, 1.6, len(images)).reshape(-1, *(1,) * (len(shape) - 1))
    return images.to(backend.device, backend.dtype)


@pytest.mark.parametrize("size", SIZES)
def test_heuristic_is_the_formula(backend, size):
    images = pictures(backend, *size, 4)
    expected = gradients(heuristic, images.cpu().double())
    for got, want in zip(gradients(view_heuristic_cuda, images), expected, strict=True):
        assert_near(got, want, backend)


@pytest.mark.parametrize("loss", ["heuristic", "squared error"])
def test_more_blocks_than_are_joined_at_once(backend, loss):
    images, target = pictures(backend, 1, 331, 400, 4), pictures(backend, 331, 400, 3, seed=1)
    images[:, 200:] *= 0.3  # blocks that differ
    if loss == "heuristic":
        assert_near(view_heuristic_cuda(images), heuristic(images.cpu().double()), backend)
    else:
        expected = squared_error(images.cpu().double(), target.cpu().double())
        assert_near(squared_error_cuda(images, target), expected, backend)


@pytest.mark.parametrize("value", [0.25, 0.5, 0.75])
def test_an_image_of_one_value_has_the_formulas_gradient(backend, value):
    images = torch.full((1, 20, 30, 4), value, dtype=backend.dtype, device=backend.device)
    got, expected = gradients(view_heuristic_cuda, images), gradients(heuristic, images.cpu().double())
    assert_near(got[0], expected[0], backend)
    assert_near(got[1], expected[1], backend)
    assert bool(expected[1][..., :3].any()) == (value != 0.5)


def test_the_deviation_survives_a_large_mean(backend):
    images = pictures(backend, 2, 30, 40, 4)
    images[..., :3] = 1000 + 0.01 * images[..., :3]
    values = images[..., :3].cpu().double().flatten(1)
    mean, deviation = cuda.load("losses").heuristic(images)[1].cpu().double().unbind(1)
    torch.testing.assert_close(mean, values.mean(1), rtol=1e-7, atol=0)
    torch.testing.assert_close(deviation, values.std(1), rtol=1e-5, atol=0)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("clip", [False, True])
def test_squared_error_is_the_formula(backend, size, channels, clip):
    images, target = 1.5 * pictures(backend, *size, channels) - 0.25, pictures(backend, *size[1:], 3, seed=1)
    expected = gradients(lambda x: squared_error(x, target.cpu().double(), clip), images.cpu().double())
    for shaped in (target, target[None]):
        got = gradients(lambda x, shaped=shaped: squared_error_cuda(x, shaped, clip), images)
        for g, e in zip(got, expected, strict=True):
            assert_near(g, e, backend)


def test_each_image_may_have_a_target_of_its_own(backend):
    images, targets = pictures(backend, 3, 7, 11, 4), pictures(backend, 3, 7, 11, 3, seed=1)
    got, gradient = gradients(lambda x: squared_error_cuda(x, targets), images)
    for b in range(3):
        exact = images[b : b + 1].cpu().double().requires_grad_()
        expected = squared_error(exact, targets[b].cpu().double())
        assert_near(got[b : b + 1], expected, backend)
        weight = -1 + 1.5 * b
        assert_near(gradient[b : b + 1], weight * torch.autograd.grad(expected.sum(), exact)[0], backend)


def test_the_layout_in_memory_does_not_matter(backend):
    images, target = pictures(backend, 2, 5, 6, 4), pictures(backend, 5, 6, 3, seed=1)
    rgb, turned = images[..., :3], target.transpose(0, 1).contiguous().transpose(0, 1)
    assert not rgb.is_contiguous()
    assert not turned.is_contiguous()
    assert torch.equal(squared_error_cuda(rgb, turned), squared_error_cuda(images, target))
    planes = images.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
    assert torch.equal(view_heuristic_cuda(planes), view_heuristic_cuda(images))


@pytest.mark.parametrize("loss", ["heuristic", "squared error"])
def test_an_image_gets_the_same_bits_in_any_batch_and_every_time(backend, loss):
    images, target = pictures(backend, 3, 30, 40, 4), pictures(backend, 30, 40, 3, seed=1)
    function = view_heuristic_cuda if loss == "heuristic" else lambda x: squared_error_cuda(x, target)
    values, gradient = gradients(function, images)
    again = gradients(function, images)
    assert torch.equal(values, again[0])
    assert torch.equal(gradient, again[1])
    alone = images[2:].clone().requires_grad_()
    value = function(alone)
    torch.autograd.backward(value, 2 * torch.ones_like(value))
    assert torch.equal(value.detach(), values[2:])
    assert torch.equal(alone.grad, gradient[2:])


@FORWARD_AD
def test_forward_mode(backend):
    images, target = pictures(backend, 2, 4, 5, 4), pictures(backend, 4, 5, 3, seed=1)
    tangent = pictures(backend, 2, 4, 5, 4, seed=2)
    exact = (images.cpu().double(),), (tangent.cpu().double(),)
    assert_near(
        torch.func.jvp(view_heuristic_cuda, (images,), (tangent,))[1], torch.func.jvp(heuristic, *exact)[1], backend
    )
    _, got = torch.func.jvp(lambda x: squared_error_cuda(x, target), (images,), (tangent,))
    _, want = torch.func.jvp(lambda x: squared_error(x, target.cpu().double()), *exact)
    assert_near(got, want, backend)
    wide, exact = 2 * images - 0.5, ((2 * images - 0.5).cpu().double(),)
    _, got = torch.func.jvp(lambda x: squared_error_cuda(x, target, True), (wide,), (tangent,))
    _, want = torch.func.jvp(lambda x: squared_error(x, target.cpu().double(), True), exact, (tangent.cpu().double(),))
    assert_near(got, want, backend)


def test_the_op_takes_the_kernels(backend):
    images, target = pictures(backend, 2, 7, 11, 4), pictures(backend, 7, 11, 3, seed=1)
    got = gradients(lambda x: mean_squared_error_cuda(x, target), images)
    for g, e in zip(got, gradients(lambda x: squared_error_cuda(x, target), images), strict=True):
        assert torch.equal(g, e)
    wide = 2 * images - 0.5
    got = gradients(lambda x: mean_squared_error_cuda(x, target, clip=True), wide)
    for g, e in zip(got, gradients(lambda x: squared_error_cuda(x, target, True), wide), strict=True):
        assert torch.equal(g, e)


def test_bad_arguments_are_named():
    images, target = torch.zeros(2, 4, 5, 4), torch.zeros(4, 5, 3)
    with pytest.raises(ValueError, match=r"image.*\[2, 4, 5, 3\]"):
        view_heuristic_cuda(images[..., :3])
    with pytest.raises(ValueError, match="image must have pixels"):
        view_heuristic_cuda(images[:, :0])
    with pytest.raises(ValueError, match=r"target.*\[4, 4, 3\]"):
        mean_squared_error_cuda(images, target[:, :4])
    with pytest.raises(TypeError, match="target"):
        mean_squared_error_cuda(images, target.double())
