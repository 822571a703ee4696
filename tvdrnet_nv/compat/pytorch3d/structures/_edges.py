"""The edges of a batch of meshes."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor


class Edges(ABC):
    """The part of `Meshes` that is about edges, each once, from the lower vertex to the higher, in ascending order."""

    @abstractmethod
    def verts_packed(self) -> Tensor:
        """[ΣV, 3]."""

    @abstractmethod
    def faces_packed(self) -> Tensor:
        """[ΣF, 3]."""

    @abstractmethod
    def verts_packed_to_mesh_idx(self) -> Tensor:
        """[ΣV]."""

    @abstractmethod
    def __len__(self) -> int:
        """N."""

    def _edges(self) -> tuple[Tensor, Tensor]:
        """Unique edges [ΣE, 2], and for each face those opposite to its corners [ΣF, 3]."""
        a, b, c = self.faces_packed().unbind(1)
        pairs = torch.stack([torch.stack(pair, 1) for pair in ((b, c), (c, a), (a, b))], 1)
        low, high = pairs.amin(-1), pairs.amax(-1)
        count = max(len(self.verts_packed()), 1)
        keys, inverse = torch.unique(low * count + high, return_inverse=True)
        return torch.stack([keys // count, keys % count], 1), inverse

    def edges_packed(self) -> Tensor:
        """[ΣE, 2] int64: the vertices in `verts_packed`."""
        return self._edges()[0]

    def faces_packed_to_edges_packed(self) -> Tensor:
        """[ΣF, 3] int64: the rows in `edges_packed` of the edges opposite to each face's three corners."""
        return self._edges()[1]

    def edges_packed_to_mesh_idx(self) -> Tensor:
        """[ΣE] int64: which mesh each edge is of."""
        return self.verts_packed_to_mesh_idx()[self.edges_packed()[:, 0]]

    def num_edges_per_mesh(self) -> Tensor:
        """[N] int32, as in PyTorch3D."""
        return torch.bincount(self.edges_packed_to_mesh_idx(), minlength=len(self)).to(torch.int32)

    def mesh_to_edges_packed_first_idx(self) -> Tensor:
        """[N] int64: the first row of each mesh in `edges_packed`."""
        counts = self.num_edges_per_mesh().to(torch.int64)
        return counts.cumsum(0) - counts

    def laplacian_packed(self) -> Tensor:
        """Sparse [ΣV, ΣV]: times the vertices, the mean of each one's neighbours minus its own position."""
        from tvdrnet_nv.compat.pytorch3d.ops.laplacian_matrices import laplacian

        return laplacian(self.verts_packed(), self.edges_packed())
