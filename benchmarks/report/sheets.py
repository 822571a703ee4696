"""The report's tables as headings and cells of text; the terminal, the page and the README each set them."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from statistics import median

from tvdrnet_nv.benchmarks.report import photos
from tvdrnet_nv.benchmarks.report.bars import bars_sheet
from tvdrnet_nv.benchmarks.report.recovery import cells as found_cells
from tvdrnet_nv.benchmarks.report.recovery import off_by, pooled
from tvdrnet_nv.benchmarks.report.segment import segment_sheet
from tvdrnet_nv.benchmarks.report.sheet import Sheet
from tvdrnet_nv.benchmarks.report.text import text_sheet
from tvdrnet_nv.benchmarks.report.words import LIBRARIES, duration, factor, figure, memory
from tvdrnet_nv.benchmarks.results import Results, Row

AXES = {
    "headline": "A step of the optimisation, and the forward pass alone",
    "resolution": "Resolution",
    "triangles": "Triangles",
    "cameras": "Cameras in a batch",
    "batch": "A large batch",
    "threads": "Threads",
}
IDEAL = {
    "resolution": "2 if every pixel costs the same",
    "triangles": "1 if every triangle costs the same, 0 if only pixels count",
    "cameras": "1 if a batch saves nothing",
    "threads": "-1 is ideal",
}
QUANTITIES = {
    "rotation": "rotation, norm of the difference from the exact rotation",
    "face_ids": "share of pixels that show another face",
    "color_max": "largest difference of colour",
    "color_mean": "mean difference of colour",
    "camera": "gradient with respect to the camera, relative error",
}


def sheets(results: Results) -> Iterator[Sheet]:
    """The run's tables for a first look, in the order of its sections."""
    makers = {
        "parity": lambda rows: [parity_sheet(rows)],
        "trajectory": lambda rows: [trajectory_sheet(rows)],
        "truth": lambda rows: [truth_sheet(rows)],
        "speed": speed_sheets,
        "bars": lambda rows: [bars_sheet(rows)],
        "views": lambda rows: [views_sheet(rows)],
        "recovery": recovery_sheets,
        "photos": lambda rows: [],  # every trial; what they add up to follows
        "photos_success": lambda rows: [photos.success_sheet(rows)],
        "photos_quality": lambda rows: [photos.quality_sheet(rows)],
        "photos_deviations": lambda rows: [photos.deviations_sheet(rows)],
        "text": lambda rows: [text_sheet(rows)],
        "segment": lambda rows: [segment_sheet(rows)],
        "photos_bars": lambda rows: [photos.targets_sheet(rows)],
    }
    for name, rows in results.sections.items():
        yield from makers[name](rows) if name in makers else [full_sheet(name, rows)]


def full_sheets(results: Results) -> Iterator[Sheet]:
    """Every row with every field, of the sections whose first look leaves something out."""
    for name, rows in results.sections.items():
        if name in ("parity", "trajectory", "truth", "photos"):
            yield full_sheet(name, rows)


def speed_sheets(rows: list[Row]) -> Iterator[Sheet]:
    """A table for each axis: the libraries side by side, and how many times faster ours is."""
    for axis, title in AXES.items():
        chosen = [row for row in rows if row["axis"] == axis]
        if not chosen:
            continue
        libraries = [name for name in LIBRARIES if any(row["library"] == name for row in chosen)]
        rivals = [name for name in libraries if name != "tvdrnet_nv"]
        columns = ["case", *(LIBRARIES[n] for n in libraries), *(f"times {LIBRARIES[n]}" for n in rivals)]
        columns += [f"memory, {LIBRARIES[n]}" for n in libraries]
        cells, notes = [], []
        scenes = {(row["scene"], row["triangles"]) for row in chosen}
        for case, by_library in _cases(chosen, name_scene=len(scenes) > 1).items():
            found = [by_library.get(name) for name in libraries]
            cells.append(
                [
                    case,
                    *(duration(row["seconds"]) if row else "–" for row in found),
                    *(factor(row["times"]) if row else "–" for row in found[1:]),
                    *(memory(row["memory_mib"]) if row else "–" for row in found),
                ]
            )
            notes += [f"{LIBRARIES[row['library']]}, {case}: {row['note']}" for row in found if row and row["note"]]
        slopes = [f"{LIBRARIES[name]} {slope:.2f}" for name in libraries if (slope := _slope(chosen, axis, name))]
        if slopes:
            notes.insert(0, f"Time grows with the {title.lower()} to the power of: {', '.join(slopes)} ({IDEAL[axis]})")
        where = f", {_scene(chosen[0])}" if len(scenes) == 1 else ""
        yield Sheet(f"Speed: {title.lower()}{where}", columns, cells, note="; ".join(notes))


