"""texture_construct_mip: smaller and smaller copies of a texture, for texture's filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_tensor, describe
from tvdrnet_nv.ops.backends import backend_of

TEXTURE = ("B", "H", "W", "C")
CUBE = ("B", 6, "S", "S", "C")


class MipStack:
    """The mip levels of a texture: made by `texture_construct_mip`, opaque to callers."""

    def __init__(self, tex: Tensor, cube: bool, native: Any) -> None:
        self._made_for = (tex.shape, tex.dtype, tex.device)
        self._cube = cube
        self._backend = backend_of(tex)
        self._native = native

    def native_for(self, tex: Tensor, cube: bool) -> Any:
        """What the backend of `tex`'s device needs."""
        if self._made_for != (tex.shape, tex.dtype, tex.device) or self._cube != cube:
            shape, dtype, device = self._made_for
            kind = "cube map" if self._cube else "2D texture"
            raise ValueError(
                f"mip was built for a {kind} of {str(dtype).removeprefix('torch.')} {list(shape)} on {device}, "
                f"but tex is {describe(tex)}; build it anew"
            )
        if (backend := backend_of(tex)) is not self._backend:
            raise ValueError(
                f"mip was built on the backend {self._backend.name!r}, but tex is on {backend.name!r}; build it anew"
            )
        return self._native


def texture_construct_mip(tex: Tensor, max_mip_level: int | None = None, cube_mode: bool = False) -> MipStack:
    """Build a texture's mip levels, for use in many calls of `texture` with the same `tex`.

    Each level is the means of 2 x 2 texels of the one before, so both sides must be even; a side of 1 stays 1. Without
    `max_mip_level` the levels go down to 1 x 1. The faces of a cube map are halved each for itself.

    Args:
        tex: [B, H, W, C], or a cube map [B, 6, S, S, C] with `cube_mode`.
        max_mip_level: how many levels to build at most.
        cube_mode: `tex` is a cube map.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, or a size that cannot be halved down to `max_mip_level`.
    """
    tex = check_texture(tex, bool(cube_mode), "cube_mode=True")
    check_max_mip_level(max_mip_level)
    native = backend_of(tex).function("mip_levels")(tex, max_mip_level, bool(cube_mode))
    return MipStack(tex, bool(cube_mode), native)


def check_texture(tex: object, cube: bool, how: str) -> Tensor:
    """Return `tex`, [B, H, W, C] or a cube map [B, 6, S, S, C]; `how` tells what makes it one."""
    if isinstance(tex, Tensor) and not cube and tex.dim() == 5:
        raise ValueError(f"tex must have shape [B, H, W, C], or be a cube map with {how}; got {describe(tex)}")
    checked = check_tensor("tex", tex, CUBE if cube else TEXTURE, dtypes=FLOATS)
    height, width = checked.shape[-3:-1]
    if cube and height != width:
        raise ValueError(f"tex must have square faces; got {describe(tex)}")
    if 0 in (height, width, checked.shape[0]):
        raise ValueError(f"tex must have texels; got {describe(tex)}")
    return checked


def check_max_mip_level(max_mip_level: object) -> None:
    if max_mip_level is not None and (
        not isinstance(max_mip_level, int) or isinstance(max_mip_level, bool) or max_mip_level < 0
    ):
        raise ValueError(f"max_mip_level must be a whole number, 0 or more; got {describe(max_mip_level)}")


def check_custom_levels(mip: Sequence[object], tex: Tensor) -> list[Tensor]:
    """Return the levels of a custom stack, whose sizes must follow `tex`'s."""
    levels: list[Tensor] = []
    size = (tex.shape[-3], tex.shape[-2])
    for i, level in enumerate(mip):
        name = f"mip[{i}]"
        height, width = halved(size, i)
        shape = (*tex.shape[:-3], height, width, tex.shape[-1])
        checked = check_tensor(name, level, shape, dtypes=FLOATS, device=tex.device)
        check_dtype(name, checked, "tex", tex.dtype)
        levels.append(checked)
        size = (height, width)
    return levels


def halved(size: tuple[int, int], level: int) -> tuple[int, int]:
    """The height and width of mip level `level` + 1, if level `level`'s can be halved."""
    height, width = size
    for side, length in (("height", height), ("width", width)):
        if length > 1 and length % 2:
            where = f"mip level {level}" if level else "tex"
            raise ValueError(
                f"{where} is {height} x {width} (height x width), and a {side} of {length} cannot be halved for mip "
                f"level {level + 1}: use a texture with sides that are powers of two, or end at max_mip_level={level}"
            )
    return max(height // 2, 1), max(width // 2, 1)
