"""What textures have in common; public in `pytorch3d.renderer.mesh.textures`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device, make_device

__all__ = ["TexturesBase"]

Index = int | Sequence[int] | slice | Tensor
Parts = Tensor | Sequence[Tensor]


def parts_of(name: str, value: Parts, dims: int) -> list[Tensor]:
    """A list of N tensors with `dims` dimensions each, of such a list or of one tensor with one dimension more."""
    parts = list(value.unbind(0)) if isinstance(value, Tensor) and value.dim() == dims + 1 else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(t, Tensor) and t.dim() == dims for t in parts):
        raise ValueError(
            f"Expected {name} to be a tensor of dimension {dims + 1}, or a list of tensors of dimension {dims}"
        )
    return list(parts)


class TexturesBase:
    """Colours of N meshes.

    `Meshes` tells its textures how many vertices and faces it has, since padded ones do not know.
    """

    _num_verts_per_mesh: Sequence[int] | None = None
    _num_faces_per_mesh: Sequence[int] | None = None
    valid: Tensor
    device: torch.device

    def __len__(self) -> int:
        raise NotImplementedError

    # This and what the classes below it say of the kind is private in PyTorch3D, but programs read it.
    @property
    def _N(self) -> int:
        return len(self)

    def _all_valid(self) -> Tensor:
        """Which meshes have faces, as long as no mesh has told: all."""
        return torch.ones(len(self), dtype=torch.bool, device=self.device)

    def _map(self, function: Callable[[Tensor], Tensor], chosen: Sequence[int] | None = None) -> Self:
        """The textures of the meshes `chosen` (default all), their tensors changed by `function`."""
        raise NotImplementedError

    def isempty(self) -> bool:
        """Whether they are for no meshes, or for meshes without faces."""
        return len(self) == 0 or not bool(self.valid.any())

    def clone(self) -> Self:
        """Copies of the tensors, through which gradients flow."""
        return self._map(lambda t: t.clone())

    def detach(self) -> Self:
        """The same without gradients."""
        return self._map(lambda t: t.detach())

    def to(self, device: Device) -> Self:
        """The same on `device`."""
        target = make_device(device)
        return self if target == self.device else self._map(lambda t: t.to(target))

    def extend(self, N: int) -> Self:
        """N copies of each mesh's, one after the other."""
        return self._map(torch.clone, [i for i in range(len(self)) for _ in range(N)])

    def __getitem__(self, index: Index) -> Self:
        """The textures of the chosen meshes."""
        if isinstance(index, Tensor):
            index = index.nonzero().flatten() if index.dtype == torch.bool else index.reshape(-1)
            chosen = index.tolist()
        elif isinstance(index, slice):
            chosen = list(range(len(self)))[index]
        else:
            chosen = [index] if isinstance(index, int) else list(index)
        return self._map(lambda t: t, [range(len(self))[i] for i in chosen])

    def _sizes_of(self, other: TexturesBase, chosen: Sequence[int]) -> None:
        for name in ("_num_verts_per_mesh", "_num_faces_per_mesh"):
            sizes = getattr(other, name)
            setattr(self, name, None if sizes is None else [sizes[i] for i in chosen])
        self.valid = other.valid[list(chosen)].to(self.device, copy=True)

    def sample_textures(self, fragments: Any, **kwargs: Any) -> Tensor:
        """[N, H, W, K, C]: colours where the fragments are, 0 at the background."""
        raise NotImplementedError

    def check_shapes(self, batch_size: int, max_num_verts: int, max_num_faces: int) -> bool:
        """Whether they can be for so many meshes of up to so many vertices and faces."""
        raise NotImplementedError

    def submeshes(
        self, vertex_ids_list: Sequence[Sequence[Tensor]], faces_ids_list: Sequence[Sequence[Tensor]]
    ) -> Self:
        """The textures of parts of the meshes, one after the other.

        Args:
            vertex_ids_list: for each mesh a list of int64 tensors, the vertices of each part.
            faces_ids_list: likewise the faces.
        """
        raise NotImplementedError

    def join_batch(self, textures: Sequence[Any]) -> Self:
        """Those of this one's meshes and of the others', in order."""
        raise NotImplementedError

    def join_scene(self) -> Self:
        """For one mesh of all the meshes."""
        raise NotImplementedError
