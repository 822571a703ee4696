"""Levenberg-Marquardt on an image pyramid: what it says of its search, its levels and its steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.optimization.recovery import picture, setting
from tvdrnet_nv import Camera, MatchImage, Mesh, Orbit, Progress, Result, optimize, spread_starts
from tvdrnet_nv.camera import concatenate


@pytest.fixture(scope="module")
def found(small_room: Mesh) -> Result[Orbit]:
    renderer, start = setting(small_room, 96)
    target = start.replace(azimuth=start.azimuth + 25.0, elevation=start.elevation + 7.0)
    return optimize(renderer, spread_starts(start, 4), MatchImage(picture(renderer, target)))


def test_the_history_says_what_each_iteration_was(found: Result[Orbit]) -> None:
    levels, loss = found.history.levels, found.history.loss
    assert levels is not None
    assert levels.pixels.shape == (found.iterations,)
    assert levels.accepted.shape == loss.shape
    # The starts, at full size; then from coarse to fine.
    assert levels.pixels[0] == 96
    assert levels.accepted[0].all()
    assert (np.diff(levels.pixels[1:]) >= 0).all()
    assert np.unique(levels.pixels).tolist() == [8, 16, 32, 48, 96]
    k = found.best_start
    assert levels.accepted[found.best_iteration, k]
    # Each level begins with a camera that is taken.
    for pixels in np.unique(levels.pixels[1:]):
        assert levels.accepted[1 + np.flatnonzero(levels.pixels[1:] == pixels)[0], k]
    # At full size the method lowers the loss itself: no step that it takes raises it.
    finest = levels.accepted[:, k] & (levels.pixels == 96)
    finest[0] = False
    assert (np.diff(loss[finest, k]) < 0).all()
    # The worse starts are left behind.
    assert levels.accepted[1:].any(0).sum() == 2


def test_a_refused_step_is_not_accepted(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 32)
    target = picture(renderer, start.replace(azimuth=start.azimuth + 10.0))

    class Rising(MatchImage):
        """Each picture fits worse than the one before, so that no step is taken."""

        worse = 0.0

        def residuals(self, render):  # type: ignore[no-untyped-def]
            self.worse += 1.0
            return super().residuals(render) + self.worse

    result = optimize(renderer, start, Rising(target), iterations=4)
    assert result.history.levels is not None
    assert result.history.levels.accepted[:, 0].tolist() == [True, True, False, False]


def test_the_search_hands_over_its_best_candidates(found: Result[Orbit]) -> None:
    candidates = found.candidates
    assert isinstance(candidates, Orbit)
    assert 2 <= len(candidates) <= 8
    assert float(candidates.azimuth[0] - found.best.azimuth) == pytest.approx(0.0, abs=6.0)
    assert float(candidates.elevation[0] - found.best.elevation) == pytest.approx(0.0, abs=6.0)
    assert bool(((candidates.azimuth >= 0) & (candidates.azimuth < 360)).all())


def test_a_pose_has_candidates_and_gradient_descent_has_neither(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 32)
    objective = MatchImage(picture(renderer, start))
    result = optimize(renderer, start.camera(), objective, iterations=2)
    assert isinstance(result.candidates, Camera)
    adam = optimize(renderer, start, objective, method="adam", iterations=2)
    assert adam.candidates is None
    assert adam.history.levels is None


def test_a_run_that_is_cut_short_has_levels_for_what_is_left(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 32)
    objective = MatchImage(picture(renderer, concatenate([start]).replace(azimuth=torch.tensor([80.0]))))

    def stop(progress: Progress[Orbit]) -> bool:
        return progress.iteration == 3

    result = optimize(renderer, start, objective, callback=stop)
    assert result.history.levels is not None
    assert len(result.history.levels.pixels) == len(result.history) == 3


def test_a_close_start_may_leave_out_the_coarse_levels(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 96)
    target = MatchImage(picture(renderer, start.replace(azimuth=start.azimuth + 1.0)))
    found = optimize(renderer, start, target, look_around=False, coarsest=48)
    assert found.history.levels is not None
    assert np.unique(found.history.levels.pixels).tolist() == [48, 96]
    assert float(found.best.azimuth) == pytest.approx(float(start.azimuth) + 1.0, abs=0.01)
