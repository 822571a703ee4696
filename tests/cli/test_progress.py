"""The progress of an optimisation: on a terminal, in a log, and quiet."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.cli._progress import OptimizationProgress
from tvdrnet_nv.optimization import Progress


def show_progress(width: int, **console: Any) -> str:
    file = io.StringIO()
    orbit = Orbit.create(6.0, -45.25, 359.0, 60.0)
    target = Console(file=file, width=width, **console)
    with OptimizationProgress(target, 20, fov=True) as progress:
        for iteration in range(1, 21):
            progress(Progress(iteration, 20, 0.5 / iteration, 0.5 / iteration, orbit, 0.1 * iteration))
    return file.getvalue()


def test_progress_on_a_terminal_shows_values_and_breaks_between_fields() -> None:
    frames = show_progress(30, force_terminal=True, no_color=True, legacy_windows=False)
    text = "\n".join(line.rstrip() for line in frames.split("\n"))
    for field in ("20/20", "10 it/s", "0:00:00", "loss 0.02500", "best 0.02500", "D 6.000", "E -45.2°", "FoV 60.0°"):
        assert field in text
    assert "\x1b[3" not in text  # no colours


def test_progress_has_colours_where_they_are_wanted() -> None:
    assert "\x1b[3" in show_progress(80, force_terminal=True, color_system="standard", legacy_windows=False)


def test_progress_in_a_log_is_a_line_now_and_then() -> None:
    lines = show_progress(20, force_terminal=False).splitlines()
    assert len(lines) == 11
    assert lines[0].startswith(
        " 1/20   loss 0.5000   best 0.5000   D 6.000   E -45.2°   A 359.0°   FoV 60.0°   10 it/s"
    )
    assert lines[-1].endswith("0 s left")


def test_quiet_progress_is_silent() -> None:
    assert show_progress(80, force_terminal=True, quiet=True) == ""
    assert show_progress(80, force_terminal=False, quiet=True) == ""
