"""Other programs for a picture or a step on the CPU, timed beside ours where their packages are installed.

`pip install 'tvdrnet_nv[peers]'` brings moderngl and mitsuba; Mesa's llvmpipe and an LLVM library are the system's.
"""

from __future__ import annotations

from importlib.util import find_spec

from tvdrnet_nv.benchmarks.peers.llvmpipe import Llvmpipe
from tvdrnet_nv.benchmarks.peers.mitsuba3 import Mitsuba
from tvdrnet_nv.benchmarks.speed.cases import FORWARD, Case


def peers_for(case: Case) -> tuple[list[Llvmpipe | Mitsuba], dict[str, str]]:
    """What can run the case here, and for what cannot although its package is there, the reason.

    A peer is for the headline's single camera: llvmpipe for the picture, Mitsuba for the step.
    """
    peer = Llvmpipe if case.what == FORWARD else Mitsuba
    if case.axis != "headline" or case.cameras != 1 or find_spec(peer.package) is None:
        return [], {}
    try:
        return [peer(case)], {}
    except Exception as error:  # whatever the package says about a system without its library
        return [], {peer.name: f"not run: {type(error).__name__}: {str(error).strip().splitlines()[0]}"}
