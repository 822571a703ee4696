"""What an optimisation returns."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from tvdrnet_nv.camera import ViewpointT
from tvdrnet_nv.optimization import display
from tvdrnet_nv.optimization.fit import Fit
from tvdrnet_nv.showing import png

if TYPE_CHECKING:
    from tvdrnet_nv.renderer import Renderer


class Status(StrEnum):
    """How an optimisation ended; not converging is an answer, not an error."""

    CONVERGED = "converged"  # the loss no longer changes
    STOPPED = "stopped"  # at the iteration limit, or by the caller
    DRIFTED = "drifted"  # the camera no longer sees the scene
    AMBIGUOUS = "ambiguous"  # a clearly different camera fits as well
    POOR_FIT = "poor-fit"  # the camera does not explain the picture
    NO_GRADIENT = "no-gradient"  # the loss has no gradient

    @property
    def is_found(self) -> bool:
        """Whether the camera can be trusted to be what was looked for."""
        return self in (Status.CONVERGED, Status.STOPPED)


@dataclass(frozen=True)
class Levels:
    """What each of I iterations was to a method that compares images at several sizes, for each of K starts.

    Attributes:
        pixels: [I], numpy int64: along the shorter side of the images that were compared.
        accepted: [I, K], numpy bool: whether the method went on from this camera. A step that was refused is False, and
            so is a camera that stays where it is.
    """

    pixels: np.ndarray
    accepted: np.ndarray


@dataclass(frozen=True)
class History(Generic[ViewpointT]):
    """Every camera that was rendered, over I iterations and K starts.

    Attributes:
        loss: [I, K], numpy float32.
        viewpoints: the I·K cameras, float32 on the CPU: start k at iteration i in row i·K + k. An orbit's azimuth is in
            [0, 360).
        levels: of a method that compares images at several sizes, such as "lm"; else None.
    """

    loss: np.ndarray
    viewpoints: ViewpointT
    levels: Levels | None = None

    def __len__(self) -> int:
        return self.loss.shape[0]

    def viewpoint(self, iteration: int, start: int = 0) -> ViewpointT:
        """The camera of one start at one iteration (from 0, or from -1 backwards)."""
        return self.viewpoints[iteration % len(self) * self.loss.shape[1] + start]

    def at_iteration(self, iteration: int) -> ViewpointT:
        """The K cameras of one iteration (from 0)."""
        starts = self.loss.shape[1]
        return self.viewpoints[iteration * starts : (iteration + 1) * starts]

    def of_start(self, start: int) -> ViewpointT:
        """The I cameras of one start, in their order."""
        return self.viewpoints[start :: self.loss.shape[1]]

    def array(self, name: str) -> np.ndarray:
        """[I, K, ...], float32: one field of the cameras, such as an orbit's "distance" or a camera's "R"."""
        values = getattr(self.viewpoints, name)
        return values.reshape(*self.loss.shape, *values.shape[1:]).numpy()


@dataclass(frozen=True)
class Progress(Generic[ViewpointT]):
    """Where a running optimisation stands, after `iteration` of `iterations` (from 1).

    Attributes:
        loss: of the start that leads, at this iteration.
        best_loss: the lowest seen so far.
        viewpoint: the leading start's camera.
        seconds: since the loop began.
    """

    iteration: int
    iterations: int
    loss: float
    best_loss: float
    viewpoint: ViewpointT
    seconds: float


@dataclass(frozen=True)
class Result(Generic[ViewpointT]):
    """The best camera seen, and how it was found.

    Attributes:
        best: the camera with the lowest loss of all that were rendered; one, an `Orbit` or a `Camera` as the start was.
        initial: the start that led to it; one.
        loss, initial_loss: of `best` and of `initial`.
        status, reason: how the run ended, and one sentence on why.
        best_iteration: when `best` was rendered, from 0. best_start: which start led to it.
        iterations: how many were done.
        seconds: the loop's wall time; of what `find_camera` found, that of all its attempts.
        history: every camera and its loss.
        deviations: standard deviation of each parameter of `best` in its unit, from how much blocks of the image
            disagree (`tvdrnet_nv.optimization.covariance`; docs/finding.md says how well they hold); None where the
            method gives none, or the images do not determine the parameters. They say nothing of another minimum.
        candidates: the best viewpoints that a search looked at before the first step, at most 8, the best first; None
            where there was no search.
        renderer: what it was found with, to show and to save pictures; pickles and copies have None.
    """

    best: ViewpointT
    initial: ViewpointT
    loss: float
    initial_loss: float
    status: Status
    reason: str
    best_iteration: int
    best_start: int
    iterations: int
    seconds: float
    seed: int
    method: str
    parameters: tuple[str, ...]
    history: History[ViewpointT]
    deviations: dict[str, float | list[float]] | None = None
    candidates: ViewpointT | None = None
    fit: Fit | None = None
    renderer: Renderer | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return display.result_line(self)

    def _repr_html_(self) -> str:
        return display.result_html(self)

    def _repr_png_(self) -> bytes | None:
        return None if self.renderer is None else png(display.small_picture(self.renderer, self.best))

    def __getstate__(self) -> dict[str, Any]:
        """What pickle and copies keep: all but the scene, which may be large."""
        return {**vars(self), "renderer": None}

    def save(self, out: str | os.PathLike[str]) -> list[Path]:
        """Write the result into a folder: all files or none. Other files there stay.

        `result.json` (the best camera, as `tvdr-nv render --camera` and `load_camera` read it, the start, and all
        numbers), `history.npz` (every camera and its loss), `loss.svg`, and `view.png` where `renderer` is known and
        Pillow is installed. `tvdrnet_nv.report.write_report` writes what the command writes.

        Args:
            out: the folder; made where there is none.

        Returns:
            The files.

        Raises:
            InputError: `out` is a file, or cannot be written.
        """
        from tvdrnet_nv.optimization.saving import save_result

        return save_result(self, Path(out))

    @property
    def quality(self) -> float | None:
        """In [0, 1]: a judgement of whether `best` is the camera of the picture; None without a picture. See `Fit`."""
        return None if self.fit is None else self.fit.quality
