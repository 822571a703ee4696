"""`Meshes`: a batch of triangle meshes of any sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device, make_device
from tvdrnet_nv.compat.pytorch3d.structures._arguments import Index, as_list, chosen_of, without_padding
from tvdrnet_nv.compat.pytorch3d.structures._private_names import PrivateNames

__all__ = ["Meshes"]


class Meshes(PrivateNames):
    """A batch of N triangle meshes, as `pytorch3d.structures.Meshes`.

    Three forms of all that is per vertex or per face: a list of N tensors; padded, with a batch dimension, filled up
    with zeros (faces: with -1); and packed, one after the other without a batch dimension, face indices shifted
    accordingly.

    Args:
        verts: N tensors [V_i, 3], or one [N, V, 3]; floating.
        faces: N tensors [F_i, 3], or one [N, F, 3] in which rows with a negative index are padding; integer.
        textures: `TexturesVertex` or `TexturesUV` (or PyTorch3D's) for N meshes, or None.
        verts_normals: normals to use instead of computed ones, in the form of `verts`.

    Raises:
        ValueError: shapes or batch sizes do not match.
    """

    def __init__(
        self,
        verts: Sequence[Tensor] | Tensor,
        faces: Sequence[Tensor] | Tensor,
        textures: Any = None,
        *,
        verts_normals: Sequence[Tensor] | Tensor | None = None,
    ) -> None:
        self._verts_list = as_list("verts", verts)
        faces_given = as_list("faces", faces)
        if isinstance(faces, Tensor):
            faces_given = [without_padding(f) for f in faces_given]
        self._faces_list = [f.to(torch.int64) for f in faces_given]
        if len(self._verts_list) != len(self._faces_list):
            raise ValueError(
                f"verts and faces must hold as many meshes; got {len(self._verts_list)} and {len(self._faces_list)}"
            )
        self.device = self._verts_list[0].device if self._verts_list else torch.device("cpu")
        for name, tensor in [("verts", t) for t in self._verts_list] + [("faces", t) for t in self._faces_list]:
            if tensor.device != self.device:
                raise ValueError(
                    f"all verts and faces must be on the same device; {name} on {tensor.device}, {self.device}"
                )
        self._normals = None if verts_normals is None else as_list("verts_normals", verts_normals)
        if self._normals is not None and [n.shape for n in self._normals] != [v.shape for v in self._verts_list]:
            raise ValueError("verts_normals must have the shapes of verts")
        self.equisized = len({(len(v), len(f)) for v, f in zip(self._verts_list, self._faces_list, strict=True)}) <= 1
        self.valid = torch.tensor([len(f) > 0 for f in self._faces_list], dtype=torch.bool, device=self.device)
        self._cache: dict[str, Tensor] = {}
        self.textures = textures
        if textures is not None:
            self._adopt(textures)

    def _adopt(self, textures: Any) -> None:
        """Tell the textures how many vertices and faces they are for; they may be padded."""
        sizes = [len(v) for v in self._verts_list], [len(f) for f in self._faces_list]
        if not hasattr(textures, "check_shapes"):
            raise ValueError(f"Expected textures to be an instance of type TexturesBase; got {type(textures)}")
        if not textures.check_shapes(len(self), max(sizes[0], default=0), max(sizes[1], default=0)):
            raise ValueError(
                f"textures do not match the dimensions of the {len(self)} meshes: up to {max(sizes[0], default=0)} "
                f"vertices and {max(sizes[1], default=0)} faces"
            )
        textures._num_verts_per_mesh, textures._num_faces_per_mesh = sizes
        textures.valid = self.valid

    def __len__(self) -> int:
        return len(self._verts_list)

    def __getitem__(self, index: Index) -> Meshes:
        """The chosen meshes, as a batch; tensors are shared."""
        chosen = chosen_of(index, len(self))
        textures = None if self.textures is None else self.textures[chosen]
        return self._like([self._verts_list[i] for i in chosen], textures, chosen)

    def _like(self, verts: list[Tensor], textures: Any, chosen: list[int] | None = None) -> Meshes:
        """A batch with these vertices, and the faces and the given normals of the meshes `chosen` (default all)."""
        chosen = list(range(len(self))) if chosen is None else chosen
        normals = None if self._normals is None else [self._normals[i] for i in chosen]
        return type(self)(verts, [self._faces_list[i] for i in chosen], textures, verts_normals=normals)

    def isempty(self) -> bool:
        """Whether no mesh has a face."""
        return not bool(self.valid.any())

    # --- vertices and faces ------------------------------------------------------------------------------------------

    def verts_list(self) -> list[Tensor]:
        """N tensors [V_i, 3]."""
        return self._verts_list

    def faces_list(self) -> list[Tensor]:
        """N tensors [F_i, 3] int64, indices into the mesh's own vertices."""
        return self._faces_list

    def verts_padded(self) -> Tensor:
        """[N, max V, 3], filled up with zeros."""
        return self._kept("verts_padded", lambda: self._padded(self._verts_list, 0.0))

    def faces_padded(self) -> Tensor:
        """[N, max F, 3] int64, indices into the mesh's own vertices, filled up with -1."""
        return self._kept("faces_padded", lambda: self._padded(self._faces_list, -1))

    def verts_packed(self) -> Tensor:
        """[ΣV, 3]."""
        return self._kept(
            "verts_packed", lambda: torch.cat(self._verts_list) if self._verts_list else torch.zeros(0, 3)
        )

    def faces_packed(self) -> Tensor:
        """[ΣF, 3] int64, indices into `verts_packed`."""

        def pack() -> Tensor:
            if not self._faces_list:
                return torch.zeros(0, 3, dtype=torch.int64)
            firsts = self.mesh_to_verts_packed_first_idx().tolist()
            return torch.cat([f + first for f, first in zip(self._faces_list, firsts, strict=True)])

        return self._kept("faces_packed", pack)

    def num_verts_per_mesh(self) -> Tensor:
        """[N] int64: V_i."""
        return self._kept("num_verts", lambda: self._counts(self._verts_list))

    def num_faces_per_mesh(self) -> Tensor:
        """[N] int64: F_i."""
        return self._kept("num_faces", lambda: self._counts(self._faces_list))

    def mesh_to_verts_packed_first_idx(self) -> Tensor:
        """[N] int64: the first row of each mesh in `verts_packed`."""
        return self.num_verts_per_mesh().cumsum(0) - self.num_verts_per_mesh()

    def mesh_to_faces_packed_first_idx(self) -> Tensor:
        """[N] int64: the first row of each mesh in `faces_packed`."""
        return self.num_faces_per_mesh().cumsum(0) - self.num_faces_per_mesh()

    def verts_packed_to_mesh_idx(self) -> Tensor:
        """[ΣV] int64: which mesh each packed vertex is of."""
        return self._kept("verts_to_mesh", lambda: torch.repeat_interleave(self.num_verts_per_mesh()))

    def faces_packed_to_mesh_idx(self) -> Tensor:
        """[ΣF] int64: which mesh each packed face is of."""
        return self._kept("faces_to_mesh", lambda: torch.repeat_interleave(self.num_faces_per_mesh()))

    def verts_padded_to_packed_idx(self) -> Tensor:
        """[ΣV] int64: the row of each packed vertex in `verts_padded().view(-1, 3)`."""
        widest = max((len(v) for v in self._verts_list), default=0)
        mesh = self.verts_packed_to_mesh_idx()
        row = torch.arange(len(mesh), device=self.device) - self.mesh_to_verts_packed_first_idx()[mesh]
        return mesh * widest + row

    def get_mesh_verts_faces(self, index: int) -> tuple[Tensor, Tensor]:
        """Vertices [V_i, 3] and faces [F_i, 3] of one mesh."""
        if not isinstance(index, int):
            raise ValueError(f"Mesh index must be an integer; got {index!r}")
        if not 0 <= index < len(self):
            raise ValueError(f"Mesh index must be in the range [0, {len(self)}); got {index}")
        return self._verts_list[index], self._faces_list[index]

    def get_bounding_boxes(self) -> Tensor:
        """[N, 3, 2]: the least and the greatest coordinate along each axis."""
        return torch.stack([torch.stack(torch.aminmax(v, dim=0), dim=-1) for v in self._verts_list])

    # --- other meshes ------------------------------------------------------------------------------------------------

    def clone(self) -> Meshes:
        """Copies of the tensors, through which gradients flow."""
        return self._map(lambda t: t.clone(), None if self.textures is None else self.textures.clone())

    def detach(self) -> Meshes:
        """The same without gradients."""
        return self._map(lambda t: t.detach(), None if self.textures is None else self.textures.detach())

    def to(self, device: Device, copy: bool = False) -> Meshes:
        """The same on `device`; this very object if it is there already and `copy` is not set."""
        target = make_device(device)
        if not copy and target == self.device:
            return self
        textures = None if self.textures is None else self.textures.to(target)
        return self._map(lambda t: t.to(target), textures)

    def cpu(self) -> Meshes:
        """The same on the CPU."""
        return self.to("cpu")

    def cuda(self) -> Meshes:
        """The same on the current GPU."""
        return self.to("cuda")

    def _map(self, function: Callable[[Tensor], Tensor], textures: Any) -> Meshes:
        verts, faces = [function(v) for v in self._verts_list], [function(f) for f in self._faces_list]
        normals = None if self._normals is None else [function(n) for n in self._normals]
        return type(self)(verts, faces, textures, verts_normals=normals)

    def extend(self, N: int) -> Meshes:
        """N copies of each mesh, one after the other: mesh 0 N times, mesh 1 N times, … They share no memory."""
        if not isinstance(N, int):
            raise ValueError(f"N must be an integer; got {N!r}")
        if N <= 0:
            raise ValueError(f"N must be > 0; got {N}")
        chosen = [i for i in range(len(self)) for _ in range(N)]
        textures = None if self.textures is None else self.textures.extend(N)
        return self._like([self._verts_list[i] for i in chosen], textures, chosen)._map(torch.clone, textures)

    def split(self, split_sizes: Sequence[int]) -> list[Meshes]:
        """Batches of the given sizes, one after the other; ValueError for sizes that are not of as many meshes."""
        if not all(isinstance(n, int) for n in split_sizes) or sum(split_sizes) > len(self):
            raise ValueError(f"split_sizes must be integers, at most {len(self)} together; got {split_sizes!r}")
        ends = torch.tensor(split_sizes).cumsum(0).tolist()
        return [self[list(range(end - n, end))] for end, n in zip(ends, split_sizes, strict=True)]

    def submeshes(self, face_indices: Sequence[Sequence[Tensor]]) -> Meshes:
        """Parts of the meshes, one after the other, each with the vertices that its faces use.

        Args:
            face_indices: for each mesh a list of int64 tensors [F_j], rows of its faces.

        Raises:
            ValueError: as many lists as there are not meshes.
        """
        if len(face_indices) != len(self):
            raise ValueError("You must specify exactly one set of submeshes for each mesh in this Meshes object.")
        verts: list[Tensor] = []
        faces: list[Tensor] = []
        used: list[list[Tensor]] = []
        for mesh, parts in enumerate(face_indices):
            used.append([])
            for part in parts:
                own, corners = torch.unique(self._faces_list[mesh][part], return_inverse=True)
                verts.append(self._verts_list[mesh][own])
                faces.append(corners.reshape(-1, 3))
                used[-1].append(own)
        textures = None if self.textures is None else self.textures.submeshes(used, face_indices)
        return type(self)(verts, faces, textures)

    def update_padded(self, new_verts_padded: Tensor) -> Meshes:
        """The same meshes with other vertices, [N, max V, 3]; without given normals, which would not fit."""
        wanted = self.verts_padded().shape
        if new_verts_padded.shape != wanted:
            raise ValueError(f"new_verts_padded must have shape {list(wanted)}; got {list(new_verts_padded.shape)}")
        verts = [new[: len(old)] for new, old in zip(new_verts_padded.unbind(0), self._verts_list, strict=True)]
        return type(self)(verts, self._faces_list, self.textures)

    def offset_verts_(self, vert_offsets_packed: Tensor) -> Meshes:
        """Move the vertices by [ΣV, 3], or all by [3]; in place, but for the tensors that the meshes were made of."""
        offsets = vert_offsets_packed
        if offsets.shape not in (torch.Size([3]), self.verts_packed().shape):
            raise ValueError(f"offsets must be [{len(self.verts_packed())}, 3] or [3]; got {list(offsets.shape)}")
        return self._move(self.verts_packed() + offsets, moved_apart=offsets.shape != torch.Size([3]))

    def offset_verts(self, vert_offsets_packed: Tensor) -> Meshes:
        """As `offset_verts_`, on a copy."""
        return self.clone().offset_verts_(vert_offsets_packed)

    def scale_verts_(self, scale: float | Tensor) -> Meshes:
        """Multiply the vertices by a number, or by one number for each mesh, [N]; in place as `offset_verts_`."""
        if isinstance(scale, Tensor):
            if scale.dim() > 0 and len(scale) != len(self):
                raise ValueError(f"scale must be one number, or one for each of {len(self)} meshes; got {len(scale)}")
            scale = scale.reshape(-1).expand(len(self))[self.verts_packed_to_mesh_idx(), None]
        return self._move(self.verts_packed() * scale, moved_apart=False)

    def scale_verts(self, scale: float | Tensor) -> Meshes:
        """As `scale_verts_`, on a copy."""
        return self.clone().scale_verts_(scale)

    def _move(self, packed: Tensor, *, moved_apart: bool) -> Meshes:
        self._verts_list = list(packed.split([len(v) for v in self._verts_list]))
        for name in ("verts_packed", "verts_padded", "areas", "faces_normals", "verts_normals"):
            self._cache.pop(name, None)
        if moved_apart:
            self._normals = None
        return self

    def sample_textures(self, fragments: Any) -> Tensor:
        """[N, H, W, K, C]: the textures where the fragments are; 0 at the background.

        Raises:
            ValueError: the meshes have no textures, or textures that do not match them.
        """
        if self.textures is None:
            raise ValueError("Meshes does not have textures")
        self._adopt(self.textures)  # they may have been replaced since
        return self.textures.sample_textures(fragments, faces_packed=self.faces_packed())
