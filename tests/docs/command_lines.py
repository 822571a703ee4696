"""Command lines of tvdr-nv, checked without running them."""

from __future__ import annotations

from typing import Any

import typer

from tvdrnet_nv.cli import app

PROGRAM: Any = typer.main.get_command(app)


def parsed(words: list[str]) -> dict[str, Any]:
    """The values of a command line without the program's name, parsed as the program does; nothing is run.

    Raises:
        Exception: Typer's usage error.
    """
    with PROGRAM.make_context("tvdr-nv", list(words)) as root:
        name, command, rest = PROGRAM.resolve_command(root, [*root._protected_args, *root.args])
        return command.make_context(name, rest, parent=root).params


def options_of(name: str) -> set[str]:
    """The options of a command, TVDRNet's names among them."""
    from tvdrnet_nv.cli._options import TVDRNET_NAMES

    command = PROGRAM.commands[name]
    found = {flag.strip() for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    return found | {"--help", "-h"} | {f"--{theirs}" for theirs, ours in TVDRNET_NAMES.items() if f"--{ours}" in found}
