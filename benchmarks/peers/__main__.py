"""`python -m tvdrnet_nv.benchmarks.peers NAME`: whether a peer runs here at all, on a small picture."""

from __future__ import annotations

import sys

from tvdrnet_nv.benchmarks.peers import PEERS
from tvdrnet_nv.benchmarks.speed.cases import FORWARD, STEP, Case
from tvdrnet_nv.scenes import sphere

if __name__ == "__main__":
    mesh = sphere(1)
    (peer,) = (peer for peer in PEERS if peer.name == sys.argv[1])
    peer(Case("headline", "trial", lambda: mesh, 16, 1, FORWARD if peer is PEERS[0] else STEP)).times(1)
