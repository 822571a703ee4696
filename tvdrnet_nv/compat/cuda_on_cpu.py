"""Programs that say 'cuda', run on the CPU."""

from __future__ import annotations

import functools
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

CPU = torch.device("cpu")
_CUDA_NAME = re.compile(r"cuda(:\d+)?")
# The functions that take a device by position; the others take it as the keyword `device`.
_BY_POSITION = (torch.Tensor.to, torch._C._nn._parse_to)  # type: ignore[attr-defined]
# Elsewhere these touch the CUDA driver. What they wait for, free or choose does not exist on the CPU.
_NOTHING_TO_DO = ("synchronize", "empty_cache", "set_device", "init", "ipc_collect", "reset_peak_memory_stats")


@contextmanager
def cuda_on_cpu() -> Iterator[None]:
    """Within the block, in this thread, 'cuda' means the CPU.

    - `device='cuda'`, `'cuda:1'`, `0` or `torch.device('cuda')` for any function of torch, `.to('cuda')`, `.cuda()` of
      tensors and modules, `torch.device('cuda')` itself, `torch.Generator('cuda')` and
      `torch.load(map_location='cuda')` give CPU tensors, devices and generators; pinned memory is ordinary memory.
    - `torch.cuda.synchronize`, `empty_cache`, `set_device`, `nvtx.range` and the like do nothing; `torch.cuda.Event`
      measures time on the CPU; `get_device_properties` and `mem_get_info` tell of the machine.
    - `torch.cuda.is_available()` is left alone: programs that ask choose the CPU themselves.

    `.to('cuda')` and `.cuda()` return the tensor itself, as they do on CUDA for a tensor that is there already: writing
    into the result writes into the original. Streams, graphs and `torch.cuda.FloatTensor` are not provided.
    """
    with ExitStack() as undo:
        for name in _NOTHING_TO_DO:
            _replace(undo, torch.cuda, name, _no_op())
        _replace(undo, torch.cuda, "current_device", lambda: 0)
        _replace(undo, torch.cuda, "get_device_name", lambda device=None: "CPU")
        _replace(undo, torch.cuda, "get_device_properties", lambda device=None: DeviceProperties())
        _replace(undo, torch.cuda, "mem_get_info", lambda device=None: _memory())
        for name in ("mark", "range_push", "range_pop", "range_start", "range_end"):
            _replace(undo, torch.cuda.nvtx, name, _no_op())
        _replace(undo, torch.cuda.nvtx, "range", _range)
        _replace(undo, torch.cuda, "device", _CurrentDevice)
        _replace(undo, torch.cuda, "Event", CpuEvent)
        _replace(undo, torch, "Generator", CpuGenerator)
        _replace(undo, torch, "load", _load_on_cpu(torch.load))
        undo.enter_context(_CpuInstead())
        yield


def _replace(undo: ExitStack, owner: Any, name: str, value: Any) -> None:
    undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


def _no_op() -> Callable[..., None]:
    """A function of its own each time: torch.compile's tables, which optimizers load, want each name to have one."""

    def nothing(*_args: object, **_kwargs: object) -> None:
        pass

    return nothing


def _is_cuda(device: object) -> bool:
    """Whether it names a CUDA device; bare numbers do."""
    if isinstance(device, torch.device):
        return device.type == "cuda"
    if isinstance(device, str):
        return _CUDA_NAME.fullmatch(device) is not None
    return isinstance(device, int) and not isinstance(device, bool)


class _CpuInstead(TorchFunctionMode):
    """Sees every call of torch's functions first."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in (torch.Tensor.cuda, torch.Tensor.pin_memory):
            return args[0]
        if func is torch.device and _is_cuda(args[0] if args else kwargs.get("type", kwargs.get("device"))):
            return CPU
        if func in _BY_POSITION:
            args = tuple(CPU if _is_cuda(a) else a for a in args)
        if _is_cuda(kwargs.get("device")):
            kwargs["device"] = CPU
        if kwargs.get("pin_memory"):
            kwargs["pin_memory"] = False
        return func(*args, **kwargs)


class _CurrentDevice:
    """`torch.cuda.device`: a context manager that chooses the current GPU."""

    def __init__(self, device: object) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        pass


def _memory() -> tuple[int, int]:
    """Free and total bytes of the machine's memory."""
    page = os.sysconf("SC_PAGE_SIZE")
    return page * os.sysconf("SC_AVPHYS_PAGES"), page * os.sysconf("SC_PHYS_PAGES")


@contextmanager
def _range(msg: str, *args: object, **kwargs: object) -> Iterator[None]:
    """`torch.cuda.nvtx.range`, whose names nobody reads."""
    yield


@dataclass(frozen=True)
class DeviceProperties:
    """`torch.cuda.get_device_properties`: the CPU as a device of no compute capability."""

    name: str = "CPU"
    major: int = 0
    minor: int = 0
    total_memory: int = field(default_factory=lambda: _memory()[1])
    multi_processor_count: int = field(default_factory=lambda: os.cpu_count() or 1)
    is_integrated: bool = True
    is_multi_gpu_board: bool = False
    gcnArchName: str = "CPU"  # torch.compile asks for it where torch is built without CUDA


class CpuEvent:
    """`torch.cuda.Event`: a moment. The CPU's work is done when the call returns."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        self._moment: float | None = None

    def record(self, stream: object = None) -> None:
        """This is the moment."""
        self._moment = time.perf_counter()

    def elapsed_time(self, end_event: CpuEvent) -> float:
        """Milliseconds from this moment to the other."""
        if self._moment is None or end_event._moment is None:
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        return 1e3 * (end_event._moment - self._moment)

    def query(self) -> bool:
        """Whether the work is done."""
        return True

    def synchronize(self) -> None:
        """Nothing to wait for."""

    def wait(self, stream: object = None) -> None:
        """Nothing to wait for."""


_Generator = torch.Generator


class _AnyGenerator(type(_Generator)):
    """torch's own generators were not made by the subclass that stands for their class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _Generator)


class CpuGenerator(_Generator, metaclass=_AnyGenerator):
    """`torch.Generator`, on the CPU where CUDA was asked for."""

    def __new__(cls, device: object = "cpu") -> CpuGenerator:
        return super().__new__(cls, CPU if _is_cuda(device) else device)  # type: ignore[call-arg]


def _load_on_cpu(load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load)
    def load_on_cpu(f: Any, map_location: Any = None, *args: Any, **kwargs: Any) -> Any:
        here = map_location is None or _is_cuda(map_location)
        return load(f, CPU if here else map_location, *args, **kwargs)

    return load_on_cpu
