"""texture by torch's gathers, on any device: for backends that have no kernels for it. Differentiable by autograd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.ops.texture.mipmap import halved
from tvdrnet_nv.ops.texture.reference import FACES, halve, with_neighbours

_TINY = 1e-60  # texels, squared, that have no logarithm of use


@dataclass(frozen=True)
class _Pyramid:
    """A texture's levels one after the other: what pixels of different levels gather from at once.

    Attributes:
        texels: [B or 1, T, C], of faces, rows and columns with their borders.
        starts, heights, widths: int64 [L], where each level's texels begin, and its size without borders.
        border: texels around each face: 1 beyond a cube's edges or of zeros, else 0.
    """

    texels: Tensor
    starts: Tensor
    heights: Tensor
    widths: Tensor
    border: int

    @classmethod
    def of(cls, levels: Sequence[Tensor], boundary: str) -> _Pyramid:
        """Of levels [B or 1, H, W, C], or a cube map's [B or 1, 6, S, S, C]."""
        sizes = [level.shape[-3:-1] for level in levels]
        border = int(boundary in ("zero", "cube"))
        if boundary == "cube":
            levels = [with_neighbours(level) for level in levels]
        elif border:
            levels = [torch.nn.functional.pad(level, (0, 0, 1, 1, 1, 1)) for level in levels]
        flat = [level.flatten(1, -2) for level in levels]
        ends = torch.tensor([part.shape[1] for part in flat]).cumsum(0)
        starts = torch.cat([ends.new_zeros(1), ends[:-1]])
        starts, heights, widths = torch.stack([starts, *torch.tensor(sizes).unbind(1)]).to(flat[0].device).unbind(0)
        return cls(torch.cat(flat, 1), starts, heights, widths, border)


class Mip:
    """What is kept of a texture from call to call.

    Attributes:
        smaller: its levels beside the texture itself.
    """

    def __init__(self, tex: Tensor, smaller: list[Tensor]) -> None:
        self.smaller = smaller
        self._tex, self._version = tex, tex._version
        self._kept: dict[tuple[int | None, str], _Pyramid] = {}

    def pyramid(self, tex: Tensor, most: int | None, boundary: str) -> _Pyramid:
        """Of `tex` and at most so many smaller levels; kept where `tex` is what they were made of, and stays so."""
        if tex is not self._tex or tex._version != self._version or tex.requires_grad:
            return _Pyramid.of([tex, *self.smaller[:most]], boundary)
        if (most, boundary) not in self._kept:
            self._kept[most, boundary] = _Pyramid.of([tex, *self.smaller[:most]], boundary)
        return self._kept[most, boundary]


def mip_levels(tex: Tensor, max_mip_level: int | None, cube: bool) -> Mip:
    """The levels beside the texture itself."""
    levels = [tex]
    while levels[-1].shape[-3:-1] != (1, 1) and len(levels) - 1 != max_mip_level:
        halved((levels[-1].shape[-3], levels[-1].shape[-2]), len(levels) - 1)  # or says why not
        levels.append(halve(levels[-1]))
    return Mip(tex, levels[1:])


def texture(
    tex: Tensor,
    uv: Tensor,
    uv_da: Tensor | None,
    mip_level_bias: Tensor | None,
    mip: Mip | None,
    custom: list[Tensor] | None,
    filter_mode: str,
    boundary_mode: str,
    max_mip_level: int | None,
) -> Tensor:
    """The texture at every pixel; `mip` is from `mip_levels`, `custom` the caller's own levels."""
    cube = boundary_mode == "cube"
    if "mipmap" not in filter_mode:
        pyramid = _Pyramid.of([tex], boundary_mode)
    elif custom is not None:
        pyramid = _Pyramid.of([tex, *custom[:max_mip_level]], boundary_mode)
    else:
        made = mip_levels(tex, max_mip_level, cube) if mip is None else mip
        pyramid = made.pyramid(tex, max_mip_level, boundary_mode)
    there = uv.isfinite()
    given_uv, uv = uv, torch.where(there, uv, 0)
    face, st = None, uv
    if cube:
        there = (there.all(-1) & (uv != 0).any(-1))[..., None]
        uv = torch.where(there, uv, uv.new_tensor((1.0, 0.0, 0.0)))
        face, turned = _turned(uv, uv[..., None])
        st = (turned[..., :2, 0] / turned[..., 2:, 0] + 1) / 2
    out = _filtered(pyramid, tex, uv, st, face, uv_da, mip_level_bias, filter_mode, boundary_mode)
    if "nearest" in filter_mode:  # which has gradients of zero
        for leaf in (given_uv, uv_da, mip_level_bias):
            out = out if leaf is None else out + leaf.flatten()[:0].sum()
    return torch.where(there, out, 0) if cube else out


