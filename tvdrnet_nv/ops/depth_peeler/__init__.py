"""DepthPeeler: the surfaces behind the nearest one, layer by layer."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.rasterize import Scene


class DepthPeeler:
    """Rasterizes one surface after the other, from front to back, as `nvdiffrast.torch.DepthPeeler` does (depth
    peeling: Everitt, "Interactive Order-Independent Transparency", 2001).

        with DepthPeeler(glctx, pos, tri, resolution) as peeler:
            for _ in range(layers):
                rast, rast_db = peeler.rasterize_next_layer()

    Within the `with` block the context is the peeler's: `rasterize` or another peeler need another context. A peeler
    serves one `with` block.

    On the CPU each triangle that covers a pixel is in exactly one of its layers: they are ordered by z/w as `rast`
    holds it, and at equal depth by the triangle's id. (nvdiffrast, and so this class on CUDA tensors, shows only one of
    the triangles of equal depth.)

    Args:
        glctx: a context; see `RasterizeCudaContext`.
        pos: vertices in clip space, [B, V, 4], or with `ranges` [V, 4]; see `rasterize`.
        tri: int32 [F, 3].
        resolution: (height, width) in pixels.
        ranges: int32 [B, 2] on the CPU: for each image the first triangle and the number of triangles.
        grad_db: whether gradients flow through `rast_db`.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device, resolution, range or vertex index.
    """

    def __init__(
        self,
        glctx: RasterizeCudaContext,
        pos: Tensor,
        tri: Tensor,
        resolution: tuple[int, int] | list[int],
        ranges: Tensor | None = None,
        grad_db: bool = True,
    ) -> None:
        self._scene: Scene | None = Scene(glctx, pos, tri, resolution, ranges)
        self._context = glctx
        self._grad_db = grad_db
        self._peeling: Any = None  # the backend's, within the `with` block

    def __enter__(self) -> DepthPeeler:
        """Reserve the context.

        Raises:
            RuntimeError: another peeler is at work with the context, or this one served its `with` block.
        """
        if self._scene is None:
            raise RuntimeError("this DepthPeeler is done: its `with` block has ended; make a new one")
        self._context.refuse_while_peeling()
        self._peeling = backend_of(self._scene.pos).function("peeling")(self._context, self._scene, self._grad_db)
        self._context.reserve_for_peeling()
        return self

    def __exit__(self, *exception: object) -> None:
        """Give the context back."""
        peeling, self._peeling, self._scene = self._peeling, None, None
        self._context.release_from_peeling()
        if peeling is not None:
            peeling.end(*exception)

    def rasterize_next_layer(self) -> tuple[Tensor, Tensor]:
        """The nearest surface the first time, then at each call the next one behind the last, for each pixel.

        Returns:
            `rast` [B, H, W, 4] and `rast_db` [B, H, W, 4], as `rasterize` does; zeros where no surface is left.
            Gradients flow as in `rasterize`.

        Raises:
            RuntimeError: called outside the `with` block.
        """
        if self._peeling is None:
            raise RuntimeError("rasterize_next_layer() works within `with DepthPeeler(...) as peeler:` only")
        return self._peeling.next_layer()
