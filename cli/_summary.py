"""The end of an optimisation, as a person reads it."""

from __future__ import annotations

from pathlib import Path

from tvdrnet_nv.cli._output import facts_table, results, say, tell
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.report.focus import FocusReport, focus_fields
from tvdrnet_nv.report.text import angle, number


def print_summary(
    result: Result, files: list[Path], render_command: str | None, focus: FocusReport | None = None
) -> None:
    """Writes to stdout what was found, where the files are, and how to see the view again."""
    console = results(quiet=False)
    before, after = result.initial, result.best
    rows = [
        ("loss", f"{number(result.initial_loss)} → {number(result.loss)}"),
        ("distance", f"{number(before.distance.item())} → {number(after.distance.item())}"),
        ("elevation", f"{angle(before.elevation.item())} → {angle(after.elevation.item())}"),
        ("azimuth", f"{angle(before.azimuth.item())} → {angle(after.azimuth.item())}"),
    ]
    if "fov" in result.parameters:
        rows.append(("field of view", f"{angle(before.fov.item())} → {angle(after.fov.item())}"))
    if "at" in result.parameters:
        points = [", ".join(number(value) for value in orbit.at[0].tolist()) for orbit in (before, after)]
        rows.append(("look-at point", " → ".join(points)))
    if focus is not None:
        rows.insert(1, (focus.text, ", ".join(focus_fields(focus.scores))))
    if result.deviations is not None:
        spread = [f"{name} {_spread(value)}" for name, value in result.deviations.items()]
        rows.append(("standard deviation", ", ".join(spread)))
    rate = result.iterations / result.seconds if result.seconds else 0.0
    rows.append(("time", f"{result.seconds:.1f} s, {rate:.3g} iterations per second"))
    rows.append(("status", f"{result.status}: {result.reason}"))
    count = result.history.loss.shape[1]
    of_start = f", start {result.best_start + 1} of {count}" if count > 1 else ""
    tell(console, f"Best camera: iteration {result.best_iteration + 1} of {result.iterations}{of_start}", "bold green")
    console.print(facts_table(rows))
    say(console, f"Written to {files[0].parent}/", "bold")
    for file in files:
        say(console, f"  {file.name}")
    if render_command:
        say(console, "This view again:", "bold")
        say(console, f"  {render_command}")


def _spread(value: float | list[float]) -> str:
    """One number, or three in brackets."""
    return f"({', '.join(f'{x:.2g}' for x in value)})" if isinstance(value, list) else f"{value:.2g}"
