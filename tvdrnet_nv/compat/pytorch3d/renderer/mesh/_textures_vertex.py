"""Colours of vertices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import at_vertices
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_base import Parts, TexturesBase, parts_of
from tvdrnet_nv.compat.pytorch3d.structures.utils import list_to_padded

__all__ = ["TexturesVertex"]


class TexturesVertex(TexturesBase):
    """Colours, or other features, of the vertices of N meshes.

    Args:
        verts_features: N tensors [V_i, C], or one [N, V, C], padded where meshes differ.
    """

    def __init__(self, verts_features: Parts) -> None:
        self._features = parts_of("verts_features", verts_features, 2)
        self.device = self._features[0].device if self._features else torch.device("cpu")
        if any(f.device != self.device for f in self._features):
            raise ValueError("all verts_features must be on one device")
        self.valid = self._all_valid()

    def __len__(self) -> int:
        return len(self._features)

    def _map(self, function: Callable[[Tensor], Tensor], chosen: Sequence[int] | None = None) -> Self:
        chosen = range(len(self)) if chosen is None else chosen
        out = type(self)([function(self._features[i]) for i in chosen])
        out._sizes_of(self, chosen)
        return out

    def verts_features_list(self) -> list[Tensor]:
        """N tensors [V_i, C]."""
        if self._num_verts_per_mesh is None:
            return self._features
        return [f[:n] for f, n in zip(self._features, self._num_verts_per_mesh, strict=True)]

    def verts_features_packed(self) -> Tensor:
        """[ΣV, C]."""
        return torch.cat(self.verts_features_list()) if self._features else torch.zeros(0, 3)

    def verts_features_padded(self) -> Tensor:
        """[N, max V, C], filled up with zeros."""
        return list_to_padded(self.verts_features_list()) if self._features else torch.zeros(0, 0, 3)

    _verts_features_list = property(verts_features_list)
    _verts_features_padded = property(verts_features_padded)

    def sample_textures(self, fragments: Any, faces_packed: Tensor | None = None, **kwargs: Any) -> Tensor:
        """[N, H, W, K, C]: the features where the fragments are, 0 at the background.

        Args:
            fragments: `pix_to_face` and `bary_coords`.
            faces_packed: [ΣF, 3], the meshes' faces.
            **kwargs: none.
        """
        if faces_packed is None:
            raise ValueError("faces_packed is needed to sample the features of vertices")
        return at_vertices(fragments, self.verts_features_packed(), faces_packed)

    def faces_verts_textures_packed(self, faces_packed: Tensor | None = None) -> Tensor:
        """[ΣF, 3, C]: the features at the corners of [ΣF, 3] faces."""
        if faces_packed is None:
            raise ValueError("faces_packed is needed")
        return self.verts_features_packed()[faces_packed]

    def check_shapes(self, batch_size: int, max_num_verts: int, max_num_faces: int) -> bool:
        """Whether they can be for so many meshes of up to so many vertices."""
        return len(self) == batch_size and max((len(f) for f in self._features), default=0) >= max_num_verts

    def submeshes(
        self, vertex_ids_list: Sequence[Sequence[Tensor]], faces_ids_list: Sequence[Sequence[Tensor]]
    ) -> Self:
        """See `TexturesBase.submeshes`."""
        pairs = zip(self.verts_features_list(), vertex_ids_list, strict=True)
        return type(self)([features[rows] for features, parts in pairs for rows in parts])

    def join_batch(self, textures: Sequence[Any]) -> Self:
        """Those of this one's meshes and of the others', in order."""
        features = [f for t in (self, *textures) for f in t.verts_features_list()]
        if len({f.shape[1] for f in features}) > 1:
            raise ValueError("All vertex textures must have the same number of features")
        return type(self)(features)

    def join_scene(self) -> Self:
        """For one mesh of all the meshes."""
        return type(self)([self.verts_features_packed()])
