"""The files that an optimisation leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.finding import Attempt
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.animation import write_gif
from tvdrnet_nv.report.comparison import MAX_SIDE, at_size, comparison, mask_at_size
from tvdrnet_nv.report.decorations import Warn, decorate, python_warning
from tvdrnet_nv.report.focus import FocusReport
from tvdrnet_nv.report.loss_plot import write_loss_plot
from tvdrnet_nv.report.marks import MARKS_FILE
from tvdrnet_nv.report.page import PAGE_FILE, Shown, write_run_page
from tvdrnet_nv.report.params import optimized_params, to_json
from tvdrnet_nv.report.path import PATH_FILE, path_facts
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
    PATH_FILE,
)


def report_files(*, target: bool, marks: bool = False) -> list[str]:
    """The names of the files of a run, with a target or without, with marks of objects or without."""
    return [*FILES, *([MARKS_FILE] if marks else []), *([BLINK_FILE] if target else []), PAGE_FILE]


def write_report(
    out: Path,
    result: Result,
    renderer: Renderer,
    record: Record,
    *,
    target: np.ndarray | None,
    mask: np.ndarray | None = None,
    focus: FocusReport | None = None,
    warnings: Sequence[str] = (),
    attempts: Sequence[Attempt] = (),
    with_pictures: bool = True,
    warn: Warn = python_warning,
) -> list[Path]:
    """Writes the parameters of an optimisation into the folder `out`, then its pictures.

    `optimized_params.json`; `optimized_view.png`; `optimization_comparison.png` (initial and best view; with a target
    also the target, the two blended and in tiles, and their residual; at most 512 pixels each);
    `optimization_process.gif` (what the search looked at, then the winning start's way, the best last); `loss.png`;
    `optimization_path.json` (the cameras on the way, see `path_facts`);
    of a sentence about objects `marks.json` (the objects in the best view, see `coco_marks`);
    with a target `optimization_blink.gif` (best view and target in turn, at most 512 pixels); `report.html`, one page
    of all this (see `write_run_page`). An existing folder keeps its other files. A picture that cannot be drawn or
    written is left out, with a warning: the numbers are saved first.

    Args:
        out: folder, made when it does not exist.
        result: what `optimize` returned.
        renderer: the renderer that it used.
        record: how the run was made.
        target: float `[H, W, 3]` in 0..1, row 0 at the top, when the objective was to match it.
        mask: float `[H, W]` in 0..1, how much each pixel of the target counted; where it did not, the residual is
            hatched.
        focus: the part of the scene that the view shows, when that was the objective: its shares stand with the
            parameters, and the comparison shows it tinted, unless it is everything.
        warnings: what is wrong with the best view; see `view_warnings`.
        attempts: how the camera was looked for.
        with_pictures: whether there are pictures beside the numbers.
        warn: is called with one line that names the pictures that are missing, and why; by default `warnings.warn`.

    Returns:
        The files written, in the order above.

    Raises:
        InputError: `out` is a file or cannot be written, so that the parameters are not saved.
    """
    params = optimized_params(result, renderer, record, saved=(record.home or Path(out)) / FILES[0])
    params |= {"attempts": [attempt.facts for attempt in attempts], "warnings": list(warnings)}
    if focus is not None:
        params |= focus.facts
        if focus.sentence is not None:
            params["text"] = focus.sentence.facts
    with staged_folder(out) as folder:
        text = to_json(params) + "\n"  # a file's name may hold bytes that are no characters: they are escaped
        (folder / FILES[0]).write_text(text, encoding="utf-8", errors="backslashreplace")
    if not with_pictures:
        return [Path(out) / FILES[0]]
    pictures = _decorations(result, renderer, record, params, target, mask, focus)
    return [Path(out) / FILES[0], *decorate(Path(out), pictures, warn)]


def _decorations(
    result: Result,
    renderer: Renderer,
    record: Record,
    params: Mapping[str, Any],
    target: np.ndarray | None,
    mask: np.ndarray | None,
    focus: FocusReport | None,
) -> dict[str, Callable[[Path], object]]:
    """What writes each picture, by its file's name."""
    shown = None if target is None else at_size(target, *renderer.resolution)
    counts = None if mask is None else mask_at_size(mask, *renderer.resolution)

    @cache
    def best() -> np.ndarray:
        return next(render_views(renderer, result.best))

    @cache
    def initial() -> np.ndarray:
        return next(render_views(renderer, result.initial))

    @cache
    def part() -> Panel | None:
        if focus is None or focus.renderer is None:
            return None
        return Panel(next(render_views(focus.renderer, result.best)), focus.title, focus.fields)

    def write_comparison(path: Path) -> None:
        write_png(path, _comparison(result, renderer, initial(), best(), shown, counts, part()))

    def write_process(path: Path) -> None:
        frames, frame_ms, beside = process(result, renderer, shown)
        write_gif(path, frames, frame_ms=frame_ms, beside=beside)

    def write_plot(path: Path) -> None:
        write_loss_plot(
            path,
            result.history.loss,
            best_start=result.best_start,
            best_iteration=result.best_iteration + 1,
            title=f"{Path(record.scene).name}: {result.method}, {result.iterations} iterations, {result.status}",
            levels=result.history.levels,
        )

    def write_view(path: Path) -> None:
        write_png(path, best())

    def write_path(path: Path) -> None:
        path.write_text(to_json(path_facts(result, renderer)) + "\n", encoding="utf-8")

    writers: list[Callable[[Path], object]] = [write_view, write_comparison, write_process, write_plot, write_path]
    found: dict[str, Callable[[Path], object]] = dict(zip(FILES[1:], writers, strict=True))
    if focus is not None and focus.sentence is not None and focus.sentence.objects:
        sentence = focus.sentence
        found[MARKS_FILE] = lambda path: sentence.write_marks(path, renderer, result.best, [FILES[1]])
    if shown is not None:

        def write_blink(path: Path) -> None:
            pair = [Panel(shrunk(best(), MAX_SIDE), "Found"), Panel(shrunk(shown, MAX_SIDE), "Target")]
            write_gif(path, panels(pair), frame_ms=BLINK_MS)

        found[BLINK_FILE] = write_blink

    def write_page(path: Path) -> None:
        write_run_page(path, result, renderer, params, Shown(initial(), best(), shown, counts, part()))

    found[PAGE_FILE] = write_page
    return found


def _comparison(
    result: Result,
    renderer: Renderer,
    initial: np.ndarray,
    best: np.ndarray,
    target: np.ndarray | None,
    counts: np.ndarray | None,
    part: Panel | None,
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
        return comparison([*row, Panel(target, "Target")], best, target, counts)
    if part is not None:
        row.append(part)
    return side_by_side(row, max_side=MAX_SIDE)
