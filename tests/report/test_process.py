"""The frames of the animation of a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import Levels, Result, optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import process as module
from tvdrnet_nv.report import render_views
from tvdrnet_nv.report.pictures import Panel
from tvdrnet_nv.report.process import ACCEPTED_FRAMES, CANDIDATE_MS, LAST_MS, STEP_MS, process


@pytest.fixture
def captions(monkeypatch: pytest.MonkeyPatch) -> list[Panel]:
    """The panels of the frames, as they are made."""
    made: list[Panel] = []
    draw = module.panels

    def watched(items: list[Panel]) -> list[np.ndarray]:
        made[:] = items
        return draw(items)

    monkeypatch.setattr(module, "panels", watched)
    return made


def test_the_search_comes_first_and_the_best_last(renderer: Renderer, captions: list[Panel]) -> None:
    start = Orbit.create(4.0, 20.0, 45.0)
    target = next(render_views(renderer, Orbit.create(4.2, 30.0, 60.0)))
    result = optimize(renderer, start, MatchImage(target))
    assert result.history.levels is not None
    assert result.candidates is not None
    shown = process(result, renderer, target)
    titles = [panel.title for panel in captions]
    count = len(result.candidates)
    assert titles[: count + 1] == ["Start", *(f"Search: rank {r} of {count}" for r in range(count, 0, -1))]
    assert titles[-2:] == [f"Best: iteration {result.best_iteration + 1}", "Target"]
    np.testing.assert_array_equal(captions[count].image, next(render_views(renderer, result.candidates[0])))
    np.testing.assert_array_equal(captions[-2].image, next(render_views(renderer, result.best)))
    np.testing.assert_array_equal(captions[-1].image, target)
    moved = titles[count + 1 : -2]
    assert 0 < len(moved) < ACCEPTED_FRAMES
    for title in moved:
        pixels, iteration = int(title.split()[0]), int(title.split()[3])
        assert result.history.levels.accepted[iteration - 1, 0]
        assert result.history.levels.pixels[iteration - 1] == pixels
    assert len(shown.frames) == len(shown.frame_ms) == len(titles) - 1
    assert shown.frame_ms[-1] == LAST_MS
    assert set(shown.frame_ms[:-1]) == {CANDIDATE_MS}
    assert shown.beside is not None
    assert shown.beside.shape[0] == shown.frames[0].shape[0]


def test_refused_steps_are_not_shown(renderer: Renderer, result: Result, captions: list[Panel]) -> None:
    accepted = np.zeros(result.history.loss.shape, dtype=bool)
    accepted[[0, 2, 5, 9], result.best_start] = True
    levels = Levels(np.full(len(accepted), 8), accepted)
    some = replace(result, history=replace(result.history, levels=levels), best_iteration=9)
    process(some, renderer, None)
    assert [panel.title for panel in captions] == [
        *(f"8 px: iteration {i} of 30" for i in (1, 3, 6)),
        "Best: iteration 10",
    ]


def test_a_camera_that_begins_a_level_is_not_shown_again(
    renderer: Renderer, result: Result, captions: list[Panel]
) -> None:
    k, starts = result.best_start, result.history.loss.shape[1]
    viewpoints = result.history.viewpoints
    same = viewpoints.with_rows(torch.tensor([4 * starts + k]), viewpoints[2 * starts + k])  # 5 is 3 once more
    accepted = np.zeros(result.history.loss.shape, dtype=bool)
    accepted[[0, 2, 4, 5, 9], k] = True
    levels = Levels(np.array([8] * 4 + [16] * 26), accepted)
    history = replace(result.history, viewpoints=same, levels=levels)
    process(replace(result, history=history, best_iteration=9), renderer, None)
    assert [panel.title.split(" of ")[0] for panel in captions[:-1]] == [
        "8 px: iteration 1",
        "8 px: iteration 3",
        "16 px: iteration 6",
    ]


def test_without_a_search_and_levels_the_iterations_are_shown(
    renderer: Renderer, result: Result, captions: list[Panel]
) -> None:
    shown = process(result, renderer, None)
    assert captions[0].title == "Iteration 1 of 30"
    assert captions[0].fields[0].startswith("loss ")
    assert shown.beside is None
    assert shown.frame_ms == [STEP_MS] * (len(captions) - 1) + [LAST_MS]
    candidates = concatenate([result.best, result.initial])
    process(replace(result, candidates=candidates), renderer, None)
    assert [panel.title for panel in captions[:3]] == ["Start", "Search: rank 2 of 2", "Search: rank 1 of 2"]
    assert captions[3].title != "Iteration 1 of 30"  # which is the start
    process(replace(result, candidates=result.best), renderer, None)
    assert captions[0].title == "Iteration 1 of 30"
