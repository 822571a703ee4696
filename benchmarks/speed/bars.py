"""How fast is fast enough. The bars are for information: another machine's speed is no fault, and fails no run.

A row is a dict of plain values:

    what, scene        what was measured
    value, unit        "s", "×" (how many times) or "share"; the value is None where it could not be measured
    at_most, at_least  the bar; both None where there is none
    met                whether it is met; None without a bar, or a value
    note               why there is no value, otherwise ""
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Row = dict[str, Any]

SIZES = (256, 512)
STEP_SECONDS = {256: 6e-3, 512: 12e-3}
OVER_PYTORCH3D = {256: 4000.0, 512: 8000.0}
OVER_MITSUBA = 25.0
BATCH, BATCH_SHARE = 64, 0.7
_SCANS = range(80_000, 120_001)  # triangles


def about_the_scans_size(triangles: int) -> bool:
    """Whether the bars are for a scene of so many triangles: a room's scan of about 100,000."""
    return triangles in _SCANS


def bar_row(
    what: str,
    scene: str,
    value: float | None,
    unit: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
) -> Row:
    """A row, judged."""
    met = None
    if value is not None and (at_most is not None or at_least is not None):
        met = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    return {
        "what": what,
        "scene": scene,
        "value": value,
        "unit": unit,
        "at_most": at_most,
        "at_least": at_least,
        "met": met,
        "note": note,
    }


def speed_bars(rows: Iterable[Row]) -> Iterator[Row]:
    """The bars of the speed benchmark's rows: for the CPU, on a scene of about 100,000 triangles, where it ran."""
    found: dict[tuple[str, str, int], Row] = {}
    batches: dict[int, Row] = {}  # ours, by the number of cameras
    for row in rows:
        if not row["seconds"] or not about_the_scans_size(row["triangles"]):
            continue
        if row["axis"] == "headline":
            found[row["library"], row["what"], row["resolution"]] = row
        elif row["axis"] == "batch" and row["library"] == "tvdrnet_nv" and row["device"] == "cpu":
            batches[row["cameras"]] = row
    for size in SIZES:
        ours = found.get(("tvdrnet_nv", "step", size))
        if ours is None or ours["device"] != "cpu":
            continue
        scene, step, name = ours["scene"], ours["seconds"], f"step, {size}×{size}"
        yield bar_row(name, scene, step, "s", at_most=STEP_SECONDS[size])
        # Against PyTorch3D on a GPU there is no bar.
        for library, what, label, least in (
            ("pytorch3d", "step", "PyTorch3D's step time divided by ours", OVER_PYTORCH3D[size]),
            ("mitsuba", "step", "Mitsuba 3's step time divided by ours", OVER_MITSUBA),
            ("llvmpipe", "forward", "llvmpipe's forward pass time divided by our step time", 1.0),
        ):
            other = found.get((library, what, size))
            if other is not None and other["device"] == "cpu":
                yield bar_row(f"{label}, {size}×{size}", scene, other["seconds"] / step, "×", at_least=least)
    if {1, BATCH} <= batches.keys():
        many, one = batches[BATCH], batches[1]
        what = f"a step of {BATCH} cameras divided by {BATCH} steps of one, {many['resolution']}×{many['resolution']}"
        share = many["seconds"] / (BATCH * one["seconds"])
        yield bar_row(what, many["scene"], share, "share", at_most=BATCH_SHARE)
