"""How the report tells of targets."""

from __future__ import annotations

from tvdrnet_nv.benchmarks.report.sheet import Sheet
from tvdrnet_nv.benchmarks.report.words import duration, factor, figure, share
from tvdrnet_nv.benchmarks.results import Row

_SAY = {"s": duration, "×": factor, "%": share}


def bars_sheet(rows: list[Row]) -> Sheet:
    """Speed's targets, and what has none but is worth knowing."""
    note = "The targets are for a CPU with two cores, and for information only: a target that is not met fails nothing"
    return target_sheet("Speed: targets", rows, note)


def target_sheet(title: str, rows: list[Row], note: str) -> Sheet:
    """Rows as `benchmarks.speed.bars` describes them, and whether each is met; the note follows theirs."""
    cells, missed, notes = [], set(), []
    for row in rows:
        verdict = {True: "met", False: "NOT MET", None: "–"}[row["met"]]
        if row["met"] is False:
            missed.add(len(cells))
        value = _SAY.get(row["unit"], figure)(row["value"])
        cells.append([row["what"], row["scene"], value, _target(row), verdict])
        notes += [f"{row['what']}: {row['note']}"] if row["note"] else []
    notes.append(note)
    columns = ["what", "scene", "measured", "target", ""]
    return Sheet(title, columns, cells, 2, missed, "; ".join(notes) + ".")


def _target(row: Row) -> str:
    say, least, most = _SAY.get(row["unit"], figure), row["at_least"], row["at_most"]
    if least is not None and most is not None:
        return f"{say(least)} to {say(most)}"
    return f"at least {say(least)}" if least is not None else f"at most {say(most)}" if most is not None else "–"
