"""texture by gathering texels from padded copies of every level.

2D textures are looked up with indices that the boundary mode maps; zeros and the texels beyond a cube's edges are
padded on beforehand, the latter found by sending the direction of the texel's centre through the cube's own look-up.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

# The directions in which s and t grow, and that of the face (OpenGL 4.6, table 8.19).
FACES = torch.tensor(
    [
        [[0, 0, -1], [0, -1, 0], [1, 0, 0]],
        [[0, 0, 1], [0, -1, 0], [-1, 0, 0]],
        [[1, 0, 0], [0, 0, 1], [0, 1, 0]],
        [[1, 0, 0], [0, 0, -1], [0, -1, 0]],
        [[1, 0, 0], [0, -1, 0], [0, 0, 1]],
        [[-1, 0, 0], [0, -1, 0], [0, 0, -1]],
    ],
    dtype=torch.float64,
)


def halve(tex: Tensor) -> Tensor:
    """The next mip level of [..., H, W, C]."""
    height, width = tex.shape[-3:-1]
    if height > 1:
        tex = (tex[..., 0::2, :, :] + tex[..., 1::2, :, :]) / 2
    if width > 1:
        tex = (tex[..., 0::2, :] + tex[..., 1::2, :]) / 2
    return tex


def pyramid(tex: Tensor, max_mip_level: int | None = None) -> list[Tensor]:
    """`tex` and its mip levels."""
    levels = [tex]
    while levels[-1].shape[-3:-1] != (1, 1) and len(levels) - 1 != max_mip_level:
        levels.append(halve(levels[-1]))
    return levels


def on_face(direction: Tensor) -> tuple[Tensor, Tensor]:
    """The face of each direction [..., 3], and (s, t) on it, [..., 2] in 0 to 1."""
    face = (direction.detach() @ FACES[:, 2].T).argmax(dim=-1)
    turned = (FACES[face] @ direction[..., None])[..., 0]
    return face, (turned[..., :2] / turned[..., 2:] + 1) / 2


def texture(
    tex: Tensor,
    uv: Tensor,
    uv_da: Tensor | None = None,
    mip_level_bias: Tensor | None = None,
    mip: Sequence[Tensor] | None = None,
    filter_mode: str = "auto",
    boundary_mode: str = "wrap",
    max_mip_level: int | None = None,
) -> Tensor:
    """[B, H, W, C], float64; every gradient by autograd."""
    tex, uv = tex.double(), uv.double()
    if filter_mode == "auto":
        filter_mode = "linear" if uv_da is None and mip_level_bias is None else "linear-mipmap-linear"
    levels = [tex]
    if "mipmap" in filter_mode:
        levels = pyramid(tex, max_mip_level) if mip is None else [tex, *(m.double() for m in mip)]
        levels = levels if max_mip_level is None else levels[: max_mip_level + 1]
    face, st = on_face(uv) if boundary_mode == "cube" else (None, uv)
    samples = torch.stack([_sample(level, face, st, filter_mode == "nearest", boundary_mode) for level in levels])
    if len(levels) == 1:
        return samples[0]
    level = torch.zeros_like(uv[..., 0])
    if uv_da is not None:
        height, width = tex.shape[-3:-1]
        steps = uv_da.double().unflatten(-1, (-1, 2))  # [B, H, W, coordinate, X or Y]
        if face is not None:
            steps = _steps_on_face(uv, face, steps)
        size = torch.tensor((width, height), dtype=torch.float64)
        level = torch.linalg.matrix_norm(steps * size[:, None], ord=2).log2()
    if mip_level_bias is not None:
        level = level + mip_level_bias.double()
    level = level.clamp(0, len(levels) - 1)
    if filter_mode == "linear-mipmap-nearest":
        level = level.detach().round()
    # A hat function over the levels: 1 at the level, 0 one level away.
    share = (1 - (level[None] - torch.arange(len(levels))[:, None, None, None]).abs()).clamp(min=0)
    return (share[..., None] * samples).sum(0)


def _steps_on_face(direction: Tensor, face: Tensor, steps: Tensor) -> Tensor:
    """d(s, t)/d(X, Y), [..., 2, 2], by the quotient rule on the turned coordinates."""
    turned, moved = FACES[face] @ direction[..., None], FACES[face] @ steps
    depth = turned[..., 2:, :]
    return (moved[..., :2, :] * depth - turned[..., :2, :] * moved[..., 2:, :]) / (2 * depth**2)


def _sample(tex: Tensor, face: Tensor | None, st: Tensor, nearest: bool, boundary: str) -> Tensor:
    """One level."""
    image = torch.arange(len(st))[:, None, None] if len(tex) > 1 else torch.zeros(1, 1, 1, dtype=torch.long)
    height, width = tex.shape[-3:-1]
    place = st * torch.tensor((width, height))
    if boundary == "clamp" and not nearest:
        place = torch.stack((place[..., 0].clamp(0.5, width - 0.5), place[..., 1].clamp(0.5, height - 0.5)), dim=-1)
    if boundary == "cube":
        tex = with_neighbours(tex)
    elif boundary == "zero":
        tex = torch.nn.functional.pad(tex, (0, 0, 1, 1, 1, 1))

    def texel(i: Tensor, j: Tensor) -> Tensor:
        if boundary == "wrap":
            return tex[image, j % height, i % width]
        if boundary == "clamp":
            return tex[image, j.clamp(0, height - 1), i.clamp(0, width - 1)]
        if boundary == "zero":
            return tex[image, (j + 1).clamp(0, height + 1), (i + 1).clamp(0, width + 1)]
        return tex[image, face, j + 1, i + 1]

    if nearest:
        corner = place.detach().floor().long()
        return texel(corner[..., 0], corner[..., 1])
    corner = (place.detach() - 0.5).floor()
    x, y = (place - 0.5 - corner)[..., None].unbind(-2)
    i, j = corner.long().unbind(-1)
    lower = (1 - x) * texel(i, j) + x * texel(i + 1, j)
    upper = (1 - x) * texel(i, j + 1) + x * texel(i + 1, j + 1)
    return (1 - y) * lower + y * upper


def with_neighbours(tex: Tensor) -> Tensor:
    """[B, 6, S + 2, S + 2, C]: each face with the texels around it, the mean of three at its corners."""
    size = tex.shape[2]
    place = (2 * torch.arange(-1, size + 1, dtype=torch.float64) + 1) / size - 1
    t, s = torch.meshgrid(place, place, indexing="ij")
    local = torch.stack((s, t, torch.ones_like(s)), dim=-1)  # [S + 2, S + 2, 3]
    face, st = on_face(local @ FACES[:, None])
    index = (st * size).floor().long().clamp(0, size - 1).to(tex.device)
    padded = tex[:, face.to(tex.device), index[..., 1], index[..., 0]].clone()
    for j, beside in ((0, 1), (-1, -2)):
        for i, inside in ((0, 1), (-1, -2)):
            padded[:, :, j, i] = (padded[:, :, beside, i] + padded[:, :, j, inside] + padded[:, :, beside, inside]) / 3
    return padded
