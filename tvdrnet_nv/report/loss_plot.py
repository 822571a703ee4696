"""The picture of the loss over the iterations."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_loss_plot(path: Path, loss: np.ndarray, *, best_start: int, best_iteration: int, title: str) -> None:
    """Draws the winning start's loss with the best iteration marked, and the other starts faintly behind it.

    The axis is logarithmic when every loss is positive and they span more than a factor of 30.

    Args:
        path: a PNG file.
        loss: float `[I, K]`, one column per start; may hold NaN; `I` may be 0.
        best_start: column of the winning start.
        best_iteration: iteration of the best loss, 1-based, 0 when there is none.
        title: one line above the drawing.
    """
    # Here, and not above: it takes a second, which `preload` lets pass beside the optimisation.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    iterations = np.arange(1, len(loss) + 1)
    for start in range(loss.shape[1]):
        if start != best_start:
            axes.plot(iterations, loss[:, start], color="#9aa0a6", alpha=0.45, linewidth=0.9)
    marker = "o" if len(loss) == 1 else None
    axes.plot(iterations, loss[:, best_start], color="#1a73e8", linewidth=1.8, marker=marker, label="loss")
    if 1 <= best_iteration <= len(loss) and np.isfinite(best := loss[best_iteration - 1, best_start]):
        label = f"best: {best:#.4g} at iteration {best_iteration}"
        axes.plot([best_iteration], [best], "o", color="#d93025", markersize=7, label=label, zorder=3)
        axes.axhline(best, color="#d93025", linewidth=0.7, linestyle=":", alpha=0.7)
    finite = loss[np.isfinite(loss)]
    if finite.size and finite.min() > 0 and finite.max() > 30 * finite.min():
        axes.set_yscale("log")
    axes.set_title(title, fontsize=11, loc="left")
    axes.set_xlabel("iteration")
    axes.set_ylabel("loss")
    axes.grid(color="#e8eaed", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, format="png")


def preload() -> None:
    """Imports what the plot needs; for a thread beside work that leaves Python's lock alone."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401
