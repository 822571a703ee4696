"""The page that --help shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

from tvdrnet_nv.cli._options import PANELS


def in_lines(examples: Sequence[tuple[str, str]]) -> str:
    """Examples, each what it does and the command, as the lines of a help page."""
    return "\n".join(f"# {what}\n{command}" for what, command in examples)


class Program(TyperGroup):
    """The list of the commands, each with the whole first sentence of its page: Typer would cut it off."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the list."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(limit=300)) for name, command in commands])


class Command(TyperCommand):
    """A command whose options stand under headings, those of `rich_help_panel`, and whose epilog is examples."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes the sections, in the order of `PANELS`."""
        sections: dict[str, list[tuple[str, str]]] = {name: [] for name in PANELS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                names, text = record
                # An option that only switches off has no first name.
                line = (names.removeprefix(" / "), text)
                sections[getattr(parameter, "rich_help_panel", None) or PANELS[-1]].append(line)
        for name, records in sections.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records, col_max=26)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Writes the examples line by line: a wrapped command could not be pasted."""
        with formatter.section("Examples"):
            for line in (self.epilog or "").splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
