"""A table of the report."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Sheet:
    """A table.

    Attributes:
        title: what it shows.
        columns: headings; the first `words` of them stand over text, the others over numbers.
        rows: cells.
        words: how many columns are text.
        missed: indices of the rows that miss their bar.
        note: a sentence below it.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
    words: int = 1
    missed: set[int] = field(default_factory=set)
    note: str = ""
