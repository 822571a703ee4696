"""shade: interpolation and Phong shading in one pass over the pixels.

The derivatives compute the shading again instead of keeping it.
"""
# pyright: reportMissingImports=false, reportGeneralTypeIssues=false, reportArgumentType=false

import math
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from tvdrnet_nv.kernels.cuda.launch import blocks_of, launch
from tvdrnet_nv.kernels.cuda.phong import corners, directions, mirror, mix, move, pixels_of_block, power, pull, turn
from tvdrnet_nv.kernels.cuda.sums import sum_partials

_BLOCK = 128  # pixels of a program
_LARGEST_POWER = 2**30  # any larger one is as good: a float32 below 1 has vanished


@triton.jit
def _forward_kernel(
    attributes,
    rast,
    tri,
    eye,
    out,
    vertices,
    faces,
    pixels,
    blocks,
    light_x,
    light_y,
    light_z,
    red,
    green,
    blue,
    ambient,
    diffuse,
    specular,
    whole,
    fraction,
    BITS: tl.constexpr,
    FRACTION: tl.constexpr,
    BLOCK: tl.constexpr,
):
    image, _block, pixel, inside = pixels_of_block(pixels, blocks, BLOCK)
    u, v, p, q, r, hit = corners(attributes, rast, tri, pixel, inside, vertices, faces)
    nx, ny, nz, _ns, _nu, lx, ly, lz, _ls, _lu, cx, cy, cz, _cs, _cu = directions(
        u, v, p, q, r, hit, image, eye, light_x, light_y, light_z
    )
    cosine, _mx, _my, _mz, highlight = mirror(nx, ny, nz, lx, ly, lz, cx, cy, cz)
    lit = ambient + diffuse * tl.maximum(cosine, 0.0)
    glossy = highlight > 0
    gloss = specular * power(tl.where(glossy, highlight, 1.0), whole, fraction, BITS, FRACTION)
    gloss = tl.where(glossy, gloss, 0.0)
    at = out + 4 * pixel
    tl.store(at, tl.where(hit, lit * mix(u, v, p, q, r, hit, 6) + gloss, red), mask=inside)
    tl.store(at + 1, tl.where(hit, lit * mix(u, v, p, q, r, hit, 7) + gloss, green), mask=inside)
    tl.store(at + 2, tl.where(hit, lit * mix(u, v, p, q, r, hit, 8) + gloss, blue), mask=inside)
    tl.store(at + 3, tl.where(hit, 1.0, 0.0), mask=inside)


@triton.jit
def _backward_kernel(
    attributes,
    rast,
    tri,
    eye,
    grad_out,
    rast_grad,
    eye_partials,
    vertices,
    faces,
    pixels,
    blocks,
    light_x,
    light_y,
    light_z,
    ambient,
    diffuse,
    slope,
    whole,
    fraction,
    BITS: tl.constexpr,
    FRACTION: tl.constexpr,
    BLOCK: tl.constexpr,
):
    image, block, pixel, inside = pixels_of_block(pixels, blocks, BLOCK)
    u, v, p, q, r, hit = corners(attributes, rast, tri, pixel, inside, vertices, faces)
    nx, ny, nz, n_scale, n_unit, lx, ly, lz, l_scale, l_unit, cx, cy, cz, c_scale, c_unit = directions(
        u, v, p, q, r, hit, image, eye, light_x, light_y, light_z
    )
    cosine, mx, my, mz, highlight = mirror(nx, ny, nz, lx, ly, lz, cx, cy, cz)
    g_red = tl.load(grad_out + 4 * pixel, mask=hit, other=0.0)
    g_green = tl.load(grad_out + 4 * pixel + 1, mask=hit, other=0.0)
    g_blue = tl.load(grad_out + 4 * pixel + 2, mask=hit, other=0.0)

    # The highlight; all of it is zero where there is none.
    glossy = highlight > 0
    rise = slope * power(tl.where(glossy, highlight, 1.0), whole, fraction, BITS, FRACTION)
    g_highlight = tl.where(glossy, rise * (g_red + g_green + g_blue), 0.0)
    gcx, gcy, gcz = turn(cx, cy, cz, c_scale, c_unit, g_highlight * mx, g_highlight * my, g_highlight * mz)
    gmx = g_highlight * cx
    gmy = g_highlight * cy
    gmz = g_highlight * cz

    red = mix(u, v, p, q, r, hit, 6)
    green = mix(u, v, p, q, r, hit, 7)
    blue = mix(u, v, p, q, r, hit, 8)
    g_cosine = tl.where(cosine > 0, diffuse * (g_red * red + g_green * green + g_blue * blue), 0.0)
    g_cosine += 2 * (nx * gmx + ny * gmy + nz * gmz)
    gnx, gny, gnz = turn(
        nx,
        ny,
        nz,
        n_scale,
        n_unit,
        2 * cosine * gmx + g_cosine * lx,
        2 * cosine * gmy + g_cosine * ly,
        2 * cosine * gmz + g_cosine * lz,
    )
    glx, gly, glz = turn(lx, ly, lz, l_scale, l_unit, g_cosine * nx - gmx, g_cosine * ny - gmy, g_cosine * nz - gmz)

    # The position appears in both directions, with the opposite sign.
    lit = ambient + diffuse * tl.maximum(cosine, 0.0)
    gu, gv = pull(tl.zeros_like(u), tl.zeros_like(v), -(glx + gcx), p, q, r, hit, 0)
    gu, gv = pull(gu, gv, -(gly + gcy), p, q, r, hit, 1)
    gu, gv = pull(gu, gv, -(glz + gcz), p, q, r, hit, 2)
    gu, gv = pull(gu, gv, gnx, p, q, r, hit, 3)
    gu, gv = pull(gu, gv, gny, p, q, r, hit, 4)
    gu, gv = pull(gu, gv, gnz, p, q, r, hit, 5)
    gu, gv = pull(gu, gv, lit * g_red, p, q, r, hit, 6)
    gu, gv = pull(gu, gv, lit * g_green, p, q, r, hit, 7)
    gu, gv = pull(gu, gv, lit * g_blue, p, q, r, hit, 8)
    at = rast_grad + 4 * pixel
    tl.store(at, tl.where(hit, gu, 0.0), mask=inside)
    tl.store(at + 1, tl.where(hit, gv, 0.0), mask=inside)
    tl.store(at + 2, tl.zeros_like(gu), mask=inside)
    tl.store(at + 3, tl.zeros_like(gu), mask=inside)
    sums = eye_partials + 3 * image * blocks + block
    tl.store(sums, tl.sum(tl.where(hit, gcx, 0.0), axis=0))
    tl.store(sums + blocks, tl.sum(tl.where(hit, gcy, 0.0), axis=0))
    tl.store(sums + 2 * blocks, tl.sum(tl.where(hit, gcz, 0.0), axis=0))


