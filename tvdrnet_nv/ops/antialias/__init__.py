"""antialias: silhouettes blended where they cross between pixel centres, which gives visibility a gradient."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.ops.arguments import (
    FLOATS,
    check_dtype,
    check_faces,
    check_rast,
    check_tensor,
    check_triangles,
    describe,
)
from tvdrnet_nv.ops.backends import Backend, backend_of

# A `walk` long enough for triangles much smaller than a pixel: a walk ends by itself, this only bounds it.
LONG_WALK = 64


class TopologyHash:
    """Which triangles share an edge: made by `antialias_construct_topology_hash`, opaque to callers.

    Attributes:
        tri: what it was made of.
    """

    def __init__(self, tri: Tensor, backend: Backend, native: Any) -> None:
        self.tri, self._backend, self._native = tri, backend, native

    def __reduce__(self) -> tuple[Any, ...]:
        """What pickle and copies keep: the triangles, of which it is built again."""
        return antialias_construct_topology_hash, (self.tri,)

    def native_for(self, tri: Tensor) -> Any:
        """What the backend of `tri`'s device needs."""
        if self.tri.shape[0] != tri.shape[0]:
            raise ValueError(
                f"topology_hash was built for {self.tri.shape[0]} triangles, but tri has {tri.shape[0]}; build it anew"
            )
        backend = backend_of(tri)
        if backend is not self._backend:
            raise ValueError(
                f"topology_hash was built on the backend {self._backend.name!r}, but tri is on {backend.name!r}; "
                "build it anew"
            )
        return self._native


def antialias_construct_topology_hash(tri: Tensor) -> TopologyHash:
    """Build what `antialias` needs to know about shared edges, for use in many calls with the same `tri`.

    Args:
        tri: int32 [F, 3].
    """
    tri = check_triangles(tri)
    backend = backend_of(tri)
    return TopologyHash(tri, backend, backend.function("topology")(tri))


def antialias(
    color: Tensor,
    rast: Tensor,
    pos: Tensor,
    tri: Tensor,
    topology_hash: TopologyHash | None = None,
    pos_gradient_boost: float = 1.0,
    *,
    walk: int = 1,
) -> Tensor:
    """Antialias silhouette edges, as `nvdiffrast.torch.antialias` does (Laine et al. 2020, section 3.6).

    Args:
        color: [B, H, W, C], the image to antialias. The dtype of `rast`.
        rast: [B, H, W, 4] from `rasterize`.
        pos: the clip-space vertices that `rast` was made with: [B, V, 4], or [V, 4] for all images.
        tri: int32 [F, 3], the one that `rast` was made with.
        topology_hash: from `antialias_construct_topology_hash(tri)`; `None` builds it for this call.
        pos_gradient_boost: scales the gradient of `pos`.
        walk: how many triangles to cross, from a pixel's centre towards the next one's, in search of the silhouette. 1
            is nvdiffrast's rule: the silhouette counts only if it is an edge of the triangle at the centre, and those
            of triangles smaller than a pixel are mostly missed. On CUDA more than 1 needs our own kernels, which are
            compiled at the first use; `tvdr-nv doctor` says where they cannot be.

    Returns:
        [B, H, W, C]. Where a silhouette edge passes between the centres of two adjacent pixels, the pixel whose part is
        covered by the other's surface takes that part of its colour. Row 0 at the bottom, as in `rast`.

    Gradients flow into `color`, and through the edges' positions into x, y, w of `pos`. On the CPU the results do not
    depend on the number of threads, and `torch.func.jvp` works. An edge that more than two triangles share is a
    silhouette when all of them lie on one side of it.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or index, or a `walk` that is too long for the backend.
    """
    color = check_tensor("color", color, ("B", "H", "W", "C"), dtypes=FLOATS)
    pos = check_tensor("pos", pos, ("B", "V", 4), ("V", 4), dtypes=FLOATS, device=color.device)
    check_dtype("pos", pos, "color", color.dtype)
    tri = check_faces(tri, pos.shape[-2], color.device)
    rast = check_rast(rast, color.dtype, color.device)
    if rast.shape[:3] != color.shape[:3]:
        raise ValueError(
            f"color must have the batch and the resolution of rast {list(rast.shape[:3])}; got {describe(color)}"
        )
    if pos.dim() == 3 and pos.shape[0] not in (1, rast.shape[0]):
        raise ValueError(
            f"pos must have one set of vertices, or one for each of the {rast.shape[0]} images of rast; "
            f"got {describe(pos)}"
        )
    if topology_hash is None:
        topology_hash = antialias_construct_topology_hash(tri)
    elif not isinstance(topology_hash, TopologyHash):
        raise TypeError(
            f"topology_hash must come from antialias_construct_topology_hash; got {describe(topology_hash)}"
        )
    if not isinstance(walk, int) or walk < 1:
        raise ValueError(f"walk must be a whole number, 1 or more; got {describe(walk)}")
    native = topology_hash.native_for(tri)
    backend = backend_of(color)
    if walk > 1 and walk > (longest := backend.longest_walk(color.device)):
        raise ValueError(f"walk must be at most {longest} on the backend {backend.name!r}; got {walk}")
    return backend.function("antialias")(color, rast, pos, tri, native, float(pos_gradient_boost), walk)
