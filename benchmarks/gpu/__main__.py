"""python -m tvdrnet_nv.benchmarks.gpu agreement|launches|corners|step|graph
[--scene FILE] [--device fused] [--size N]"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from tvdrnet_nv.benchmarks.gpu import agreement, corners, graph, launches
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.backends import prefer
from tvdrnet_nv.scenes import room

CHECKS = {
    "agreement": agreement.check,
    "launches": launches.check,
    "corners": corners.check,
    "step": corners.one_step,
    "graph": graph.check,
}


def main(arguments: list[str] | None = None) -> int:
    """Run one check; 1 where a figure is not within its limit."""
    parser = argparse.ArgumentParser(prog="python -m tvdrnet_nv.benchmarks.gpu")
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("--scene", type=Path, help="a mesh; default: a room made by code, of 100,000 triangles")
    parser.add_argument("--device", default="cuda", help="cpu, cuda (nvdiffrast) or fused (our own CUDA kernels)")
    parser.add_argument("--size", type=int, help="of the images, in pixels; default: the check's own sizes")
    given = parser.parse_args(arguments)
    mesh: Mesh = room() if given.scene is None else load_mesh(given.scene)
    if given.device == "fused":
        prefer("fused")
    device = torch.device("cuda" if given.device == "fused" else given.device)
    figures = CHECKS[given.check](mesh, device, given.size)
    print(json.dumps(figures, indent=2))
    return 0 if all(figure["good"] for figure in figures.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
