"""The plot of the loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tvdrnet_nv.optimization import Levels
from tvdrnet_nv.report.loss_plot import write_loss_plot


def _is_colour(path: Path, color: tuple[int, int, int]) -> np.ndarray:
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return np.abs(pixels - color).max(axis=2) < 10


def _red(path: Path) -> int:
    return int(_is_colour(path, (217, 48, 37)).sum())


def test_loss_plots(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    loss = np.geomspace(1.0, 1e-4, 20)[:, None] * np.array([1.0, 2.0])
    write_loss_plot(path, loss, best_start=1, best_iteration=20, title="a_b $c$ [d]")
    assert _red(path) > 100
    for hopeless in (np.full((5, 2), np.nan), np.zeros((0, 1))):
        write_loss_plot(path, hopeless, best_start=0, best_iteration=min(1, len(hopeless)), title="none")
        assert _red(path) == 0
    write_loss_plot(path, np.array([[0.5]]), best_start=0, best_iteration=1, title="one")
    assert _red(path) > 100


def test_a_curve_with_levels_leaves_out_refused_steps(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    loss = np.array([[1.0, 2.0], [0.5, np.nan], [9.0, np.nan], [0.25, np.nan], [9.0, np.nan], [0.1, np.nan]])
    accepted = np.array([[True, True], [True, False], [False, False], [True, False], [False, False], [True, False]])
    levels = Levels(np.array([64, 8, 8, 8, 64, 64]), accepted)
    first, last = (202, 225, 31), (68, 1, 84)  # the ends of viridis: the coarsest level and the finest

    def curve(color: tuple[int, int, int], levels: Levels) -> np.ndarray:
        """Where the colour is, left of the legend."""
        write_loss_plot(path, loss, best_start=0, best_iteration=6, title="levels", levels=levels)
        return np.argwhere(_is_colour(path, color)[:, :600])

    coarse = curve(first, levels)
    assert len(coarse) > 100
    assert _is_colour(path, last).sum() > 200
    assert _red(path) > 100
    # A step that was refused, far above, would lift the curve, or move it as the axis would hold it.
    everything = curve(first, Levels(levels.pixels, np.ones_like(accepted)))
    assert np.ptp(everything[:, 0]) > np.ptp(coarse[:, 0]) + 50
    # All is well where nothing was accepted, where there is one level, and where there is no iteration.
    for some in (
        Levels(levels.pixels, np.zeros_like(accepted)),
        Levels(np.full(6, 8), accepted),
        Levels(levels.pixels[:1], accepted[:1]),
        Levels(levels.pixels[:0], accepted[:0]),
    ):
        rows = loss[: len(some.pixels)]
        write_loss_plot(path, rows, best_start=0, best_iteration=len(rows), title="few", levels=some)
