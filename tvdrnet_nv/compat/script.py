"""Runs a program written for another library, unchanged, with that library provided by us."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import CodeType, ModuleType
from typing import NoReturn

from tvdrnet_nv.errors import InputError

StandIn = Callable[[], AbstractContextManager[None]]


def read_script(script: str) -> CodeType:
    """The compiled script.

    Raises:
        InputError: there is no such file, or it cannot be read.
        SyntaxError: it is not Python.
    """
    path = os.path.abspath(script)
    if os.path.isdir(path):
        raise InputError(f"{script} is a folder; name the script in it")
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        raise InputError(f"cannot read the script {script}: {error.strerror}") from None
    return compile(source, path, "exec", dont_inherit=True)


def run_script(code: CodeType, arguments: Sequence[str], standing_in: StandIn, *, cpu: bool) -> None:
    """Run a script from `read_script` as Python would.

    What the script raises, `SystemExit` included, comes out. `sys.argv`, `sys.path` and `__main__` stay the script's.

    Args:
        code: the script.
        arguments: `sys.argv`, whose first is the script's path as given.
        standing_in: provides the library.
        cpu: whether 'cuda' means the CPU.
    """
    from tvdrnet_nv.compat.cuda_on_cpu import cuda_on_cpu

    main = ModuleType("__main__")
    main.__dict__.update(__file__=code.co_filename, __builtins__=__builtins__, __cached__=None)
    sys.argv[:] = arguments
    sys.path[0] = os.path.dirname(os.path.realpath(code.co_filename))
    sys.modules["__main__"] = main
    with standing_in(), cuda_on_cpu() if cpu else nullcontext():
        exec(code, main.__dict__)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def command(module: str, library: str, run: Callable[..., None]) -> None:
    """The command `python -m MODULE [--cpu | --no-cpu] SCRIPT ARGS…`.

    Args:
        module: as which it is run.
        library: what the program was written for.
        run: called with the script, `sys.argv` and `cpu`.
    """
    parser = _Parser(
        prog=f"python -m {module}",
        description=f"Run a program written for {library} on tvdrnet_nv's ops.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--cpu",
        action=argparse.BooleanOptionalAction,
        help="let 'cuda' mean the CPU, or leave it (default: where torch finds no CUDA device)",
    )
    parser.add_argument("script", metavar="SCRIPT", help="the program")
    parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="its arguments")
    given = parser.parse_args()
    try:
        code = read_script(given.script)
    except InputError as error:
        parser.error(str(error))
    cpu = given.cpu
    if cpu is None:
        # Only now: bad usage is answered without waiting for it.
        import torch

        cpu = not torch.cuda.is_available()
        if cpu:
            print(
                "tvdrnet_nv: torch finds no CUDA device, so in this script 'cuda' means the CPU (--no-cpu: leave it)",
                file=sys.stderr,
            )
    run(code, [given.script, *given.arguments], cpu=cpu)
