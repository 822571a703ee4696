"""Semantic segmentation: intersection over union of each class, by the rules of ScanNet's benchmark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def confusion(truth: np.ndarray, found: np.ndarray, labels: Sequence[int]) -> np.ndarray:
    """int64 [C, C + 1]: how many vertices of each true class have each predicted one; the last column is any other.

    Vertices whose true class is none of `labels` are left out.

    Args:
        truth: int64 [V], the true classes.
        found: int64 [V], the predicted ones.
        labels: the C classes that count, in ascending order.

    Raises:
        ValueError: the two have different shapes.
    """
    if truth.shape != found.shape:
        raise ValueError(f"classes have different shapes, {list(truth.shape)} and {list(found.shape)}")
    order = np.asarray(labels, np.int64)

    def places(values: np.ndarray) -> np.ndarray:
        at = np.searchsorted(order, values).clip(max=len(order) - 1)
        return np.where(order[at] == values, at, len(order))

    rows, columns = places(truth), places(found)
    known = rows < len(order)
    cells = rows[known] * (len(order) + 1) + columns[known]
    return np.bincount(cells, minlength=len(order) * (len(order) + 1)).reshape(len(order), len(order) + 1)


def class_ious(counts: np.ndarray) -> np.ndarray:
    """float64 [C]: the intersection over union of each class, of counts that `confusion` gave, summed over scenes.

    NaN for a class that neither the truth nor the predictions have.
    """
    inside = counts[:, :-1]
    right = np.diag(inside)
    union = counts.sum(1) + inside.sum(0) - right
    return np.where(union > 0, right / np.maximum(union, 1), np.nan)
