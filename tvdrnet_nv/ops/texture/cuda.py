"""texture and texture_construct_mip on CUDA: nvdiffrast."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.ops import nvdiffrast


def mip_levels(tex: Tensor, max_mip_level: int | None, cube: bool) -> Any:
    """nvdiffrast's mip stack."""
    with nvdiffrast.on(tex) as dr:
        return dr.texture_construct_mip(tex, max_mip_level=max_mip_level, cube_mode=cube)


def texture(
    tex: Tensor,
    uv: Tensor,
    uv_da: Tensor | None,
    mip_level_bias: Tensor | None,
    mip: Any,
    custom: list[Tensor] | None,
    filter_mode: str,
    boundary_mode: str,
    max_mip_level: int | None,
) -> Tensor:
    """The texture at every pixel; `mip` is from `mip_levels`, `custom` the caller's own levels."""
    with nvdiffrast.on(uv) as dr:
        return dr.texture(
            tex,
            uv,
            uv_da=uv_da,
            mip_level_bias=mip_level_bias,
            mip=custom if mip is None else mip,
            filter_mode=filter_mode,
            boundary_mode=boundary_mode,
            max_mip_level=max_mip_level,
        )
