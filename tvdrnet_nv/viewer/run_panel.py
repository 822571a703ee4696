"""The run that is under way: its loss, what its camera sees, and the button that stops it."""

from __future__ import annotations

import threading
import time

import numpy as np
import viser
import viser.uplot

from tvdrnet_nv.viewer.desk import Desk
from tvdrnet_nv.viewer.run import Run, State
from tvdrnet_nv.viewer.run_folder import RunFolder
from tvdrnet_nv.viewer.widgets import BLANK

_EVERY = 0.25  # seconds from one update to the next, at least
_SHARE = 4  # times as long as an update takes, at least: they happen in the run's own thread
_PICTURE = 320  # pixels along the longer side
_POINTS = 400  # of the curve, at most


class RunPanel:
    """Shows the run that was started last; `refresh` is called from its thread."""

    def __init__(self, server: viser.ViserServer, desk: Desk) -> None:
        self._server, self._desk = server, desk
        gui = server.gui
        with gui.add_folder("Run"):
            self._status = gui.add_markdown("No run yet.")
            self._stop = gui.add_button("Stop, and keep the best", icon=viser.Icon.PLAYER_STOP, disabled=True)
            self._picture = gui.add_image(BLANK, label="What its camera sees", visible=False)
            nothing = np.array([0.0, 1.0])
            series = (
                viser.uplot.Series(label="iteration"),
                viser.uplot.Series(label="loss", stroke="#9aa0a6", width=1),
                viser.uplot.Series(label="best", stroke="#1a73e8", width=2),
            )
            scales = {"x": viser.uplot.Scale(time=False, auto=True), "y": viser.uplot.Scale(auto=True)}
            self._curve = gui.add_uplot((nothing, nothing, nothing), series, scales=scales, aspect=1.7, visible=False)
        self._stop.on_click(lambda event: desk.stop())
        self._lock = threading.Lock()
        self._next = 0.0

    def show(self, run: RunFolder) -> None:
        """Show how a run has ended that was not started here."""
        self._status.content = "\n\n".join(_ending(run))

    def refresh(self, run: Run) -> bool:
        """Show where a run stands, unless it was shown a moment ago and goes on; whether it was shown."""
        with self._lock:
            began = time.monotonic()
            if run.is_running and began < self._next:
                return False
            self._stop.disabled = run.state != State.RUNNING
            self._status.content = "\n\n".join(_lines(run))
            if run.steps:
                self._draw(run)
            took = time.monotonic() - began
            self._next = time.monotonic() + max(_EVERY, _SHARE * took)
        return True

    def _draw(self, run: Run) -> None:
        steps = np.array(run.steps, dtype=np.float64)
        steps[~np.isfinite(steps)] = np.nan
        if len(steps) > _POINTS:
            steps = steps[np.linspace(0, len(steps) - 1, _POINTS).round().astype(int)]
        self._curve.data = tuple(np.ascontiguousarray(column) for column in steps.T)
        self._curve.visible = True
        found = run.found
        if found is not None and found.cameras[0].picture is not None:
            self._picture.image, self._picture.label = found.cameras[0].picture, found.cameras[0].title
        else:
            self._picture.image = self._desk.session.render(run.path[-1], _PICTURE)
            self._picture.label = "What its camera sees"
        self._picture.visible = True


def _lines(run: Run) -> list[str]:
    """The run in words, a paragraph each."""
    lines = [f"**{_plain(run.title)}**"]
    if run.state == State.FAILED:
        return [*lines, f"Failed: {_plain(run.error or '')}"]
    if run.steps and run.is_running:
        lines.append(f"iteration {run.steps[-1][0]}, loss {run.steps[-1][1]:.4g}, best {run.steps[-1][2]:.4g}")
    elif run.is_running:
        lines.append(f"{run.phase} …")
    if run.state == State.STOPPING:
        lines.append("Stopping; the best so far is kept.")
    if run.found is not None:
        lines += _ending(run.found)
    warned = set(run.found.warnings) if run.found is not None else set()
    return lines + [f"*{_plain(text)}*" for text in dict.fromkeys(run.notes) if text not in warned]


def _ending(run: RunFolder) -> list[str]:
    """How a run has ended, and where its files are."""
    return [_plain(run.text), *(f"Warning: {_plain(text)}" for text in run.warnings), f"Files: `{run.folder}`"]


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join("\\" + sign if sign in "\\`*_{}[]<>#|~" else sign for sign in text.replace("`", ""))
