"""interpolate on CUDA: nvdiffrast."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops import nvdiffrast


def interpolate(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """`out` and `out_da`; `indices` are the attributes to differentiate along the screen."""
    with nvdiffrast.on(rast) as dr:
        return dr.interpolate(attr, rast, tri, rast_db=rast_db, diff_attrs=indices or None)
