"""transform: vertices through clip matrices on CUDA, in one kernel for each direction."""

from __future__ import annotations

from torch import Tensor
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_tensor
from tvdrnet_nv.ops.function import OpFunction


def transform_cuda(vertices: Tensor, matrices: Tensor) -> Tensor:
    """Return matrix · vertex for each camera and vertex, as column vectors: clip positions for `rasterize`.

    Args:
        vertices: [V, 3], or homogeneous [V, 4], world frame.
        matrices: [B, 4, 4], of the dtype and on the device of `vertices`.

    Returns:
        [B, V, 4], (x, y, z, w).

    Gradients flow into both. They are summed without atomics: the same bits every time, and for a camera the same
    whatever else is in the batch. `torch.func.jvp` works.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape or device.
        RuntimeError: triton is missing.
    """
    vertices = check_tensor("vertices", vertices, ("V", 3), ("V", 4), dtypes=FLOATS)
    matrices = check_tensor("matrices", matrices, ("B", 4, 4), dtypes=FLOATS, device=vertices.device)
    check_dtype("matrices", matrices, "vertices", vertices.dtype)
    return _Transform.apply(vertices, matrices)  # type: ignore[return-value]


class _Transform(OpFunction):
    """The Triton kernels."""

    @staticmethod
    def forward(vertices: Tensor, matrices: Tensor) -> Tensor:  # type: ignore[override]
        return cuda.load("transform").forward(vertices.detach(), matrices.detach())

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor):  # type: ignore[override]
        vertices, matrices = (tensor.detach() for tensor in ctx.saved_tensors)
        kernels, grad_out = cuda.load("transform"), grad_out.contiguous()
        needs_vertices, needs_matrices = ctx.needs_input_grad
        return (
            kernels.vertex_gradient(matrices, grad_out, vertices.shape[1]) if needs_vertices else None,
            kernels.matrix_gradient(vertices, grad_out) if needs_matrices else None,
        )

    @staticmethod
    def jvp(ctx, vertices_tangent: Tensor | None, matrices_tangent: Tensor | None):  # type: ignore[override]
        return _TransformTangent.apply(*ctx.saved_tensors, vertices_tangent, matrices_tangent)


class _TransformTangent(OpFunction):
    """What `_Transform.jvp` calls: a function of its own, since the tensors of `torch.func.jvp` have no memory that a
    kernel could read, and only a function's `forward` gets them unwrapped."""

    @staticmethod
    def forward(  # type: ignore[override]
        vertices: Tensor, matrices: Tensor, vertices_tangent: Tensor | None, matrices_tangent: Tensor | None
    ) -> Tensor:
        transform = cuda.load("transform").forward
        tangent = vertices.new_zeros((len(matrices), len(vertices), 4))
        if matrices_tangent is not None:
            tangent = tangent + transform(vertices.detach(), matrices_tangent.detach().contiguous())
        if vertices_tangent is not None:
            linear = matrices.detach().clone()
            if vertices.shape[1] == 3:
                linear[..., 3] = 0  # w stays 1
            tangent = tangent + transform(vertices_tangent.detach().contiguous(), linear)
        return tangent

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""
