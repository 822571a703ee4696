"""rasterize: which triangle each pixel sees, and where on it."""

from __future__ import annotations

import operator

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.arguments import FLOATS, INT32, check_faces, check_tensor, describe
from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.function import OpFunction

MAX_TRIANGLES = 2**24
MAX_RESOLUTION = 16384


def rasterize(
    glctx: RasterizeCudaContext,
    pos: Tensor,
    tri: Tensor,
    resolution: tuple[int, int] | list[int],
    ranges: Tensor | None = None,
    grad_db: bool = True,
) -> tuple[Tensor, Tensor]:
    """Rasterize triangles, as `nvdiffrast.torch.rasterize` does (Laine et al., "Modular Primitives for High-Performance
    Differentiable Rendering", 2020).

    Args:
        glctx: a context; see `RasterizeCudaContext`.
        pos: vertices in clip space (x, y, z, w): [B, V, 4], one set per image, or with `ranges` [V, 4]. float32; on the
            CPU also float64.
        tri: int32 [F, 3], indices into the vertices, on the device of `pos`. At most 2^24 triangles.
        resolution: (height, width) in pixels.
        ranges: int32 [B, 2] on the CPU: for each image the first triangle and the number of triangles. Ignored where
            `pos` is [B, V, 4], as nvdiffrast does.
        grad_db: whether gradients flow through `rast_db`.

    Returns:
        `rast` [B, H, W, 4] and `rast_db` [B, H, W, 4], of the dtype of `pos`. `rast` holds (u, v, z/w, id + 1): the
        perspective-correct barycentrics of the triangle's first and second vertex, the depth in -1 to 1, and the index
        into `tri` plus one; zeros where no triangle is. `rast_db` holds (du/dX, du/dY, dv/dX, dv/dY) per pixel.
        Row 0 is at the bottom (y = -1); pixel centres are at half-integers.

    A pixel is covered when its centre is inside; a centre on a shared edge belongs to exactly one triangle. The nearest
    z/w wins, at equal depth the lower index. Triangles are clipped to -w <= x, y, z <= w; back faces are kept.
    Gradients flow from u, v and `rast_db` into x, y, w of `pos`. On the CPU the results do not depend on the number of
    threads, and `torch.func.jvp` works.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device, resolution, range or vertex index.
        RuntimeError: a `DepthPeeler` is at work with `glctx`.
    """
    scene = Scene(glctx, pos, tri, resolution, ranges)
    glctx.refuse_while_peeling()
    if scene.pos.device.type == "cuda":
        rast, rast_db = _rasterize_cuda(glctx, scene, grad_db)
    else:
        rast, rast_db = rasterize_cpu(glctx, scene, None, grad_db)
    return rast, rast_db


class Scene:
    """The arguments of `rasterize`, checked: `pos` and `tri` contiguous, `resolution` (height, width), `ranges` only in
    range mode.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device, resolution, range or vertex index.
    """

    def __init__(self, glctx: object, pos: object, tri: object, resolution: object, ranges: object) -> None:
        if not isinstance(glctx, RasterizeCudaContext):
            raise TypeError(f"glctx must be a RasterizeCudaContext or RasterizeGLContext; got {describe(glctx)}")
        self.resolution = check_resolution(resolution)
        instanced = isinstance(pos, Tensor) and pos.dim() == 3
        if instanced or ranges is None:
            self.pos = check_tensor("pos", pos, ("B", "V", 4), dtypes=FLOATS)
        else:
            self.pos = check_tensor("pos (with ranges)", pos, ("V", 4), dtypes=FLOATS)
        self.tri = check_faces(tri, self.pos.shape[-2], self.pos.device)
        if self.tri.shape[0] > MAX_TRIANGLES:
            raise ValueError(
                f"tri has {self.tri.shape[0]} triangles; ids are exact in float32 up to {MAX_TRIANGLES} only"
            )
        self.ranges = None if instanced or ranges is None else _check_ranges(ranges, self.tri.shape[0])
        if self.pos.device.type == "cuda" and self.pos.dtype != torch.float32:
            raise TypeError(f"pos must be float32 on CUDA; got {describe(self.pos)}")


def rasterize_cpu(
    glctx: RasterizeCudaContext, scene: Scene, peel: Tensor | None, grad_db: bool
) -> tuple[Tensor, Tensor]:
    """The nearest surface, or with `peel`, the `rast` of the layer in front, the nearest behind it."""
    instanced = scene.pos if scene.ranges is None else scene.pos[None]
    rast, rast_db = _Rasterize.apply(instanced, scene.tri, scene.ranges, peel, scene.resolution, glctx.output_db)  # type: ignore[misc]
    return rast, rast_db if grad_db else rast_db.detach()


def check_resolution(resolution: object) -> tuple[int, int]:
    """Return (height, width), or say what is wrong with it."""
    if not isinstance(resolution, (tuple, list, torch.Size)) or len(resolution) != 2:
        raise TypeError(f"resolution must be (height, width); got {describe(resolution)}")
    try:
        height, width = (operator.index(n) for n in resolution)
    except TypeError:
        raise TypeError(f"resolution must be (height, width) in whole pixels; got {describe(resolution)}") from None
    if not (1 <= height <= MAX_RESOLUTION and 1 <= width <= MAX_RESOLUTION):
        raise ValueError(
            f"resolution must lie between 1 and {MAX_RESOLUTION} in each direction; got {height} x {width}"
        )
    return height, width


