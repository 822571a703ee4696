"""Other programs for a picture or a step on the CPU, timed beside ours where their packages are installed.

`pip install 'tvdrnet_nv[peers]'` brings moderngl and mitsuba; Mesa's llvmpipe and an LLVM library are the system's.
"""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.util import find_spec

from tvdrnet_nv.benchmarks.peers.llvmpipe import Llvmpipe
from tvdrnet_nv.benchmarks.peers.mitsuba3 import Mitsuba
from tvdrnet_nv.benchmarks.processes import PYTHON
from tvdrnet_nv.benchmarks.speed.cases import FORWARD, Case

PEERS = (Llvmpipe, Mitsuba)  # for the picture, for the step
_TRIAL_SECONDS = 120


def peers_for(case: Case) -> tuple[list[Llvmpipe | Mitsuba], dict[str, str]]:
    """What can run the case here, and for what cannot although its package is there, the reason.

    A peer is for the headline's single camera: llvmpipe for the picture, Mitsuba for the step.
    """
    peer = PEERS[0] if case.what == FORWARD else PEERS[1]
    if case.axis != "headline" or case.cameras != 1 or find_spec(peer.package) is None:
        return [], {}
    reason = trial(peer.name)
    return ([peer(case)], {}) if reason is None else ([], {peer.name: f"not run: {reason}"})


@cache
def trial(name: str) -> str | None:
    """Why a peer does not run here, None where it does. In a process of its own: a library that does not suit this
    processor may end it."""
    command = [*PYTHON, "-m", __name__, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_TRIAL_SECONDS)
    except subprocess.TimeoutExpired:
        return f"its trial took longer than {_TRIAL_SECONDS} s"
    if done.returncode == 0:
        return None
    if done.returncode < 0:
        return f"its trial was ended by signal {-done.returncode}"
    return (done.stderr.strip().splitlines() or [f"its trial ended with {done.returncode}"])[-1]
