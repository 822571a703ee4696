"""transform on CUDA: a Triton kernel for each direction, or torch where triton is missing."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.function import Saved, differentiable, native
from tvdrnet_nv.ops.transform import reference


def transform(vertices: Tensor, matrices: Tensor) -> Tensor:
    """[B, V, 4] from vertices [V, 3] or [V, 4] and matrices [B, 4, 4]."""
    return (_fused if cuda.available() else reference.transform)(vertices, matrices)


def _forward(vertices: Tensor, matrices: Tensor) -> Tensor:
    return cuda.load("transform").forward(vertices.detach(), matrices.detach())


def _keep(inputs: tuple[Any, ...], _output: object) -> Saved:
    return inputs, None


def _backward(
    tensors: tuple[Tensor, ...], _rest: None, needs: tuple[bool, ...], grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    vertices, matrices = (tensor.detach() for tensor in tensors)
    kernels, grad_out = cuda.load("transform"), grad_out.contiguous()
    needs_vertices, needs_matrices = needs
    return (
        kernels.vertex_gradient(matrices, grad_out, vertices.shape[1]) if needs_vertices else None,
        kernels.matrix_gradient(vertices, grad_out) if needs_matrices else None,
    )


def _jvp(
    tensors: tuple[Tensor, ...], _rest: None, vertices_tangent: Tensor | None, matrices_tangent: Tensor | None
) -> Tensor:
    vertices, matrices = (tensor.detach() for tensor in tensors)
    transform = cuda.load("transform").forward
    tangent = vertices.new_zeros((len(matrices), len(vertices), 4))
    if matrices_tangent is not None:
        tangent = tangent + transform(vertices, matrices_tangent.detach().contiguous())
    if vertices_tangent is not None:
        linear = matrices.clone()
        if vertices.shape[1] == 3:
            linear[..., 3] = 0  # w stays 1
        tangent = tangent + transform(vertices_tangent.detach().contiguous(), linear)
    return tangent


_fused = differentiable("Transform", _forward, keep=_keep, backward=_backward, jvp=native(_jvp))
