"""transform: vertices through the cameras' clip matrices."""
# pyright: reportMissingImports=false, reportGeneralTypeIssues=false

import triton
import triton.language as tl
from torch import Tensor

from tvdrnet_nv.kernels.cuda.launch import blocks_of, launch
from tvdrnet_nv.kernels.cuda.sums import sum_partials

_BLOCK = 512  # vertices of a program


@triton.jit
def _vertex(vertices, index, inside, WIDTH: tl.constexpr):
    """Homogeneous coordinates; rows of three have w = 1."""
    at = vertices + WIDTH * index
    x = tl.load(at, mask=inside, other=0.0)
    y = tl.load(at + 1, mask=inside, other=0.0)
    z = tl.load(at + 2, mask=inside, other=0.0)
    w = tl.zeros_like(x) + 1.0
    if WIDTH == 4:
        w = tl.load(at + 3, mask=inside, other=0.0)
    return x, y, z, w


@triton.jit
def _forward_kernel(vertices, matrices, out, count, blocks, WIDTH: tl.constexpr, BLOCK: tl.constexpr):
    program = tl.program_id(0)
    image = (program // blocks).to(tl.int64)
    index = (program % blocks).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = index < count
    x, y, z, w = _vertex(vertices, index, inside, WIDTH)
    for i in tl.static_range(4):
        row = matrices + 16 * image + 4 * i
        clip = tl.load(row) * x + tl.load(row + 1) * y + tl.load(row + 2) * z + tl.load(row + 3) * w
        tl.store(out + 4 * (image * count + index) + i, clip, mask=inside)


@triton.jit
def _matrix_gradient_kernel(vertices, grad_out, partials, count, blocks, WIDTH: tl.constexpr, BLOCK: tl.constexpr):
    program = tl.program_id(0)
    image = (program // blocks).to(tl.int64)
    block = program % blocks
    index = block.to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = index < count
    x, y, z, w = _vertex(vertices, index, inside, WIDTH)
    for i in tl.static_range(4):
        g = tl.load(grad_out + 4 * (image * count + index) + i, mask=inside, other=0.0)
        at = partials + (16 * image + 4 * i) * blocks + block
        tl.store(at, tl.sum(g * x, axis=0))
        tl.store(at + blocks, tl.sum(g * y, axis=0))
        tl.store(at + 2 * blocks, tl.sum(g * z, axis=0))
        tl.store(at + 3 * blocks, tl.sum(g * w, axis=0))


@triton.jit
def _vertex_gradient_kernel(matrices, grad_out, out, count, batch, WIDTH: tl.constexpr, BLOCK: tl.constexpr):
    index = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = index < count
    for j in tl.static_range(WIDTH):
        total = tl.zeros([BLOCK], dtype=out.dtype.element_ty)
        offset = 4 * index
        image = 0
        while image < batch:
            for i in tl.static_range(4):
                total += tl.load(matrices + 16 * image + 4 * i + j) * tl.load(
                    grad_out + offset + i, mask=inside, other=0.0
                )
            offset += 4 * count
            image += 1
        tl.store(out + WIDTH * index + j, total, mask=inside)


def forward(vertices: Tensor, matrices: Tensor) -> Tensor:
    """Clip positions [B, V, 4] of `vertices`, [V, 3] (w = 1) or [V, 4], through `matrices` [B, 4, 4]; contiguous."""
    (count, width), batch = vertices.shape, len(matrices)
    out = vertices.new_empty((batch, count, 4))
    blocks = blocks_of(_BLOCK, count)
    launch(_forward_kernel, batch * blocks, vertices, matrices, out, count, blocks, WIDTH=width, BLOCK=_BLOCK)
    return out


def matrix_gradient(vertices: Tensor, grad_out: Tensor) -> Tensor:
    """[B, 4, 4], for `grad_out` [B, V, 4]: sums of each block's vertices, then of the blocks."""
    (count, width), batch = vertices.shape, len(grad_out)
    blocks = blocks_of(_BLOCK, count)
    partials = vertices.new_empty((batch, 16, blocks))
    launch(
        _matrix_gradient_kernel, batch * blocks, vertices, grad_out, partials, count, blocks, WIDTH=width, BLOCK=_BLOCK
    )
    return sum_partials(partials).reshape(batch, 4, 4)


def vertex_gradient(matrices: Tensor, grad_out: Tensor, width: int) -> Tensor:
    """[V, width], for `grad_out` [B, V, 4], summed over the images."""
    batch, count = grad_out.shape[:2]
    out = grad_out.new_empty((count, width))
    launch(
        _vertex_gradient_kernel,
        blocks_of(_BLOCK, count),
        matrices,
        grad_out,
        out,
        count,
        batch,
        WIDTH=width,
        BLOCK=_BLOCK,
    )
    return out
