"""rasterize: which triangle each pixel sees, and where on it."""

from __future__ import annotations

import operator

import torch
from torch import Tensor

from tvdrnet_nv.ops.arguments import FLOATS, INT32, check_faces, check_tensor, describe, names_of
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.contexts import RasterizeCudaContext

MAX_TRIANGLES = 2**24
"""Ids of more are not exact in float32."""
_INEXACT = (
    f"ids are exact in float32 up to {MAX_TRIANGLES} only; more can be drawn by render_phong, on the backends cpu and "
    "fused, or in float64 on the CPU"
)
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
        tri: int32 [F, 3], indices into the vertices, on the device of `pos`. At most 2^24 triangles,
            where `pos` is float32.
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
    return backend_of(scene.pos).function("rasterize")(glctx, scene, grad_db)


def face_ids(rast: Tensor) -> Tensor:
    """The triangles that `rast` [..., 4] shows, int32 [...]; -1 where there is none.

    `render_phong` draws float32 scenes of more than 2^24 triangles. There `rast` holds, of ids that are not exact in
    float32, the negative number whose bits are the id plus one. Only this function reads it.
    """
    shown = rast.detach()[..., 3]
    ids = shown.to(torch.int32)
    if shown.dtype == torch.float32:
        bits = shown.contiguous().view(torch.int32)
        ids = torch.where(bits < 0, bits & 0x7FFFFFFF, ids)
    return ids - 1


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
        limit = (MAX_TRIANGLES, _INEXACT) if self.pos.dtype == torch.float32 else ()
        self.tri = check_faces(tri, self.pos.shape[-2], self.pos.device, *limit)
        self.ranges = None if instanced or ranges is None else _check_ranges(ranges, self.tri.shape[0])
        backend = backend_of(self.pos)
        if self.pos.dtype not in backend.dtypes:
            wanted = names_of(backend.dtypes)
            raise TypeError(f"pos must be {wanted} on the backend {backend.name!r}; got {describe(self.pos)}")


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
