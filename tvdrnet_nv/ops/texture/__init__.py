"""texture: filtered look-ups in 2D textures and cube maps."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_tensor, describe
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.texture.mipmap import MipStack, check_custom_levels, check_max_mip_level, check_texture

# In the order of the enums in kernels/cpu/texture/texture.hpp.
FILTERS = ("nearest", "linear", "linear-mipmap-nearest", "linear-mipmap-linear")
BOUNDARIES = ("wrap", "clamp", "zero", "cube")


def texture(
    tex: Tensor,
    uv: Tensor,
    uv_da: Tensor | None = None,
    mip_level_bias: Tensor | None = None,
    mip: MipStack | Sequence[Tensor] | None = None,
    filter_mode: str = "auto",
    boundary_mode: str = "wrap",
    max_mip_level: int | None = None,
) -> Tensor:
    """Sample a texture at every pixel, as `nvdiffrast.torch.texture` does (Laine et al. 2020, section 3.5).

    Args:
        tex: [B, H', W', C], or [1, H', W', C], one for all images. (0, 0) of uv is the corner of texel [0, 0], and
            row 0 is at v = 0; texel [y, x] has its centre at ((x + 1/2) / W', (y + 1/2) / H'). A cube map is
            [B or 1, 6, S, S, C] with the faces +x, -x, +y, -y, +z, -z in OpenGL's orientation.
        uv: [B, H, W, 2] texture coordinates, 1 being the texture's whole side; for a cube map [B, H, W, 3], directions
            of any length. The dtype of `tex`, like all that follow.
        uv_da: [B, H, W, 4], (du/dX, du/dY, dv/dX, dv/dY) per pixel step, as `interpolate` gives them; for a cube map
            [B, H, W, 6].
        mip_level_bias: [B, H, W], added to the mip level; without `uv_da` it is the mip level.
        mip: the mip levels: from `texture_construct_mip(tex)`, or a list of tensors of one's own, level 1 first, of
            the sizes that halving gives; `None` builds them where the filter needs them.
        filter_mode: 'nearest', 'linear', 'linear-mipmap-nearest' (the nearest mip level), 'linear-mipmap-linear'
            (between two mip levels), or 'auto': the last with `uv_da` or `mip_level_bias`, else 'linear'. The first
            two do not look at `uv_da`, `mip_level_bias` and `mip`.
        boundary_mode: 'wrap' repeats the texture, 'clamp' stays on its outermost texel centres, 'zero' is zero outside
            of it; 'cube' for a cube map.
        max_mip_level: the last mip level to build and use; 0 is the texture itself.

    Returns:
        [B, H, W, C].

    The mip level is log2 of the pixel's footprint in texels of `tex`, along the major axis (the larger singular value
    of the matrix of `uv_da`), plus the bias, clamped to the levels there are. Across a cube map's edges the texels of
    both faces are blended; where three faces meet, the fourth texel is the mean of their three (OpenGL 4.6, section
    8.14.2).

    Gradients flow into `tex` (also through levels that were built from it, by `texture_construct_mip` too), into each
    tensor of a list `mip`, into `uv`, and through the level of 'linear-mipmap-linear' into `uv_da` and
    `mip_level_bias`; a clamped coordinate or level has none. A value of `uv`, `uv_da` or `mip_level_bias` that is not
    finite counts as 0 and has no gradient; a cube map's direction that is not finite or zero gives zero. On the CPU
    the results do not depend on the number of threads.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device, mode or mip stack, or a texture that cannot be halved down to
            `max_mip_level`.
    """
    if not isinstance(boundary_mode, str) or boundary_mode not in BOUNDARIES:
        raise ValueError(f"boundary_mode must be one of {', '.join(map(repr, BOUNDARIES))}; got {boundary_mode!r}")
    if not isinstance(filter_mode, str) or filter_mode not in ("auto", *FILTERS):
        raise ValueError(f"filter_mode must be 'auto' or one of {', '.join(map(repr, FILTERS))}; got {filter_mode!r}")
    check_max_mip_level(max_mip_level)
    cube = boundary_mode == "cube"
    tex = check_texture(tex, cube, "boundary_mode='cube'")
    uv = _check_float("uv", uv, ("B", "H", "W", 3 if cube else 2), tex)
    if tex.shape[0] not in (1, uv.shape[0]):
        raise ValueError(f"tex must be one texture, or one for each of the {uv.shape[0]} images; got {describe(tex)}")
    if uv_da is not None:
        uv_da = _check_float("uv_da", uv_da, (*uv.shape[:3], 2 * uv.shape[3]), tex)
    if mip_level_bias is not None:
        mip_level_bias = _check_float("mip_level_bias", mip_level_bias, tuple(uv.shape[:3]), tex)
    no_level = uv_da is None and mip_level_bias is None
    if filter_mode == "auto":
        filter_mode = "linear" if no_level else "linear-mipmap-linear"
    if "mipmap" in filter_mode and no_level:
        raise ValueError(f"filter_mode {filter_mode!r} needs uv_da or mip_level_bias")
    native = None
    custom = None
    if isinstance(mip, MipStack):
        native = mip.native_for(tex, cube)
    elif isinstance(mip, Sequence) and not isinstance(mip, str):
        custom = check_custom_levels(mip, tex)
    elif mip is not None:
        raise TypeError(f"mip must come from texture_construct_mip or be a list of tensors; got {describe(mip)}")
    return backend_of(tex).function("texture")(
        tex, uv, uv_da, mip_level_bias, native, custom, filter_mode, boundary_mode, max_mip_level
    )


def _check_float(name: str, value: object, shape: tuple[int | str, ...], tex: Tensor) -> Tensor:
    checked = check_tensor(name, value, shape, dtypes=FLOATS, device=tex.device)
    check_dtype(name, checked, "tex", tex.dtype)
    return checked
