"""Runs a program written for PyTorch3D on this package, unchanged:

    python -m tvdrnet_nv.compat.pytorch3d [--cpu | --no-cpu] SCRIPT ARGS…

The script sees `pytorch3d` provided by us, and is otherwise run as `python SCRIPT ARGS…` would: `sys.argv`,
`sys.path[0]` and `__main__` are the same. What our `pytorch3d` lacks fails at its import, by name. `--cpu` and
`--no-cpu` are as for `tvdrnet_nv.compat.nvdiffrast`.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType

from tvdrnet_nv.compat.script import command, run_script


def run(code: CodeType, arguments: Sequence[str], *, cpu: bool) -> None:
    """Run a script from `read_script` as Python would, with our `pytorch3d`; see `run_script`."""
    from tvdrnet_nv.compat.pytorch3d._stand_in import standing_in_for_pytorch3d

    run_script(code, arguments, standing_in_for_pytorch3d, cpu=cpu)


def main() -> None:
    """The command."""
    command("tvdrnet_nv.compat.pytorch3d", "PyTorch3D", run)


if __name__ == "__main__":
    main()
