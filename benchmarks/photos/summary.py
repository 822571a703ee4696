"""What the trials add up to: success, whether the quality can be trusted, and the errors' standard deviations."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tvdrnet_nv.benchmarks.recovery.interval import wilson

Row = dict[str, Any]

CONVERGED = "converged"
TRUSTED = 0.9  # a result of this quality claims to be right
QUALITY_EDGES = (0.0, 0.25, 0.5, 0.75, TRUSTED, 1.0)
TO_DEVIATION = 1.4826  # of a normal distribution's median absolute value


def success_rows(trials: Iterable[Row]) -> Iterator[Row]:
    """For each source, start error and method: how many were right, how long it took, and what the results said."""
    for (source, rotation, distance, method), rows in _grouped(trials, "source", "rotation", "distance", "method"):
        right = sum(row["right"] for row in rows)
        answerable = rows[0]["has_answer"]
        low, high = wilson(right, len(rows))
        said = [row for row in rows if row["status"] == CONVERGED]
        counts = Counter(row["status"] for row in rows)
        yield {
            "source": source,
            "rotation": rotation,
            "distance": distance,
            "method": method,
            "trials": len(rows),
            "right": right if answerable else None,
            "rate": right / len(rows) if answerable else None,
            "low": low if answerable else None,
            "high": high if answerable else None,
            "seconds": statistics.median(row["seconds"] for row in rows),
            "statuses": ", ".join(f"{status} {count}" for status, count in counts.most_common()),
            "converged_but_wrong": sum(not row["right"] for row in said),
        }


def quality_rows(trials: Iterable[Row]) -> Iterator[Row]:
    """For each method and bin of quality, all sources together: which share is right. None without a quality."""
    with_quality = (row for row in trials if row["quality"] is not None)
    for (method,), rows in _grouped(with_quality, "method"):
        for above, below in itertools.pairwise(QUALITY_EDGES):
            chosen = [row for row in rows if above <= row["quality"] < below or row["quality"] == below == 1.0]
            right = sum(row["right"] for row in chosen)
            low, high = wilson(right, len(chosen)) if chosen else (None, None)
            yield {
                "method": method,
                "above": above,
                "below": below,
                "trials": len(chosen),
                "right": right,
                "rate": right / len(chosen) if chosen else None,
                "low": low,
                "high": high,
            }


def deviation_rows(trials: Iterable[Row]) -> Iterator[Row]:
    """For each source with exact cameras, method and parameter: the spread of error / standard deviation.

    It is that of the right results, robust: 1.4826 times the median absolute value, which is 1 where the standard
    deviations are what they say.
    """
    right = (row for row in trials if row["right"] and row["z_rotation"] is not None)
    for (source, method), rows in _grouped(right, "source", "method"):
        for name in ("rotation", "position"):
            scores = [abs(z) for row in rows for z in row[f"z_{name}"]]
            yield {
                "source": source,
                "method": method,
                "parameter": name,
                "trials": len(rows),
                "pictures": len({(row["scene"], row["picture"]) for row in rows}),
                "spread": TO_DEVIATION * statistics.median(scores),
            }


def _grouped(rows: Iterable[Row], *names: str) -> Iterator[tuple[tuple[Any, ...], list[Row]]]:
    """The rows that agree in these fields, in the order of their first."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    yield from groups.items()
