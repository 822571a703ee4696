"""`TensorProperties`: batches of values that cameras, lights and materials have by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device, make_device
from tvdrnet_nv.compat.pytorch3d.renderer._pixels import parse_image_size

__all__ = [
    "TensorAccessor",
    "TensorProperties",
    "convert_to_tensors_and_broadcast",
    "format_tensor",
    "ndc_grid_sample",
    "ndc_to_grid_sample_coords",
    "parse_image_size",
]


def format_tensor(value: Any, dtype: torch.dtype = torch.float32, device: Device = "cpu") -> Tensor:
    """A number, sequence, array or tensor as a tensor [N, …] on `device`; tensors keep their dtype."""
    if not isinstance(value, Tensor):
        value = torch.as_tensor(value, dtype=dtype, device=make_device(device))
    value = value.to(make_device(device))
    return value.reshape(1) if value.dim() == 0 else value


def convert_to_tensors_and_broadcast(
    *args: Any, dtype: torch.dtype = torch.float32, device: Device = "cpu"
) -> list[Tensor]:
    """Values as tensors of one batch size: each has N rows, or 1, which is repeated.

    Raises:
        ValueError: two batch sizes other than 1 differ.
    """
    tensors = [format_tensor(value, dtype, device) for value in args]
    sizes = {len(t) for t in tensors} - {1}
    if len(sizes) > 1:
        raise ValueError(f"Got non-broadcastable sizes {sorted(sizes)}: batch sizes must be equal or 1")
    size = sizes.pop() if sizes else 1
    return [t.expand(size, *t.shape[1:]) for t in tensors]


class TensorAccessor:
    """Some elements of a batch: reading an attribute gives them, setting it writes them into the batch."""

    def __init__(self, class_object: TensorProperties, index: int | slice) -> None:
        self.__dict__.update(class_object=class_object, index=index)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__dict__["class_object"], name)
        return value[self.__dict__["index"]] if isinstance(value, Tensor) else value

    def __setattr__(self, name: str, value: Any) -> None:
        owner, index = self.__dict__["class_object"], self.__dict__["index"]
        batch = getattr(owner, name)
        if not isinstance(batch, Tensor):
            raise AttributeError(f"Can only set values on attributes which are tensors; got {type(batch).__name__}")
        value = torch.as_tensor(value, dtype=batch.dtype, device=batch.device)
        wanted = batch[index].shape
        if value.dim() > len(wanted) and value.shape[0] == 1:
            value = value[0]
        if value.dim() > 0 and value.shape[-1:] != wanted[-1:]:
            raise ValueError(f"Expected value to have shape {list(wanted)}; got {list(value.shape)}")
        batch = batch.clone()
        batch[index] = value
        setattr(owner, name, batch)


class TensorProperties(nn.Module):
    """Named values, made into tensors of one batch size [N, …] on one device; None, bool and str stay as they are.

    Args:
        dtype: of what is no tensor yet.
        device: where to put the tensors.
        **kwargs: the values: numbers, sequences, arrays, tensors, bool, str or None.

    Raises:
        ValueError: batch sizes do not match.
        TypeError: a value of another type.
    """

    def __init__(self, dtype: torch.dtype = torch.float32, device: Device = "cpu", **kwargs: Any) -> None:
        super().__init__()
        self.device = make_device(device)
        self._plain = [name for name, v in kwargs.items() if v is None or isinstance(v, (bool, str))]
        self._tensors = [name for name in kwargs if name not in self._plain]
        for name in self._plain:
            setattr(self, name, kwargs[name])
        for name in self._tensors:
            if not isinstance(kwargs[name], (int, float, Sequence, Tensor, np.ndarray)):
                raise TypeError(f"{name} must be numbers or a tensor; got {type(kwargs[name]).__name__}")
        values = convert_to_tensors_and_broadcast(
            *(kwargs[name] for name in self._tensors), dtype=dtype, device=self.device
        )
        for name, value in zip(self._tensors, values, strict=True):
            setattr(self, name, value)
        self._N = len(values[0]) if values else 0

    def __len__(self) -> int:
        return self._N

    def isempty(self) -> bool:
        """Whether the batch has no elements."""
        return self._N == 0

    def __getitem__(self, index: int | slice) -> Any:
        """Some of the batch's elements, as they are here."""
        if not isinstance(index, (int, slice)):
            raise ValueError(f"Expected index of type int or slice; got {type(index)}")
        return TensorAccessor(self, index)

    def _tensor_items(self) -> list[tuple[str, Tensor]]:
        return [(name, getattr(self, name)) for name in self._tensors]

    def to(self, device: Device = "cpu") -> Self:  # type: ignore[override]
        """Move the tensors to `device`, here; returns itself."""
        target = make_device(device)
        for name, value in self._tensor_items():
            if value.device != target:
                setattr(self, name, value.to(target))
        self.device = target
        return self

    def cpu(self) -> Self:
        """`to` the CPU."""
        return self.to("cpu")

    def cuda(self, device: int | None = None) -> Self:  # type: ignore[override]
        """`to` a GPU."""
        return self.to(f"cuda:{device}" if device is not None else "cuda")

    def clone(self, other: Any = None) -> Self:
        """A copy whose tensors are copies, through which gradients flow."""
        return self._with([(name, value.clone()) for name, value in self._tensor_items()])

    def _with(self, tensors: Sequence[tuple[str, Tensor]]) -> Self:
        """Another of the same class with these tensors."""
        new = type(self).__new__(type(self))
        nn.Module.__init__(new)
        for name, value in vars(self).items():
            if not (name.startswith("_") and hasattr(nn.Module(), name)) and name not in self._tensors:
                setattr(new, name, value)
        for name, value in tensors:
            setattr(new, name, value)
        new._N = len(tensors[0][1]) if tensors else 0
        return new

    def gather_props(self, batch_idx: Tensor) -> Self:
        """Repeat the batch's elements in the order of `batch_idx`, int64 [M], here; returns itself.

        For packed points, of which `batch_idx` says to which element each belongs. A batch of one stays one.
        """
        for name, value in self._tensor_items():
            if len(value) > 1:
                setattr(self, name, value[batch_idx])
        return self