def _slope(rows: list[Row], axis: str, library: str) -> float | None:
    """Of the logarithm of the time over that of the axis, by least squares; None with fewer than two points."""
    if axis not in IDEAL:
        return None
    points = [(log(r[axis]), log(r["seconds"])) for r in rows if r["library"] == library and r["seconds"]]
    x0, y0 = (sum(p[i] for p in points) / max(1, len(points)) for i in (0, 1))
    spread = sum((x - x0) ** 2 for x, _ in points)
    return sum((x - x0) * (y - y0) for x, y in points) / spread if spread else None


def _scene(row: Row) -> str:
    return f"{row['scene']} ({row['triangles']:,} triangles)"


def _cases(rows: list[Row], *, name_scene: bool) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        cameras = f", {row['cameras']} cameras" if row["cameras"] > 1 else ""
        size = f"{row['resolution']}×{row['resolution']}"
        cameras += f", {row['threads']} threads" if row["axis"] == "threads" else ""
        name = f"{_scene(row)}, " if name_scene else ""
        name += f"{size}{cameras}, {row['what']}"
        found.setdefault(name, {})[row["library"]] = row
    return found


def parity_sheet(rows: list[Row]) -> Sheet:
    """For each quantity with a limit, how many rows were judged, and the worst of them."""
    cells, missed = [], set()
    judged = [row for row in rows if row["limit"] is not None]
    for quantity in dict.fromkeys(row["quantity"] for row in judged):
        chosen = [row for row in judged if row["quantity"] == quantity]
        worst = max(chosen, key=lambda row: (not row["passed"], row["value"] / row["limit"]))
        where = f"{worst['scene']}, {worst['camera']}, {worst['width']}×{worst['height']} {worst['loss']}"
        if not all(row["passed"] for row in chosen):
            missed.add(len(cells))
        kept = sum(row["passed"] for row in chosen)
        numbers = (figure(worst["value"]), figure(worst["limit"]), f"{kept} of {len(chosen)}")
        cells.append(
            [QUANTITIES.get(quantity, f"gradient with respect to {quantity}, relative error"), where, *numbers]
        )
    cosines = [row["cosine"] for row in judged if row.get("cosine") is not None]
    note = f"The cosine of each checked gradient is at least 1 - {max(0.0, 1 - min(cosines)):.1e}." if cosines else ""
    columns = ["quantity", "worst case", "worst value", "limit", "within the limit"]
    return Sheet("Parity with PyTorch3D", columns, cells, 2, missed, note)


def trajectory_sheet(rows: list[Row]) -> Sheet:
    """How far apart the ends of the optimisations are."""
    columns = [
        "scene",
        "start",
        "loss",
        "faces",
        "relative distance at the end",
        "limit",
        "relative length of the path",
    ]
    cells = [
        [row["scene"], row["camera"], row["loss"], f"{row['faces']:,}"]
        + [figure(row[name]) for name in ("value", "limit", "travelled")]
        for row in rows
    ]
    missed = {index for index, row in enumerate(rows) if not row["passed"]}
    iterations = rows[0]["iterations"]
    notes = "; ".join(dict.fromkeys(row["note"] for row in rows if row.get("note")))
    note = f"Where the limit is not {min(row['limit'] for row in rows):g}: {notes}." if notes else ""
    return Sheet(f"Trajectories of {iterations} iterations, ours and PyTorch3D's", columns, cells, 3, missed, note)


