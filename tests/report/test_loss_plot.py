"""The plot of the loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tvdrnet_nv.report.loss_plot import write_loss_plot


def _red(path: Path) -> int:
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return int((np.abs(pixels - (217, 48, 37)).max(axis=2) < 10).sum())


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