def _filtered(
    pyramid: _Pyramid,
    tex: Tensor,
    uv: Tensor,
    st: Tensor,
    face: Tensor | None,
    uv_da: Tensor | None,
    bias: Tensor | None,
    filter_mode: str,
    boundary: str,
) -> Tensor:
    """At every pixel, from the levels that the filter wants."""
    zero = torch.zeros(st.shape[:-1], dtype=torch.int64, device=st.device)
    last = len(pyramid.starts) - 1
    if last == 0:
        return _sampled(pyramid, zero, st, face, filter_mode == "nearest", boundary)
    level = torch.zeros(st.shape[:-1], dtype=torch.float64, device=st.device)
    if uv_da is not None:
        level = _footprint(tex, uv, face, torch.where(uv_da.isfinite(), uv_da, 0).double())
    if bias is not None:
        level = level + torch.where(bias.isfinite(), bias, 0).double()
    level = level.clamp(0, last)
    if filter_mode == "linear-mipmap-nearest":
        return _sampled(pyramid, level.detach().round().long(), st, face, False, boundary)
    below = level.detach().floor().long()
    share = (level - below).to(st.dtype)[..., None]
    fine = _sampled(pyramid, below, st, face, False, boundary)
    return fine + share * (_sampled(pyramid, (below + 1).clamp_max(last), st, face, False, boundary) - fine)


def _sampled(pyramid: _Pyramid, level: Tensor, st: Tensor, face: Tensor | None, nearest: bool, boundary: str) -> Tensor:
    """[B, H, W, C]: from one level for each pixel, int64 [B, H, W]."""
    texels, border = pyramid.texels, pyramid.border
    height, width, start = pyramid.heights[level], pyramid.widths[level], pyramid.starts[level]
    rows, columns = height + 2 * border, width + 2 * border
    if face is not None:
        start = start + face * rows * columns
    image = torch.arange(len(st), device=st.device)[:, None, None] if len(texels) > 1 else 0

    def place(p: Tensor, size: Tensor) -> Tensor:
        """Of whole numbers of any size, which int64 need not hold."""
        if boundary == "wrap":
            return p.remainder(size).long()
        return torch.minimum(p.clamp_min(-border), size - 1 + border).long() + border

    def texel(i: Tensor, j: Tensor) -> Tensor:
        return texels[image, start + place(j, height) * columns + place(i, width)]

    x, y = st[..., 0] * width, st[..., 1] * height
    if nearest:
        return texel(x.detach().floor(), y.detach().floor())
    if boundary == "clamp":
        x, y = (torch.minimum(p.clamp_min(0.5), size - 0.5) for p, size in ((x, width), (y, height)))
    i, j = (x.detach() - 0.5).floor(), (y.detach() - 0.5).floor()
    along, up = (x - 0.5 - i)[..., None], (y - 0.5 - j)[..., None]
    below = (1 - along) * texel(i, j) + along * texel(i + 1, j)
    above = (1 - along) * texel(i, j + 1) + along * texel(i + 1, j + 1)
    return (1 - up) * below + up * above


def _footprint(tex: Tensor, uv: Tensor, face: Tensor | None, uv_da: Tensor) -> Tensor:
    """log2 of a pixel's major axis in texels, float64 [B, H, W]: of the larger singular value of a 2 x 2 matrix."""
    steps = uv_da.unflatten(-1, (-1, 2))
    if face is not None:  # by the quotient rule
        direction = uv.double()
        _, turned = _turned(direction, direction[..., None])
        _, moved = _turned(direction, steps)
        depth = turned[..., 2:, :]
        steps = (moved[..., :2, :] * depth - turned[..., :2, :] * moved[..., 2:, :]) / (2 * depth * depth)
    height, width = tex.shape[-3:-1]
    (a, b), (c, d) = ((steps[..., k, 0] * size, steps[..., k, 1] * size) for k, size in ((0, width), (1, height)))
    one, other = ((a + d) ** 2 + (c - b) ** 2, (a - d) ** 2 + (b + c) ** 2)
    return ((one.clamp_min(_TINY).sqrt() + other.clamp_min(_TINY).sqrt()) / 2).log2()


def _turned(direction: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
    """The cube's face that a direction [..., 3] meets, int64 [...], and vectors [..., 3, N] along its s and t and away
    from it."""
    axis = direction.detach().abs().argmax(-1, keepdim=True)
    face = (2 * axis + (direction.detach().gather(-1, axis) < 0))[..., 0]
    frames = FACES.to(vectors)[face]  # of zeros and ones
    return face, (frames[..., None] * vectors[..., None, :, :]).sum(-2)
