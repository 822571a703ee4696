"""interpolate: vertex attributes at every pixel."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_faces, check_ids, check_rast, check_tensor, describe
from tvdrnet_nv.ops.function import OpFunction


def interpolate(
    attr: Tensor,
    rast: Tensor,
    tri: Tensor,
    rast_db: Tensor | None = None,
    diff_attrs: Sequence[int] | str | None = None,
) -> tuple[Tensor, Tensor]:
    """Interpolate vertex attributes, as `nvdiffrast.torch.interpolate` does (Laine et al. 2020).

    Args:
        attr: [B, V, A], one set per image; [1, V, A] or [V, A], one set for all images. The dtype of `rast`.
        rast: [B, H, W, 4] from `rasterize`.
        tri: int32 [F, 3], the one that `rast` was made with.
        rast_db: [B, H, W, 4] from `rasterize`; needed with `diff_attrs`.
        diff_attrs: the attributes to differentiate along the screen: a list of indices (negative ones count from the
            end), or 'all'.

    Returns:
        `out` [B, H, W, A], zero where no triangle is, and `out_da` [B, H, W, 2 n]: (dA/dX, dA/dY) per pixel step for
        each of the n attributes of `diff_attrs`, in its order; n = 0 without it. Row 0 at the bottom, as in `rast`.

    Gradients flow into `attr`, into u and v of `rast`, and into `rast_db`. On the CPU the results do not depend on the
    number of threads, and `torch.func.jvp` works.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or index.
    """
    attr = check_tensor("attr", attr, ("B", "V", "A"), ("V", "A"), dtypes=FLOATS)
    tri = check_faces(tri, attr.shape[-2], attr.device)
    rast = check_rast(rast, attr.dtype, attr.device)
    if attr.dim() == 3 and attr.shape[0] not in (1, rast.shape[0]):
        raise ValueError(
            f"attr must have one set of vertices, or one for each of the {rast.shape[0]} images of rast; "
            f"got {describe(attr)}"
        )
    indices = _attribute_indices(diff_attrs, attr.shape[-1])
    if indices:
        if rast_db is None:
            raise ValueError("diff_attrs needs rast_db, the second result of rasterize")
        rast_db = check_tensor("rast_db", rast_db, tuple(rast.shape), dtypes=FLOATS, device=attr.device)
        check_dtype("rast_db", rast_db, "attr", attr.dtype)
    else:
        rast_db = None
    if attr.device.type == "cuda":
        from tvdrnet_nv.ops.nvdiffrast import load

        return load().interpolate(attr, rast, tri, rast_db=rast_db, diff_attrs=indices or None)
    instanced = attr if attr.dim() == 3 else attr[None]
    return _Interpolate.apply(instanced, rast, tri, rast_db, indices)  # type: ignore[return-value]


def _attribute_indices(diff_attrs: object, attributes: int) -> list[int]:
    if diff_attrs is None:
        return []
    if isinstance(diff_attrs, str):
        if diff_attrs != "all":
            raise ValueError(f"diff_attrs must be 'all' or a list of attribute indices; got {diff_attrs!r}")
        return list(range(attributes))
    if not isinstance(diff_attrs, Sequence) or not all(isinstance(i, int) for i in diff_attrs):
        raise TypeError(f"diff_attrs must be 'all' or a list of attribute indices; got {describe(diff_attrs)}")
    for i in diff_attrs:
        if not -attributes <= i < attributes:
            raise ValueError(f"diff_attrs holds {i}, but attr has {attributes} attributes")
    return [i % attributes for i in diff_attrs]


class _Interpolate(OpFunction):
    """The CPU kernels: attr [B or 1, V, A]."""

    @staticmethod
    def forward(  # type: ignore[override]
        attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
    ) -> tuple[Tensor, Tensor]:
        check_ids(rast, tri.shape[0])
        out = attr.new_empty((*rast.shape[:3], attr.shape[2]))
        out_da = attr.new_empty((*rast.shape[:3], 2 * len(indices)))
        rast_db = None if rast_db is None else rast_db.detach()
        _cpu.interpolate(attr.detach(), rast.detach(), tri, rast_db, indices, out, out_da, torch.get_num_threads())
        return out, out_da

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        attr, rast, tri, rast_db, indices = inputs
        ctx.save_for_backward(attr, rast, tri, rast_db)
        ctx.save_for_forward(attr, rast, tri, rast_db)
        ctx.indices = indices
        ctx.set_materialize_grads(False)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor | None, grad_da: Tensor | None):  # type: ignore[override]
        if grad_out is None and grad_da is None:
            return None, None, None, None, None
        attr, rast, tri, rast_db = ctx.saved_tensors
        gradient = attr.new_zeros((*rast.shape[:3], attr.shape[2])) if grad_out is None else grad_out.contiguous()
        needs_attr, needs_rast, _, needs_db, _ = ctx.needs_input_grad
        attr_grad = torch.zeros_like(attr) if needs_attr else None
        rast_grad = torch.empty_like(rast) if needs_rast else None
        db_grad = torch.empty_like(rast_db) if needs_db and rast_db is not None else None
        _cpu.interpolate_backward(
            attr.detach(),
            rast.detach(),
            tri,
            None if rast_db is None else rast_db.detach(),
            ctx.indices,
            gradient,
            None if grad_da is None else grad_da.contiguous(),
            attr_grad,
            rast_grad,
            db_grad,
            torch.get_num_threads(),
        )
        return attr_grad, rast_grad, None, db_grad, None

    @staticmethod
    def jvp(ctx, attr_tangent, rast_tangent, _tri, db_tangent, _indices):  # type: ignore[override]
        attr, rast, tri, rast_db = ctx.saved_tensors
        return _InterpolateTangent.apply(attr, rast, tri, rast_db, ctx.indices, attr_tangent, rast_tangent, db_tangent)


class _InterpolateTangent(OpFunction):
    """What `_Interpolate.jvp` calls: a function of its own, since the tensors of `torch.func.jvp` have no memory that a
    kernel could read, and only a function's `forward` gets them unwrapped.

    The op is linear in `attr` and in (u, v), and its derivatives along the screen in `attr` and `rast_db`.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        attr: Tensor,
        rast: Tensor,
        tri: Tensor,
        rast_db: Tensor | None,
        indices: list[int],
        attr_tangent: Tensor | None,
        rast_tangent: Tensor | None,
        db_tangent: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        attr, rast = attr.detach(), rast.detach()
        rast_db, attr_tangent, rast_tangent, db_tangent = (
            None if t is None else t.detach().contiguous() for t in (rast_db, attr_tangent, rast_tangent, db_tangent)
        )
        threads = torch.get_num_threads()
        out = attr.new_zeros((*rast.shape[:3], attr.shape[2]))
        out_da = attr.new_zeros((*rast.shape[:3], 2 * len(indices)))
        if attr_tangent is not None:
            _cpu.interpolate(attr_tangent, rast, tri, rast_db, indices, out, out_da, threads)
        # Moving u by du and v by dv changes the attribute by du (A0 - A2) + dv (A1 - A2): the derivative along the
        # screen for a screen on which u and v change by just that.
        if rast_tangent is not None:
            zero = torch.zeros_like(rast[..., 0])
            step = torch.stack((rast_tangent[..., 0], zero, rast_tangent[..., 1], zero), dim=-1)
            every = list(range(attr.shape[2]))
            unused, moved = torch.empty_like(out), attr.new_empty((*rast.shape[:3], 2 * len(every)))
            _cpu.interpolate(attr, rast, tri, step, every, unused, moved, threads)
            out = out + moved[..., ::2]
        if db_tangent is not None and indices:
            unused, moved = torch.empty_like(out), torch.empty_like(out_da)
            _cpu.interpolate(attr, rast, tri, db_tangent, indices, unused, moved, threads)
            out_da = out_da + moved
        return out, out_da

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""
