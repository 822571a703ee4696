"""How good a prediction for a query is, and the figures over all of them as the field reports them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from tvdrnet_nv.evaluation.answers import Answer
from tvdrnet_nv.evaluation.overlap import box_iou, box_of_points, mask_iou
from tvdrnet_nv.evaluation.query_truth import QueryTruth

ALL = "all"


@dataclass(frozen=True)
class QueryScore:
    """A prediction compared with the truth.

    Attributes:
        key: of the query.
        iou: of the masks; None where a box is predicted.
        box_iou: of the axis-aligned boxes around the masks, or of the predicted box.
        right: whether exactly the right objects are named; None where no objects are predicted.
        truth_vertices: how many vertices the truth has.
        found_vertices: how many the prediction has; None for a box.
    """

    key: str
    iou: float | None
    box_iou: float
    right: bool | None
    truth_vertices: int
    found_vertices: int | None

    def to_dict(self) -> dict[str, Any]:
        """The score as JSON has it."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> QueryScore:
        """The score that `to_dict` gave.

        Raises:
            KeyError: it is another.
        """
        return QueryScore(**{field.name: data[field.name] for field in fields(QueryScore)})

    @property
    def shown(self) -> float:
        """What the worst predictions are sorted by: the intersection over union of the masks, or else of the boxes."""
        return self.box_iou if self.iou is None else self.iou


def score_answer(key: str, truth: QueryTruth, answer: Answer) -> QueryScore:
    """Compare a prediction, as `TruthOfScene.read_answer` gives it, with the truth."""
    true_box = box_of_points(truth.positions[truth.mask])
    mask = answer.mask
    box = answer.box if mask is None else box_of_points(truth.positions[mask])
    return QueryScore(
        key=key,
        iou=None if mask is None else mask_iou(truth.mask, mask),
        box_iou=0.0 if true_box is None or box is None else box_iou(true_box, box),
        right=None if answer.object_ids is None else set(answer.object_ids) == set(truth.object_ids),
        truth_vertices=int(np.count_nonzero(truth.mask)),
        found_vertices=None if mask is None else int(np.count_nonzero(mask)),
    )


def missing_score(key: str) -> QueryScore:
    """The score of a query without a prediction: nothing of it is found."""
    return QueryScore(key, 0.0, 0.0, None, 0, 0)


def summary(scores: Sequence[QueryScore], groups: Sequence[Sequence[str]]) -> dict[str, dict[str, float | int]]:
    """The figures over all queries and over each group.

    "queries": how many there are. Of masks, where there are any: "miou", "acc25" and "acc50", the share of queries
    with an intersection over union *above* 0.25 and 0.5, as Reason3D counts them. Of boxes: "box_miou", "box_acc25" and
    "box_acc50", the share with 0.25 and 0.5 *or more*, as ScanRefer counts them. Of objects: "accuracy".

    Args:
        scores: one for each query.
        groups: the groups of each query.
    """
    names = [ALL, *dict.fromkeys(name for row in groups for name in row)]
    return {
        name: _figures([s for s, row in zip(scores, groups, strict=True) if name == ALL or name in row])
        for name in names
    }


def _figures(scores: Sequence[QueryScore]) -> dict[str, float | int]:
    found: dict[str, float | int] = {"queries": len(scores)}
    masks = np.array([score.iou for score in scores if score.iou is not None])
    if len(masks) == len(scores) > 0:
        found |= {"miou": _mean(masks), "acc25": _mean(masks > 0.25), "acc50": _mean(masks > 0.5)}
    boxes = np.array([score.box_iou for score in scores])
    if len(boxes):
        found |= {"box_miou": _mean(boxes), "box_acc25": _mean(boxes >= 0.25), "box_acc50": _mean(boxes >= 0.5)}
    if any(score.right is not None for score in scores):
        found["accuracy"] = _mean(np.array([bool(score.right) for score in scores]))
    return found


def _mean(values: np.ndarray) -> float:
    return float(values.mean())
