"""How the report tells of pictures that our renderer did not make."""

from __future__ import annotations

from tvdrnet_nv.benchmarks.report.bars import target_sheet
from tvdrnet_nv.benchmarks.report.sheet import Sheet
from tvdrnet_nv.benchmarks.report.words import duration, share
from tvdrnet_nv.benchmarks.results import Row


def success_sheet(rows: list[Row]) -> Sheet:
    """How often the camera was found, and what the results said."""
    columns = ["picture", "start off by", "method", "right", "95 % interval", "time", "converged but wrong", "statuses"]
    cells = []
    for row in rows:
        off = f"{row['rotation']:g}°" + (f", {row['distance']:.0%}" if row["distance"] else "")
        right, interval = f"no answer, {row['trials']}", "–"
        if row["rate"] is not None:
            right, interval = f"{row['right']} of {row['trials']}", f"{row['low']:.0%} – {row['high']:.0%}"
        said = [str(row["converged_but_wrong"]), row["statuses"]]
        cells.append([row["source"], off, row["method"], right, interval, duration(row["seconds"]), *said])
    note = (
        "Right is a camera within 2° and 5 cm of the truth. Where no camera can have taken the picture, every result "
        "that says converged is wrong. The time is the median of all trials."
    )
    return Sheet("Cameras of pictures that our renderer did not make", columns, cells, 3, note=note)


def quality_sheet(rows: list[Row]) -> Sheet:
    """The reliability curve: the share of right results by the quality that the results have."""
    columns = ["method", "quality", "right", "share", "95 % interval"]
    cells = []
    for row in rows:
        interval = "–" if row["low"] is None else f"{row['low']:.0%} – {row['high']:.0%}"
        quality = f"{row['above']:g} – {row['below']:g}"
        cells.append([row["method"], quality, f"{row['right']} of {row['trials']}", share(row["rate"]), interval])
    return Sheet(
        "Whether the quality can be trusted", columns, cells, 1, note="All pictures, those without an answer too."
    )


def deviations_sheet(rows: list[Row]) -> Sheet:
    """Errors in units of the results' standard deviations."""
    columns = ["picture", "method", "parameter", "results", "pictures", "spread"]
    cells = [
        [
            row["source"],
            row["method"],
            row["parameter"],
            str(row["trials"]),
            str(row["pictures"]),
            f"{row['spread']:.2f}",
        ]
        for row in rows
    ]
    note = (
        "1.4826 times the median of |error / standard deviation| over the right results: 1 where the standard "
        "deviations are as large as the errors. The truth of photographs is not exact enough for this."
    )
    return Sheet("Errors in units of their standard deviations", columns, cells, 3, note=note)


def targets_sheet(rows: list[Row]) -> Sheet:
    """What is wanted of the default method."""
    note = "The targets are for the default method, and for information only: a target that is not met fails nothing"
    return target_sheet("Pictures that our renderer did not make: targets", rows, note)
