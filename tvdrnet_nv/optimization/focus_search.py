"""Looking around a part of the scene: where it might be seen from, judged mostly without drawing anything."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.camera.parameters import ORBIT_DEFAULT
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.optimization.loop import optimize

_AZIMUTHS = tuple(12.0 * i for i in range(30))
_ELEVATIONS = (-10.0, 5.0, 20.0, 35.0, 50.0, 65.0, 80.0)
_DISTANCES = (1.0, 0.6, 0.8, 1.3)  # times the one at which the part fills the picture
_NEARER = (0.5, 0.35, 0.2)  # the same, where the part is hidden from farther away
_HIDDEN = 0.5  # the visible share that is less than enough
_APART = 12.0  # degrees between the directions of cameras that are drawn
_BESIDE = 3  # more cameras than are wanted are moved before the best are chosen
_RATE = 3.0
_BATCH = 48
_MORE = 20  # candidates that are drawn beyond those that are wanted


def search_focus(
    focus: FocusOn,
    start: Orbit,
    count: int,
    *,
    resolution: tuple[int, int],
    parameters: Sequence[str] = ORBIT_DEFAULT,
    steps: int = 6,
) -> Orbit:
    """The `count` best cameras around `start`'s look-at point, the best first.

    30 azimuths, 7 elevations from -10° to 80° and 4 distances about the one at which the part fills the picture, and
    the start: 841 cameras are judged by `FocusOn.estimate`. The best of them that look in directions 12° apart are
    drawn, and the best of those make a few steps before the winners are chosen. Where less than half of the part is
    visible from any of those that are drawn, 315 nearer cameras are drawn as well: from outside, a room with a ceiling
    shows nothing.

    Args:
        focus: the part to see.
        start: one camera, for the look-at point, the field of view and the pole.
        count: how many are wanted; fewer come where there are not so many that differ.
        resolution: (height, width) of the pictures.
        parameters: which of `PARAMETERS` move in the steps.
        steps: of Adam; 0 for none.

    Raises:
        ValueError: `start` is not one camera.
    """
    if len(start) != 1:
        raise ValueError(f"start must be one camera, got {len(start)}")
    angles = torch.tensor(list(itertools.product(_ELEVATIONS, _AZIMUTHS)), dtype=start.dtype, device=start.device)
    elevation, azimuth = angles.unbind(1)
    around = start.expand(len(angles)).replace(elevation=elevation, azimuth=start.azimuth + azimuth)
    around = focus.fitted(around.wrapped(), resolution)
    candidates = concatenate([start, *(around.replace(distance=around.distance * factor) for factor in _DISTANCES)])
    with torch.no_grad():
        guesses = focus.estimate(candidates.camera(), resolution)
        best = select_distinct(candidates, guesses.argsort(descending=True, stable=True), count + _MORE)
        drawn = candidates[best]
        found = focus.scores(drawn.camera(), resolution)
        scores = found.score
        if float(found.visible.max()) < _HIDDEN:
            nearer = concatenate([around[::2].replace(distance=around.distance[::2] * f) for f in _NEARER])
            batches = [
                focus.scores(part.camera(), resolution).score
                for part in (nearer[i : i + _BATCH] for i in range(0, len(nearer), _BATCH))
            ]
            drawn, scores = concatenate([drawn, nearer]), torch.cat([scores, *batches])
    drawn = drawn[scores.argsort(descending=True, stable=True)[: count + _BESIDE]]
    if steps == 0:
        return drawn[:count]
    history = optimize(
        focus.renderer(resolution),
        drawn,
        focus,
        parameters=parameters,
        method="adam",
        iterations=steps,
        learning_rate=_RATE,
    ).history
    # Each camera where it was best, and of these the best.
    lowest = torch.from_numpy(np.nan_to_num(history.loss, nan=np.inf)).min(0)
    moved = history.viewpoints[lowest.indices * len(drawn) + torch.arange(len(drawn))]
    return moved[lowest.values.argsort(stable=True)[:count]].to(start.device)


def select_distinct(cameras: Orbit, order: Tensor, count: int, degrees: float = _APART) -> Tensor:
    """[N <= count] int64: the first of `order` that look in directions more than `degrees` apart."""
    axes = cameras.camera().R[:, :, 2]
    chosen = [int(order[0])]
    closest = axes @ axes[chosen[0]]
    for i in order.tolist():
        if len(chosen) == count:
            break
        if float(closest[i]) < math.cos(math.radians(degrees)):
            chosen.append(i)
            closest = torch.maximum(closest, axes @ axes[i])
    return torch.tensor(chosen, device=axes.device)
