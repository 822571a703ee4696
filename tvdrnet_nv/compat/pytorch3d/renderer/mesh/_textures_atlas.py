"""A small picture for each face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_base import Parts, TexturesBase, parts_of
from tvdrnet_nv.compat.pytorch3d.structures.utils import list_to_padded

__all__ = ["TexturesAtlas"]


class TexturesAtlas(TexturesBase):
    """R x R texels for each face of N meshes, as of SoftRas (Liu et al. 2019).

    The first two barycentrics, times R, are a place in the square of cells. Its half near (0, 0) is the face. Each cell
    there is two triangles; that on the far side has its texel in the other half of the square, mirrored.

    Args:
        atlas: N tensors [F_i, R, R, C], or one [N, F, R, R, C], padded where meshes differ.
    """

    def __init__(self, atlas: Parts) -> None:
        self._atlas = parts_of("atlas", atlas, 4)
        if any(a.shape[1] != a.shape[2] for a in self._atlas):
            raise ValueError(f"atlas must be tensors [F, R, R, C]; got {[list(a.shape) for a in self._atlas]}")
        if len({a.shape[1:] for a in self._atlas if len(a)}) > 1:
            raise ValueError("All atlases must have the same size and number of channels")
        self.device = self._atlas[0].device if self._atlas else torch.device("cpu")
        self.valid = self._all_valid()

    def __len__(self) -> int:
        return len(self._atlas)

    def _map(self, function: Callable[[Tensor], Tensor], chosen: Sequence[int] | None = None) -> Self:
        chosen = range(len(self)) if chosen is None else chosen
        out = type(self)([function(self._atlas[i]) for i in chosen])
        out._sizes_of(self, chosen)
        return out

    def atlas_list(self) -> list[Tensor]:
        """N tensors [F_i, R, R, C]."""
        if self._num_faces_per_mesh is None:
            return self._atlas
        return [a[:n] for a, n in zip(self._atlas, self._num_faces_per_mesh, strict=True)]

    def atlas_packed(self) -> Tensor:
        """[ΣF, R, R, C]."""
        return torch.cat(self.atlas_list()) if self._atlas else torch.zeros(0, 0, 0, 3)

    def atlas_padded(self) -> Tensor:
        """[N, max F, R, R, C], filled up with zeros."""
        return list_to_padded(self.atlas_list()) if self._atlas else torch.zeros(0, 0, 0, 0, 3)

    _atlas_list = property(atlas_list)
    _atlas_padded = property(atlas_padded)

    def sample_textures(self, fragments: Any, **kwargs: Any) -> Tensor:
        """[N, H, W, K, C]: the texels where the fragments are, not interpolated; 0 at the background.

        Args:
            fragments: `pix_to_face` and `bary_coords`.
            **kwargs: accepted; without effect.
        """
        atlas = self.atlas_packed()
        size = atlas.shape[1]
        scaled = fragments.bary_coords.detach()[..., :2] * size
        # Where a barycentric is 1, the cell is the last one.
        cell = scaled.to(torch.int64).clamp(0, size - 1)
        far_side = scaled.sum(-1) - cell.sum(-1) > 1
        cell = torch.where(far_side[..., None], size - 1 - cell, cell)
        covered = fragments.pix_to_face >= 0
        texels = atlas[fragments.pix_to_face.clamp_min(0), cell[..., 1], cell[..., 0]]
        return texels * covered[..., None]

    def faces_verts_textures_packed(self) -> Tensor:
        """[ΣF, 3, C]: the texels at the faces' corners."""
        atlas = self.atlas_packed()
        return torch.stack([atlas[:, 0, -1], atlas[:, -1, 0], atlas[:, 0, 0]], dim=1)

    def check_shapes(self, batch_size: int, max_num_verts: int, max_num_faces: int) -> bool:
        """Whether they can be for so many meshes of up to so many faces."""
        return len(self) == batch_size and max((len(a) for a in self._atlas), default=0) >= max_num_faces

    def submeshes(
        self, vertex_ids_list: Sequence[Sequence[Tensor]], faces_ids_list: Sequence[Sequence[Tensor]]
    ) -> Self:
        """See `TexturesBase.submeshes`."""
        pairs = zip(self.atlas_list(), faces_ids_list, strict=True)
        return type(self)([atlas[rows] for atlas, parts in pairs for rows in parts])

    def join_batch(self, textures: Sequence[Any]) -> Self:
        """Those of this one's meshes and of the others', in order."""
        return type(self)([a for t in (self, *textures) for a in t.atlas_list()])

    def join_scene(self) -> Self:
        """For one mesh of all the meshes."""
        return type(self)([self.atlas_packed()])
