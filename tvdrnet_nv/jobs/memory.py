"""Whether many starts side by side fit into memory."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from tvdrnet_nv.ops.backends import backend_for

# Per start and pixel, between 157 and 305 measured on the CPU with adam and Levenberg-Marquardt: the images, and what
# the derivatives keep of them.
_BYTES = 300
_MEMINFO, _GROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


def memory_note(starts: int, resolution: tuple[int, int], device: torch.device) -> str | None:
    """What to say before an optimisation of so many starts, where it may take more than half of the free memory.

    Args:
        starts: how many are rendered side by side.
        resolution: (height, width) in pixels.
        device: where.
    """
    height, width = resolution
    needed, free = _BYTES * starts * height * width, free_memory(device)
    if free is None or needed <= free / 2:
        return None
    return (
        f"{starts:,} starts of {width}×{height} pixels take about {needed / 1e9:.1f} GB of memory, and "
        f"{free / 1e9:.1f} GB are free; where that is too much, give fewer `starts` or a smaller `image_size`"
    )


def free_memory(device: torch.device) -> int | None:
    """Bytes that a program can still take on the device; None where the system does not say.

    Of a machine's memory also what its files occupy and the limit of the container (control groups, version 2).
    """
    of_device = backend_for(device).free_memory
    if of_device is not None:
        return of_device(device)
    found = [value for value in (_of_machine(), _of_container()) if value is not None]
    return min(found, default=None)


def _of_machine() -> int | None:
    try:
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    if "SC_AVPHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    return None


def _of_container() -> int | None:
    try:
        most, used = ((_GROUP / name).read_text().strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return None
    return None if most == "max" else max(0, int(most) - int(used))
