"""The picture of the loss over the iterations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tvdrnet_nv.optimization import Levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OTHER, _WINNER, _BEST = "#9aa0a6", "#1a73e8", "#d93025"
_COARSE_TO_FINE = (0.92, 0.0)  # of the colour map "viridis": from yellow to violet


def write_loss_plot(
    path: Path,
    loss: np.ndarray,
    *,
    best_start: int,
    best_iteration: int,
    title: str,
    levels: Levels | None = None,
) -> None:
    """Draws the winning start's loss with the best iteration marked, and the other starts faintly behind it.

    With levels, the curve goes through the accepted cameras only, and has one colour for each level. It is the loss at
    full size at every level: what a level itself lowers is that of its own averaged images, and the numbers of two
    levels cannot be compared. So the curve may rise a little where a coarse level ends beside the full size's minimum.

    The axis is logarithmic when every loss is positive and they span more than a factor of 30.

    Args:
        path: a PNG file.
        loss: float `[I, K]`, one column per start; may hold NaN; `I` may be 0.
        best_start: column of the winning start.
        best_iteration: iteration of the best loss, 1-based, 0 when there is none.
        title: one line above the drawing.
        levels: of a method that compares images at several sizes.
    """
    # Here, and not above: it takes a second, which `preload` lets pass beside the optimisation.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7, 4), dpi=150)  # a layout that fits itself would take a quarter of a second
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.115, 0.125, 0.865, 0.795))
    drawn = np.ones_like(loss, dtype=bool) if levels is None else levels.accepted
    iterations = np.arange(1, len(loss) + 1)
    for start in range(loss.shape[1]):
        if start != best_start:
            rows = drawn[:, start]
            marker = "." if rows.sum() == 1 else None
            axes.plot(iterations[rows], loss[rows, start], color=_OTHER, alpha=0.45, linewidth=0.9, marker=marker)
    if levels is None:
        marker = "o" if len(loss) == 1 else None
        axes.plot(iterations, loss[:, best_start], color=_WINNER, linewidth=1.8, marker=marker, label="loss")
    else:
        _draw_levels(axes, loss[:, best_start], levels.pixels, drawn[:, best_start])
    if 1 <= best_iteration <= len(loss) and np.isfinite(best := loss[best_iteration - 1, best_start]):
        label = f"best: {best:#.4g} at iteration {best_iteration}"
        axes.plot([best_iteration], [best], "o", color=_BEST, markersize=7, label=label, zorder=3)
        axes.axhline(best, color=_BEST, linewidth=0.7, linestyle=":", alpha=0.7)
    finite = loss[drawn & np.isfinite(loss)]
    if finite.size and finite.min() > 0 and finite.max() > 30 * finite.min():
        axes.set_yscale("log")
    # Plain text: a file's name may have a $, and bytes that are no characters.
    plain = title.encode("utf-8", "backslashreplace").decode("utf-8")
    axes.set_title(plain, fontsize=11, loc="left", parse_math=False)
    axes.set_xlabel("iteration" if levels is None else "iteration (refused steps are left out)")
    axes.set_xlim(left=max(axes.get_xlim()[0], 0.5))  # there is no iteration 0
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("loss" if levels is None else "loss at full size")
    axes.grid(color="#e8eaed", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, format="png")


def _draw_levels(axes: Axes, loss: np.ndarray, pixels: np.ndarray, accepted: np.ndarray) -> None:
    """The accepted losses, [I], in the colours of the levels that their images were compared at."""
    from matplotlib import colormaps

    parts = list(level_parts(pixels, accepted))
    before: list[int] = []
    if len(parts) > 1 and pixels[parts[0][0]] > pixels[parts[1][0]]:
        # The starts are looked from at full size, and left by a search: no step leads from there.
        first = [parts.pop(0)[-1], parts[0][0]]
        axes.plot(np.array(first) + 1, loss[first], color=_OTHER, linewidth=1.2, linestyle="--", label="start, search")
        axes.plot([first[0] + 1], loss[first[:1]], "o", color=_OTHER, markersize=4)
    shades = colormaps["viridis"](np.linspace(*_COARSE_TO_FINE, len(parts)))
    for part, color in zip(parts, shades, strict=True):
        rows = np.array([*before, *part])
        before = part[-1:]
        axes.plot(rows + 1, loss[rows], color=color, linewidth=1.8)
        label = f"level of {pixels[part[0]]} px"
        axes.plot(np.array(part) + 1, loss[part], "o", color=color, markersize=4, label=label)


def level_parts(pixels: np.ndarray, accepted: np.ndarray) -> Iterator[list[int]]:
    """The accepted iterations of each level."""
    rows = np.flatnonzero(accepted)
    edges = np.flatnonzero(np.diff(pixels[rows])) + 1
    return (part.tolist() for part in np.split(rows, edges) if len(part))


def preload() -> None:
    """Imports what the plot needs; for a thread beside work that leaves Python's lock alone."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401
