"""Average precision of instances, by the rules of ScanNet's benchmark.

https://kaldir.vc.in.tum.de/scannet_benchmark/documentation describes them; docs/evaluation.md lists them. Overlaps are
counted once for each scene (`instance_overlaps`); all thresholds come from these counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tvdrnet_nv.evaluation.instance_overlaps import MIN_REGION, InstanceOverlaps

OVERLAPS = tuple(round(0.05 * step, 2) for step in range(10, 19))
"""0.5, 0.55, … 0.9: the nine overlaps whose average the benchmark's script calls AP. Its documentation writes
[0.5:0.95:0.05], of which the end is left out."""


def average_precision(scenes: Iterable[InstanceOverlaps], label: int, overlap: float) -> float:
    """The average precision of one class at one overlap, over all scenes; NaN where no scene has such an instance.

    Args:
        scenes: the counts of each scene.
        label: the class.
        overlap: the intersection over union that a prediction must exceed to match an instance.
    """
    confidences: list[float] = []
    hits: list[bool] = []
    missed = 0
    has_truth = False
    for scene in scenes:
        one = scene.of_class(label)
        has_truth |= bool((one.truth_size >= MIN_REGION).any())
        matched = _match(one, overlap)
        confidences += matched[0]
        hits += matched[1]
        missed += matched[2]
    if not has_truth:
        return float("nan")
    return area_under_curve(np.array(confidences, np.float64), np.array(hits, bool), missed)


def mean_average_precision(
    scenes: Sequence[InstanceOverlaps], labels: Iterable[int]
) -> dict[int | None, dict[str, float]]:
    """ "ap", "ap50" and "ap25" of each class, and under None their means over the classes that have instances.

    NaN for a class of which no scene has an instance, and for the means where there is no such class at all.
    """
    found: dict[int | None, dict[str, float]] = {}
    for label in labels:
        at = {overlap: average_precision(scenes, label, overlap) for overlap in (*OVERLAPS, 0.25)}
        found[label] = {"ap": float(np.mean([at[x] for x in OVERLAPS])), "ap50": at[0.5], "ap25": at[0.25]}
    there = [row for row in found.values() if not np.isnan(row["ap"])]
    names = ("ap", "ap50", "ap25")
    found[None] = {name: float(np.mean([row[name] for row in there])) if there else float("nan") for name in names}
    return found


def area_under_curve(confidences: np.ndarray, hits: np.ndarray, missed: int) -> float:
    """The area under the line through the points (recall, precision), one for each confidence, and (0, 1).

    Args:
        confidences: [N], of the predictions that count.
        hits: bool [N], whether each matches an instance; the others are false positives.
        missed: how many instances nothing matches.
    """
    order = np.argsort(-confidences, kind="stable")
    confidences, hits = confidences[order], hits[order]
    last = np.flatnonzero(np.diff(confidences, append=-np.inf))  # of each run of equal confidences
    true, kept = np.cumsum(hits)[last], last + 1
    total = int(hits.sum()) + missed
    recall = np.concatenate([[0.0], true / total if total else np.zeros(len(true))])
    precision = np.concatenate([[1.0], true / kept])
    return float(np.sum(np.diff(recall) * (precision[1:] + precision[:-1]) / 2))


def _match(scene: InstanceOverlaps, overlap: float) -> tuple[list[float], list[bool], int]:
    """Confidences and hits of one class's predictions in one scene, and how many of its instances nothing matches."""
    shared = scene.shared
    union = scene.truth_size[:, None] + scene.found_size[None, :] - shared
    over = shared / np.maximum(union, 1) > overlap
    counted = scene.truth_size >= MIN_REGION
    confidences: list[float] = []
    hits: list[bool] = []
    missed = 0
    taken = np.zeros(len(scene.found_size), dtype=bool)
    for row in over[counted]:
        candidates = np.flatnonzero(row & ~taken)
        if not len(candidates):
            missed += 1
            continue
        # The most confident one is the match. The others find the same instance again: false positives.
        ordered = sorted(scene.confidence[candidates].tolist(), reverse=True)
        confidences += ordered
        hits += [True] + [False] * (len(ordered) - 1)
        taken[candidates[0]] = True
    ignored = scene.void + shared[~counted].sum(0)
    for place in np.flatnonzero(~over.any(0)):
        # What lies mostly on vertices without an instance of a class that counts is neither right nor wrong.
        if ignored[place] / scene.found_size[place] <= overlap:
            confidences.append(float(scene.confidence[place]))
            hits.append(False)
    return confidences, hits, missed
