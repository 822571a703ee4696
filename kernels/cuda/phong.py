"""The Phong model at the pixels of a block, for `shade`; kernels/cpu/shade/shade.cpp says the same.

Square roots and divisions of float32 are rounded to nearest, as on the CPU; Triton's plain ones are approximate.
"""
# pyright: reportMissingImports=false, reportGeneralTypeIssues=false, reportArgumentType=false

import triton
import triton.language as tl


@triton.jit
def _square_root(x):
    return tl.sqrt(x) if x.dtype == tl.float64 else tl.sqrt_rn(x)


@triton.jit
def _quotient(x, y):
    return x / y if y.dtype == tl.float64 else tl.div_rn(x, y)


@triton.jit
def _direction(x, y, z):
    """The unit vector, 1 / length, and whether it is one: vectors below 1e-6 are not normalised, as in PyTorch3D."""
    length = _square_root(x * x + y * y + z * z)
    shortest = tl.zeros_like(length) + 1e-6
    scale = _quotient(tl.zeros_like(length) + 1.0, tl.maximum(length, shortest))
    return scale * x, scale * y, scale * z, scale, length > shortest


@triton.jit
def turn(x, y, z, scale, is_unit, dx, dy, dz):
    """The derivative of `_direction` along (dx, dy, dz). It is symmetric: the same for gradients and for tangents."""
    along = tl.where(is_unit, x * dx + y * dy + z * dz, 0.0)
    return scale * (dx - along * x), scale * (dy - along * y), scale * (dz - along * z)


@triton.jit
def power(base, whole, fraction, BITS: tl.constexpr, FRACTION: tl.constexpr):
    """base ** (whole + fraction) for base > 0, whole < 2 ** BITS: squaring keeps the precision that exp2(64 log2)
    loses."""
    result = tl.zeros_like(base) + 1.0
    square = base
    for i in tl.static_range(BITS):
        result = tl.where(((whole >> i) & 1) == 1, result * square, result)
        square = square * square
    if FRACTION:
        result = result * tl.exp2(fraction * tl.log2(base))
    return result


@triton.jit
def pixels_of_block(pixels, blocks, BLOCK: tl.constexpr):
    """The program's image, block and pixels: all of a block's pixels are of one image."""
    program = tl.program_id(0)
    image = (program // blocks).to(tl.int64)
    block = program % blocks
    index = block * BLOCK + tl.arange(0, BLOCK)
    return image, block, image * pixels + index, index < pixels


@triton.jit
def corners(attributes, rast, tri, pixel, inside, vertices, faces):
    """(u, v), where the attributes of the three corners are, and whether there is a triangle.

    Indices can be checked here only: on the host that would wait for the device. A wrong one is background.
    """
    u = tl.load(rast + 4 * pixel, mask=inside, other=0.0)
    v = tl.load(rast + 4 * pixel + 1, mask=inside, other=0.0)
    face = tl.load(rast + 4 * pixel + 3, mask=inside, other=0.0).to(tl.int32) - 1
    hit = (face >= 0) & (face < faces)
    i = tl.load(tri + 3 * face, mask=hit, other=-1)
    j = tl.load(tri + 3 * face + 1, mask=hit, other=-1)
    k = tl.load(tri + 3 * face + 2, mask=hit, other=-1)
    hit = (i >= 0) & (i < vertices) & (j >= 0) & (j < vertices) & (k >= 0) & (k < vertices)
    p = attributes + 9 * i.to(tl.int64)
    q = attributes + 9 * j.to(tl.int64)
    r = attributes + 9 * k.to(tl.int64)
    return u, v, p, q, r, hit


@triton.jit
def mix(u, v, p, q, r, hit, I: tl.constexpr):
    """Attribute I at the pixels."""
    a = tl.load(p + I, mask=hit, other=0.0)
    b = tl.load(q + I, mask=hit, other=0.0)
    c = tl.load(r + I, mask=hit, other=0.0)
    return u * a + v * b + (1.0 - u - v) * c


@triton.jit
def _along(p, q, r, hit, I: tl.constexpr):
    """How attribute I changes along u and along v."""
    a = tl.load(p + I, mask=hit, other=0.0)
    b = tl.load(q + I, mask=hit, other=0.0)
    c = tl.load(r + I, mask=hit, other=0.0)
    return a - c, b - c


@triton.jit
def directions(u, v, p, q, r, hit, image, eye, light_x, light_y, light_z):
    """The normal, and the directions to the light and to the camera, as `_direction` gives them."""
    x = mix(u, v, p, q, r, hit, 0)
    y = mix(u, v, p, q, r, hit, 1)
    z = mix(u, v, p, q, r, hit, 2)
    nx = mix(u, v, p, q, r, hit, 3)
    ny = mix(u, v, p, q, r, hit, 4)
    nz = mix(u, v, p, q, r, hit, 5)
    eye_x = tl.load(eye + 3 * image)
    eye_y = tl.load(eye + 3 * image + 1)
    eye_z = tl.load(eye + 3 * image + 2)
    nx, ny, nz, n_scale, n_unit = _direction(nx, ny, nz)
    lx, ly, lz, l_scale, l_unit = _direction(light_x - x, light_y - y, light_z - z)
    cx, cy, cz, c_scale, c_unit = _direction(eye_x - x, eye_y - y, eye_z - z)
    return nx, ny, nz, n_scale, n_unit, lx, ly, lz, l_scale, l_unit, cx, cy, cz, c_scale, c_unit


@triton.jit
def mirror(nx, ny, nz, lx, ly, lz, cx, cy, cz):
    """The cosine of the light to the normal, the light's mirrored direction, and its cosine to the camera: 0 where the
    light is behind the surface."""
    cosine = nx * lx + ny * ly + nz * lz
    mx = (2 * cosine) * nx - lx
    my = (2 * cosine) * ny - ly
    mz = (2 * cosine) * nz - lz
    highlight = tl.where(cosine > 0, tl.maximum(cx * mx + cy * my + cz * mz, 0.0), 0.0)
    return cosine, mx, my, mz, highlight


@triton.jit
def move(p, q, r, hit, du, dv, I: tl.constexpr):
    """How attribute I moves with (u, v)."""
    along_u, along_v = _along(p, q, r, hit, I)
    return du * along_u + dv * along_v


@triton.jit
def pull(gu, gv, g, p, q, r, hit, I: tl.constexpr):
    """The gradients of u and v, with what comes from attribute I, whose gradient is g."""
    along_u, along_v = _along(p, q, r, hit, I)
    return gu + g * along_u, gv + g * along_v
