"""The report's plots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tvdrnet_nv.benchmarks.report.recovery import is_orbit
from tvdrnet_nv.benchmarks.report.words import LIBRARIES, duration, round_duration
from tvdrnet_nv.benchmarks.results import Results, Row

COLORS = {
    "tvdrnet_nv": "#1a73e8",
    "tvdrnet_nv, cuda": "#8ab4f8",
    "tvdrnet_nv, fused": "#12b5cb",
    "pytorch3d": "#e8710a",
    "nvdiffrast by hand": "#5f6368",
}
_OTHER = "#9334e6"
RIVALS = {
    "ours": ("ours", "#1a73e8"),
    "ours_hard": ("ours, not antialiased", "#8ab4f8"),
    "pytorch3d_hard": ("PyTorch3D hard", "#e8710a"),
    "pytorch3d_soft": ("PyTorch3D soft", "#fbbc04"),
}
AXES: dict[str, tuple[str, Callable[[Row], float]]] = {
    "resolution": ("pixels along a side", lambda row: row["resolution"]),
    "triangles": ("triangles", lambda row: row["triangles"]),
    "cameras": ("cameras in a batch", lambda row: row["cameras"]),
    "threads": ("threads", lambda row: row["threads"]),
}


def write_plots(results: Results, folder: Path) -> list[Path]:
    """Draw what the run's sections give to draw: speed_AXIS.png for each curve, truth.png, recovery.png,
    recovery_seconds.png, photos_reliability.png.

    Returns:
        The files.
    """
    rows = results.sections.get("speed", [])
    written = []
    drawings = {
        "truth": ("truth", _write_truth),
        "recovery": ("recovery", _write_recovery),
        "recovery_seconds": ("recovery", _write_recovery_seconds),
        "photos_reliability": ("photos_quality", _write_reliability),
    }
    for name, (section, draw) in drawings.items():
        if found := results.sections.get(section):
            draw(folder / f"{name}.png", found)
            written.append(folder / f"{name}.png")
    for axis in AXES:
        chosen = [row for row in rows if row["axis"] == axis and row["seconds"] is not None]
        if len({AXES[axis][1](row) for row in chosen}) > 1:
            path = folder / f"speed_{axis}.png"
            _write_curve(path, axis, chosen)
            written.append(path)
    return written


def _write_curve(path: Path, axis: str, rows: list[Row]) -> None:
    from matplotlib.ticker import NullLocator

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
            color=COLORS.get(library, _OTHER),
            marker="o",
            capsize=3,
            linewidth=1.8,
            label=LIBRARIES[library],
        )
        last = duration(y[-1] / 1e3)
        axes.annotate(last, (x[-1], y[-1]), xytext=(6, 0), textcoords="offset points", fontsize=9, va="center")
    axes.set_xscale("log", base=2 if axis != "triangles" else 10)
    axes.set_yscale("log")
    axes.set_xlabel(label)
    axes.set_ylabel("time of a step")
    axes.set_title(f"One step of the optimisation over {label}", fontsize=11, loc="left")
    ticks = sorted({at(row) for row in rows})
    axes.set_xticks(ticks, [_count(tick) for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    _labelled(axes.yaxis, lambda milliseconds: round_duration(milliseconds / 1e3))
    axes.margins(x=0.12)
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, format="png")


def _write_truth(path: Path, rows: list[Row]) -> None:
    """For each scene and loss, the rivals' errors side by side."""
    chosen = [row for row in rows if row["quantity"] == "camera"]
    figure, axes = _figure(height=4.6)
    width = 0.8 / len(RIVALS)
    for index, (rival, (label, color)) in enumerate(RIVALS.items()):
        places = [row + (index - 1.5) * width for row in range(len(chosen))]
        axes.bar(places, [row[f"{rival}_error"] for row in chosen], width, color=color, label=label)
    labels = [f"{row['scene']}\n{row['camera']}\n{row['loss']}" for row in chosen]
    axes.set_xticks(
        range(len(chosen)), labels, fontsize=7 if len(chosen) > 9 else 9, rotation=90 if len(chosen) > 9 else 0
    )
    axes.set_yscale("log")
    axes.set_ylabel("relative error of the camera's gradient")
    axes.set_title(
        "Compared with finite differences of supersampled renders (lower is better)", fontsize=11, loc="left"
    )
    axes.legend(frameon=False, fontsize=8, ncols=len(RIVALS), loc="upper center", bbox_to_anchor=(0.5, -0.22))
    _labelled(axes.yaxis)
    figure.savefig(path, format="png")


