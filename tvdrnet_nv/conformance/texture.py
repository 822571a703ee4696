"""Texture look-ups: filters, boundaries, cube maps, mip levels and their gradients."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.conformance.errors import message_of
from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import normal
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references

FILTERS = ("nearest", "linear", "linear-mipmap-nearest", "linear-mipmap-linear")
FLAT = ("wrap", "clamp", "zero")


def _texture(
    b: TestedBackend, tex: Tensor, uv: Tensor, *maps: Tensor | None, mip: Sequence[Tensor] | None = None, **options: Any
):
    levels = None if mip is None else [b.to(level) for level in mip]
    given = [None if m is None else b.to(m) for m in maps]
    return ops.texture(b.to(tex), b.to(uv), *given, mip=levels, **options).cpu()


def _look_up(seed: int, cube: bool = False) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """tex, uv, uv_da and mip_level_bias of two images."""
    coordinates = 3 if cube else 2
    tex = normal(seed, 2, 6, 8, 8, 3) if cube else normal(seed, 2, 8, 16, 3)
    uv = normal(seed + 1, 2, 9, 11, coordinates)
    bias = normal(seed + 3, 2, 9, 11)
    uv_da = normal(seed + 2, 2, 9, 11, 2 * coordinates) * torch.exp2(bias - 3)[..., None]
    return tex, uv, uv_da, bias


def _agrees(b: TestedBackend, filter_mode: str, boundary_mode: str) -> None:
    tex, uv, uv_da, bias = (b.rounded(t) for t in _look_up(0, boundary_mode == "cube"))
    have = _texture(b, tex, uv, uv_da, bias, filter_mode=filter_mode, boundary_mode=boundary_mode)
    want = references.texture(tex, uv, uv_da, bias, filter_mode=filter_mode, boundary_mode=boundary_mode)
    if filter_mode in ("nearest", "linear-mipmap-nearest"):
        # Rounding decides between two texels or levels where a coordinate lies between them.
        near = (have - want).abs().amax(-1) <= 100 * b.tolerance
        assert float(near.double().mean()) > 0.95
    else:
        b.assert_close(have, want, scale=100)


@case("texture", "nearest, linear, linear-mipmap-nearest, linear-mipmap-linear; wrap, clamp, zero")
def flat_modes(b: TestedBackend) -> None:
    for filter_mode, boundary_mode in itertools.product(FILTERS, FLAT):
        _agrees(b, filter_mode, boundary_mode)


@case("texture", "boundary_mode cube")
def cube_modes(b: TestedBackend) -> None:
    for filter_mode in FILTERS:
        _agrees(b, filter_mode, "cube")


@case("texture", "texel centres are at half-integers; row 0 is at v = 0")
def centres(b: TestedBackend) -> None:
    tex = torch.arange(32.0).reshape(1, 4, 8, 1)
    v, u = torch.meshgrid((torch.arange(4) + 0.5) / 4, (torch.arange(8) + 0.5) / 8, indexing="ij")
    for filter_mode in ("nearest", "linear"):
        b.assert_close(_texture(b, tex, torch.stack((u, v), dim=-1)[None], filter_mode=filter_mode), tex, scale=100)


@case("texture", "filter_mode auto: trilinear with uv_da or mip_level_bias, else linear")
def automatic(b: TestedBackend) -> None:
    tex, uv, uv_da, bias = _look_up(5)
    assert torch.equal(_texture(b, tex, uv), _texture(b, tex, uv, filter_mode="linear"))
    for maps in ((uv_da, None), (None, bias), (uv_da, bias)):
        assert torch.equal(_texture(b, tex, uv, *maps), _texture(b, tex, uv, *maps, filter_mode="linear-mipmap-linear"))


@case("texture_construct_mip", "a stack built once gives what is built in the call; max_mip_level bounds it")
def stack(b: TestedBackend) -> None:
    tex, uv, uv_da, bias = (b.to(t) for t in _look_up(9))
    for last in (None, 0, 1, 2):
        built = ops.texture_construct_mip(tex, max_mip_level=last)
        have = ops.texture(tex, uv, uv_da, bias, mip=built, max_mip_level=last)
        assert torch.equal(have, ops.texture(tex, uv, uv_da, bias, max_mip_level=last))


@case("texture", "custom mip stacks")
def custom_stack(b: TestedBackend) -> None:
    tex, uv, uv_da, bias = (b.rounded(t) for t in _look_up(13))
    mip = [b.rounded(normal(20 + i, 2, 8 >> i, 16 >> i, 3)) for i in (1, 2, 3)]
    b.assert_close(
        _texture(b, tex, uv, uv_da, bias, mip=mip), references.texture(tex, uv, uv_da, bias, mip=mip), scale=100
    )


@case("texture", "gradients into tex, uv, uv_da, mip_level_bias and each mip level")
def gradients(b: TestedBackend) -> None:
    leaves = [b.rounded(t) for t in _look_up(17)] + [
        b.rounded(normal(30 + i, 2, 8 >> i, 16 >> i, 3)) for i in (1, 2, 3)
    ]
    weight = normal(40, 2, 9, 11, 3)

    def slopes(function) -> list[Tensor]:
        fresh = [leaf.clone().requires_grad_() for leaf in leaves]
        out = function(*fresh[:4], mip=fresh[4:])
        return [g.double() for g in torch.autograd.grad((out.double() * weight).sum(), fresh)]

    have = slopes(lambda *maps, mip: _texture(b, *maps, mip=mip))
    for g, want in zip(have, slopes(references.texture), strict=True):
        # A pixel at a texel's or a level's border may be rounded to its other side, where the slope differs.
        off = (g - want).abs() > 10 * b.gradient_tolerance * want.abs().max()
        assert float(want.abs().max()) > 0
        assert float(off.double().mean()) < 0.02


@case("texture", "a texture that cannot be halved is an error that names its size", extra="ours")
def odd_sizes(b: TestedBackend) -> None:
    tex, uv, uv_da, _ = _look_up(23)
    assert "7" in message_of(ValueError, lambda: _texture(b, tex[:, :7], uv, uv_da))