@triton.jit
def _tangent_kernel(
    attributes,
    rast,
    tri,
    eye,
    rast_tangent,
    eye_tangent,
    out_tangent,
    vertices,
    faces,
    pixels,
    blocks,
    light_x,
    light_y,
    light_z,
    ambient,
    diffuse,
    slope,
    whole,
    fraction,
    BITS: tl.constexpr,
    FRACTION: tl.constexpr,
    BLOCK: tl.constexpr,
):
    image, _block, pixel, inside = pixels_of_block(pixels, blocks, BLOCK)
    u, v, p, q, r, hit = corners(attributes, rast, tri, pixel, inside, vertices, faces)
    nx, ny, nz, n_scale, n_unit, lx, ly, lz, l_scale, l_unit, cx, cy, cz, c_scale, c_unit = directions(
        u, v, p, q, r, hit, image, eye, light_x, light_y, light_z
    )
    cosine, mx, my, mz, highlight = mirror(nx, ny, nz, lx, ly, lz, cx, cy, cz)
    du = tl.load(rast_tangent + 4 * pixel, mask=hit, other=0.0)
    dv = tl.load(rast_tangent + 4 * pixel + 1, mask=hit, other=0.0)
    dx = move(p, q, r, hit, du, dv, 0)
    dy = move(p, q, r, hit, du, dv, 1)
    dz = move(p, q, r, hit, du, dv, 2)
    dnx, dny, dnz = turn(
        nx,
        ny,
        nz,
        n_scale,
        n_unit,
        move(p, q, r, hit, du, dv, 3),
        move(p, q, r, hit, du, dv, 4),
        move(p, q, r, hit, du, dv, 5),
    )
    dlx, dly, dlz = turn(lx, ly, lz, l_scale, l_unit, -dx, -dy, -dz)
    ex = tl.load(eye_tangent + 3 * image)
    ey = tl.load(eye_tangent + 3 * image + 1)
    ez = tl.load(eye_tangent + 3 * image + 2)
    dcx, dcy, dcz = turn(cx, cy, cz, c_scale, c_unit, ex - dx, ey - dy, ez - dz)

    d_cosine = dnx * lx + dny * ly + dnz * lz + nx * dlx + ny * dly + nz * dlz
    d_cosine = tl.where(cosine > 0, d_cosine, 0.0)
    dmx = 2 * (d_cosine * nx + cosine * dnx) - dlx
    dmy = 2 * (d_cosine * ny + cosine * dny) - dly
    dmz = 2 * (d_cosine * nz + cosine * dnz) - dlz
    d_highlight = dcx * mx + dcy * my + dcz * mz + cx * dmx + cy * dmy + cz * dmz
    glossy = highlight > 0
    rise = slope * power(tl.where(glossy, highlight, 1.0), whole, fraction, BITS, FRACTION)
    d_gloss = tl.where(glossy, rise * d_highlight, 0.0)
    lit = ambient + diffuse * tl.maximum(cosine, 0.0)
    d_lit = diffuse * d_cosine
    at = out_tangent + 4 * pixel
    red = lit * move(p, q, r, hit, du, dv, 6) + d_lit * mix(u, v, p, q, r, hit, 6) + d_gloss
    green = lit * move(p, q, r, hit, du, dv, 7) + d_lit * mix(u, v, p, q, r, hit, 7) + d_gloss
    blue = lit * move(p, q, r, hit, du, dv, 8) + d_lit * mix(u, v, p, q, r, hit, 8) + d_gloss
    tl.store(at, tl.where(hit, red, 0.0), mask=inside)
    tl.store(at + 1, tl.where(hit, green, 0.0), mask=inside)
    tl.store(at + 2, tl.where(hit, blue, 0.0), mask=inside)
    tl.store(at + 3, tl.zeros_like(red), mask=inside)