def _write_recovery(path: Path, rows: list[Row]) -> None:
    """For each scene, the share found over the start's rotation, with its interval."""
    figure, panels = _recovery_panels(rows)
    for axes, by_method in panels:
        for index, (method, points) in enumerate(by_method.items()):
            x = [row["rotation"] + 0.5 * index for row in points]  # aside, where they would hide each other
            y = [100 * row["rate"] for row in points]
            # At 0 and 100 % rounding may leave a bound on the wrong side.
            low = [100 * max(0.0, row["rate"] - row["low"]) for row in points]
            high = [100 * max(0.0, row["high"] - row["rate"]) for row in points]
            axes.errorbar(x, y, yerr=(low, high), marker="o", capsize=2, linewidth=1.4, elinewidth=0.7, label=method)
        axes.set_ylim(-4, 104)
    figure.supylabel("cameras found again, %", fontsize=10)
    _legend_below(figure, panels[0][0])
    figure.savefig(path, format="png")


def _write_recovery_seconds(path: Path, rows: list[Row]) -> None:
    """For each scene, the median time until a camera was found over the start's rotation."""
    figure, panels = _recovery_panels(rows)
    for axes, by_method in panels:
        for method, points in by_method.items():
            x, y = [row["rotation"] for row in points], [row["seconds"] or float("nan") for row in points]
            axes.plot(x, y, marker="o", linewidth=1.6, label=method)
        axes.set_yscale("log")
        _labelled(axes.yaxis, round_duration)
    figure.supylabel("median time until found", fontsize=10)
    _legend_below(figure, panels[0][0])
    figure.savefig(path, format="png")


def _write_reliability(path: Path, rows: list[Row]) -> None:
    """The share of right results over their quality, with its interval; on the diagonal a quality is a probability."""
    figure, axes = _figure(height=4.6)
    axes.plot((0, 1), (0, 100), color="#9aa0a6", linewidth=1, linestyle="--", label="as often right as it says")
    for index, method in enumerate(dict.fromkeys(row["method"] for row in rows)):
        aside = 0.012 * (index - 1)  # where they would hide each other
        points = [row for row in rows if row["method"] == method and row["trials"]]
        x, y = [(row["above"] + row["below"]) / 2 + aside for row in points], [100 * row["rate"] for row in points]
        low = [100 * max(0.0, row["rate"] - row["low"]) for row in points]
        high = [100 * max(0.0, row["high"] - row["rate"]) for row in points]
        drawn = axes.errorbar(x, y, yerr=(low, high), marker="o", capsize=3, linewidth=1.6, label=method)
        color = drawn.lines[0].get_color()
        for place, share, row in zip(x, y, points, strict=True):
            at = (7, 10 - 11 * index)
            text = str(row["trials"])
            axes.annotate(text, (place, share), at, textcoords="offset points", fontsize=8, color=color)
    axes.set_xlim(-0.02, 1.08)
    axes.set_xlabel("quality of the result (the numbers are trials)")
    axes.set_ylabel("right, %")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, format="png")


def _legend_below(figure: Any, axes: Any) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=8)


def _recovery_panels(rows: list[Row]) -> tuple[Any, list[tuple[Any, dict[str, list[Row]]]]]:
    """A figure with axes for each scene, and its rows by method: of the largest size, where only the orbit was off."""
    largest = max(row["resolution"] for row in rows)
    chosen = [row for row in rows if row["resolution"] == largest and is_orbit(row)]
    scenes = list(dict.fromkeys(row["scene"] for row in chosen))
    figure, grid = _figure(len(scenes))
    panels = []
    for axes, scene in zip(grid if len(scenes) > 1 else [grid], scenes, strict=True):
        here = [row for row in chosen if row["scene"] == scene]
        methods = sorted({row["method"] for row in here})  # a colour each, the same in every panel
        axes.set_title(scene, fontsize=10, loc="left")
        panels.append((axes, {method: [row for row in here if row["method"] == method] for method in methods}))
    for axes, _ in panels[-2:]:
        axes.set_xlabel("rotation of the start, degrees")
    return figure, panels


def _labelled(axis: Any, text: Callable[[float], str] = "{:g}".format) -> None:
    """Ticks of a logarithmic axis as people write numbers; of less than two decades, 2 and 5 times a power as well."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    low, high = axis.get_view_interval()
    narrow = low > 0 and high < 100 * low
    axis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5) if narrow else (1,), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_locator(NullLocator())


def _count(number: float) -> str:
    """A whole number, from 10,000 on in thousands or millions: 512, 30k, 5M."""
    for size, unit in ((1_000_000, "M"), (1000, "k")):
        if number >= 10_000 and number >= size:
            return f"{float(f'{number / size:.2g}'):g}{unit}"
    return f"{number:g}"


def _figure(panels: int = 1, height: float = 4.0) -> tuple[Any, Any]:
    """A figure and its axes; of several, two stand beside each other."""
    # Here, and not above: it takes a second.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-panels // 2)
    size = 7.0, height if panels == 1 else 1 + 2.6 * rows
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    grid: Any = figure.subplots(rows, min(panels, 2), sharey=True, squeeze=False)
    every = list(grid.flat)
    for axes in every[panels:]:
        axes.set_visible(False)
    for axes in every:
        axes.grid(color="#e8eaed", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, every[:panels] if panels > 1 else every[0]
