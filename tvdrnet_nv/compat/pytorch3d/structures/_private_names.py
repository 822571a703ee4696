"""Names of `Meshes` that are private in PyTorch3D, and that programs use all the same."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.structures._normals import Normals


class PrivateNames(Normals):
    """The part of `Meshes` that nobody should need: counts, and requests to compute what is computed when read."""

    # PyTorch3D's names of tensors that it keeps beside the lists; here there are none to copy.
    _INTERNAL_TENSORS: ClassVar[tuple[str, ...]] = ()

    def _counts(self, parts: list[Tensor]) -> Tensor:
        """[N] int64: how many rows each has."""
        device = parts[0].device if parts else None
        return torch.tensor([len(part) for part in parts], dtype=torch.int64, device=device)

    @property
    def _N(self) -> int:
        return len(self)

    @property
    def _V(self) -> int:
        return max((len(v) for v in self._verts_list), default=0)

    @property
    def _F(self) -> int:
        return max((len(f) for f in self._faces_list), default=0)

    @property
    def _num_verts_per_mesh(self) -> Tensor:
        return self._counts(self._verts_list)

    @property
    def _num_faces_per_mesh(self) -> Tensor:
        return self._counts(self._faces_list)

    def _forget(self, refresh: bool = False) -> None:
        """With `refresh` nothing is kept of what was computed, for instance before the vertices were written into."""
        if refresh:
            self._cache.clear()

    _compute_packed = _compute_padded = _compute_edges_packed = _forget
    _compute_face_areas_normals = _compute_vertex_normals = _forget
