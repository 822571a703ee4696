"""The files that an optimisation leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.camera import concatenate
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.animation import write_gif
from tvdrnet_nv.report.focus import FocusReport, focus_facts, focus_fields
from tvdrnet_nv.report.loss_plot import write_loss_plot
from tvdrnet_nv.report.params import optimized_params, to_json
from tvdrnet_nv.report.pictures import Panel, panels, shrunk_size, side_by_side, write_png
from tvdrnet_nv.report.record import Record
from tvdrnet_nv.report.text import camera_fields, number
from tvdrnet_nv.report.views import render_views

GIF_FRAMES = 20
GIF_MAX_SIDE = 512  # pixels


FILES = (
    "optimized_params.json",
    "optimized_view.png",
    "optimization_comparison.png",
    "optimization_process.gif",
    "loss.png",
)


def write_report(
    out: Path,
    result: Result,
    renderer: Renderer,
    record: Record,
    *,
    target: np.ndarray | None,
    focus: FocusReport | None = None,
    warnings: Sequence[str] = (),
) -> list[Path]:
    """Writes the parameters and pictures of an optimisation into the folder `out`, all of them or none.

    `optimized_params.json`, `optimized_view.png`, `optimization_comparison.png` (initial, best and target, at most
    1024 pixels each), `optimization_process.gif` (about 20 views of the winning start, the best last, at most 512
    pixels) and `loss.png`. An existing folder keeps its other files.

    Args:
        out: folder, made when it does not exist.
        result: what `optimize` returned.
        renderer: the renderer that it used.
        record: how the run was made.
        target: float `[H, W, 3]` in 0..1, row 0 at the top, when the objective was to match it.
        focus: the part of the scene that the view shows, when that was the objective: its shares stand with the
            parameters, and the comparison shows it tinted, unless it is everything.
        warnings: what is wrong with the best view; see `view_warnings`.

    Returns:
        The files written, in the order above.

    Raises:
        InputError: `out` is a file or cannot be written.
    """
    params = optimized_params(result, renderer, record, saved=Path(out) / FILES[0]) | {"warnings": list(warnings)}
    if focus is not None:
        params |= {"focus": focus.text, **focus_facts(focus.scores)}
    initial = next(render_views(renderer, result.initial))
    best = next(render_views(renderer, result.best))
    with staged_folder(out) as folder:
        (folder / "optimized_params.json").write_text(to_json(params) + "\n", encoding="utf-8", errors="replace")
        write_png(folder / "optimized_view.png", best)
        write_png(folder / "optimization_comparison.png", _comparison(result, initial, best, target, focus))
        write_gif(folder / "optimization_process.gif", _process(result, renderer), frame_ms=250, last_ms=2500)
        write_loss_plot(
            folder / "loss.png",
            result.history.loss,
            best_start=result.best_start,
            best_iteration=result.best_iteration + 1,
            title=f"{Path(record.scene).name}: {result.method}, {result.iterations} iterations, {result.status}",
        )
    return [Path(out) / name for name in FILES]


def _comparison(
    result: Result, initial: np.ndarray, best: np.ndarray, target: np.ndarray | None, focus: FocusReport | None
) -> np.ndarray:
    fov = bool({"fov", "focal"} & set(result.parameters))
    row = [
        Panel(initial, "Initial", [f"loss {number(result.initial_loss)}", *camera_fields(result.initial, fov=fov)]),
        Panel(best, "Best", [f"loss {number(result.loss)}", *camera_fields(result.best, fov=fov)]),
    ]
    if target is not None:
        row.append(Panel((np.clip(target, 0, 1) * 255).round().astype(np.uint8), "Target"))
    if focus is not None and focus.renderer is not None:
        tinted = next(render_views(focus.renderer, result.best))
        row.append(Panel(tinted, f"The part: {focus.text}", focus_fields(focus.scores)))
    return side_by_side(row)


def _process(result: Result, renderer: Renderer) -> list[np.ndarray]:
    loss = result.history.loss[:, result.best_start]
    steps = np.unique(np.linspace(0, len(loss) - 1, GIF_FRAMES - 1).round().astype(int)) if len(loss) else []
    tried = result.history.of_start(result.best_start)
    cameras = [tried[int(step)] for step in steps]
    titles = [f"Iteration {step + 1} of {len(loss)}" for step in steps]
    losses = [float(loss[step]) for step in steps]
    cameras.append(result.best)
    titles.append(f"Best: iteration {result.best_iteration + 1}")
    losses.append(result.loss)
    small = renderer.at_resolution(shrunk_size(*renderer.resolution, GIF_MAX_SIDE))
    views = render_views(small, concatenate(cameras).to(renderer.mesh.device))
    fov = bool({"fov", "focal"} & set(result.parameters))
    return panels(
        [
            Panel(view, title, [f"loss {number(value)}", *camera_fields(camera, fov=fov)])
            for view, title, value, camera in zip(views, titles, losses, cameras, strict=True)
        ]
    )
