"""Command lines of tvdr-nv, checked without running them."""

from __future__ import annotations

from typing import Any

import typer

from tvdrnet_nv.cli import app

PROGRAM: Any = typer.main.get_command(app)


def parsed(words: list[str]) -> dict[str, Any]:
    """The values of a command line without the program's name, parsed as the program does; nothing is run.

    Raises:
        Exception: Typer's usage error, or there is no such command.
    """
    if words[0].startswith("-"):  # of the program itself; parsing --install-completion would install it
        assert words[0] in {flag for parameter in PROGRAM.params for flag in parameter.opts} | {"-h", "--help"}
        return {}
    name, *rest = words
    return PROGRAM.commands[name].make_context(name, rest).params


def options_of(name: str) -> set[str]:
    """The options of a command, TVDRNet's names among them."""
    from tvdrnet_nv.cli._options import TVDRNET_NAMES

    command = PROGRAM.commands[name]
    found = {flag.strip() for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    return found | {"--help", "-h"} | {f"--{theirs}" for theirs, ours in TVDRNET_NAMES.items() if f"--{ours}" in found}
