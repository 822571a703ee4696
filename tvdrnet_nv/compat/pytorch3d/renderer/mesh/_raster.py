"""What a rasterized batch of meshes shows: the ops' results, and PyTorch3D's fragments made of them."""

from __future__ import annotations

import dataclasses
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import interpolate_vertex_attributes
from tvdrnet_nv.ops.backends import backend_of


@dataclass
class Raster:
    """A batch of images. Row 0 is at the top, as y is turned in clip space.

    Attributes:
        context: the ops' context.
        clip: [ΣV, 4], packed vertices in the ops' clip space.
        depth: [ΣV], view space's z.
        faces: [F, 3] int32, the packed faces that are drawn.
        ids: [F] int64, their rows in `faces_packed`; None if that is what `faces` are.
        ranges: [N, 2] int32 on the CPU, for each image the first of `faces` and how many.
        resolution: height and width.
        layers: K, faces per pixel.
        by_depth: whether barycentrics are to be multiplied (1) or divided (-1) by depth, or neither (0).
        topology: shared edges, once they are needed; kept by the rasterizer from one call to the next.
    """

    context: ops.RasterizeGLContext
    clip: Tensor
    depth: Tensor
    faces: Tensor
    ids: Tensor | None
    ranges: Tensor
    resolution: tuple[int, int]
    layers: int
    by_depth: int
    topology: dict[str, ops.TopologyHash] = field(default_factory=dict)
    _front: Tensor | None = None
    _stack: list[Tensor] | None = None

    def detach(self) -> Raster:
        """The same without gradients."""
        return dataclasses.replace(
            self,
            clip=self.clip.detach(),
            depth=self.depth.detach(),
            _front=None if self._front is None else self._front.detach(),
            _stack=None if self._stack is None else [layer.detach() for layer in self._stack],
        )

    def nearest(self) -> Raster:
        """The nearest face alone."""
        return dataclasses.replace(self, layers=1, _stack=None)

    def _gradients(self) -> AbstractContextManager[object]:
        """Whoever asks first, also without gradients, the next one may need them."""
        return torch.set_grad_enabled(self.clip.requires_grad)

    def front(self) -> Tensor:
        """[N, H, W, 4]: the nearest layer's `rast`; ids are those of `faces`."""
        if self._front is None:
            with self._gradients():
                self._front, _ = ops.rasterize(
                    self.context, self.clip, self.faces, self.resolution, ranges=self.ranges, grad_db=False
                )
        return self._front

    def antialias(self, image: Tensor) -> Tensor:
        """Blend the silhouettes of the nearest surface in `image` [N, H, W, C]."""
        if "hash" not in self.topology:
            self.topology["hash"] = ops.antialias_construct_topology_hash(self.faces)
        walk = int(min(ops.LONG_WALK, backend_of(image).longest_walk()))
        return ops.antialias(
            image.contiguous(), self.front(), self.clip, self.faces, topology_hash=self.topology["hash"], walk=walk
        )

    def _found(self) -> list[Tensor]:
        """The layers that show something, front to back, at most K and at least one."""
        if self._stack is None:
            self._stack = [self.front()] if self.layers == 1 else self._peeled()
        return self._stack

    def _peeled(self) -> list[Tensor]:
        found: list[Tensor] = []
        peeler = ops.DepthPeeler(
            self.context, self.clip, self.faces, self.resolution, ranges=self.ranges, grad_db=False
        )
        with self._gradients(), peeler:
            for _ in range(self.layers):
                rast, _ = peeler.rasterize_next_layer()
                if found and not bool((rast[..., 3] > 0).any()):
                    break
                found.append(rast)
        return found

    def _filled(self, found: Tensor) -> Tensor:
        """[N, H, W, k, …] with -1 for the layers up to K."""
        missing = self.layers - found.shape[3]
        if missing == 0:
            return found
        rest = found.new_full((1,), -1).expand(*found.shape[:3], missing, *found.shape[4:])
        return torch.cat([found, rest], dim=3)

    def _ids_and_uv(self) -> tuple[Tensor, Tensor]:
        """Rows of `faces` [N, H, W, k] int64, -1 at the background, and all barycentrics [N, H, W, k, 3]."""
        rast = torch.stack(self._found(), dim=3)
        u, v = rast[..., 0], rast[..., 1]
        return rast.detach()[..., 3].to(torch.int64) - 1, torch.stack([u, v, 1.0 - u - v], dim=-1)

    def _barycentrics(self) -> tuple[Tensor, Tensor]:
        """`_ids_and_uv`, linear in what PyTorch3D's are linear in."""
        rows, bary = self._ids_and_uv()
        if self.by_depth:
            z = self.depth[self.faces[rows.clamp_min(0)].long()]
            weighted = bary * z if self.by_depth > 0 else bary / z
            bary = torch.where(rows[..., None] >= 0, weighted / weighted.sum(-1, keepdim=True), bary)
        return rows, bary

    def rast(self) -> Tensor | None:
        """[N · K, H, W, 4]: what `interpolate_vertex_attributes` would make of the fragments, where it is at hand."""
        found = self._found()
        if self.by_depth or self.ids is not None or len(found) < self.layers:
            return None
        return torch.stack(found, dim=1).flatten(0, 1)

    def pix_to_face(self) -> Tensor:
        """See `Fragments`."""
        rows, _ = self._ids_and_uv()
        if self.ids is not None and len(self.ids):
            rows = torch.where(rows >= 0, self.ids[rows.clamp_min(0)], rows)
        return self._filled(rows)

    def bary_coords(self) -> Tensor:
        """See `Fragments`."""
        rows, bary = self._barycentrics()
        return self._filled(torch.where(rows[..., None] >= 0, bary, -1.0))

    def zbuf(self) -> Tensor:
        """See `Fragments`."""
        rows, bary = self._barycentrics()
        z = interpolate_vertex_attributes(rows, bary, self.depth[:, None], self.faces)[..., 0]
        return self._filled(torch.where(rows >= 0, z, -1.0))

    def dists(self) -> Tensor:
        """See `Fragments`. Of a face that reaches behind the camera, the edges that do count as lines."""
        rows, _ = self._ids_and_uv()
        height, width = self.resolution
        x, y, _, w = self.clip.unbind(-1)
        w = torch.where(w == 0, 1.0, w)  # no face that is drawn has such a vertex, and none's gradient may be NaN
        ndc = torch.stack([x / w * (-width / min(height, width)), y / w * (-height / min(height, width))], dim=-1)
        corners = ndc[self.faces[rows.clamp_min(0)].long()]
        pixels = pixel_centres(self.resolution, ndc)[:, :, None]
        squared = torch.stack(
            [_to_segment(pixels, corners[..., i, :], corners[..., (i + 1) % 3, :]) for i in range(3)], dim=-1
        )
        return self._filled(torch.where(rows >= 0, -squared.amin(-1), -1.0))


def pixel_centres(resolution: tuple[int, int], like: Tensor) -> Tensor:
    """[H, W, 2]: NDC, +x left and +y up."""
    height, width = resolution
    half = min(height, width) / 2
    x = (width / 2 - torch.arange(width, dtype=like.dtype, device=like.device) - 0.5) / half
    y = (height / 2 - torch.arange(height, dtype=like.dtype, device=like.device) - 0.5) / half
    return torch.stack([x[None].expand(height, width), y[:, None].expand(height, width)], dim=-1)


def _to_segment(p: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Squared distances [...] of points [..., 2] to segments."""
    along = b - a
    length = (along * along).sum(-1)
    t = ((p - a) * along).sum(-1) / torch.where(length > 0, length, 1.0)
    nearest = a + t.clamp(0, 1)[..., None] * along
    return ((p - nearest) ** 2).sum(-1)