def ndc_to_grid_sample_coords(xy_ndc: Tensor, image_size_hw: Sequence[int]) -> Tensor:
    """Places [..., 2] in NDC as torch's `grid_sample` takes them: ±1 at the borders of both sides, +x right, +y down.

    Raises:
        ValueError: a size that is not two positive numbers.
    """
    if len(image_size_hw) != 2 or min(image_size_hw) <= 0:
        raise ValueError("'image_size_hw' has to be a 2-tuple of positive integers")
    height, width = image_size_hw
    shorter = min(height, width)
    return -xy_ndc * xy_ndc.new_tensor([shorter / width, shorter / height])


def ndc_grid_sample(
    input: Tensor, grid_ndc: Tensor, *, align_corners: bool = False, **grid_sample_kwargs: Any
) -> Tensor:
    """Pictures at places in NDC, by torch's `grid_sample`.

    Args:
        input: [B, C, H, W].
        grid_ndc: [B, ..., 2].
        align_corners: see `grid_sample`.
        **grid_sample_kwargs: see `grid_sample`.

    Returns:
        [B, C, ...].

    Raises:
        ValueError: other shapes or batch sizes.
    """
    if len(grid_ndc) != len(input):
        raise ValueError("'input' and 'grid_ndc' have to have the same batch size.")
    if input.dim() != 4:
        raise ValueError("'input' has to be a 4-dimensional Tensor.")
    if grid_ndc.shape[-1] != 2:
        raise ValueError("The last dimension of 'grid_ndc' has to be == 2.")
    grid = ndc_to_grid_sample_coords(grid_ndc, input.shape[2:]).reshape(len(grid_ndc), -1, 1, 2)
    found = nn.functional.grid_sample(input, grid, align_corners=align_corners, **grid_sample_kwargs)
    return found.reshape(*input.shape[:2], *grid_ndc.shape[1:-1])
