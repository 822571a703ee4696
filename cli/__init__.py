"""The command `tvdr-nv`: parses, calls the library, prints. torch and the library load inside the commands only."""

from __future__ import annotations

from tvdrnet_nv.cli._interrupt import end_at_once_on_ctrl_c  # isort: skip  # first, for Ctrl-C while the rest loads

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from tvdrnet_nv import __version__
from tvdrnet_nv.cli import (
    batch,
    bench,
    camera,
    conformance,
    doctor,
    evaluate,
    info,
    optimize,
    render,
    scene,
    segment,
    view,
)
from tvdrnet_nv.cli._errors import exit_code
from tvdrnet_nv.cli._help import Command, Program, in_lines
from tvdrnet_nv.cli._options import our_name
from tvdrnet_nv.cli._spelled import spell_on_standard_streams

app = typer.Typer(
    name="tvdr-nv",
    cls=Program,
    help="Finds a camera in a 3D scene by differentiable rasterization: the best view, or the camera of a picture.",
    epilog="Exit codes: 0 done, 1 failed, 2 the input cannot be used (stderr says why), 3 not found or blank, "
    "130 interrupted.",
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": our_name,
        # Else Typer loads pydantic, for a tenth of a second, to coerce their None.
        "default_map": {"help": False, "install_completion": False, "show_completion": False},
    },
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Typer's rich help takes longer to import than all else together
)
COMMANDS = {
    "optimize": optimize,
    "segment": segment,
    "render": render,
    "view": view,
    "batch": batch,
    "evaluate": evaluate,
    "bench": bench,
    "info": info,
    "scene": scene,
    "camera": camera,
    "doctor": doctor,
    "conformance": conformance,
}
for name, module in COMMANDS.items():
    app.command(name, cls=Command, epilog=in_lines(module.EXAMPLES))(module.command)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tvdr-nv {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str]) -> int:
    """Runs one command line, without the program's name, and returns its exit code."""
    # Without arguments a person wants to know what there is.
    given = list(arguments) or ["--help"]
    return exit_code(lambda: app(given, prog_name="tvdr-nv", standalone_mode=False, obj=["tvdr-nv", *given]))


def _as_one_line(message: Warning | str, *_: object) -> str:
    """A warning as the command's other lines are, without the line of code that it comes from."""
    return f"warning: {message}\n"


def main() -> None:
    """Entry point of the console script."""
    end_at_once_on_ctrl_c()
    warnings.formatwarning = _as_one_line
    # OpenMP's threads spin between torch's operations unless told not to, and so take the cores from the kernels'
    # threads and from other programs. Read when torch loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    spell_on_standard_streams()
    sys.exit(run(sys.argv[1:]))
