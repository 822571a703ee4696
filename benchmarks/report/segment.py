"""The table of segmentations."""

from __future__ import annotations

from tvdrnet_nv.benchmarks.report.sheet import Sheet
from tvdrnet_nv.benchmarks.results import Row


def segment_sheet(rows: list[Row]) -> Sheet:
    """The mean IoU over the number of views, by how these are chosen."""
    columns = ["scene", "method", "errors of the masks", "views", "taken", "objects", "mean IoU", "worst", "limit"]
    cells = [
        [
            row["scene"],
            row["method"],
            row["noise"] or "none",
            str(row["views"]),
            f"{row['taken']:.1f}",
            str(row["objects"]),
            f"{row['miou']:.3f}",
            f"{row['worst']:.3f}",
            f"{row['limit']:.3f}" if row.get("limit") is not None else "–",
        ]
        for row in rows
    ]
    note = "Views: at most; taken: the mean number. Six chosen views must reach what twenty uniform ones do."
    missed = {index for index, row in enumerate(rows) if row.get("passed") is False}
    return Sheet("Segmentation by views", columns, cells, 3, missed, note)
