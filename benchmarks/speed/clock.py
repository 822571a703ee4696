"""Time and memory, on the CPU and on CUDA."""

from __future__ import annotations

import ctypes
import sys
import time
from pathlib import Path

import torch

_MIB = 2**20
_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


class Clock:
    """Moments in a stream of work, and the seconds between them.

    On CUDA the moments are events, which the work itself passes; reading them waits for all of them.
    """

    def __init__(self, device: torch.device) -> None:
        self._device, self._cuda = device, device.type == "cuda"
        self._moments: list[float] = []
        self._events: list[torch.cuda.Event] = []

    def mark(self) -> None:
        """This is a moment."""
        if self._cuda:
            event = torch.cuda.Event(enable_timing=True)
            event.record(torch.cuda.current_stream(self._device))
            self._events.append(event)
        else:
            self._moments.append(time.perf_counter())

    def seconds(self) -> list[float]:
        """Between each moment and the next."""
        if not self._cuda:
            return [b - a for a, b in zip(self._moments, self._moments[1:], strict=False)]
        torch.cuda.synchronize(self._device)
        return [a.elapsed_time(b) / 1e3 for a, b in zip(self._events, self._events[1:], strict=False)]


class Memory:
    """The peak of memory since `start`, over what was in use then: the device's on CUDA, the process's on the CPU."""

    def __init__(self, device: torch.device) -> None:
        self._device, self._cuda = device, device.type == "cuda"
        self._before = 0.0

    def start(self) -> None:
        """Forget what was before."""
        if self._cuda:
            torch.cuda.synchronize(self._device)
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self._device)
            self._before = torch.cuda.memory_allocated(self._device)
        elif _STATUS.exists():
            if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
                libc.malloc_trim(0)  # else what was freed before would count as in use
            _RESET.write_text("5")
            self._before = _status_bytes("VmRSS")

    def peak_mib(self) -> float | None:
        """MiB since `start`; None where the system does not tell."""
        if self._cuda:
            return (torch.cuda.max_memory_allocated(self._device) - self._before) / _MIB
        if not _STATUS.exists():
            return None
        return max(0.0, _status_bytes("VmHWM") - self._before) / _MIB


def _status_bytes(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return 1024.0 * float(line.split()[1])
