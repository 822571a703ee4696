"""A CUDA device without values: whatever asks for one, and would make the host wait for a GPU, fails."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

META = torch.device("meta")
_FROM_HOST = {torch.tensor, torch.as_tensor, torch.Tensor.new_tensor}


class CudaOnMeta(TorchFunctionMode):
    """Within it, tensors of the device "cuda" are torch's meta tensors, which have shapes and gradients but no values.

    Tensors say of themselves that they are on CUDA. Reading a value, or a size that depends on values, raises, but for
    copies to the CPU, which give ones; they are listed with the copies from the CPU.

    Args:
        monkeypatch: undoes it.
        index: the number of the GPU that tensors are on.

    Attributes:
        copies: what was copied between host and device, in order.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, index: int = 0) -> None:
        super().__init__()
        cuda = torch.device("cuda", index)
        self.copies: list[str] = []
        true_device = torch._C.TensorBase.device  # type: ignore[attr-defined]

        def device(tensor: Tensor) -> torch.device:
            # torch's own code, which works on meta tensors, is told the truth.
            asked_by = sys._getframe(1).f_globals.get("__name__", "")
            found = true_device.__get__(tensor)
            return cuda if found == META and asked_by.startswith(("tvdrnet_nv", "tests")) else found

        monkeypatch.setattr(torch.Tensor, "device", property(device), raising=False)
        self._true_device = true_device

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = {name: META if _is_cuda(value) else value for name, value in (kwargs or {}).items()}
        args = tuple(META if _is_cuda(arg) else arg for arg in args)
        if func in _FROM_HOST:
            like = self._true_device.__get__(args[0]) if func is torch.Tensor.new_tensor else kwargs.get("device")
            if like == META:
                self.copies.append(func.__name__)
        if func is torch.Tensor.to and isinstance(args[1], (Tensor, torch.device, str)):
            there = self._true_device.__get__(args[1]) if isinstance(args[1], Tensor) else torch.device(args[1])
            here = self._true_device.__get__(args[0])
            if there != here:
                self.copies.append("to")
                if there != META:
                    return torch.ones(args[0].shape, dtype=args[0].dtype)
        if func is torch.Tensor.cpu and self._true_device.__get__(args[0]) == META:
            self.copies.append("cpu")
            return torch.ones(args[0].shape, dtype=args[0].dtype)
        return func(*args, **kwargs)


def _is_cuda(value: object) -> bool:
    return isinstance(value, (str, torch.device)) and str(value).startswith("cuda")


class NvdiffrastOnMeta:
    """Of `nvdiffrast.torch`, the shapes of the results and the gradients."""

    class RasterizeCudaContext:
        def __init__(self, device: object = None) -> None:
            pass

    @staticmethod
    def antialias_construct_topology_hash(tri: Tensor) -> Tensor:
        return torch.empty_like(tri)

    @staticmethod
    def rasterize(glctx, pos: Tensor, tri: Tensor, resolution, ranges=None, grad_db=True) -> tuple[Tensor, Tensor]:
        rast = pos.sum(1)[:, None, None].expand(-1, *resolution, -1).contiguous()
        return rast, torch.empty_like(rast)

    @staticmethod
    def interpolate(attr: Tensor, rast: Tensor, tri: Tensor, rast_db=None, diff_attrs=None) -> tuple[Tensor, Tensor]:
        out = rast[..., :1].expand(*rast.shape[:3], attr.shape[-1]).contiguous()
        return out, out[..., :0]

    @staticmethod
    def antialias(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor, topology_hash=None, **_: float) -> Tensor:
        return color + pos.sum((1, 2))[:, None, None, None]
