"""What a backend is: its functions, and what it can do."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any, Protocol

import torch

Function = Callable[..., Any]


class LongestWalk(Protocol):
    """See `Backend.longest_walk`."""

    def __call__(self, device: torch.device | None = None) -> float: ...


@dataclass(frozen=True, eq=False)
class Backend:
    """Runs the ops for tensors on one type of device.

    Attributes:
        name: what users call it.
        device_type: where its tensors are, in torch's words.
        dtypes: the float dtypes that `rasterize` takes.
        functions: what does each op: a function, or "module:function", which is imported on first use. It gets
            arguments that the op has checked.
        kernel_module: the module of compiled kernels that `tvdrnet_nv.optimization.steps` calls, with all of
            `CameraOps32`, `CameraOps64`, `DescentOps32`, `DescentOps64`, `MlpOps32`, `MlpOps64` and `mlp_kept`; empty:
            the steps run in torch.
        forward_mode: the ops have forward-mode derivatives, but for `texture`.
        renders_in_one_op: it has `render_phong`.
        longest_walk: says the largest `walk` of `antialias` on a device, or on the current one; infinite where any will
            do. It may try what that needs.
        checks_indices: indices out of range are refused; elsewhere looking for them would cost a wait.
        asynchronous: the host runs ahead of the device, and waits for it where it reads a value.
        free_memory: says how many bytes of a device's own memory are free; None: its memory is the machine's.
        wait: waits until a device has done all that it was given.
        full_precision_products: torch's matrix products have the dtype's full precision.
        exact_coverage: coverage and depth order are decided from the vertices as given, and not from rounded ones.
        has_extras: it keeps what the CPU promises beyond nvdiffrast's contract.
        pixel_numbers: how many floats a pixel takes while it is rendered with derivatives, at most.
        vertex_numbers: how many floats each vertex takes for each camera in the op that renders.
        why_unavailable: says in one sentence why it cannot be used here and what to do about it, or None. At a glance:
            nothing is loaded or compiled for it.
        trial: the same, after doing once what the first use would: loading, compiling, asking the device.
        drawback: says in one sentence what keeps it here from being as fast as it could be, or None.
        installation: what to do where a part of it cannot be imported.
    """

    name: str
    device_type: str
    dtypes: tuple[torch.dtype, ...]
    functions: Mapping[str, Function | str]
    kernel_module: str = ""
    forward_mode: bool = False
    renders_in_one_op: bool = False
    longest_walk: LongestWalk = lambda device=None: 1
    checks_indices: bool = False
    asynchronous: bool = False
    free_memory: Callable[[torch.device], int] | None = None
    wait: Callable[[torch.device], None] = lambda device: None
    full_precision_products: bool = True
    exact_coverage: bool = True
    has_extras: bool = False
    pixel_numbers: int = 32
    vertex_numbers: int = 0
    why_unavailable: Callable[[], str | None] = lambda: None
    trial: Callable[[], str | None] = lambda: None
    drawback: Callable[[], str | None] = lambda: None
    installation: str = ""
    _loaded: dict[str, Function] = field(default_factory=dict, init=False, repr=False)

    def function(self, op: str) -> Function:
        """What does an op.

        Raises:
            RuntimeError: the backend has none, or its kernels cannot be imported; the message says what to do.
        """
        found = self._loaded.get(op)
        return self._load(op) if found is None else found

    def _load(self, op: str) -> Function:
        where = self.functions.get(op)
        if where is None:
            raise RuntimeError(f"the backend {self.name!r} has no {op}")
        if isinstance(where, str):
            module, _, name = where.partition(":")
            where = getattr(self._imported(module, op), name)
        self._loaded[op] = where
        return where

    @cached_property
    def kernels(self) -> Any:
        """The module of compiled kernels that the optimiser's steps call, or None: they run in torch."""
        return self._imported(self.kernel_module, "the kernels") if self.kernel_module else None

    def _imported(self, module: str, wanted: str) -> ModuleType:
        try:
            return importlib.import_module(module)
        except ImportError as error:
            raise RuntimeError(
                f"{wanted} on the backend {self.name!r} cannot be imported ({error}); {self.installation}"
            ) from error

    def why_unusable(self) -> str | None:
        """Why it cannot be used here and what to do about it, in one sentence, after trying; None where it can."""
        return self.why_unavailable() or self.trial()

    def abilities(self) -> str:
        """What it can do, in a line."""
        dtypes = ", ".join(str(dtype).removeprefix("torch.") for dtype in self.dtypes)
        said = {
            "forward-mode derivatives": self.forward_mode,
            "rendering in one op": self.renders_in_one_op,
            "silhouettes of small triangles": self.longest_walk() > 1,
            "indices are checked": self.checks_indices,
        }
        return "; ".join([dtypes, *(text for text, can in said.items() if can)])
