"""Tables that fit the terminal, however narrow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import starmap

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tvdrnet_nv.cli._spelled import spelled

_GAP = 2  # blanks between columns
_LEAST = 12  # a column of words may be wrapped, but not to less


class Facts:
    """Names and values in two columns; a value is wrapped below itself.

    Args:
        rows: of names and values.
        indent: blanks before the names.
    """

    def __init__(self, rows: Sequence[tuple[str, str]], indent: int = 2) -> None:
        self._rows, self._indent = rows, indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich calls."""
        rows = [(spelled(name, options.encoding), spelled(value, options.encoding)) for name, value in self._rows]
        table = Table.grid(padding=(0, _GAP))
        # Names are whole, but where they would take more than half of the line.
        widest = max((cell_len(name) for name, _ in rows), default=0)
        table.add_column(style="dim", width=min(widest, options.max_width // 2 - self._indent), overflow="fold")
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(Text(name), Text(value))
        yield Padding(table, (0, 0, 0, self._indent), expand=False)


class Grid:
    """A table with a heading over each column; where it does not fit, each row as `Facts` below its first cell.

    Args:
        headings: of the columns.
        rows: cells.
        words: how many columns, the first ones, hold words: they are left-justified, and wrapped where they must be.
            Numbers are right-justified and never wrapped. Or the indices of those columns.
        title: a line above it.
        note: a sentence below it.
        styles: of the rows, by index.
    """

    def __init__(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        words: int | Sequence[int] = 1,
        title: str = "",
        note: str = "",
        styles: dict[int, str] | None = None,
    ) -> None:
        self.headings, self.rows, self.title, self.note = headings, rows, title, note
        self._words = range(words) if isinstance(words, int) else words
        self._styles = styles or {}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich calls."""
        if self.title:
            yield Text(spelled(self.title, options.encoding), "bold")
        headings = [spelled(heading, options.encoding) for heading in self.headings]
        rows = [[spelled(cell, options.encoding) for cell in row] for row in self.rows]
        widths = self._widths(headings, rows, options.max_width)
        if widths is None:
            yield from self._one_by_one(headings, rows)
        else:
            yield self._table(headings, rows, widths)
        if self.note:
            yield Text(spelled(self.note, options.encoding), "dim italic")

    def _widths(self, headings: list[str], rows: list[list[str]], room: int) -> list[int] | None:
        """Of the columns, or None where they do not fit."""
        columns = list(zip(headings, *rows, strict=True))
        widths = [max(map(cell_len, column)) for column in columns]
        least = list(starmap(self._least, enumerate(columns)))
        room -= _GAP * (len(columns) - 1)
        if sum(least) > room:
            return None
        while sum(widths) > room:
            widest = max(range(len(widths)), key=lambda k: (widths[k] > least[k], widths[k]))
            widths[widest] -= 1
        return widths

    def _least(self, index: int, column: Sequence[str]) -> int:
        heading, *cells = column
        in_heading = max(map(cell_len, heading.split()), default=0)
        if index in self._words:
            return max(in_heading, min(_LEAST, max(map(cell_len, cells), default=0)))
        return max(in_heading, *map(cell_len, cells), 1)

    def _table(self, headings: list[str], rows: list[list[str]], widths: list[int]) -> Table:
        table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False)
        for index, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            justify = "left" if index in self._words else "right"
            table.add_column(Text(heading), justify=justify, width=width, overflow="fold")
        for index, row in enumerate(rows):
            table.add_row(*map(Text, row), style=self._styles.get(index, ""))
        return table

    def _one_by_one(self, headings: list[str], rows: list[list[str]]) -> RenderResult:
        for index, (first, *others) in enumerate(rows):
            yield Text(f"{headings[0]} {first}".strip(), self._styles.get(index, "bold"))
            yield Facts(
                [fact for fact in zip(headings[1:], others, strict=True) if fact[1]]
            )  # an empty cell says nothing
