"""Which backends of ours are raced on a device."""

from __future__ import annotations

import torch

from tvdrnet_nv.benchmarks.speed.by_hand import ByHand
from tvdrnet_nv.benchmarks.speed.cases import Case
from tvdrnet_nv.benchmarks.speed.ours import Ours
from tvdrnet_nv.ops.backends import TABLE, backend_for

# On a GPU a run on one of the two times the other one beside it, and nvdiffrast by hand.
RACED = {"cuda": ("cuda", "fused")}


def backend_rivals(case: Case, device: torch.device) -> tuple[list[Ours | ByHand], dict[str, str]]:
    """What else of ours, and of nvdiffrast's, runs the case on the device, and for what cannot, the reason."""
    found: list[Ours | ByHand] = []
    failed: dict[str, str] = {}
    raced = RACED.get(device.type, ())
    for name in raced:
        if name == backend_for(device).name:
            continue
        missing = _why_unusable(name, device)
        if missing is None:
            found.append(Ours(case, device, name))
        else:
            failed[Ours.name_on(name)] = missing
    if device.type == "cuda":
        missing = _why_unusable("cuda", device)
        if missing is None:
            from tvdrnet_nv.ops.nvdiffrast import load

            found.append(ByHand(case, device, load()))
        else:
            failed[ByHand.name] = missing
    return found, failed


def _why_unusable(name: str, device: torch.device) -> str | None:
    if device.type != "cuda":
        return TABLE[name].why_unusable()
    with torch.cuda.device(device):  # the backends' trials are of torch's current device
        return TABLE[name].why_unusable()
