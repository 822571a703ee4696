"""The normals and areas of a batch of meshes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tvdrnet_nv.compat.pytorch3d.structures._edges import Edges
from tvdrnet_nv.compat.pytorch3d.structures.utils import list_to_padded
from tvdrnet_nv.mesh import cross_products

_EPS = 1e-6  # shorter sums of face normals are not normalised: PyTorch3D's bound


class Normals(Edges):
    """The part of `Meshes` that is about normals and areas."""

    _verts_list: list[Tensor]
    _faces_list: list[Tensor]
    _normals: list[Tensor] | None
    _cache: dict[str, Tensor]

    def _kept(self, name: str, compute: Callable[[], Tensor]) -> Tensor:
        if name in self._cache:
            return self._cache[name]
        value = compute()
        # What was computed without gradients is not for those who need them.
        if torch.is_grad_enabled() or not any(v.requires_grad for v in self._verts_list):
            self._cache[name] = value
        return value

    def _padded(self, parts: list[Tensor], value: float) -> Tensor:
        return list_to_padded(parts, (max((len(p) for p in parts), default=0), 3), value)

    def _face_crosses(self) -> Tensor:
        return cross_products(self.verts_packed()[self.faces_packed()])

    def faces_areas_packed(self) -> Tensor:
        """[ΣF]: the faces' areas."""
        return self._kept("areas", lambda: self._face_crosses().norm(dim=-1) / 2)

    def faces_normals_packed(self) -> Tensor:
        """[ΣF, 3]: unit normals, anticlockwise faces towards the viewer."""
        return self._kept("faces_normals", lambda: normalize(self._face_crosses(), dim=-1, eps=_EPS))

    def has_verts_normals(self) -> bool:
        """Whether normals were given, or have been computed."""
        return self._normals is not None or "verts_normals" in self._cache

    def verts_normals_packed(self) -> Tensor:
        """[ΣV, 3]: the given normals, else the sum of the faces' cross products around each vertex, normalised."""

        def compute() -> Tensor:
            if self._normals is not None:
                return torch.cat(self._normals)
            crosses, faces = self._face_crosses(), self.faces_packed()
            sums = torch.zeros_like(self.verts_packed())
            for corner in range(3):
                sums = sums.index_add(0, faces[:, corner], crosses)
            return normalize(sums, dim=-1, eps=_EPS)

        return self._kept("verts_normals", compute)

    def verts_normals_list(self) -> list[Tensor]:
        """N tensors [V_i, 3]."""
        return list(self.verts_normals_packed().split([len(v) for v in self._verts_list]))

    def verts_normals_padded(self) -> Tensor:
        """[N, max V, 3], filled up with zeros."""
        return self._padded(self.verts_normals_list(), 0.0)

    def faces_normals_list(self) -> list[Tensor]:
        """N tensors [F_i, 3]."""
        return list(self.faces_normals_packed().split([len(f) for f in self._faces_list]))

    def faces_normals_padded(self) -> Tensor:
        """[N, max F, 3], filled up with zeros."""
        return self._padded(self.faces_normals_list(), 0.0)
