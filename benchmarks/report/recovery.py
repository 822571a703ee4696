"""How the report tells of recovery: all scenes together, and each by itself."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from tvdrnet_nv.benchmarks.recovery.interval import wilson
from tvdrnet_nv.benchmarks.report.words import duration, figure
from tvdrnet_nv.benchmarks.results import Row

_BIN = ("resolution", "rotation", "distance", "focal", "shift", "principal", "covered")


def pooled(rows: Iterable[Row]) -> list[Row]:
    """For each size, bin and method one row over all scenes: trials, found, rate, its interval, medians."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((*(row[name] for name in _BIN), row["method"]), []).append(row)
    together = []
    for (*place, method), members in groups.items():
        trials, found = (sum(row[name] for row in members) for name in ("trials", "found"))
        low, high = wilson(found, trials)
        medians = {name: _median(members, name) for name in ("iterations", "seconds")}
        scenes = [row["scene"] for row in members]
        numbers = {"trials": trials, "found": found, "rate": found / trials, "low": low, "high": high}
        together.append({**dict(zip(_BIN, place, strict=True)), "method": method, "scenes": scenes} | numbers | medians)
    return together


def _median(rows: list[Row], name: str) -> float | None:
    numbers = [number for row in rows for number in row[f"every_{name}"]]
    return statistics.median(numbers) if numbers else None


def off_by(row: Row) -> str:
    """The bin in words."""
    words = f"{row['rotation']:g}°, {row['distance']:.0%}"
    words += f", focal {row['focal']:.0%}" if row["focal"] else ""
    words += f", look-at {row['shift']:.0%}" if row["shift"] else ""
    words += f", principal {row['principal']:.0%}" if row["principal"] else ""
    return words + (f", {row['covered']:.0%} covered" if row["covered"] else "")


def is_orbit(row: Row) -> bool:
    """Whether nothing but the orbit was off."""
    return not (row["focal"] or row["shift"] or row["covered"] or row["method"].endswith("pose"))


def cells(row: Row) -> list[str]:
    """Found, interval, iterations and seconds of a row, pooled or not."""
    found = f"{row['found']} of {row['trials']}"
    return [found, f"{row['low']:.0%} – {row['high']:.0%}", figure(row["iterations"]), duration(row["seconds"])]


def lines(rows: list[Row]) -> list[str]:
    """The README's table: the bins in which rivals were tried, at the largest size, all scenes together."""
    largest = max(row["resolution"] for row in rows)
    chosen = [row for row in pooled(rows) if row["resolution"] == largest and is_orbit(row)]
    methods = sorted({row["method"] for row in chosen}, key=lambda name: (not name.startswith("lm"), name))
    found = [f"| start off by | {' | '.join(methods)} |", f"| --- |{' ---: |' * len(methods)}"]
    by_bin: dict[str, dict[str, Row]] = {}
    for row in chosen:
        by_bin.setdefault(off_by(row), {})[row["method"]] = row
    for off, by_method in by_bin.items():
        texts = [_found_in(by_method[name]) if name in by_method else "–" for name in methods]
        found.append(f"| {off} | {' | '.join(texts)} |")
    return found


def _found_in(row: Row) -> str:
    return f"{row['found']} of {row['trials']}" + (f", {duration(row['seconds'])}" if row["found"] else "")
