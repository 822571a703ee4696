"""The page of one optimisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.finding import Attempt
from tvdrnet_nv.optimization import Result, Status
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.comparison import difference, overlay, residual
from tvdrnet_nv.report.page.cameras import camera_files, conventions
from tvdrnet_nv.report.page.document import code, facts, folded, note, section, table, warnings_box, write_document
from tvdrnet_nv.report.page.loss import loss_svg
from tvdrnet_nv.report.page.pictures import grid, slider
from tvdrnet_nv.report.params import to_json
from tvdrnet_nv.report.pictures import Panel, shrunk_size
from tvdrnet_nv.report.render_command import in_file
from tvdrnet_nv.report.text import camera_fields, number, value
from tvdrnet_nv.report.views import render_views

PAGE_FILE = "report.html"
_CANDIDATE_SIDE = 192  # pixels
_LISTED = 0.02  # the least score of a sentence's candidate in the table


@dataclass(frozen=True)
class Shown:
    """The pictures of a run, each `uint8 [H, W, 3]`, row 0 at the top.

    Attributes:
        initial, best: the views at the start and at the end.
        target: the picture to match, at the size at which it was compared; None without one.
        counts: bool [H, W], which of its pixels were compared; None where all were.
        part: the best view with the part tinted, where a part was to be shown.
    """

    initial: np.ndarray
    best: np.ndarray
    target: np.ndarray | None = None
    counts: np.ndarray | None = None
    part: Panel | None = None


def write_run_page(path: Path, result: Result, renderer: Renderer, params: Mapping[str, Any], shown: Shown) -> None:
    """Write a page of all that a person asks about a run: it needs no network and no other file.

    Pictures, the view found over the target with a slider, difference and residual, the loss, the camera in every
    convention and format, candidates, warnings, command and versions. Pictures are at most 1024 pixels a side.

    Args:
        path: the HTML file.
        result: what `optimize` returned.
        renderer: the renderer that it used.
        params: what `optimized_params.json` holds.
        shown: the pictures.
    """
    scene = Path(str(params["scene"])).name
    found = "Camera of a picture" if shown.target is not None else "Best view"
    write_document(path, f"{scene}: {found.lower()}", _parts(result, renderer, params, shown, f"{found} of {scene}"))


def _parts(result: Result, renderer: Renderer, params: Mapping[str, Any], shown: Shown, title: str) -> Iterator[str]:
    yield f"<header><h1>{escape(title)}</h1>{_status(params)}</header>"
    yield warnings_box(params["warnings"])
    yield _pictures(result, renderer, shown)
    yield section("Loss", f'<figure class="plot">{loss_svg(result)}</figure>', facts(_loss(params)))
    yield _camera(result, renderer, params)
    yield section("Candidates", _attempts(params), _searched(result, renderer), sentence_candidates(params))
    yield record_section(params)


def _status(params: Mapping[str, Any]) -> str:
    good = Status(params["status"]).is_found
    status = f'<span class="status {"good" if good else "bad"}">{escape(str(params["status"]))}</span>'
    quality = "" if params["quality"] is None else f", quality {params['quality']:.2f}"
    text = params.get("text")
    asked = "" if text is None else note(f"“{text['sentence']}”: {text['shown']}")
    return f"<p>{status}{quality}: {escape(str(params['reason']))}</p>{asked}{note(*_made(params))}"


def _made(params: Mapping[str, Any]) -> list[str]:
    size = params["image_size"]
    return [
        str(params["created"]),
        f"{params['iterations']} iterations by {params['method']}",
        f"{params['seconds']:.2f} s" + (" in all attempts" if len(params["attempts"]) > 1 else ""),
        f"{size['width']}×{size['height']} pixels",
        str(params["device"]),
    ]


def _pictures(result: Result, renderer: Renderer, shown: Shown) -> str:
    fov = bool({"fov", "focal"} & set(result.parameters))
    first, last = (
        [f"loss {number(loss)}", "   ".join(camera_fields(in_file(viewpoint, renderer), fov=fov))]
        for loss, viewpoint in ((result.initial_loss, result.initial), (result.loss, result.best))
    )
    initial = Panel(shown.initial, "Initial view", first)
    if shown.target is None:
        best = slider(initial, Panel(shown.best, "Best view", last))
        return section("Pictures", best, grid([] if shown.part is None else [shown.part]))
    found = Panel(shown.best, "View found", last)
    beside = [
        overlay(shown.best, shown.target),
        difference(shown.best, shown.target),
        residual(shown.best, shown.target, shown.counts),
        initial,
    ]
    return section("Pictures", slider(found, Panel(shown.target, "Target")), grid(beside))


def _loss(params: Mapping[str, Any]) -> dict[str, str]:
    rows = {"loss": f"{_number(params['initial_loss'])} → {_number(params['loss'])}"}
    rows["best iteration"] = f"{params['best_iteration']} of {params['iterations']}"
    if params["starts"] > 1:
        rows["best start"] = f"{params['best_start'] + 1} of {params['starts']}"
    for name, share in (params["fit"] or {}).items():
        rows[name.replace("_", " ")] = f"{share:.3g}" if isinstance(share, float) else str(share)
    shares = ("focus_score", "visible_share", "occluded_share", "cut_off_share", "size")
    return rows | {name.replace("_", " "): f"{params[name]:.3f}" for name in shares if name in params}


def _number(loss: float | None) -> str:
    return "not a number" if loss is None else number(loss)


def _camera(result: Result, renderer: Renderer, params: Mapping[str, Any]) -> str:
    best, initial = (in_file(viewpoint, renderer).describe() for viewpoint in (result.best, result.initial))
    spread = result.deviations or {}
    rows = [
        [name, value(name, initial[name]), value(name, numbers), _spread(spread.get(name))]
        for name, numbers in best.items()
    ]
    again = params["render_command"]
    return section(
        "Camera",
        table(["", "initial", "found", "standard deviation"], rows),
        note("lengths in scene units, in the coordinates of the scene's file; angles in degrees"),
        "<h3>In the conventions of other programs</h3>",
        conventions(params["matrices"]),
        "<h3>In their files</h3>",
        camera_files(result.best, renderer),
        "" if again is None else "<h3>Renders the view again</h3>" + code(again, "again", "the command", wrap=True),
    )


def _spread(deviation: float | Sequence[float] | None) -> str:
    if deviation is None:
        return "–"
    values = [deviation] if isinstance(deviation, float | int) else deviation
    return ", ".join(f"{number:.2g}" for number in values)


def _attempts(params: Mapping[str, Any]) -> str:
    lines = "".join(f"<li>{escape(str(Attempt(**facts)))}</li>" for facts in params["attempts"])
    return f"<h3>Attempts</h3><ol>{lines}</ol>" if lines else ""


def _searched(result: Result, renderer: Renderer) -> str:
    """What a search looked at before the first step, the best first."""
    candidates = result.candidates
    if candidates is None or len(candidates) < 2:
        return ""
    small = renderer.at_resolution(shrunk_size(*renderer.resolution, _CANDIDATE_SIDE))
    panels = [
        Panel(picture, f"Rank {k + 1}", ["   ".join(camera_fields(in_file(candidates[k], renderer)))])
        for k, picture in enumerate(render_views(small, candidates.to(renderer.mesh.device)))
    ]
    return "<h3>Views that a search compared first</h3>" + grid(panels, small=True)


def sentence_candidates(params: Mapping[str, Any]) -> str:
    """What a sentence may mean, with the parts of the scores; nothing without a sentence."""
    listed = [row for row in (params.get("text") or {}).get("candidates", []) if row.get("score", 1.0) >= _LISTED]
    if not listed:
        return ""
    columns = list(dict.fromkeys(key for row in listed for key in row))
    rows = [[_cell(row.get(key)) for key in columns] for row in listed]
    return "<h3>What the sentence may mean</h3>" + table([name.removesuffix("_score") for name in columns], rows)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:.2f}" if isinstance(value, float) else "" if value is None else str(value)


def record_section(params: Mapping[str, Any]) -> str:
    """How a run was made: its command, the versions, and all numbers as JSON."""
    rows = {"scene": str(params["scene"])} | dict(params["versions"]) | {"device": str(params["device"])}
    rows |= {"note": " ".join(params["notes"])} if params["notes"] else {}
    return section(
        "How it was made",
        code(str(params["command"]), "command", "the command of this run", wrap=True),
        facts(rows),
        folded("All numbers (JSON)", code(to_json(dict(params)), "numbers", "all numbers as JSON")),
    )
