"""Where and with what a benchmark ran."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

import tvdrnet_nv
from tvdrnet_nv.ops.backends import backend_for


def device_label(device: torch.device) -> str:
    """The backend that a device has now, with the GPU's number where it has one: what --device takes."""
    name = backend_for(device).name
    return name if device.type == "cpu" or device.index is None else f"{name}:{device.index}"


def environment(device: torch.device) -> dict[str, str]:
    """Names and values: date, hardware, versions; all that a reader needs to judge the figures.

    Args:
        device: what ours ran on.
    """
    facts = {
        "date": time.strftime("%Y-%m-%d"),
        "device": device_label(device),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "threads": str(torch.get_num_threads()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "tvdrnet_nv": tvdrnet_nv.__version__,
    }
    if device.type == "cuda":
        facts["gpu"] = torch.cuda.get_device_name(device)
        facts["cuda"] = str(torch.version.cuda)
        for package in ("nvdiffrast", "diffrp-nvdiffrast"):
            try:
                facts[package] = version(package)
            except PackageNotFoundError:
                continue
    return facts


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.lower().startswith(("model name", "hardware")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return "unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
