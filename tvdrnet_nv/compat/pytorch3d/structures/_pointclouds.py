"""`Pointclouds`: a batch of clouds of points of any sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device, make_device
from tvdrnet_nv.compat.pytorch3d.structures._arguments import Index, Parts, beside, chosen_of
from tvdrnet_nv.compat.pytorch3d.structures.utils import list_to_padded

__all__ = ["Pointclouds"]


class Pointclouds:
    """N clouds of points, as `pytorch3d.structures.Pointclouds`: as lists, padded and packed, as `Meshes`.

    Args:
        points: N tensors [P_i, 3], or one [N, P, 3].
        normals: likewise, or None.
        features: N tensors [P_i, C], or one [N, P, C], or None. In a list an empty cloud may have None.

    Raises:
        ValueError: shapes or batch sizes do not match.
    """

    def __init__(self, points: Parts, normals: Parts | None = None, features: Parts | None = None) -> None:
        if not isinstance(points, (list, tuple)) and not (isinstance(points, Tensor) and points.dim() == 3):
            raise ValueError("Points should be either a list or a batched tensor of shape (batch_size, P, 3)")
        self._points_list = [p if p.numel() else p.reshape(0, 3) for p in points]
        if any(p.dim() != 2 or p.shape[1] != 3 for p in self._points_list):
            raise ValueError("Clouds in list must be of shape Px3 or empty")
        if any(not bool(torch.isfinite(p).all()) for p in self._points_list):
            raise ValueError("Clouds in list must have finite points")
        self.device = self._points_list[0].device if self._points_list else torch.device("cpu")
        if any(p.device != self.device for p in self._points_list):
            raise ValueError("All points must be on the same device")
        self.equisized = len({len(p) for p in self._points_list}) <= 1
        self.valid = torch.tensor([len(p) > 0 for p in self._points_list], dtype=torch.bool, device=self.device)
        self._normals = beside("normals", normals, self._points_list, 3)
        self._features = beside("features", features, self._points_list, None)

    def __len__(self) -> int:
        return len(self._points_list)

    def __getitem__(self, index: Index) -> Pointclouds:
        """The chosen clouds, as a batch; tensors are shared."""
        return self._of(lambda t: t, chosen_of(index, len(self)))

    def _of(self, function: Callable[[Tensor], Tensor], chosen: list[int] | None = None) -> Pointclouds:
        rows = range(len(self)) if chosen is None else chosen

        def of(parts: list[Tensor] | None) -> list[Tensor] | None:
            return None if parts is None else [function(parts[i]) for i in rows]

        points = of(self._points_list)
        assert points is not None
        return type(self)(points, of(self._normals), of(self._features))

    def isempty(self) -> bool:
        """Whether no cloud has a point."""
        return not bool(self.valid.any())

    # --- points, normals, features -----------------------------------------------------------------------------------

    def points_list(self) -> list[Tensor]:
        """N tensors [P_i, 3]."""
        return self._points_list

    def points_padded(self) -> Tensor:
        """[N, max P, 3], filled up with zeros."""
        return self._padded(self._points_list)

    def points_packed(self) -> Tensor:
        """[ΣP, 3]."""
        return torch.cat(self._points_list) if self._points_list else torch.zeros(0, 3)

    def normals_list(self) -> list[Tensor] | None:
        """N tensors [P_i, 3], or None."""
        return self._normals

    def normals_padded(self) -> Tensor | None:
        """[N, max P, 3], or None."""
        return None if self._normals is None else self._padded(self._normals)

    def normals_packed(self) -> Tensor | None:
        """[ΣP, 3], or None."""
        return None if self._normals is None else torch.cat(self._normals)

    def features_list(self) -> list[Tensor] | None:
        """N tensors [P_i, C], or None."""
        return self._features

    def features_padded(self) -> Tensor | None:
        """[N, max P, C], or None."""
        return None if self._features is None else self._padded(self._features)

    def features_packed(self) -> Tensor | None:
        """[ΣP, C], or None."""
        return None if self._features is None else torch.cat(self._features)

    def _padded(self, parts: list[Tensor]) -> Tensor:
        width = parts[0].shape[1] if parts else 3
        return list_to_padded(parts, (max((len(p) for p in parts), default=0), width))

    def num_points_per_cloud(self) -> Tensor:
        """[N] int64: P_i."""
        return torch.tensor([len(p) for p in self._points_list], dtype=torch.int64, device=self.device)

    def packed_to_cloud_idx(self) -> Tensor:
        """[ΣP] int64: which cloud each packed point is of."""
        return torch.repeat_interleave(self.num_points_per_cloud())

    def cloud_to_packed_first_idx(self) -> Tensor:
        """[N] int64: the first packed point of each cloud."""
        return self.num_points_per_cloud().cumsum(0) - self.num_points_per_cloud()

    def padded_to_packed_idx(self) -> Tensor:
        """[ΣP] int64: the row of each packed point in `points_padded().view(-1, 3)`."""
        widest = max((len(p) for p in self._points_list), default=0)
        cloud = self.packed_to_cloud_idx()
        rows = torch.arange(len(cloud), device=self.device) - self.cloud_to_packed_first_idx()[cloud]
        return cloud * widest + rows

    def get_cloud(self, index: int) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Points, normals and features of one cloud."""
        if not isinstance(index, int):
            raise ValueError("Cloud index must be an integer.")
        if not 0 <= index < len(self):
            raise ValueError(f"Cloud index must be in the range [0, N) where N is the number of clouds; got {index}")
        normals = None if self._normals is None else self._normals[index]
        return self._points_list[index], normals, None if self._features is None else self._features[index]

    def get_bounding_boxes(self) -> Tensor:
        """[N, 3, 2]: the least and the greatest coordinate along each axis."""
        return torch.stack([torch.stack(torch.aminmax(p, dim=0), dim=-1) for p in self._points_list])

    def inside_box(self, box: Tensor) -> Tensor:
        """[ΣP] bool: whether packed points are in a box, or in their cloud's.

        Args:
            box: [2, 3] or [N, 2, 3], least and greatest corner.
        """
        if box.dim() not in (2, 3) or box.shape[-2:] != (2, 3):
            raise ValueError("Input box must be of shape (2, 3) or (N, 2, 3).")
        if bool((box[..., 0, :] > box[..., 1, :]).any()):
            raise ValueError("Input box is invalid: min values larger than max values.")
        points = self.points_packed()
        if box.dim() == 3 and len(box) not in (1, len(self)):
            raise ValueError(f"Input box dimension is {len(box)}; it must be 1, or the number of clouds, {len(self)}")
        if box.dim() == 3:
            box = box[0] if len(box) == 1 else box[self.packed_to_cloud_idx()]
        return ((points >= box[..., 0, :]) & (points <= box[..., 1, :])).all(dim=-1)

    def estimate_normals(
        self, neighborhood_size: int = 50, disambiguate_directions: bool = True, assign_to_self: bool = False
    ) -> Tensor:
        """[N, max P, 3]: `pytorch3d.ops.estimate_pointcloud_normals`; kept as the clouds' with `assign_to_self`."""
        from tvdrnet_nv.compat.pytorch3d.ops.points_normals import estimate_pointcloud_normals

        padded = estimate_pointcloud_normals(self, neighborhood_size, disambiguate_directions)
        normals = self._cut(padded)
        if assign_to_self:
            self._normals = normals
        return self._padded(normals)

    def _forget(self, refresh: bool = False) -> None:
        """Nothing is kept of what was computed."""

    _compute_packed = _compute_padded = _forget  # private in PyTorch3D, but programs call them

    # --- other clouds ------------------------------------------------------------------------------------------------

    def clone(self) -> Pointclouds:
        """Copies of the tensors, through which gradients flow."""
        return self._of(lambda t: t.clone())

    def detach(self) -> Pointclouds:
        """The same without gradients."""
        return self._of(lambda t: t.detach())

    def to(self, device: Device, copy: bool = False) -> Pointclouds:
        """The same on `device`; this very object if it is there already and `copy` is not set."""
        target = make_device(device)
        if not copy and target == self.device:
            return self
        return self._of(lambda t: t.to(target, copy=copy))

    def cpu(self) -> Pointclouds:
        """The same on the CPU."""
        return self.to("cpu")

    def cuda(self) -> Pointclouds:
        """The same on the current GPU."""
        return self.to("cuda")

    def extend(self, N: int) -> Pointclouds:
        """N copies of each cloud, one after the other."""
        if not isinstance(N, int):
            raise ValueError("N must be an integer.")
        if N <= 0:
            raise ValueError("N must be > 0.")
        return self._of(lambda t: t.clone(), [i for i in range(len(self)) for _ in range(N)])

    def split(self, split_sizes: list[int]) -> list[Pointclouds]:
        """Batches of the given sizes, one after the other."""
        if not all(isinstance(n, int) for n in split_sizes):
            raise ValueError("Value of split_sizes must be a list of integers.")
        ends = torch.tensor(split_sizes).cumsum(0).tolist()
        return [self[list(range(end - n, end))] for end, n in zip(ends, split_sizes, strict=True)]

    def subsample(self, max_points: int | Sequence[int] | Tensor) -> Pointclouds:
        """At most so many points of each cloud, chosen at random, in their order; these very clouds if all fit."""
        limits = [max_points] * len(self) if isinstance(max_points, int) else [int(k) for k in max_points]
        if len(limits) != len(self):
            raise ValueError("wrong number of max_points supplied")
        if all(len(p) <= k for p, k in zip(self._points_list, limits, strict=True)):
            return self
        rows = [
            torch.randperm(len(p))[:k].sort().values.to(p.device)
            for p, k in zip(self._points_list, limits, strict=True)
        ]

        def of(parts: list[Tensor] | None) -> list[Tensor] | None:
            return None if parts is None else [part[r] for part, r in zip(parts, rows, strict=True)]

        points = of(self._points_list)
        assert points is not None
        return type(self)(points, of(self._normals), of(self._features))

    def update_padded(
        self,
        new_points_padded: Tensor,
        new_normals_padded: Tensor | None = None,
        new_features_padded: Tensor | None = None,
    ) -> Pointclouds:
        """The same clouds with other points [N, max P, 3], and with other normals and features where given."""
        if new_points_padded.shape[:2] != (len(self), max((len(p) for p in self._points_list), default=0)):
            raise ValueError("new values must have the same batch dimension and number of points")
        points = self._cut(new_points_padded)
        normals = self._normals if new_normals_padded is None else self._cut(new_normals_padded)
        return type(self)(
            points, normals, self._features if new_features_padded is None else self._cut(new_features_padded)
        )

    def _cut(self, padded: Tensor) -> list[Tensor]:
        return [row[: len(p)] for row, p in zip(padded.unbind(0), self._points_list, strict=True)]

    def offset_(self, offsets_packed: Tensor) -> Pointclouds:
        """Move the points by [ΣP, 3], or all by [3]; in place, but for the tensors that the clouds were made of."""
        packed = self.points_packed()
        if offsets_packed.shape not in (torch.Size([3]), packed.shape):
            raise ValueError(f"Offsets must have dimension (all_p, 3); got {list(offsets_packed.shape)}")
        self._points_list = list((packed + offsets_packed).split([len(p) for p in self._points_list]))
        return self

    def offset(self, offsets_packed: Tensor) -> Pointclouds:
        """As `offset_`, on a copy."""
        return self.clone().offset_(offsets_packed)

    def scale_(self, scale: float | Tensor) -> Pointclouds:
        """Multiply the points by a number, or by one number for each cloud [N]; in place as `offset_`."""
        factors = torch.as_tensor(scale, dtype=torch.float32, device=self.device).reshape(-1)
        if len(factors) not in (1, len(self)):
            raise ValueError(f"scale must be one number, or one for each of {len(self)} clouds; got {len(factors)}")
        self._points_list = [p * s for p, s in zip(self._points_list, factors.expand(len(self)).unbind(0), strict=True)]
        return self

    def scale(self, scale: float | Tensor) -> Pointclouds:
        """As `scale_`, on a copy."""
        return self.clone().scale_(scale)
