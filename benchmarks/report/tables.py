"""The report's tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from tvdrnet_nv.benchmarks.report.sheet import Sheet
from tvdrnet_nv.benchmarks.report.sheets import sheets
from tvdrnet_nv.benchmarks.results import Results


def tables(results: Results) -> Iterator[Table]:
    """One for each sheet."""
    for sheet in sheets(results):
        yield set_table(sheet)


def set_table(sheet: Sheet) -> Table:
    """The sheet as rich prints it; rows that miss their bar are red."""
    table = Table(title=sheet.title, caption=sheet.note or None, title_justify="left", caption_justify="left", box=None)
    table.title_style = "bold"
    for index, column in enumerate(sheet.columns):
        table.add_column(column, justify="left" if index < sheet.words else "right", overflow="fold")
    for index, row in enumerate(sheet.rows):
        table.add_row(*(Text(cell) for cell in row), style="bold red" if index in sheet.missed else "")
    return table
