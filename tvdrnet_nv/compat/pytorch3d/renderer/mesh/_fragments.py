"""`Fragments`: which faces are at a pixel, and where on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from tvdrnet_nv.compat.pytorch3d.renderer.mesh._raster import Raster

__all__ = ["Fragments"]


@dataclass
class Fragments:
    """The K nearest faces at each pixel, nearest first, as `pytorch3d.renderer.mesh.rasterizer.Fragments`.

    Attributes:
        pix_to_face: [N, H, W, K] int64, rows of the batch's `faces_packed`; -1 where there is none.
        zbuf: [N, H, W, K], the depth in view space; -1 where there is no face.
        bary_coords: [N, H, W, K, 3], barycentrics; -1 where there is no face.
        dists: [N, H, W, K], the squared distance in NDC to the nearest edge of the face, negative inside; -1 where
            there is no face. None where the rasterizer does not say.
    """

    pix_to_face: Tensor
    zbuf: Tensor
    bary_coords: Tensor
    dists: Tensor | None

    def detach(self) -> Fragments:
        """The same without gradients."""
        dists = None if self.dists is None else self.dists.detach()
        return Fragments(self.pix_to_face, self.zbuf.detach(), self.bary_coords.detach(), dists)


class _Late(Fragments):
    """Fragments of our rasterizer: each attribute is found when it is first asked for, and can be set.

    A shader that blends nothing needs neither depths nor distances, and one that antialiases only the nearest face.
    """

    def __init__(self, raster: Raster) -> None:
        self.raster = raster
        self._values: dict[str, Tensor | None] = {}
        self._changed: set[str] = set()
        self._with_gradients = torch.is_grad_enabled()

    def _find(self, name: str, find: Callable[[], Tensor]) -> Tensor | None:
        if name not in self._values:
            with torch.set_grad_enabled(self._with_gradients):
                self._values[name] = find()
        return self._values[name]

    def rast(self) -> Tensor | None:
        """See `Raster.rast`; None where an attribute that it depends on was set."""
        return None if self._changed & {"pix_to_face", "bary_coords"} else self.raster.rast()

    def detach(self) -> Fragments:
        """The same without gradients."""
        out = _Late(self.raster.detach())
        out._values = {name: None if v is None else v.detach() for name, v in self._values.items()}
        out._changed = set(self._changed)
        return out

    def nearest(self) -> Fragments:
        """The nearest face alone, K = 1."""
        if self.raster.layers == 1:
            return self
        out = _Late(self.raster.nearest())
        out._values = {n: v if v is None else v[:, :, :, :1] for n, v in self._values.items()}
        out._changed = set(self._changed)
        return out


def _late(name: str) -> property:
    def get(self: _Late) -> Tensor | None:
        return self._find(name, getattr(self.raster, name))

    def put(self: _Late, value: Tensor | None) -> None:
        self._values[name] = value
        self._changed.add(name)

    return property(get, put)


for _name in ("pix_to_face", "zbuf", "bary_coords", "dists"):
    setattr(_Late, _name, _late(_name))


def nearest(fragments: Fragments) -> Fragments:
    """The nearest face alone, K = 1, of any fragments."""
    if isinstance(fragments, _Late):
        return fragments.nearest()
    if fragments.pix_to_face.shape[-1] == 1:
        return fragments
    dists = None if fragments.dists is None else fragments.dists[..., :1]
    return Fragments(fragments.pix_to_face[..., :1], fragments.zbuf[..., :1], fragments.bary_coords[..., :1, :], dists)