def _check_ranges(ranges: object, triangles: int) -> Tensor:
    checked = check_tensor("ranges", ranges, ("B", 2), dtypes=INT32, device=torch.device("cpu"))
    first, count = checked.to(torch.int64).unbind(1)
    wrong = (first < 0) | (count < 0) | (first + count > triangles)
    if bool(wrong.any()):
        b = int(wrong.nonzero()[0, 0])
        raise ValueError(
            f"ranges[{b}] = ({int(first[b])}, {int(count[b])}) is not a first triangle and a count within the "
            f"{triangles} triangles of tri"
        )
    return checked


class _Rasterize(OpFunction):
    """The CPU kernels: pos [B or 1, V, 4], peel the `rast` of the layer in front or `None`."""

    @staticmethod
    def forward(  # type: ignore[override]
        pos: Tensor, tri: Tensor, ranges: Tensor | None, peel: Tensor | None, resolution: tuple[int, int], with_db: bool
    ) -> tuple[Tensor, Tensor]:
        batch = pos.shape[0] if ranges is None else ranges.shape[0]
        rast = pos.new_empty((batch, *resolution, 4))
        rast_db = pos.new_empty((batch, *resolution, 4 if with_db else 0))
        peel = None if peel is None else peel.detach()
        _cpu.rasterize(pos.detach(), tri, ranges, peel, rast, rast_db if with_db else None, torch.get_num_threads())
        return rast, rast_db

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        pos, tri, *_, with_db = inputs
        ctx.with_db = with_db
        ctx.save_for_backward(pos, tri, output[0])
        ctx.save_for_forward(pos, tri, output[0])
        ctx.set_materialize_grads(False)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_rast: Tensor | None, grad_db: Tensor | None):  # type: ignore[override]
        if grad_rast is None and grad_db is None:
            return None, None, None, None, None, None
        pos, tri, rast = ctx.saved_tensors
        grad_rast = torch.zeros_like(rast) if grad_rast is None else grad_rast.contiguous()
        grad_db = grad_db.contiguous() if grad_db is not None and ctx.with_db else None
        pos_grad = torch.zeros_like(pos)
        _cpu.rasterize_backward(pos.detach(), tri, rast, grad_rast, grad_db, pos_grad, torch.get_num_threads())
        return pos_grad, None, None, None, None, None

    @staticmethod
    def jvp(ctx, pos_tangent: Tensor | None, *_):  # type: ignore[override]
        pos, tri, rast = ctx.saved_tensors
        if pos_tangent is None:
            return torch.zeros_like(rast), torch.zeros_like(rast if ctx.with_db else rast[..., :0])
        return _RasterizeTangent.apply(pos, tri, rast, pos_tangent, ctx.with_db)


class _RasterizeTangent(OpFunction):
    """What `_Rasterize.jvp` calls: a function of its own, since the tensors of `torch.func.jvp` have no memory that a
    kernel could read, and only a function's `forward` gets them unwrapped."""

    @staticmethod
    def forward(  # type: ignore[override]
        pos: Tensor, tri: Tensor, rast: Tensor, pos_tangent: Tensor, with_db: bool
    ) -> tuple[Tensor, Tensor]:
        pos, rast, tangent = pos.detach(), rast.detach(), pos_tangent.detach().contiguous()
        rast_tangent, db_tangent = torch.zeros_like(rast), torch.zeros_like(rast if with_db else rast[..., :0])
        db = db_tangent if with_db else None
        _cpu.rasterize_jvp(pos, tri, rast, tangent, rast_tangent, db, torch.get_num_threads())
        return rast_tangent, db_tangent

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""


class Canvas:
    """nvdiffrast's CUDA rasterizer may want multiples of 8: a larger canvas, whose lower left corner is the image.

    Attributes:
        pos: the vertices for the canvas.
        resolution: its (height, width).
    """

    def __init__(self, scene: Scene) -> None:
        self._height, self._width = height, width = scene.resolution
        self.resolution = (-(-height // 8) * 8, -(-width // 8) * 8)
        self.pos = scene.pos
        if self.resolution != scene.resolution:
            scale_x, scale_y = width / self.resolution[1], height / self.resolution[0]
            x, y, z, w = scene.pos.unbind(-1)
            self.pos = torch.stack((x * scale_x + (scale_x - 1) * w, y * scale_y + (scale_y - 1) * w, z, w), dim=-1)

    def crop(self, rast: Tensor, rast_db: Tensor, output_db: bool) -> tuple[Tensor, Tensor]:
        """The image's part of what nvdiffrast found on the canvas; with `output_db` false without derivatives."""
        if self.resolution != (self._height, self._width):
            rast = rast[:, : self._height, : self._width].contiguous()
            rast_db = rast_db[:, : self._height, : self._width].contiguous()
        return rast, rast_db if output_db else rast_db[..., :0]


def _rasterize_cuda(glctx: RasterizeCudaContext, scene: Scene, grad_db: bool) -> tuple[Tensor, Tensor]:
    from tvdrnet_nv.ops.nvdiffrast import load

    canvas = Canvas(scene)
    native = glctx.native(scene.pos.device)
    rast, rast_db = load().rasterize(
        native, canvas.pos, scene.tri, canvas.resolution, ranges=scene.ranges, grad_db=grad_db
    )
    return canvas.crop(rast, rast_db, glctx.output_db)
