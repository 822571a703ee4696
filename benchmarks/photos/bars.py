"""How good is good enough for pictures that our renderer did not make; rows as in `benchmarks.speed.bars`."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from tvdrnet_nv.benchmarks.photos import path_traced, seven_scenes
from tvdrnet_nv.benchmarks.photos.summary import CONVERGED, TRUSTED, deviation_rows
from tvdrnet_nv.benchmarks.speed.bars import bar_row

Row = dict[str, Any]

JUDGED = "default"  # the method that the bars are for: what a user gets
_PHOTOGRAPHS = {5.0: 0.95, 10.0: 0.95, 20.0: 0.80}  # degrees, share of right results
_SECONDS = 3.0
_PATH_TRACED = (20.0, 0.20, 0.90)
_RIGHT_IF_TRUSTED, _TRUSTED_IF_WRONG = 0.98, 0.02
_SPREAD = 0.7, 1.5


def photo_bars(trials: list[Row]) -> Iterator[Row]:
    """The bars that the trials of the judged method have something to say about."""
    rows = [row for row in trials if row["method"] == JUDGED]
    photographs = [row for row in rows if row["source"] == seven_scenes.SOURCE and row["has_answer"]]
    for rotation, wanted in _PHOTOGRAPHS.items():
        chosen = [row for row in photographs if row["rotation"] == rotation]
        if chosen:
            yield _share(f"right, start {rotation:g}° off", seven_scenes.SOURCE, chosen, "right", at_least=wanted)
    if photographs:
        seconds = statistics.median(row["seconds"] for row in photographs)
        yield bar_row("median time", seven_scenes.SOURCE, seconds, "s", at_most=_SECONDS)
    rotation, distance, wanted = _PATH_TRACED
    chosen = [
        row
        for row in rows
        if (row["source"], row["rotation"], row["distance"]) == (path_traced.SOURCE, rotation, distance)
    ]
    if chosen:
        what = f"right, start {rotation:g}° and {distance:.0%} off"
        yield _share(what, path_traced.SOURCE, chosen, "right", at_least=wanted)
    without = [{"converged": row["status"] == CONVERGED} for row in rows if not row["has_answer"]]
    if without:
        yield _share("converged", "without an answer", without, "converged", at_most=0.0)
    if rows:
        yield from _quality_bars(rows)
    for row in deviation_rows(rows):
        what = f"spread of error / standard deviation, {row['parameter']}"
        yield bar_row(what, row["source"], row["spread"], "×", at_least=_SPREAD[0], at_most=_SPREAD[1])


def _quality_bars(rows: list[Row]) -> Iterator[Row]:
    known = [row for row in rows if row["quality"] is not None]
    trusted = [row for row in known if row["quality"] >= TRUSTED]
    wrong = [{"trusted": row["quality"] >= TRUSTED} for row in known if not row["right"]]
    none = "" if known else "the results have no quality"
    yield _share(
        f"right, of quality {TRUSTED:g} or more",
        "all",
        trusted,
        "right",
        at_least=_RIGHT_IF_TRUSTED,
        note=none or "no result has it",
    )
    what = f"quality {TRUSTED:g} or more, of the wrong"
    note = none or "no result is wrong"
    yield _share(what, "all", wrong, "trusted", at_most=_TRUSTED_IF_WRONG, note=note)


def _share(
    what: str,
    scene: str,
    rows: list[Row],
    field: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    note: str = "",
) -> Row:
    """The share of rows whose field is true; without rows there is none, and the note says why."""
    value = sum(row[field] for row in rows) / len(rows) if rows else None
    note = "" if rows else note
    return bar_row(what, scene, value, "%", at_least=at_least, at_most=at_most, note=note)