def truth_sheet(rows: list[Row]) -> Sheet:
    """Whose gradient of all camera parameters is closer to finite differences."""
    rivals = ("ours", "ours_hard", "pytorch3d_hard", "pytorch3d_soft")
    columns = [
        "scene",
        "camera",
        "loss",
        "ours",
        "ours, not antialiased",
        "PyTorch3D hard",
        "PyTorch3D soft",
        "closer than PyTorch3D by",
    ]
    cells, missed = [], set()
    for row in rows:
        if row["quantity"] != "camera":
            continue
        if not row["passed"]:
            missed.add(len(cells))
        closer = None if row["limit"] is None or not row["value"] else row["limit"] / row["value"]
        errors = [figure(row[f"{rival}_error"]) for rival in rivals]
        cells.append([row["scene"], row["camera"], row["loss"], *errors, factor(closer)])
    title = "Truth: gradients compared with finite differences of supersampled renders"
    note = (
        "Relative errors of the gradient with respect to the camera's seven parameters. The last column is the smaller "
        "of PyTorch3D's errors, divided by ours."
    )
    return Sheet(title, columns, cells, 3, missed, note)


def recovery_sheets(rows: list[Row]) -> list[Sheet]:
    """How many of the cameras were found again: all scenes together, then each."""
    columns = ["start off by", "method", "pixels", "found", "95 % interval", "iterations", "time"]
    whole = [[off_by(row), row["method"], f"{row['resolution']}²", *found_cells(row)] for row in pooled(rows)]
    note = (
        "Iterations and time are medians over the found cameras, until the camera was first within 0.5° and 0.5 % of "
        "the target; the time of a first search is included. 'searched' is the median number of small renders in that "
        "search. PyTorch3D runs at the small sizes only."
    )
    each = []
    for row in rows:
        searched = f"{row['searched']:.0f}" if row["searched"] else "–"
        place = [row["scene"], off_by(row), row["method"], f"{row['resolution']}²"]
        each.append([*place, *found_cells(row), searched, row["missed"]])
    missed = {index for index, row in enumerate(rows) if row["passed"] is False}
    return [
        Sheet("Recovery of known cameras, all scenes together", columns, whole, 3, note=note),
        Sheet("Recovery by scene", ["scene", *columns, "searched", "limit not met"], each, 4, missed),
    ]


def views_sheet(rows: list[Row]) -> Sheet:
    """How good the views of parts are, and what finding them costs, beside a search over all of the orbit."""
    columns = [
        "object",
        "score",
        "share of best score",
        "visible",
        "pictures",
        "share of grid",
        "seconds",
        "share of grid",
    ]
    cells = [
        [
            row["object"],
            f"{row['score']:.4f}",
            f"{row['value']:.2%}",
            f"{row['visible']:.0%}",
            f"{row['pictures']:,}",
            f"{row['pictures_share']:.2%}",
            duration(row["seconds"]),
            f"{row['seconds_share']:.2%}",
        ]
        for row in rows
    ]
    ratios = sorted(row["value"] for row in rows)
    middle = median(ratios)
    found = f"{ratios[0]:.2%} at worst, {middle:.2%} in the median"
    note = f"Share of the best known score: {found}; the limit is {rows[0]['limit']:.0%}"
    if (cost := rows[0]["cost_limit"]) is not None:
        note += f", at {cost:.0%} or less of the cost of the grid of {rows[0]['views']:,} views"
    missed = {index for index, row in enumerate(rows) if row["passed"] is False}
    return Sheet("Views of a part, compared with an exhaustive search", columns, cells, 1, missed, f"{note}.")


def full_sheet(name: str, rows: list[Row]) -> Sheet:
    """The section's rows as they are, texts first."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    texts = [key for key in columns if all(isinstance(row.get(key), str) for row in rows)]
    columns = texts + [key for key in columns if key not in texts]
    cells = [[figure(row.get(key)) for key in columns] for row in rows]
    missed = {index for index, row in enumerate(rows) if row.get("passed") is False}
    return Sheet(f"{name.capitalize()}, every row", columns, cells, len(texts), missed)
