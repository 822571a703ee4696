"""Whether another camera fits as well as the one found: in a symmetric scene there is one."""

from __future__ import annotations

import numpy as np
import torch

from tvdrnet_nv.camera import Orbit, OrbitFrame, ViewpointT, concatenate, rotation_from_vector
from tvdrnet_nv.objectives.objective import Objective, ResidualObjective
from tvdrnet_nv.optimization.coordinates import coordinates_for, is_different_camera
from tvdrnet_nv.optimization.levenberg_marquardt import LevenbergMarquardt
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.optimization.result import History
from tvdrnet_nv.optimization.search import SIZE, losses_of
from tvdrnet_nv.renderer import Renderer

_TURN = 15.0  # degrees between the cameras that are tried around the scene
_MOST = 3  # that are looked into
_STEPS = 40  # of looking into them
_CLEARLY = 5.0  # a descent does not end at the same camera twice
_EQUAL = 1e-3  # share of what was gained, by which the losses of cameras that fit alike may differ
_NEARLY, _ALMOST_ZERO = 1.0, 1e-4  # of a loss, and added to it: what may be missing to a camera that is not quite there


def is_ambiguous(
    renderer: Renderer,
    objective: Objective,
    history: History[ViewpointT],
    names: tuple[str, ...],
    k: int,
) -> bool:
    """Whether a camera elsewhere has the loss of the best one of start k.

    For an objective of residuals, cameras all around are tried: the found one, turned about the scene's upright axis,
    and the best of each other start. Those whose loss is no higher than that of the found one turned by 7.5 degrees are
    improved side by side with it, by Levenberg-Marquardt, first in small images, and compared. For any other objective,
    only the best cameras of the starts are compared.
    """
    losses = np.nan_to_num(history.loss, nan=np.inf)
    bests = [history.viewpoint(int(i), start) for start, i in enumerate(losses.argmin(0))]
    best, others = bests[k], bests[:k] + bests[k + 1 :]
    coordinates = coordinates_for(best, names, renderer)
    viewing_distance = coordinates.viewing_distance(best)[0]
    low = np.delete(losses.min(0), k)
    if not isinstance(objective, ResidualObjective):
        gained = float(losses[0, k] - losses[:, k].min())
        alike = low <= losses[:, k].min() + _EQUAL * gained
        return any(
            fits and bool(is_different_camera(other, best, viewing_distance, by=_CLEARLY))
            for fits, other in zip(alike, others, strict=True)
        )
    nearly = (1 + _NEARLY) * losses[:, k].min() + _ALMOST_ZERO
    rivals = [other for other, loss in zip(others, low, strict=True) if loss <= nearly]
    small = renderer.at_resolution(shrunk(renderer.resolution, SIZE))
    around = _turned(best, renderer, float(viewing_distance), names, [_TURN * i for i in range(1, round(360 / _TURN))])
    if around is not None:
        half = _turned(best, renderer, float(viewing_distance), names, [-_TURN / 2, _TURN / 2])
        assert half is not None
        bound = float(losses_of(small, objective, half).max())
        found = losses_of(small, objective, around)
        # The best of each run of them.
        lowest = (found <= found.roll(1)) & (found <= found.roll(-1)) & (found <= bound)
        rivals += [around[i] for i in lowest.nonzero()[:, 0].tolist()]
    rivals = [rival for rival in rivals if bool(is_different_camera(rival, best, viewing_distance))]
    if not rivals:
        return False
    order = losses_of(small, objective, concatenate(rivals)).argsort(stable=True)[:_MOST].tolist()
    # In small images first, which is quick and mostly enough to tell.
    return any(
        _tie(small, objective, best, rivals[i], names, share=_NEARLY, offset=_ALMOST_ZERO)
        and _tie(renderer, objective, best, rivals[i], names)
        for i in order
    )


def _tie(
    renderer: Renderer,
    objective: ResidualObjective,
    one: ViewpointT,
    other: ViewpointT,
    names: tuple[str, ...],
    **within: float,
) -> bool:
    """Whether the two, each improved as far as it goes, fit alike and are not the same camera; `within` is that of
    `LevenbergMarquardt.has_equal`."""
    both = concatenate([one, other])
    coordinates = coordinates_for(both, names, renderer)
    contest = LevenbergMarquardt(both, coordinates, renderer, objective, look_around=False)
    contest.run(_STEPS)
    return contest.has_equal(0, **within)


def _turned(
    viewpoint: ViewpointT, renderer: Renderer, viewing_distance: float, names: tuple[str, ...], degrees: list[float]
) -> ViewpointT | None:
    """One viewpoint, turned about the scene's upright axis as a whole; None where the parameters do not reach there."""
    turn = viewpoint.camera().T.new_tensor(degrees)
    about_center = {"rotation", "position"} <= set(names) or {"azimuth", "at"} <= set(names)
    if not about_center and "azimuth" not in names:
        return None
    frame = OrbitFrame(viewpoint, viewing_distance)
    orbits = _orbits(frame.orbits, turn, renderer if about_center else None)
    return frame.viewpoints(orbits, torch.zeros(len(degrees), dtype=torch.int64))


def _orbits(orbit: Orbit, turn: torch.Tensor, renderer: Renderer | None) -> Orbit:
    """About the middle of the scene, or, without one, about the point looked at."""
    many = orbit[torch.zeros(len(turn), dtype=torch.int64)]
    there = many.replace(azimuth=many.azimuth + turn)
    if renderer is None:
        return there
    about = rotation_from_vector(torch.deg2rad(turn)[:, None] * orbit.frame[:, 1])
    middle = renderer.mesh.center.to(orbit.at)
    return there.replace(at=middle + (about @ (many.at - middle)[:, :, None])[:, :, 0])
