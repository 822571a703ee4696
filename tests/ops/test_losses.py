"""image_statistics and mean_squared_error against the same formulas in torch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import ops as dr


def statistics(image: Tensor) -> Tensor:
    colors = image[..., :3].flatten(1)
    return torch.stack([colors.mean(1), colors.std(1), image[..., 3].flatten(1).mean(1)], dim=1)


def images(dtype: torch.dtype, size: tuple[int, int] = (19, 23)) -> Tensor:
    return torch.rand(3, *size, 4, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-13)])
@pytest.mark.parametrize("size", [(19, 23), (1, 1), (5, 4), (64, 2)])
def test_statistics_and_their_gradient(dtype, tolerance, size):
    results = []
    for function in (dr.image_statistics, statistics):
        image = images(dtype, size).requires_grad_()
        out = function(image)
        (out * torch.tensor([1.0, -2.0, 0.5], dtype=dtype)).sum().backward()
        results.append((out.detach(), image.grad))
    for have, want in zip(*results, strict=True):
        torch.testing.assert_close(have, want, rtol=0, atol=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-13)])
@pytest.mark.parametrize("clip", [False, True])
def test_squared_error_and_its_gradient(dtype, tolerance, clip):
    def formula(x: Tensor, t: Tensor) -> Tensor:
        colors = x[..., :3].clamp(0, 1) if clip else x[..., :3]
        return (colors - t).square().mean((1, 2, 3))

    target = torch.rand(19, 23, 3, generator=torch.Generator().manual_seed(1), dtype=dtype)
    results = []
    for function in (lambda x, t: dr.mean_squared_error(x, t, clip=clip), formula):
        image = (1.5 * images(dtype) - 0.25).requires_grad_()
        out = function(image, target)
        (out * torch.tensor([1.0, -2.0, 0.5], dtype=dtype)).sum().backward()
        results.append((out.detach(), image.grad))
    for have, want in zip(*results, strict=True):
        torch.testing.assert_close(have, want, rtol=0, atol=tolerance)


@FORWARD_AD
def test_gradcheck():
    target = torch.rand(4, 3, 3, dtype=torch.float64)
    image = images(torch.float64, (4, 3)).requires_grad_()
    assert torch.autograd.gradcheck(dr.image_statistics, image, check_forward_ad=True)
    assert torch.autograd.gradcheck(lambda x: dr.mean_squared_error(x, target), image, check_forward_ad=True)
    wide = (2 * image.detach() - 0.5).requires_grad_()
    assert bool((wide > 1).any() and (wide < 0).any())
    clipped = lambda x: dr.mean_squared_error(x, target, clip=True)  # noqa: E731
    assert torch.autograd.gradcheck(clipped, wide, check_forward_ad=True)


def test_what_is_clipped_has_no_gradient():
    image = torch.tensor([1.5, -0.5, 0.5, 1.0], dtype=torch.float64).reshape(1, 1, 1, 4).requires_grad_()
    loss = dr.mean_squared_error(image, torch.tensor([0.9, 0.2, 0.25], dtype=torch.float64).reshape(1, 1, 3), clip=True)
    loss.sum().backward()
    assert float(loss.detach()) == pytest.approx((0.1**2 + 0.2**2 + 0.25**2) / 3)
    assert image.grad is not None
    assert image.grad.flatten().tolist() == pytest.approx([0.0, 0.0, 2 * 0.25 / 3, 0.0])


def test_a_constant_image_has_no_deviation_and_a_finite_gradient():
    image = torch.full((1, 8, 9, 4), 0.3, dtype=torch.float64, requires_grad=True)
    mean, deviation, coverage = dr.image_statistics(image)[0]
    torch.testing.assert_close(torch.stack([mean, coverage]), torch.tensor([0.3, 0.3], dtype=torch.float64))
    assert float(deviation.detach()) < 1e-7
    deviation.backward()
    assert image.grad is not None
    assert image.grad.isfinite().all()


def test_any_number_of_threads_gives_the_same_bits(restored_threads):
    image, target = images(torch.float32, (150, 131)), torch.rand(150, 131, 3)
    results = []
    for threads in (1, 2, 5):
        torch.set_num_threads(threads)
        x = image.clone().requires_grad_()
        out = dr.image_statistics(x).sum(1) + dr.mean_squared_error(x, target)
        out.sum().backward()
        results.append((out.detach(), x.grad))
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_wrong_arguments():
    with pytest.raises(ValueError, match="image must have shape"):
        dr.image_statistics(torch.zeros(1, 4, 4, 3))
    with pytest.raises(TypeError, match="image must be"):
        dr.image_statistics(torch.zeros(1, 4, 4, 4, dtype=torch.int32))
    with pytest.raises(ValueError, match="target must have shape"):
        dr.mean_squared_error(torch.zeros(1, 4, 4, 4), torch.zeros(4, 5, 3))
    with pytest.raises(TypeError, match="target must be float32"):
        dr.mean_squared_error(torch.zeros(1, 4, 4, 4), torch.zeros(4, 4, 3, dtype=torch.float64))


def heuristic(image: Tensor) -> Tensor:
    mean, deviation, coverage = statistics(image).unbind(1)
    return (mean - 0.5).abs() - 0.1 * deviation - 0.5 * coverage


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-13)])
@pytest.mark.parametrize("shift", [-0.3, 0.3])
def test_view_heuristic_and_its_gradient(dtype, tolerance, shift):
    results = []
    for function in (dr.view_heuristic_loss, heuristic):
        image = (images(dtype) + shift).requires_grad_()
        out = function(image)
        (out * torch.tensor([1.0, -2.0, 0.5], dtype=dtype)).sum().backward()
        results.append((out.detach(), image.grad))
    for have, want in zip(*results, strict=True):
        torch.testing.assert_close(have, want, rtol=0, atol=tolerance)


@FORWARD_AD
def test_gradcheck_of_the_view_heuristic():
    image = images(torch.float64, (4, 3)).requires_grad_()
    assert torch.autograd.gradcheck(dr.view_heuristic_loss, image, check_forward_ad=True)
