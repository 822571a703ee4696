"""Pictures on faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import interpolate_face_attributes
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._textures_base import Parts, TexturesBase, parts_of
from tvdrnet_nv.compat.pytorch3d.structures.utils import list_to_padded

__all__ = ["TexturesUV"]


class TexturesUV(TexturesBase):
    """Pictures, and texture coordinates of the faces' corners, of N meshes.

    (0, 0) is a picture's bottom left corner; v grows upwards. Pictures of different sizes are resampled to the largest
    height and the largest width, as in PyTorch3D. There are no mip levels.

    Args:
        maps: N tensors [H_i, W_i, C], or one [N, H, W, C]; with `maps_ids`, M pictures for each mesh: [M, H_i, W_i, C]
            or [N, M, H, W, C].
        faces_uvs: N integer tensors [F_i, 3], or one [N, F, 3]: rows of `verts_uvs`.
        verts_uvs: N tensors [VT_i, 2], or one [N, VT, 2].
        maps_ids: N integer tensors [F_i], or one [N, F]: which picture each face shows.
        padding_mode: 'zeros', 'border' or 'reflection': what is outside of a picture, as in torch's `grid_sample`.
        align_corners: whether 0 and 1 are the centres of the outermost texels, rather than their outer borders.
        sampling_mode: 'bilinear' or 'nearest'.
    """

    def __init__(
        self,
        maps: Parts,
        faces_uvs: Parts,
        verts_uvs: Parts,
        *,
        maps_ids: Parts | None = None,
        padding_mode: str = "border",
        align_corners: bool = True,
        sampling_mode: str = "bilinear",
    ) -> None:
        self.padding_mode, self.align_corners, self.sampling_mode = padding_mode, align_corners, sampling_mode
        self._faces_uvs_given = parts_of("faces_uvs", faces_uvs, 2)
        self._verts_uvs_list = parts_of("verts_uvs", verts_uvs, 2)
        self._ids = None if maps_ids is None else parts_of("maps_ids", maps_ids, 1)
        self._maps = parts_of("maps", maps, 3 if maps_ids is None else 4)
        lengths = {len(self._faces_uvs_given), len(self._verts_uvs_list), len(self._maps)}
        if len(lengths) > 1:
            raise ValueError(
                f"verts_uvs, faces_uvs and maps must be for as many meshes; got {len(self._verts_uvs_list)}, "
                f"{len(self._faces_uvs_given)} and {len(self._maps)}"
            )
        self.device = self._maps[0].device if self._maps else torch.device("cpu")
        if any(t.device != self.device for t in (*self._maps, *self._faces_uvs_given, *self._verts_uvs_list)):
            raise ValueError("verts_uvs, faces_uvs and maps must be on the same device")
        self.valid = self._all_valid()
        self._num_faces_per_mesh = [len(f) for f in self._faces_uvs_given]

    def __len__(self) -> int:
        return len(self._maps)

    def _map(self, function: Callable[[Tensor], Tensor], chosen: Sequence[int] | None = None) -> Self:
        chosen = range(len(self)) if chosen is None else chosen

        def of(parts: list[Tensor]) -> list[Tensor]:
            return [function(parts[i]) for i in chosen]

        out = self._like(
            of(self._maps), of(self._faces_uvs_given), of(self._verts_uvs_list), self._ids and of(self._ids)
        )
        out._sizes_of(self, chosen)
        return out

    def _like(self, maps: Parts, faces_uvs: Parts, verts_uvs: Parts, maps_ids: Parts | None) -> Self:
        return type(self)(
            maps,
            faces_uvs,
            verts_uvs,
            maps_ids=maps_ids,
            padding_mode=self.padding_mode,
            align_corners=self.align_corners,
            sampling_mode=self.sampling_mode,
        )

    def _of_faces(self, parts: list[Tensor]) -> list[Tensor]:
        if self._num_faces_per_mesh is None:
            return parts
        return [p[:n] for p, n in zip(parts, self._num_faces_per_mesh, strict=True)]

    def faces_uvs_list(self) -> list[Tensor]:
        """N tensors [F_i, 3]."""
        return self._of_faces(self._faces_uvs_given)

    def faces_uvs_padded(self) -> Tensor:
        """[N, max F, 3], filled up with -1."""
        return list_to_padded(self.faces_uvs_list(), pad_value=-1)

    def verts_uvs_list(self) -> list[Tensor]:
        """N tensors [VT_i, 2]."""
        return self._verts_uvs_list

    def verts_uvs_padded(self) -> Tensor:
        """[N, max VT, 2], filled up with zeros."""
        return list_to_padded(self._verts_uvs_list)

    def maps_list(self) -> list[Tensor]:
        """N pictures [H_i, W_i, C], or [M, H_i, W_i, C]."""
        return self._maps

    def maps_padded(self) -> Tensor:
        """[N, H, W, C], or [N, M, H, W, C]: the pictures, resampled to one size where they differ."""
        if not self._maps:
            return torch.zeros(0, 0, 0, 3) if self._ids is None else torch.zeros(0, 0, 0, 0, 3)
        return torch.stack(_one_size(self._maps, self.align_corners))

    def maps_ids_list(self) -> list[Tensor] | None:
        """N tensors [F_i], or None."""
        return None if self._ids is None else self._of_faces(self._ids)

    def maps_ids_padded(self) -> Tensor | None:
        """[N, max F], filled up with zeros, or None."""
        ids = self.maps_ids_list()
        return None if ids is None else list_to_padded(ids)

    _faces_uvs_list, _faces_uvs_padded = property(faces_uvs_list), property(faces_uvs_padded)
    _verts_uvs_padded, _maps_padded = property(verts_uvs_padded), property(maps_padded)
    _maps_ids_padded = property(maps_ids_padded)

    def faces_verts_uvs(self) -> Tensor:
        """[ΣF, 3, 2]: texture coordinates of the faces' corners."""
        return torch.cat([uv[f] for uv, f in zip(self._verts_uvs_list, self.faces_uvs_list(), strict=True)])

    def _sample(self, maps: Tensor, uv: Tensor) -> Tensor:
        """Colours [B, P, Q, C] of pictures [B, H, W, C] at [B, P, Q, 2]; row 0 of a picture is at v = 1."""
        grid = torch.stack([uv[..., 0] * 2 - 1, 1 - uv[..., 1] * 2], dim=-1)
        colors = grid_sample(
            maps.permute(0, 3, 1, 2),
            grid.to(maps.dtype),
            mode=self.sampling_mode,
            padding_mode=self.padding_mode,
            align_corners=self.align_corners,
        )
        return colors.permute(0, 2, 3, 1)

    def _sample_each(self, uv: Tensor, ids: Tensor | None) -> Tensor:
        """Colours [N, P, Q, C] at [N, P, Q, 2], of the pictures `ids` [N, P, Q]."""
        maps = self.maps_padded()
        if ids is None:
            return self._sample(maps, uv)
        colors = uv.new_zeros((*uv.shape[:-1], maps.shape[-1]))
        for picture in range(maps.shape[1]):
            colors = torch.where((ids == picture)[..., None], self._sample(maps[:, picture], uv), colors)
        return colors

    def sample_textures(self, fragments: Any, **kwargs: Any) -> Tensor:
        """[N, H, W, K, C]: colours where the fragments are. At the background, that of some texel.

        Args:
            fragments: `pix_to_face` and `bary_coords`.
            **kwargs: accepted; without effect.
        """
        pix_to_face = fragments.pix_to_face
        n, h, w, k = pix_to_face.shape
        uv = interpolate_face_attributes(pix_to_face, fragments.bary_coords, self.faces_verts_uvs())
        ids = self.maps_ids_list()
        of_pixels = None if ids is None else torch.cat(ids)[pix_to_face.clamp_min(0)].reshape(n, h, w * k)
        return self._sample_each(uv.reshape(n, h, w * k, 2), of_pixels).reshape(n, h, w, k, -1)

    def faces_verts_textures_packed(self) -> Tensor:
        """[ΣF, 3, C]: colours at the faces' corners."""
        corners = [uv[f] for uv, f in zip(self._verts_uvs_list, self.faces_uvs_list(), strict=True)]
        ids = self.maps_ids_padded()
        of_corners = None if ids is None else ids[..., None].expand(*ids.shape, 3)
        colors = self._sample_each(list_to_padded(corners), of_corners)
        return torch.cat([c[: len(f)] for c, f in zip(colors.unbind(0), corners, strict=True)])

    def submeshes(
        self, vertex_ids_list: Sequence[Sequence[Tensor]], faces_ids_list: Sequence[Sequence[Tensor]]
    ) -> Self:
        """See `TexturesBase.submeshes`; pictures and coordinates stay whole."""
        rows = [(i, part) for i, parts in enumerate(faces_ids_list) for part in parts]
        faces, ids = self.faces_uvs_list(), self.maps_ids_list()
        return self._like(
            [self._maps[i] for i, _ in rows],
            [faces[i][part] for i, part in rows],
            [self._verts_uvs_list[i] for i, _ in rows],
            None if ids is None else [ids[i][part] for i, part in rows],
        )

    def centers_for_image(self, index: int) -> Tensor:
        """[VT, 2]: where a mesh's `verts_uvs` are in its picture: column and row, the first texel's centre at (0, 0).

        Args:
            index: of the mesh.

        Raises:
            ValueError: the mesh has several pictures.
        """
        picture = self._maps[index]
        if picture.dim() != 3:
            raise ValueError("This function is not implemented for multiple maps.")
        height, width = picture.shape[:2]
        row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        places = torch.stack([column, row], dim=-1).to(picture)
        return self._sample(places[None], self._verts_uvs_list[index][None, None])[0, 0]

    def check_shapes(self, batch_size: int, max_num_verts: int, max_num_faces: int) -> bool:
        """Whether they can be for so many meshes of up to so many faces."""
        return len(self) == batch_size and max((len(f) for f in self._faces_uvs_given), default=0) >= max_num_faces

    def join_batch(self, textures: Sequence[Any]) -> Self:
        """Those of this one's meshes and of the others', in order; all with or all without `maps_ids`.

        Raises:
            ValueError: they differ in how they are sampled.
        """
        every = (self, *textures)
        for name in ("padding_mode", "align_corners", "sampling_mode"):
            if len({getattr(t, name) for t in every}) > 1:
                raise ValueError(f"All textures must have the same value for {name}")
        ids = [t.maps_ids_list() for t in every]
        if len({i is None for i in ids}) > 1:
            raise ValueError("All textures must either have maps_ids or have none")
        return self._like(
            [m for t in every for m in t.maps_list()],
            [f for t in every for f in t.faces_uvs_list()],
            [v for t in every for v in t.verts_uvs_list()],
            None if ids[0] is None else [i for part in ids if part is not None for i in part],
        )

    def join_scene(self) -> Self:
        """For one mesh of all the meshes: all pictures are kept, each face says which is its own (`maps_ids`).

        PyTorch3D packs the pictures into one instead.
        """
        counts = [1 if self._ids is None else len(m) for m in self._maps]
        maps = [m[None] for m in self._maps] if self._ids is None else self._maps
        offsets = torch.tensor([0, *counts[:-1]]).cumsum(0).tolist()
        uv_offsets = torch.tensor([0, *(len(v) for v in self._verts_uvs_list[:-1])]).cumsum(0).tolist()
        faces = self.faces_uvs_list()
        ids = self.maps_ids_list() or [torch.zeros(len(f), dtype=torch.int64, device=f.device) for f in faces]
        return self._like(
            [torch.cat(_one_size(maps, self.align_corners))],
            [torch.cat([f + offset for f, offset in zip(faces, uv_offsets, strict=True)])],
            [torch.cat(self._verts_uvs_list)],
            [torch.cat([i + offset for i, offset in zip(ids, offsets, strict=True)])],
        )


def _one_size(maps: list[Tensor], align_corners: bool) -> list[Tensor]:
    """Pictures [..., H_i, W_i, C] resampled to the largest height and width."""
    height, width = (max(m.shape[d] for m in maps) for d in (-3, -2))
    return [_resized(m, height, width, align_corners) for m in maps]


def _resized(picture: Tensor, height: int, width: int, align_corners: bool) -> Tensor:
    if picture.shape[-3:-1] == (height, width):
        return picture
    stack = picture if picture.dim() == 4 else picture[None]
    out = interpolate(stack.permute(0, 3, 1, 2), size=(height, width), mode="bilinear", align_corners=align_corners)
    return out.permute(0, 2, 3, 1).reshape(*picture.shape[:-3], height, width, picture.shape[-1])
