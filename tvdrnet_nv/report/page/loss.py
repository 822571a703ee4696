"""The curve of the loss within a page; docs/pictures.md says how to read it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tvdrnet_nv.optimization import Levels, Result
from tvdrnet_nv.report.loss_plot import level_parts
from tvdrnet_nv.showing import Curve, plot

_OTHER, _WINNER, _BEST = "#8a9099", "#2f7de1", "#d93025"
# Of the colour map "viridis", from coarse to fine; its dark end cannot be seen on black.
_COARSE_TO_FINE = ("#c2df23", "#86d549", "#52c569", "#2ab07f", "#1e9b8a", "#25858e", "#2d708e", "#38588c")


def loss_svg(result: Result) -> str:
    """The losses of a run's starts over its iterations, an `<svg>` element."""
    history, k = result.history, result.best_start
    others = [
        Curve(x, y, _OTHER, width=1.0, faint=True)
        for start in range(history.loss.shape[1])
        if start != k
        for x, y in [_of_start(history.loss[:, start], history.levels, start)]
    ]
    if history.levels is None:
        own = [Curve(*_of_start(history.loss[:, k], None, k), _WINNER, "loss")]
    else:
        own = list(_by_level(history.loss[:, k], history.levels.pixels, history.levels.accepted[:, k]))
    best = Curve(
        [result.best_iteration + 1],
        [result.loss],
        _BEST,
        f"best: {result.loss:#.4g} at iteration {result.best_iteration + 1}",
        width=0,
        dots=5,
    )
    return plot(
        [*others, *own, best],
        x_label="iteration" if history.levels is None else "iteration (refused steps are left out)",
        y_label="loss" if history.levels is None else "loss at full size",
        says=f"Loss over {result.iterations} iterations, from {result.initial_loss:.4g} to {result.loss:.4g}",
    )


def _of_start(loss: np.ndarray, levels: Levels | None, start: int) -> tuple[list[int], list[float]]:
    rows = np.arange(len(loss)) if levels is None else np.flatnonzero(levels.accepted[:, start])
    return (rows + 1).tolist(), loss[rows].tolist()


def _by_level(loss: np.ndarray, pixels: np.ndarray, accepted: np.ndarray) -> Iterator[Curve]:
    """The accepted losses, [I], in the colours of the levels that their images were compared at."""
    parts = list(level_parts(pixels, accepted))
    before: list[int] = []
    if len(parts) > 1 and pixels[parts[0][0]] > pixels[parts[1][0]]:
        # The starts are looked from at full size, and left by a search: no step leads from there.
        first = [parts.pop(0)[-1], parts[0][0]]
        yield Curve([i + 1 for i in first], loss[first].tolist(), _OTHER, "start, search", 1.5, dashed=True)
    shades = np.linspace(0, len(_COARSE_TO_FINE) - 1, max(len(parts), 1)).round().astype(int)
    for part, shade in zip(parts, shades, strict=False):
        rows, color = [*before, *part], _COARSE_TO_FINE[shade]
        before = part[-1:]
        yield Curve([i + 1 for i in rows], loss[rows].tolist(), color, f"level of {pixels[part[0]]} px", dots=3.5)
