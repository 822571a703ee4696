"""Runs a program written for PyTorch3D on this package, unchanged:

    python -m tvdrnet_nv.compat.pytorch3d [--cpu | --no-cpu] SCRIPT|-m MODULE ARGS…

The script sees `pytorch3d` provided by us, and is otherwise run as `python SCRIPT ARGS…` would: `sys.argv`,
`sys.path[0]` and `__main__` are the same. What our `pytorch3d` lacks fails at its import, by name. `--cpu` and
`--no-cpu` are as for `tvdrnet_nv.compat.nvdiffrast`. `python -m tvdrnet_nv.compat` provides nvdiffrast as well.
"""

from __future__ import annotations

from tvdrnet_nv.compat.command import command
from tvdrnet_nv.compat.script import StandIn


def _stand_in(_: object = None) -> StandIn:
    from tvdrnet_nv.compat.pytorch3d._stand_in import standing_in_for_pytorch3d

    return standing_in_for_pytorch3d


def main() -> None:
    """The command."""
    command("tvdrnet_nv.compat.pytorch3d", "PyTorch3D", _stand_in)


if __name__ == "__main__":
    main()
