"""The files that an optimisation leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.animation import write_gif
from tvdrnet_nv.report.comparison import MAX_SIDE, at_size, comparison
from tvdrnet_nv.report.focus import FocusReport, focus_facts, focus_fields
from tvdrnet_nv.report.loss_plot import write_loss_plot
from tvdrnet_nv.report.params import optimized_params, to_json
from tvdrnet_nv.report.pictures import Panel, panels, shrunk, side_by_side, write_png
from tvdrnet_nv.report.process import process
from tvdrnet_nv.report.record import Record
from tvdrnet_nv.report.render_command import in_file
from tvdrnet_nv.report.text import camera_fields, number
from tvdrnet_nv.report.views import render_views

BLINK_MS = 700
BLINK_FILE = "optimization_blink.gif"
FILES = (
    "optimized_params.json",
    "optimized_view.png",
    "optimization_comparison.png",
    "optimization_process.gif",
    "loss.png",
)


def report_files(*, target: bool) -> list[str]:
    """The names of the files of a run, with a target or without."""
    return [*FILES, BLINK_FILE] if target else [*FILES]


def write_report(
    out: Path,
    result: Result,
    renderer: Renderer,
    record: Record,
    *,
    target: np.ndarray | None,
    focus: FocusReport | None = None,
    warnings: Sequence[str] = (),
    attempts: Sequence[str] = (),
) -> list[Path]:
    """Writes the parameters and pictures of an optimisation into the folder `out`, all of them or none.

    `optimized_params.json`; `optimized_view.png`; `optimization_comparison.png` (initial and best view; with a target
    also the target, the two blended and in tiles, and their residual; at most 512 pixels each);
    `optimization_process.gif` (what the search looked at, then the winning start's way, the best last); `loss.png`;
    with a target `optimization_blink.gif` (best view and target in turn, at most 512 pixels). An existing folder keeps
    its other files.

    Args:
        out: folder, made when it does not exist.
        result: what `optimize` returned.
        renderer: the renderer that it used.
        record: how the run was made.
        target: float `[H, W, 3]` in 0..1, row 0 at the top, when the objective was to match it.
        focus: the part of the scene that the view shows, when that was the objective: its shares stand with the
            parameters, and the comparison shows it tinted, unless it is everything.
        warnings: what is wrong with the best view; see `view_warnings`.
        attempts: in words, how the camera was looked for; see `tvdrnet_nv.finding.Found`.

    Returns:
        The files written, in the order above.

    Raises:
        InputError: `out` is a file or cannot be written.
    """
    params = optimized_params(result, renderer, record, saved=Path(out) / FILES[0])
    params |= {"attempts": list(attempts), "warnings": list(warnings)}
    if focus is not None:
        params |= {"focus": focus.text, **focus_facts(focus.scores)}
    initial = next(render_views(renderer, result.initial))
    best = next(render_views(renderer, result.best))
    shown = None if target is None else at_size(target, *renderer.resolution)
    with staged_folder(out) as folder:
        (folder / "optimized_params.json").write_text(to_json(params) + "\n", encoding="utf-8", errors="replace")
        write_png(folder / "optimized_view.png", best)
        write_png(folder / "optimization_comparison.png", _comparison(result, renderer, initial, best, shown, focus))
        frames, frame_ms, beside = process(result, renderer, shown)
        write_gif(folder / "optimization_process.gif", frames, frame_ms=frame_ms, beside=beside)
        write_loss_plot(
            folder / "loss.png",
            result.history.loss,
            best_start=result.best_start,
            best_iteration=result.best_iteration + 1,
            title=f"{Path(record.scene).name}: {result.method}, {result.iterations} iterations, {result.status}",
            levels=result.history.levels,
        )
        if shown is not None:
            pair = [Panel(shrunk(best, MAX_SIDE), "Found"), Panel(shrunk(shown, MAX_SIDE), "Target")]
            write_gif(folder / BLINK_FILE, panels(pair), frame_ms=BLINK_MS)
    return [Path(out) / name for name in report_files(target=target is not None)]


def _comparison(
    result: Result,
    renderer: Renderer,
    initial: np.ndarray,
    best: np.ndarray,
    target: np.ndarray | None,
    focus: FocusReport | None,
) -> np.ndarray:
    fov = bool({"fov", "focal"} & set(result.parameters))
    row = [
        Panel(
            initial,
            "Initial",
            [f"loss {number(result.initial_loss)}", *camera_fields(in_file(result.initial, renderer), fov=fov)],
        ),
        Panel(
            best,
            "Best" if target is None else "Found",
            [f"loss {number(result.loss)}", *camera_fields(in_file(result.best, renderer), fov=fov)],
        ),
    ]
    if target is not None:
        return comparison([*row, Panel(target, "Target")], best, target)
    if focus is not None and focus.renderer is not None:
        tinted = next(render_views(focus.renderer, result.best))
        row.append(Panel(tinted, f"The part: {focus.text}", focus_fields(focus.scores)))
    return side_by_side(row, max_side=MAX_SIDE)
