"""Masks as run lengths, in the form that ScanNet++'s benchmark and several instance segmenters write.

{"length": V, "counts": "3 2 9 1"} marks vertices 2, 3 and 8 of V: pairs of the first vertex, counted from 1, and how
many are marked from there on. `counts` may also be a list of the numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError


def encode_runs(mask: np.ndarray) -> dict[str, Any]:
    """The run lengths of a mask bool [V]."""
    padded = np.concatenate([[False], mask, [False]])
    ends = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    pairs = np.stack([ends[:, 0] + 1, ends[:, 1] - ends[:, 0]], axis=1)
    return {"length": len(mask), "counts": " ".join(map(str, pairs.reshape(-1).tolist()))}


def check_vertices(where: str, count: int, wanted: int | None) -> None:
    """Raise InputError unless a prediction has as many vertices as are wanted; None wants any number."""
    if wanted is not None and count != wanted:
        raise InputError(
            f"{where}: has {count:,} vertices, but the scene's mesh has {wanted:,}; predict on the vertices of the "
            "data set's file"
        )


def decode_runs(where: str, value: Any, num_vertices: int | None = None) -> np.ndarray:
    """bool [V]: the mask of run lengths.

    Args:
        where: what the message begins with.
        value: as the file has it.
        num_vertices: V, where it is known.

    Raises:
        InputError: it is no run lengths or of another V, or a run leaves the mask or enters the one before it.
    """
    length = value.get("length") if isinstance(value, dict) else None
    counts = value.get("counts") if isinstance(value, dict) else None
    if isinstance(length, bool) or not isinstance(length, int) or length < 0 or not isinstance(counts, str | list):
        raise InputError(f'{where}: is no mask; wanted {{"length": V, "counts": "START LENGTH …"}}, starts from 1')
    check_vertices(where, length, num_vertices)
    try:
        numbers = np.array([int(word) for word in (counts.split() if isinstance(counts, str) else counts)], np.int64)
        starts, lengths = numbers.reshape(-1, 2).T
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{where}: 'counts' is no list of pairs of whole numbers, START LENGTH") from None
    ends = starts - 1 + lengths
    bounds = np.stack([starts - 1, ends], axis=1).reshape(-1)
    if len(bounds) and (bounds[0] < 0 or bounds[-1] > length or (np.diff(bounds) < 0).any()):
        raise InputError(f"{where}: its runs are not one after the other within 1 to {length:,}")
    change = np.zeros(length + 1, np.int64)
    np.add.at(change, starts - 1, 1)
    np.add.at(change, ends, -1)
    return np.cumsum(change)[:length] > 0
