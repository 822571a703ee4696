"""interpolate: vertex attributes at every pixel."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_faces, check_rast, check_tensor, describe
from tvdrnet_nv.ops.backends import backend_of


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
    return backend_of(attr).function("interpolate")(attr, rast, tri, rast_db, indices)


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
