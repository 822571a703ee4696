"""How the predicted instances of a scene overlap its true ones: the counts that average precision is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

MIN_REGION = 100
"""Vertices: smaller predictions are left out, and smaller true instances count for nothing."""


@dataclass(frozen=True, eq=False)
class InstanceTruth:
    """The true instances of a scene.

    Attributes:
        labels: int64 [V], each vertex's class; 0 for none.
        instances: int64 [V], each vertex's instance; 0 for none.
    """

    labels: np.ndarray
    instances: np.ndarray


@dataclass(frozen=True, eq=False)
class FoundInstance:
    """A predicted instance.

    Attributes:
        mask: bool [V].
        label: its class.
        confidence: the higher, the surer.
    """

    mask: np.ndarray
    label: int
    confidence: float


@dataclass(frozen=True, eq=False)
class InstanceOverlaps:
    """The counts of G true and P predicted instances of a scene.

    Attributes:
        truth_label: int64 [G]. The instances are in the order of their ids.
        truth_size: int64 [G], vertices.
        found_label: int64 [P]. The predictions are in the order in which they were given.
        found_size: int64 [P], vertices.
        confidence: float64 [P].
        void: int64 [P], a prediction's vertices that belong to no instance of the classes that count.
        shared: int64 [G, P], vertices that both have.
    """

    truth_label: np.ndarray
    truth_size: np.ndarray
    found_label: np.ndarray
    found_size: np.ndarray
    confidence: np.ndarray
    void: np.ndarray
    shared: np.ndarray

    def of_class(self, label: int) -> InstanceOverlaps:
        """Those of one class."""
        rows, columns = self.truth_label == label, self.found_label == label
        return InstanceOverlaps(
            self.truth_label[rows],
            self.truth_size[rows],
            self.found_label[columns],
            self.found_size[columns],
            self.confidence[columns],
            self.void[columns],
            self.shared[np.ix_(rows, columns)],
        )

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON has them."""
        return {name: values.tolist() for name, values in vars(self).items()}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> InstanceOverlaps:
        """The counts that `to_dict` gave.

        Raises:
            KeyError, TypeError, ValueError: they are others.
        """
        shape = (len(data["truth_label"]), len(data["found_label"]))
        whole = {name: np.array(data[name], np.int64) for name in ("truth_label", "truth_size")}
        whole |= {name: np.array(data[name], np.int64) for name in ("found_label", "found_size", "void")}
        shared = np.array(data["shared"], np.int64).reshape(shape)
        return InstanceOverlaps(**whole, confidence=np.array(data["confidence"], np.float64), shared=shared)


def instance_overlaps(
    truth: InstanceTruth, found: Iterable[FoundInstance], labels: Collection[int]
) -> InstanceOverlaps:
    """Count the overlaps of a scene. Predictions of other classes and those below `MIN_REGION` are left out.

    Args:
        truth: the scene's instances.
        found: the predictions; they are taken one at a time, so that an iterator keeps memory bounded.
        labels: the classes that count.

    Raises:
        ValueError: a mask has not one value for each vertex.
    """
    counts = np.isin(truth.labels, list(labels)) & (truth.instances != 0)
    ids, first, place = np.unique(truth.instances[counts], return_index=True, return_inverse=True)
    of_vertex = np.full(len(truth.labels), len(ids), np.int64)  # the last for void
    of_vertex[counts] = place
    kept, columns = [], []
    for item in found:
        if item.mask.shape != truth.labels.shape:
            raise ValueError(f"a mask has shape {list(item.mask.shape)}, wanted {list(truth.labels.shape)}")
        if item.label in labels and np.count_nonzero(item.mask) >= MIN_REGION:
            columns.append(np.bincount(of_vertex[item.mask], minlength=len(ids) + 1))
            kept.append(item)
    table = np.stack(columns, axis=1) if columns else np.zeros((len(ids) + 1, 0), np.int64)
    return InstanceOverlaps(
        truth_label=truth.labels[counts][first],
        truth_size=np.bincount(place, minlength=len(ids)),
        found_label=np.array([item.label for item in kept], np.int64),
        found_size=table.sum(0),
        confidence=np.array([item.confidence for item in kept], np.float64),
        void=table[-1],
        shared=table[:-1],
    )
