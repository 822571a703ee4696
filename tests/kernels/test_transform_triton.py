"""transform on Triton against a matrix product in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.kernels.compare import assert_near, gradients
from tests.kernels.on_triton import on_triton
from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import ops

transform_cuda = on_triton(ops.transform)


def reference(vertices: Tensor, matrices: Tensor) -> Tensor:
    if vertices.shape[1] == 3:
        vertices = torch.nn.functional.pad(vertices, (0, 1), value=1.0)
    return vertices @ matrices.transpose(1, 2)


def scene(backend, count: int, width: int, batch: int) -> tuple[Tensor, Tensor]:
    g = torch.Generator().manual_seed(count)
    vertices = torch.randn((count, width), generator=g, dtype=torch.float64)
    matrices = torch.randn((batch, 4, 4), generator=g, dtype=torch.float64)
    return vertices.to(backend.device, backend.dtype), matrices.to(backend.device, backend.dtype)


# A block is of 512 vertices.
@pytest.mark.parametrize(("count", "width", "batch"), [(1, 3, 1), (512, 3, 2), (513, 4, 3), (5000, 3, 1)])
def test_values_and_gradients_are_the_references(backend, count, width, batch):
    inputs = scene(backend, count, width, batch)
    expected = gradients(reference, *(x.cpu().double() for x in inputs))
    for got, want in zip(gradients(transform_cuda, *inputs), expected, strict=True):
        assert_near(got, want, backend)


@pytest.mark.parametrize(("count", "batch"), [(0, 2), (3, 0)])
def test_nothing_gives_nothing(backend, count, batch):
    vertices, matrices = scene(backend, count, 3, batch)
    out, grad_vertices, grad_matrices = gradients(transform_cuda, vertices, matrices)
    assert out.shape == (batch, count, 4)
    assert torch.equal(grad_vertices, torch.zeros_like(vertices))
    assert torch.equal(grad_matrices, torch.zeros_like(matrices))


def test_the_layout_in_memory_does_not_matter(backend):
    vertices, matrices = scene(backend, 5, 4, 3)
    spread = torch.stack((vertices, -vertices), dim=2).unbind(2)[0]
    turned = matrices.transpose(1, 2).contiguous().transpose(1, 2)
    assert not spread.is_contiguous()
    assert not turned.is_contiguous()
    assert torch.equal(transform_cuda(spread, turned), transform_cuda(vertices, matrices))
    matrices.requires_grad_()
    transform_cuda(spread, matrices).sum().backward()  # a gradient that is one number, expanded
    assert_near(matrices.grad, vertices.cpu().double().sum(0).expand(3, 4, 4), backend)


def test_a_camera_gets_the_same_bits_in_any_batch_and_every_time(backend):
    vertices, matrices = scene(backend, 700, 3, 3)
    out, _, grad = gradients(lambda v, m: transform_cuda(v, m).sin(), vertices, matrices)
    again = gradients(lambda v, m: transform_cuda(v, m).sin(), vertices, matrices)
    assert torch.equal(grad, again[2])
    weights = torch.linspace(-1, 2, out.numel(), dtype=torch.float64).reshape(out.shape).to(out)
    alone = matrices[1:2].clone().requires_grad_()
    torch.autograd.backward(transform_cuda(vertices, alone).sin(), weights[1:2])
    assert torch.equal(alone.grad[0], grad[1])


@FORWARD_AD
@pytest.mark.parametrize("width", [3, 4])
def test_forward_mode(backend, width):
    primals = scene(backend, 6, width, 2)
    tangents = tuple(torch.linspace(-1, 1, x.numel()).reshape(x.shape).to(x) for x in primals)
    exact = [tuple(x.cpu().double() for x in group) for group in (primals, tangents)]
    assert_near(torch.func.jvp(transform_cuda, primals, tangents)[1], torch.func.jvp(reference, *exact)[1], backend)
    vertices, matrices = primals
    _, got = torch.func.jvp(lambda m: transform_cuda(vertices, m), (matrices,), tangents[1:])
    _, want = torch.func.jvp(lambda m: reference(exact[0][0], m), exact[0][1:], exact[1][1:])
    assert_near(got, want, backend)


def test_bad_arguments_are_named():
    vertices, matrices = torch.zeros(5, 3), torch.zeros(2, 4, 4)
    with pytest.raises(ValueError, match=r"vertices.*\[V, 3\] or \[V, 4\].*\[5, 2\]"):
        transform_cuda(vertices[:, :2], matrices)
    with pytest.raises(ValueError, match=r"matrices.*\[4, 4\]"):
        transform_cuda(vertices, matrices[0])
    with pytest.raises(TypeError, match="matrices"):
        transform_cuda(vertices, matrices.double())
