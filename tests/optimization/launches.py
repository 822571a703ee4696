"""Counts what a step launches on CUDA, on tensors without values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from tests.optimization.cuda_on_meta import META

# What torch does to a tensor's description alone.
FREE = {
    *("alias", "as_strided", "detach", "empty", "empty_like", "empty_strided", "expand", "lift_fresh", "new_empty"),
    *("new_empty_strided", "permute", "select", "slice", "split", "split_with_sizes", "squeeze", "t", "transpose"),
    *("unbind", "unsqueeze", "view", "_unsafe_view", "_reshape_alias", "is_pinned"),
}


class Launches(TorchDispatchMode):
    """Lists torch's operations and copies on the device's tensors, and what others note in `found`.

    An operation is taken for one launch. A copy between host and device is "to device" or "to host", and no launch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = [x for arg in args for x in (arg if isinstance(arg, (tuple, list)) else [arg]) if isinstance(x, Tensor)]
        before = {_there(x) for x in given}
        if func is torch.ops.aten._to_copy.default and before == {True} and torch.device(kwargs["device"]) != META:
            self.found.append("to host")
            return torch.ones(args[0].shape, dtype=args[0].dtype)  # a meta tensor has no values to copy
        out = func(*args, **(kwargs or {}))
        name = func.name().split("::")[1].split(".")[0]
        after = any(_there(x) for x in (out if isinstance(out, (tuple, list)) else [out]) if isinstance(x, Tensor))
        if name == "_to_copy" and before == {False} and after:
            self.found.append("to device")
        elif name not in FREE and (after or True in before):
            self.found.append(name)
        return out

    @property
    def launched(self) -> list[str]:
        """All but the copies."""
        return [name for name in self.found if name not in ("to device", "to host")]

    @property
    def copied(self) -> list[str]:
        """The copies."""
        return [name for name in self.found if name in ("to device", "to host")]


def _there(tensor: Tensor) -> bool:
    return tensor.is_meta


def rasterizes(found: list[str]) -> type:
    """Of `nvdiffrast.torch`, the context and `rasterize`: a kernel in each direction."""
    rasterized = _call("nvdiffrast rasterize", "nvdiffrast rasterize backward", found)

    class Nvdiffrast:
        class RasterizeCudaContext:
            def __init__(self, device: object = None) -> None:
                pass

        @staticmethod
        def rasterize(glctx, pos, tri, resolution, ranges=None, grad_db=True) -> tuple[Tensor, Tensor]:
            rast = rasterized((len(pos), *resolution, 4), pos)
            return rast, torch.empty_like(rast)

    return Nvdiffrast


def _call(forward: str, backward: str, found: list[str]) -> Callable[..., Any]:
    class Call(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, out: tuple[int, ...], *inputs: Tensor) -> Tensor:  # type: ignore[override]
            found.append(forward_name)
            ctx.save_for_backward(*inputs)
            return inputs[0].new_empty(out)

        @staticmethod
        def backward(ctx: Any, *_grads: Tensor) -> Any:
            found.append(backward_name)
            return None, *(torch.empty_like(x) for x in ctx.saved_tensors)

    forward_name, backward_name = forward, backward
    return Call.apply