def _power(phong: Any) -> dict[str, float | int | bool]:
    """What `power` needs for cos ** shininess."""
    return _exponent(phong.shininess)


def _slope(phong: Any) -> dict[str, float | int | bool]:
    """The factor of the derivative of the highlight, and what `power` needs for the rest of it."""
    # Where the factor is zero the exponent is any but -1, whose infinity would make it not a number.
    exponent = phong.shininess - 1 if phong.shininess else 0.0
    return {"slope": phong.specular * phong.shininess, **_exponent(exponent)}


def _exponent(exponent: float) -> dict[str, float | int | bool]:
    whole = max(math.floor(min(exponent, _LARGEST_POWER)), 0)
    fraction = exponent - whole if exponent < _LARGEST_POWER else 0.0
    return {"whole": whole, "fraction": fraction, "BITS": whole.bit_length(), "FRACTION": fraction != 0}


def _sizes(attributes: Tensor, rast: Tensor, tri: Tensor) -> tuple[int, int, int, int]:
    """Vertices, faces, pixels of an image, and blocks of an image."""
    pixels = rast.shape[1] * rast.shape[2]
    return attributes.shape[0], tri.shape[0], pixels, blocks_of(_BLOCK, pixels)


def forward(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Any) -> Tensor:
    """RGB and coverage [B, H, W, 4], of contiguous tensors: `attributes` [V, 9], `rast` [B, H, W, 4], `tri` [F, 3],
    `eye` [B, 3]; `phong` has the numbers of `tvdrnet_nv.ops.Phong`, floats, as Triton compiles whole numbers apart."""
    out = torch.empty_like(rast)
    sizes = _sizes(attributes, rast, tri)
    launch(
        _forward_kernel,
        len(rast) * sizes[3],
        attributes,
        rast,
        tri,
        eye,
        out,
        *sizes,
        *phong.light,
        *phong.background,
        phong.ambient,
        phong.diffuse,
        phong.specular,
        **_power(phong),
        BLOCK=_BLOCK,
    )
    return out


def backward(
    attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Any, grad_out: Tensor
) -> tuple[Tensor, Tensor]:
    """The gradients of `rast` and `eye`, for `grad_out` [B, H, W, 4]."""
    rast_grad = torch.empty_like(rast)
    sizes = _sizes(attributes, rast, tri)
    partials = rast.new_empty((len(rast), 3, sizes[3]))
    launch(
        _backward_kernel,
        len(rast) * sizes[3],
        attributes,
        rast,
        tri,
        eye,
        grad_out,
        rast_grad,
        partials,
        *sizes,
        *phong.light,
        phong.ambient,
        phong.diffuse,
        **_slope(phong),
        BLOCK=_BLOCK,
    )
    return rast_grad, sum_partials(partials)


def tangent(
    attributes: Tensor,
    rast: Tensor,
    tri: Tensor,
    eye: Tensor,
    phong: Any,
    rast_tangent: Tensor,
    eye_tangent: Tensor,
) -> Tensor:
    """Forward mode: the tangent of the image, [B, H, W, 4]."""
    out_tangent = torch.empty_like(rast)
    sizes = _sizes(attributes, rast, tri)
    launch(
        _tangent_kernel,
        len(rast) * sizes[3],
        attributes,
        rast,
        tri,
        eye,
        rast_tangent,
        eye_tangent,
        out_tangent,
        *sizes,
        *phong.light,
        phong.ambient,
        phong.diffuse,
        **_slope(phong),
        BLOCK=_BLOCK,
    )
    return out_tangent
