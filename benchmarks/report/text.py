"""The table of sentences."""

from __future__ import annotations

from tvdrnet_nv.benchmarks.report.sheet import Sheet
from tvdrnet_nv.benchmarks.results import Row


def text_sheet(rows: list[Row]) -> Sheet:
    """How often each method finds the right object, and what the views of right objects show."""
    columns = ["scene", "method", "right", "share", "visible", "size", "well shown", "a sentence"]
    cells = [
        [
            row["scene"],
            row["method"],
            f"{row['right']:.3g} of {row['sentences']}",
            f"{row['accuracy']:.1%}",
            *("–" if row[name] is None else f"{row[name]:.0%}" for name in ("visible", "size", "shown")),
            f"{1000 * row['seconds']:.1f} ms" if "seconds" in row else "–",
        ]
        for row in rows
    ]
    note = "Visible, size: medians over the right objects. Well shown: visible 70 % or more, size 0.3 or more."
    missed = {index for index, row in enumerate(rows) if row.get("passed") is False}
    return Sheet("Sentences", columns, cells, 2, missed, note)
