"""The commands that run programs written for other libraries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from tvdrnet_nv.compat.script import NoSuchModule, StandIn, read_script, run_module, run_script
from tvdrnet_nv.errors import InputError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _split(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own options, and the program with its arguments. None of ours takes a value."""
    first = next((i for i, word in enumerate(given) if word.startswith("-m") or not word.startswith("-")), len(given))
    return list(given[:first]), list(given[first:])


def _program(rest: list[str]) -> tuple[str | None, str | None, list[str]]:
    """Script or module, as Python takes them, and arguments."""
    if not rest:
        return None, None, []
    if not rest[0].startswith("-m"):
        return rest[0], None, rest[1:]
    rest = [rest[0][2:], *rest[1:]] if rest[0] != "-m" else rest[1:]
    return None, (rest[0] if rest else None), rest[1:]


def cpu_by_default() -> bool:
    """Whether torch finds no CUDA device; says what follows from it on stderr."""
    import torch

    cpu = not torch.cuda.is_available()
    if cpu:
        print(
            "tvdrnet_nv: torch finds no CUDA device, so in this script 'cuda' means the CPU (--no-cpu: leave it)",
            file=sys.stderr,
        )
    return cpu


def command(
    module: str,
    library: str,
    stand_in: Callable[[argparse.Namespace], StandIn],
    options: Sequence[tuple[str, str]] = (),
) -> None:
    """The command `python -m MODULE [--cpu | --no-cpu] SCRIPT|-m MODULE ARGS…`.

    Args:
        module: as which it is run.
        library: what the program was written for.
        stand_in: what provides the library, by the options that were given.
        options: further options without a value, and their help.
    """
    parser = _Parser(
        prog=f"python -m {module}",
        usage=f"python -m {module} [OPTIONS] SCRIPT|-m MODULE ARGS...",
        description=f"Run a program written for {library} on tvdrnet_nv's ops.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--cpu",
        action=argparse.BooleanOptionalAction,
        help="let 'cuda' mean the CPU, or leave it (default: where torch finds no CUDA device)",
    )
    for name, text in options:
        parser.add_argument(name, action="store_true", help=text)
    ours, rest = _split(sys.argv[1:])
    given = parser.parse_args(ours)
    script, name, arguments = _program(rest)
    code = None
    if script is not None:
        try:
            code = read_script(script)
        except InputError as error:
            parser.error(str(error))
    elif not name:
        parser.error("name the program: SCRIPT, or -m MODULE")
    # Only now: bad usage is answered without waiting for torch.
    cpu = cpu_by_default() if given.cpu is None else given.cpu
    if code is not None:
        run_script(code, [str(script), *arguments], stand_in(given), cpu=cpu)
        return
    try:
        run_module(str(name), arguments, stand_in(given), cpu=cpu)
    except NoSuchModule as error:
        parser.error(str(error))
