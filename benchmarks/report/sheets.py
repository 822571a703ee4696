"""The report's tables as headings and cells of text; the terminal, the page and the README each set them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tvdrnet_nv.benchmarks.report.words import LIBRARIES, duration, factor, figure, memory
from tvdrnet_nv.benchmarks.results import Results, Row

AXES = {
    "headline": "A step of the optimisation, and the picture alone",
    "resolution": "Resolution",
    "triangles": "Triangles",
    "cameras": "Cameras in a batch",
    "threads": "Threads",
}


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


def sheets(results: Results) -> Iterator[Sheet]:
    """The run's tables in the order of its sections."""
    for name, rows in results.sections.items():
        if name == "speed":
            yield from speed_sheets(rows)
        elif rows:
            yield summary_sheet(name, rows)


def speed_sheets(rows: list[Row]) -> Iterator[Sheet]:
    """A table for each axis: the libraries side by side, and how many times faster ours is."""
    for axis, title in AXES.items():
        chosen = [row for row in rows if row["axis"] == axis]
        if not chosen:
            continue
        libraries = [name for name in LIBRARIES if any(row["library"] == name for row in chosen)]
        rivals = [name for name in libraries if name != "tvdrnet_nv"]
        columns = ["case", *(LIBRARIES[n] for n in libraries), *(f"times {LIBRARIES[n]}" for n in rivals)]
        columns += [f"memory, {LIBRARIES[n]}" for n in libraries]
        cells, notes = [], []
        for case, by_library in _cases(chosen).items():
            found = [by_library.get(name) for name in libraries]
            cells.append(
                [
                    case,
                    *(duration(row["seconds"]) if row else "–" for row in found),
                    *(factor(row["times"]) if row else "–" for row in found[1:]),
                    *(memory(row["memory_mib"]) if row else "–" for row in found),
                ]
            )
            notes += [f"{LIBRARIES[row['library']]}, {case}: {row['note']}" for row in found if row and row["note"]]
        yield Sheet(f"Speed: {title.lower()}", columns, cells, note="; ".join(notes))


def _cases(rows: list[Row]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        cameras = f", {row['cameras']} cameras" if row["cameras"] > 1 else ""
        size = f"{row['resolution']}×{row['resolution']}"
        name = f"{row['scene']} ({row['triangles']:,} triangles), {size}{cameras}, {row['what']}"
        found.setdefault(name, {})[row["library"]] = row
    return found


def summary_sheet(name: str, rows: list[Row]) -> Sheet:
    """A table of the section's rows as they are."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    words = sum(all(isinstance(row.get(key), str) for row in rows) for key in columns)
    columns.sort(key=lambda key: not all(isinstance(row.get(key), str) for row in rows))
    cells = [[figure(row.get(key)) for key in columns] for row in rows]
    missed = {index for index, row in enumerate(rows) if row.get("passed") is False}
    return Sheet(name.capitalize(), columns, cells, max(words, 1), missed)
