"""How good the masks of an arm are in rooms that it has not seen, and whether two arms differ."""

from collections.abc import Sequence

import numpy as np
import torch
from joint_lifting import of_vertices
from joint_model import THINGS, QueriedRoom
from joint_training import Training
from torch import Tensor

from tvdrnet_nv.evaluation import mask_iou

THRESHOLDS = np.linspace(0.05, 0.95, 19)
_DRAWS = 10_000


@torch.no_grad()
def scores_of(training: Training, room: QueriedRoom, embeddings: Tensor) -> np.ndarray:
    """[8, V] in 0..1: an arm's scores of the vertices for each of `THINGS`."""
    model = training.model.eval()
    rows = torch.arange(len(THINGS)).split(2)  # the decoder's memory grows with pictures × queries
    found = [model.mask(room, training.views(room, embeddings[part]), embeddings[part]) for part in rows]
    return of_vertices(torch.cat(found), room.mesh, room.areas).numpy()


def ious_at(scores: np.ndarray, truth: np.ndarray, threshold: float) -> list[float]:
    """The IoU of each thing's vertices [8, V]."""
    return [mask_iou(mine, found > threshold) for mine, found in zip(truth, scores, strict=True)]


def measure(
    training: Training, validation: Sequence[QueriedRoom], test: Sequence[QueriedRoom], embeddings: Tensor
) -> tuple[float, np.ndarray]:
    """The threshold that is best in the validation rooms, and the IoU in the test rooms, [R, 8]."""
    known = [(scores_of(training, room, embeddings), room.truth.numpy()) for room in validation]
    means = [np.mean([ious_at(scores, truth, at) for scores, truth in known]) for at in THRESHOLDS]
    best = float(THRESHOLDS[int(np.argmax(means))])
    found = [ious_at(scores_of(training, room, embeddings), room.truth.numpy(), best) for room in test]
    return best, np.array(found)


def difference(first: np.ndarray, second: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """The mean of first − second, [seeds, R, 8] each, and its 95 % interval by a bootstrap over rooms.

    Rooms are drawn with replacement, the same ones for both; seeds and things are averaged within a room. The interval
    knows the spread over rooms, not that over seeds.
    """
    by_room = (first - second).mean((0, 2))
    draws = np.random.default_rng(seed).integers(len(by_room), size=(_DRAWS, len(by_room)))
    low, high = np.quantile(by_room[draws].mean(1), [0.025, 0.975])
    return float(by_room.mean()), float(low), float(high)
