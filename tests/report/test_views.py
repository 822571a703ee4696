"""Turntables and grids of views, rendered in batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views, to_uint8, turntable, view_grid, views


def test_views_in_batches_are_the_views_one_by_one(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    orbit = turntable(Orbit.create(4.0, 20.0, 10.0), 7)
    together = np.stack(list(render_views(renderer, orbit)))
    sizes = []
    original = Renderer.__call__
    monkeypatch.setattr(Renderer, "__call__", lambda self, camera: sizes.append(len(camera)) or original(self, camera))
    monkeypatch.setattr(views, "_BATCH_PIXELS", 3 * 24 * 32 + 5)
    apart = np.stack(list(render_views(renderer, orbit)))
    assert sizes == [3, 3, 1]
    np.testing.assert_array_equal(together, apart)
    assert len(np.unique(together.reshape(7, -1), axis=0)) == 7


def test_large_scenes_are_rendered_in_small_batches(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    original = Renderer.__call__
    monkeypatch.setattr(Renderer, "__call__", lambda self, camera: sizes.append(len(camera)) or original(self, camera))
    monkeypatch.setattr(views, "_BATCH_VERTICES", renderer.mesh.num_vertices - 1)
    list(render_views(renderer, turntable(Orbit.create(4.0, 20.0, 10.0), 3)))
    assert sizes == [1, 1, 1]


def test_a_turntable_goes_once_around() -> None:
    orbit = turntable(Orbit.create(4.0, 20.0, 10.0, up="z"), 4)
    assert orbit.azimuth.tolist() == [10.0, 100.0, 190.0, 280.0]
    assert orbit.elevation.tolist() == [20.0] * 4
    assert orbit.up == "z"


def test_the_view_grid_has_the_highest_views_at_the_top(renderer: Renderer) -> None:
    orbit = Orbit.create(4.0, 20.0, 10.0)
    page = view_grid(renderer, orbit, elevations=(0.0, 60.0), azimuths=(0.0, 90.0, 180.0))
    top = next(render_views(renderer, Orbit.create(4.0, 60.0, 0.0)))
    bottom = next(render_views(renderer, Orbit.create(4.0, 0.0, 0.0)))
    large = [image.repeat(4, axis=0).repeat(4, axis=1) for image in (top, bottom)]
    windows = np.lib.stride_tricks.sliding_window_view(page[::1, : page.shape[1] // 2], large[0].shape)[..., 0, :, :, :]
    rows = [np.argwhere((windows == image).all(axis=(2, 3, 4))) for image in large]
    assert len(rows[0]) == len(rows[1]) == 1
    assert rows[0][0][0] < rows[1][0][0]


def test_colours_are_rounded_and_clamped() -> None:
    assert to_uint8(torch.tensor([-0.5, 0.0, 0.5, 0.999, 1.7])).tolist() == [0, 0, 128, 255, 255]
