"""The report's plots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tvdrnet_nv.benchmarks.report.words import LIBRARIES
from tvdrnet_nv.benchmarks.results import Results, Row

COLORS = {"tvdrnet_nv": "#1a73e8", "pytorch3d": "#e8710a", "nvdiffrast by hand": "#5f6368"}
AXES: dict[str, tuple[str, Callable[[Row], float]]] = {
    "resolution": ("pixels along a side", lambda row: row["resolution"]),
    "triangles": ("triangles", lambda row: row["triangles"]),
    "cameras": ("cameras in a batch", lambda row: row["cameras"]),
    "threads": ("threads", lambda row: row["threads"]),
}


def write_plots(results: Results, folder: Path) -> list[Path]:
    """Draw what the run's sections give to draw: speed_AXIS.png for each curve.

    Returns:
        The files.
    """
    rows = results.sections.get("speed", [])
    written = []
    for axis in AXES:
        chosen = [row for row in rows if row["axis"] == axis and row["seconds"] is not None]
        if len({AXES[axis][1](row) for row in chosen}) > 1:
            path = folder / f"speed_{axis}.png"
            _write_curve(path, axis, chosen)
            written.append(path)
    return written


def _write_curve(path: Path, axis: str, rows: list[Row]) -> None:
    label, at = AXES[axis]
    figure, axes = _figure()
    for library in LIBRARIES:
        points = sorted((at(row), row) for row in rows if row["library"] == library)
        if not points:
            continue
        x = [point for point, _ in points]
        y = [1e3 * row["seconds"] for _, row in points]
        low = [1e3 * (row["seconds"] - row["low"]) for _, row in points]
        high = [1e3 * (row["high"] - row["seconds"]) for _, row in points]
        axes.errorbar(
            x,
            y,
            yerr=(low, high),
            color=COLORS[library],
            marker="o",
            capsize=3,
            linewidth=1.8,
            label=LIBRARIES[library],
        )
        axes.annotate(f"{y[-1]:.3g} ms", (x[-1], y[-1]), xytext=(6, 0), textcoords="offset points", fontsize=8)
    axes.set_xscale("log", base=2 if axis != "triangles" else 10)
    axes.set_yscale("log")
    axes.set_xlabel(label)
    axes.set_ylabel("milliseconds a step")
    axes.set_title(f"One step of the optimisation over {label}", fontsize=11, loc="left")
    if axis != "triangles":
        ticks = sorted({at(row) for row in rows})
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.margins(x=0.12)
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, format="png")


def _figure() -> tuple[Any, Any]:
    # Here, and not above: it takes a second.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.grid(color="#e8eaed", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
