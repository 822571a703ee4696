"""The CUDA kernels of the losses, block by block on the CPU: every bit is the CPU kernels'."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import ops
from tvdrnet_nv.ops.backends import using


def image(height: int, width: int) -> Tensor:
    return 1.6 * torch.rand((3, height, width, 4), generator=torch.Generator().manual_seed(0)) - 0.3


def target(height: int, width: int) -> Tensor:
    return torch.rand((height, width, 3), generator=torch.Generator().manual_seed(1))


def losses(height: int, width: int):
    wanted = target(height, width)
    return {
        "statistics": ops.image_statistics,
        "heuristic": ops.view_heuristic_loss,
        "squared error": partial(ops.mean_squared_error, target=wanted),
        "clipped": partial(ops.mean_squared_error, target=wanted, clip=True),
    }


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 66), (64, 64)])
@pytest.mark.parametrize("name", ["statistics", "heuristic", "squared error", "clipped"])
def test_every_bit_is_the_cpus(name: str, size: tuple[int, int]) -> None:
    loss, found = losses(*size)[name], []
    for backend in ("cpu", "cuda-emulated"):
        leaf = image(*size).requires_grad_()
        with using(backend):
            out = loss(leaf)
            (gradient,) = torch.autograd.grad((out * torch.linspace(1, 2, out.numel()).reshape(out.shape)).sum(), leaf)
        found.append((out.detach(), gradient))
    (want, want_gradient), (have, have_gradient) = found
    assert torch.equal(have.nan_to_num(7), want.nan_to_num(7))
    assert torch.equal(have_gradient.nan_to_num(7), want_gradient.nan_to_num(7))


def test_grey_images_have_a_gradient_of_their_mean_alone() -> None:
    grey = torch.full((2, 8, 8, 4), 0.25)
    for backend in ("cpu", "cuda-emulated"):
        leaf = grey.clone().requires_grad_()
        with using(backend):
            (gradient,) = torch.autograd.grad(ops.view_heuristic_loss(leaf).sum(), leaf)
        assert float(gradient[..., :3].std()) == 0
        assert float(gradient[..., :3].mean()) < 0


@FORWARD_AD
@pytest.mark.parametrize("name", ["statistics", "heuristic", "squared error", "clipped"])
def test_forward_mode_is_the_cpus(name: str) -> None:
    loss, found = losses(20, 30)[name], []
    step = torch.randn((3, 20, 30, 4), generator=torch.Generator().manual_seed(2))
    for backend in ("cpu", "cuda-emulated"):
        with using(backend):
            found.append(torch.func.jvp(loss, (image(20, 30),), (step,))[1])
    assert float(found[0].abs().max()) > 1e-4
    torch.testing.assert_close(found[1], found[0], rtol=1e-4, atol=1e-6)


def test_other_precisions_are_refused() -> None:
    with using("cuda-emulated"), pytest.raises(TypeError, match="image must be float32 on the backend 'cuda-emulated'"):
        ops.view_heuristic_loss(image(4, 4).double())
