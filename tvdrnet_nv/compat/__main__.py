"""Runs a program written for PyTorch3D, nvdiffrast or both on this package, unchanged:

    python -m tvdrnet_nv.compat [--pytorch3d] [--nvdiffrast] [--cpu | --no-cpu] SCRIPT|-m MODULE ARGS…

Without either option both are provided; with one of them, the other is what is installed. All else is as for
`tvdrnet_nv.compat.nvdiffrast` and `tvdrnet_nv.compat.pytorch3d`.
"""

from __future__ import annotations

from argparse import Namespace

from tvdrnet_nv.compat.command import command
from tvdrnet_nv.compat.script import StandIn


def _stand_in(given: Namespace) -> StandIn:
    from tvdrnet_nv.compat.both import standing_in_for

    both = given.pytorch3d == given.nvdiffrast
    return lambda: standing_in_for(pytorch3d=both or given.pytorch3d, nvdiffrast=both or given.nvdiffrast)


def main() -> None:
    """The command."""
    options = [
        ("--pytorch3d", "provide PyTorch3D (default: both)"),
        ("--nvdiffrast", "provide nvdiffrast (default: both)"),
    ]
    command("tvdrnet_nv.compat", "PyTorch3D, nvdiffrast or both", _stand_in, options)


if __name__ == "__main__":
    main()
