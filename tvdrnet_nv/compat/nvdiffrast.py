"""Runs a program written for `nvdiffrast.torch` on this package's ops, unchanged:

    python -m tvdrnet_nv.compat.nvdiffrast [--cpu | --no-cpu] SCRIPT|-m MODULE ARGS…

The script sees `nvdiffrast` and `nvdiffrast.torch` provided by us, and is otherwise run as `python SCRIPT ARGS…` would:
`sys.argv`, `sys.path[0]` and `__main__` are the same. CPU tensors run on our kernels, CUDA tensors on NVIDIA's own
nvdiffrast, where it is installed.

Such programs mostly say `device='cuda'` or `.cuda()`. With `--cpu` that means the CPU, as
`tvdrnet_nv.compat.cuda_on_cpu` describes; it is the default where torch finds no CUDA device, and a notice on stderr
says so. `--no-cpu` leaves devices alone.

All this holds for the script's own process and, as for devices, its main thread: a process that it starts has what is
installed there. `python -m tvdrnet_nv.compat` provides PyTorch3D as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType

from tvdrnet_nv.compat.command import command
from tvdrnet_nv.compat.script import StandIn, read_script, run_script

__all__ = ["main", "read_script", "run"]


def _stand_in(_: object = None) -> StandIn:
    from tvdrnet_nv.compat.stand_in import standing_in_for_nvdiffrast

    return standing_in_for_nvdiffrast


def run(code: CodeType, arguments: Sequence[str], *, cpu: bool) -> None:
    """Run a script from `read_script` as Python would, with our ops as `nvdiffrast.torch`; see `run_script`."""
    run_script(code, arguments, _stand_in(), cpu=cpu)


def main() -> None:
    """The command."""
    command("tvdrnet_nv.compat.nvdiffrast", "nvdiffrast.torch", _stand_in)


if __name__ == "__main__":
    main()
