"""The end of an optimisation, as a person reads it."""

from __future__ import annotations

from pathlib import Path

from tvdrnet_nv.camera import Camera, Orbit, OrbitFrame
from tvdrnet_nv.cli._output import facts_table, results, say, tell
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.report.focus import FocusReport, focus_fields
from tvdrnet_nv.report.text import angle, number, point


def print_summary(
    result: Result, files: list[Path], render_command: str | None, focus: FocusReport | None = None
) -> None:
    """Writes to stdout what was found, where the files are, and how to see the view again."""
    console = results(quiet=False)
    rows = [("loss", f"{number(result.initial_loss)} → {number(result.loss)}")]
    before, after = (_camera_rows(viewpoint, result.parameters) for viewpoint in (result.initial, result.best))
    rows += [(name, f"{value} → {after[name]}") for name, value in before.items()]
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


def _camera_rows(viewpoint: Orbit | Camera, parameters: tuple[str, ...]) -> dict[str, str]:
    """What a person wants to know of a camera, by name."""
    lens = {"field of view": angle(viewpoint.fov.item())} if {"fov", "focal"} & set(parameters) else {}
    if isinstance(viewpoint, Orbit):
        aims = {"elevation": angle(viewpoint.elevation.item()), "azimuth": angle(viewpoint.azimuth.item())}
        at = {"look-at point": point(viewpoint.at[0].tolist())} if "at" in parameters else {}
        return {"distance": number(viewpoint.distance.item()), **aims, **lens, **at}
    frame = OrbitFrame(viewpoint, 1.0)
    aims = {"elevation": angle(frame.orbits.elevation.item()), "azimuth": angle(frame.orbits.azimuth.item())}
    principal = {"principal point": point(viewpoint.principal[0].tolist())} if "principal" in parameters else {}
    where = {"position": point(viewpoint.position[0].tolist())}
    return {**where, **aims, "roll": angle(frame.roll.item()), **lens, **principal}


def _spread(value: float | list[float]) -> str:
    """One number, or three in brackets."""
    return f"({', '.join(f'{x:.2g}' for x in value)})" if isinstance(value, list) else f"{value:.2g}"
