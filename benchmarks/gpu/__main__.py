"""python -m tvdrnet_nv.benchmarks.gpu agreement|launches|corners|step|graph
[--scene FILE] [--device fused] [--size N]"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from tvdrnet_nv.benchmarks.gpu import agreement, corners, graph, launches
from tvdrnet_nv.choices import Device, split_device
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
    parser.add_argument("--device", default="cuda", help="cpu, cuda (nvdiffrast), fused (our own kernels), cuda:1 …")
    parser.add_argument("--size", type=int, help="of the images, in pixels; default: the check's own sizes")
    given = parser.parse_args(arguments)
    words = split_device(given.device)
    if words is None or words[0] == Device.auto:
        parser.error(f"--device {given.device}: choose from cpu, cuda, fused; cuda:1 or fused:1 is the second GPU")
    kind, index = words
    if kind == Device.fused:
        prefer("fused")
    name = "cpu" if kind == Device.cpu else "cuda"
    device = torch.device(name) if index is None else torch.device(name, index)
    figures = CHECKS[given.check](_mesh(given.scene), device, given.size)
    print(json.dumps(figures, indent=2))
    return 0 if all(figure["good"] for figure in figures.values()) else 1


def _mesh(scene: Path | None) -> Mesh:
    if scene is None:
        return room()
    from tvdrnet_nv.io import load_mesh  # its packages are not needed for the room

    return load_mesh(scene)


if __name__ == "__main__":
    raise SystemExit(main())
