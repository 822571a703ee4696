"""The files that a search for several views of a part leaves behind."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.optimization import ViewSet
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.decorations import Warn, decorate, python_warning
from tvdrnet_nv.report.focus import SentenceReport, focus_facts, focus_fields
from tvdrnet_nv.report.marks import MARKS_FILE
from tvdrnet_nv.report.page import PAGE_FILE, write_views_page
from tvdrnet_nv.report.params import camera_matrices, light_facts, to_json, versions
from tvdrnet_nv.report.pictures import Panel, panels, write_png
from tvdrnet_nv.report.record import Record
from tvdrnet_nv.report.render_command import in_file, render_command
from tvdrnet_nv.report.text import camera_fields
from tvdrnet_nv.report.views import render_views

_ACROSS = 4  # pictures in a row of the sheet


def view_set_files(count: int, *, marks: bool = False) -> list[str]:
    """The names of the files for `count` views, with marks of objects or without."""
    names = ["views.json", "views.png", *(f"view_{k + 1}.png" for k in range(count))]
    return [*names, *([MARKS_FILE] if marks else []), PAGE_FILE]


def write_view_set(
    out: Path,
    views: ViewSet,
    renderer: Renderer,
    record: Record,
    *,
    focus: str,
    tinted: Renderer,
    sentence: SentenceReport | None = None,
    warnings: Sequence[Sequence[str]] | None = None,
    warn: Warn = python_warning,
) -> list[Path]:
    """Writes several views of a scene or a part of it into the folder `out`: their numbers, then their pictures.

    `views.json` (each view's camera, its matrices and shares, and what all of them cover), `views.png` (a sheet of them
    with the part tinted), `view_1.png`, `view_2.png` and so on, the best first, and `report.html`, one page of them. A
    picture that cannot be drawn or written is left out, with a warning.

    Args:
        out: folder, made when it does not exist.
        views: what `choose_views` returned.
        renderer: of the scene.
        record: how the run was made.
        focus: which part, as the user wrote it, or "everything".
        tinted: of the scene with the part tinted.
        sentence: what a sentence means, where one says what to show; its objects are marked in `marks.json`.
        warnings: for each view, what is wrong with it; see `view_warnings`.
        warn: is called with one line that names the pictures that are missing, and why; by default `warnings.warn`.

    Returns:
        The files written, in the order above.

    Raises:
        InputError: `out` is a file or cannot be written, so that the views are not saved.
    """
    orbit = views.orbit.to(renderer.mesh.device)
    facts = view_set_facts(views, renderer, record, focus=focus)
    for view, texts in zip(facts["views"], warnings or [()] * len(orbit), strict=True):
        view["warnings"] = list(texts)
    if sentence is not None:
        facts["text"] = sentence.facts
    names = view_set_files(len(orbit))
    with staged_folder(out) as folder:
        (folder / names[0]).write_text(to_json(facts) + "\n", encoding="utf-8", errors="backslashreplace")

    @cache
    def tinted_views() -> list[Panel]:
        captions = [
            [*focus_fields(views.scores, k), *camera_fields(in_file(views.orbit[k], renderer))]
            for k in range(len(orbit))
        ]
        if sentence is not None:
            captions = [[*sentence.lines, sentence.shown, *fields] for fields in captions]
        titles = [f"View {k + 1}: {views.visible_share[k]:.0%} of the surface" for k in range(len(orbit))]
        parts = render_views(tinted, orbit)
        return [Panel(*item) for item in zip(parts, titles, captions, strict=True)]

    @cache
    def picture(k: int) -> np.ndarray:
        return next(render_views(renderer, orbit[k]))

    def write_sheet(path: Path) -> None:
        write_png(path, _sheet(tinted_views()))

    def write_view(k: int, path: Path) -> None:
        write_png(path, picture(k))

    def write_page(path: Path) -> None:
        plain = [Panel(picture(k), panel.title, panel.fields) for k, panel in enumerate(tinted_views())]
        parts = [Panel(panel.image, f"View {k + 1}: the part") for k, panel in enumerate(tinted_views())]
        shown = plain if tinted is renderer else [panel for pair in zip(plain, parts, strict=True) for panel in pair]
        write_views_page(path, views, renderer, facts, shown)

    singles = names[2 : 2 + len(orbit)]
    pictures: dict[str, Callable[[Path], object]] = {names[1]: write_sheet}
    pictures |= {name: partial(write_view, k) for k, name in enumerate(singles)}
    if sentence is not None and sentence.objects:
        pictures[MARKS_FILE] = lambda path: sentence.write_marks(path, renderer, views.orbit, singles)
    pictures[PAGE_FILE] = write_page
    return [Path(out) / names[0], *decorate(Path(out), pictures, warn)]


def view_set_facts(views: ViewSet, renderer: Renderer, record: Record, *, focus: str) -> dict[str, Any]:
    """What `views.json` holds, as plain values: degrees, scene units, the coordinates of the scene's file,
    shares in 0..1."""
    cameras = []
    for k in range(len(views.orbit)):
        one = views.orbit[k]
        again = render_command(record, one, renderer)
        cameras.append(
            {
                "picture": f"view_{k + 1}.png",
                **in_file(one, renderer).to_dict(),
                **focus_facts(views.scores, k),
                "seen_share": float(views.visible_share[k]),
                "matrices": camera_matrices(one, renderer),
                "render_command": None if again is None else shlex.join(again),
            }
        )
    height, width = renderer.resolution
    angles = views.angles.fill_diagonal_(180)
    return {
        "focus": focus,
        "coverage": views.coverage,
        "reachable_coverage": views.reachable,
        "smallest_angle": float(angles.min()) if len(cameras) > 1 else None,
        "views": cameras,
        "near": renderer.near,
        "far": renderer.far,
        "light": light_facts(renderer),
        "background": list(renderer.background),
        "image_size": {"width": width, "height": height},
        "iterations": views.iterations,
        "scene": str(Path(record.scene).absolute()),
        "origin": list(renderer.mesh.origin),
        "notes": list(renderer.mesh.notes),
        "alignment": None if record.alignment is None else record.alignment.tolist(),
        "command": record.command,
        "versions": versions(),
        "device": str(renderer.mesh.device),
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _sheet(items: Sequence[Panel]) -> np.ndarray:
    """The captioned pictures in rows of at most four."""
    sheets = panels(items)
    across = min(_ACROSS, len(sheets))
    blank = np.full_like(sheets[0], 246)
    sheets += [blank] * (-len(sheets) % across)
    return np.concatenate([np.concatenate(sheets[i : i + across], 1) for i in range(0, len(sheets), across)], 0)
