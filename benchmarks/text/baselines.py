"""What sentences and views are compared with."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.text.sentences import Sentence
from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.grounding import Grounding, Thing, Things
from tvdrnet_nv.objectives import FocusOn, ViewScores

_RAISED = 1.5  # scene units, metres in scans


def by_chance(sentence: Sentence, things: Things) -> float:
    """How often an object drawn at random is right."""
    return float(np.mean([sentence.accepts(item) for item in things.items]))


def by_name(sentence: Sentence, found: Grounding, things: Things) -> float:
    """How often the best name alone is right, one of equals drawn at random."""
    best = max((item.name for item in found.scored), default=0.0)
    equal = [sentence.accepts(item.thing) for item in found.scored if item.name >= best - 1e-9]
    return float(np.mean(equal)) if best > 0 else by_chance(sentence, things)


def around_scene(start: Orbit, count: int) -> Orbit:
    """Cameras once around the scene, evenly spaced, as Ground3D-LMM gives their pictures to its model."""
    return start.expand(count).replace(azimuth=360.0 * torch.arange(count, dtype=start.dtype) / count)


def uniform_views(focus: FocusOn, start: Orbit, size: tuple[int, int], count: int = 20) -> ViewScores:
    """The best of `around_scene`: [1]."""
    around = around_scene(start, count)
    with torch.no_grad():
        best = int(focus.scores(around.camera(), size).score.argmax())
        return focus.scores(around[best].camera(), size)


def seeground_view(focus: FocusOn, things: Things, anchor: Thing, size: tuple[int, int]) -> ViewScores:
    """The scores of `seeground_camera`: [1]."""
    with torch.no_grad():
        return focus.scores(seeground_camera(things, anchor), size)


def seeground_camera(things: Things, anchor: Thing) -> Camera:
    """SeeGround's rule (Li et al., 2025): from the middle of the room look at the anchor, 1.5 m above it.

    It does not test whether something is in the way.
    """
    eye = np.array([*things.plan.center, anchor.center[2] + _RAISED])
    if np.linalg.norm(eye[:2] - anchor.center[:2]) < 1.0:  # the anchor is in the middle: stand a step in front of it
        eye[:2] = anchor.center[:2] + 1.5 * things.front(anchor)
    eye_at_up = np.stack([eye, anchor.center, np.array([0.0, 0.0, 1.0])]) @ things.up
    position, at, up = (_row(values) for values in eye_at_up)
    return Camera.from_look_at(position, at, up)


def _row(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values).float()[None]
