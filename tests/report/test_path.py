"""The cameras on the way of an optimisation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tvdrnet_nv.io.cameras import from_camera, read_cameras
from tvdrnet_nv.optimization import Levels, Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import path as path_module
from tvdrnet_nv.report.path import path_facts


def test_every_camera_of_the_winning_start_is_read_back(tmp_path: Path, result: Result, renderer: Renderer) -> None:
    facts = path_facts(result, renderer)
    (tmp_path / "path.json").write_text(json.dumps(facts))
    cameras = read_cameras(tmp_path / "path.json").cameras
    assert len(cameras) == len(result.history)
    k = result.best_start
    for step, (camera, entry) in enumerate(zip(cameras, facts["cameras"], strict=True)):
        known = from_camera(result.history.viewpoint(step, k), renderer.resolution)
        np.testing.assert_allclose(camera.camera_to_world, known.camera_to_world, atol=2e-6)
        assert camera.size == renderer.resolution
        assert camera.name == f"iteration {step + 1}"
        assert entry["loss"] == pytest.approx(float(result.history.loss[step, k]))


def test_refused_steps_are_left_out_and_a_long_way_is_thinned(
    result: Result, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, starts = result.history.loss.shape
    accepted = np.zeros((count, starts), dtype=bool)
    accepted[::2] = True
    levels = Levels(np.full(count, 8), accepted)
    with_levels = replace(result, history=replace(result.history, levels=levels))
    names = [camera["name"] for camera in path_facts(with_levels, renderer)["cameras"]]
    wanted = sorted({*range(0, count, 2), result.best_iteration})
    assert names == [f"iteration {step + 1}" for step in wanted]

    monkeypatch.setattr(path_module, "MOST", 3)
    thinned = [camera["name"] for camera in path_facts(result, renderer)["cameras"]]
    assert 3 <= len(thinned) <= 4
    assert {f"iteration {step + 1}" for step in (0, count - 1, result.best_iteration)} <= set(thinned)
    losses = replace(result.history, loss=np.full_like(result.history.loss, np.nan))
    assert path_facts(replace(result, history=losses), renderer)["cameras"][0]["loss"] is None
