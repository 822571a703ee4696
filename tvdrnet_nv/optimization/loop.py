"""The loop: render, compare, step, and remember the best camera seen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Generic

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import ViewpointT
from tvdrnet_nv.camera.parameters import ORBIT
from tvdrnet_nv.choices import MethodName
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.optimization.adam_method import AdamMover
from tvdrnet_nv.optimization.columns import checked_names
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.optimization.descent import GradientDescent, Mover
from tvdrnet_nv.optimization.endings import Endings
from tvdrnet_nv.optimization.levenberg_marquardt import LevenbergMarquardt
from tvdrnet_nv.optimization.method import Look, Method, Residuals, checked_losses
from tvdrnet_nv.optimization.result import History, Progress, Result, Status
from tvdrnet_nv.optimization.tvdrnet import TVDRNetMover
from tvdrnet_nv.optimization.twins import has_twin
from tvdrnet_nv.renderer import Renderer

METHODS = tuple(MethodName)

INTERRUPTED = "interrupted"  # the reason of a run that a KeyboardInterrupt ended
# How many iterations run before what they saw is read back, for which the device runs dry. On the CPU it costs nothing.
_READ_EVERY = {"cpu": 1, "cuda": 16}
_READ_SECONDS = 0.1  # at the latest: slow iterations are told, and may be interrupted, one by one


def optimize(
    renderer: Renderer,
    start: ViewpointT,
    objective: Objective,
    *,
    parameters: Sequence[str] | None = None,
    method: str = "auto",
    iterations: int = 256,
    learning_rate: float | None = None,
    seed: int = 0,
    callback: Callable[[Progress[ViewpointT]], bool | None] | None = None,
) -> Result[ViewpointT]:
    """Move cameras until the objective is low, and return the best one seen.

    Args:
        renderer: the scene.
        start: K cameras, optimised side by side in one batch: an `Orbit`, whose parameters are `PARAMETERS`, or a
            `Camera` that may go anywhere, with `POSE_PARAMETERS`; the result's are of the same kind.
        objective: from a render of K cameras to their losses, [K].
        parameters: which parameters move; by default an orbit's distance, elevation and azimuth, or a camera's rotation
            and position.
        method: "lm" (Levenberg-Marquardt on an image pyramid, for objectives with `residuals` such as `MatchImage`),
            "adam" (Adam on the parameters, scaled to the scene, for any objective), "tvdrnet" (TVDRNet's MLP recipe),
            or "auto": "lm" where the objective has residuals and no learning rate is given, otherwise "adam".
        iterations: how many at most; "lm" ends by itself, mostly within 30. Its first search comes on top.
        learning_rate: a factor on the method's step; default 1 for "adam" and 1e-3 for "tvdrnet". "lm" has none.
        seed: of the MLP's weights. The same seed gives the same run.
        callback: told of each iteration in turn; returning True ends the run with it. On CUDA it is told of up to 16 at
            once, or of what a tenth of a second brought, as reading the losses makes the device wait; what was done
            beyond the iteration that ends the run is forgotten.

    A KeyboardInterrupt ends the run like the callback does: the best camera so far is returned.

    Raises:
        ValueError: an unknown method or parameter, or a number out of range or not finite.
    """
    names = checked_names(parameters, start)
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    if iterations < 1:
        raise ValueError(f"iterations must be at least 1; got {iterations}")
    if learning_rate is not None and not (math.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate must be a positive number; got {learning_rate}")
    start = start.detach().to(renderer.mesh.device)
    if method == "auto":
        method = "lm" if isinstance(objective, Residuals) and learning_rate is None else "adam"
    mover = _method(method, start, names, renderer, objective, learning_rate, iterations, seed)
    with torch.no_grad():
        initial_losses = checked_losses(objective, renderer(start.camera()))
    record = _Record(start, 1 if mover.ends_by_itself else _READ_EVERY.get(start.device.type, 1))
    ending, counted = "", 0
    began = time.perf_counter()
    try:
        while not ending:
            record.add(mover.iterate())
            if not record.is_due and len(record) < iterations:
                continue
            record.read_back()
            while counted < len(record) and not ending:
                counted += 1
                lost = record.lost and counted == len(record)
                if callback is not None and not lost:
                    progress = record.progress(counted, iterations, time.perf_counter() - began)
                    if callback(progress):
                        ending = "stopped by the caller"
            ending = ending or record.ending or mover.ending
            if not ending and counted >= iterations:
                ending = f"the limit of {iterations} iterations was reached"
    except KeyboardInterrupt:
        if record.is_behind:  # the iterations before the one that was interrupted
            record.read_back()
            counted = len(record)
        if not counted:
            raise
        ending = INTERRUPTED
    record.cut(counted)
    if not len(record):
        raise ValueError(f"start must be finite; {record.ending}")

    history = record.history()
    best_iteration, best_start = record.best()

    endings = Endings(renderer, objective, mover, history, names)
    status, reason = endings.of(best_start, ending, lost=record.lost)
    if status == Status.CONVERGED and has_twin(renderer, objective, history, names, best_start):
        status, reason = Status.AMBIGUOUS, "another camera fits as well"
    seconds = time.perf_counter() - began
    return Result(
        best=history.viewpoint(best_iteration, best_start),
        initial=start[best_start].to("cpu"),
        loss=float(history.loss[best_iteration, best_start]),
        initial_loss=float(initial_losses[best_start]),
        status=status,
        reason=reason,
        best_iteration=best_iteration,
        best_start=best_start,
        iterations=len(history),
        seconds=seconds,
        seed=seed,
        method=method,
        parameters=names,
        history=history,
        deviations=mover.deviations(best_start),
    )


def _method(
    wanted: str,
    start: ViewpointT,
    names: tuple[str, ...],
    renderer: Renderer,
    objective: Objective,
    learning_rate: float | None,
    iterations: int,
    seed: int,
) -> Method:
    if wanted == "lm":
        if not isinstance(objective, Residuals):
            raise ValueError('method "lm" needs an objective with residuals, such as MatchImage; use "adam"')
        if learning_rate is not None:
            raise ValueError('method "lm" has no learning_rate; leave it out, or use "adam"')
        start = start.to("cpu")  # where the few numbers that it works with are decided upon
        return LevenbergMarquardt(start, coordinates_for(start, names, renderer), renderer, objective)
    if wanted == "tvdrnet":
        if start.parameters is not ORBIT:
            raise ValueError('method "tvdrnet" moves an Orbit; for a Camera use "lm" or "adam"')
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            mover: Mover = TVDRNetMover(start, names, renderer.mesh.radius or 1.0, learning_rate)
    else:
        mover = AdamMover(start, coordinates_for(start, names, renderer), learning_rate, iterations)
    return GradientDescent(mover, renderer, objective)


class _Record(Generic[ViewpointT]):
    """Every camera and its loss: on the device until they are read back, some iterations at a time.

    What is read back ends with the iteration in which the run has ended. An iteration is a row of numbers: the cameras'
    fields one after the other, each of all K cameras, then K losses, then whether each camera was told where to go.
    """

    def __init__(self, start: ViewpointT, every: int) -> None:
        self._start, self._every = start.to("cpu"), every
        self._cameras, self._names = len(start), tuple(start.fields)
        self._unread: list[list[Tensor]] = []  # per iteration the parts of a row, or one that is all of it
        self._rows: list[list[float]] = []
        self._best = math.inf
        self._read_at = time.perf_counter()
        self.ending = ""

    def __len__(self) -> int:
        return len(self._rows) + len(self._unread)

    def add(self, look: Look) -> None:
        fields = [getattr(look.viewpoint, name) for name in self._names]
        parts = [part.reshape(-1) for part in (*fields, look.loss.to(fields[0]), look.told.to(fields[0].device))]
        on_cpu = fields[0].is_cpu  # where a part is read in no time; elsewhere each would be a copy
        self._unread.append(parts if on_cpu else [torch.cat([part.float() for part in parts])])

    @property
    def is_behind(self) -> bool:
        """Whether there is something to read back."""
        return bool(self._unread)

    @property
    def is_due(self) -> bool:
        """Whether it is time to read back."""
        return len(self._unread) >= self._every or time.perf_counter() - self._read_at > _READ_SECONDS

    def read_back(self) -> None:
        """Wait for the device, and see whether the run has ended, and when."""
        for row in _numbers(self._unread):
            if not all(map(math.isfinite, row[: -2 * self._cameras])):
                self.ending = "a parameter is no longer finite; lower the learning rate"
                break
            self._rows.append(row)
            if self.lost:
                self.ending = "nothing tells where to go"
                break
        self._unread.clear()
        self._read_at = time.perf_counter()

    def cut(self, count: int) -> None:
        """Forget all but the first iterations."""
        del self._rows[count:]

    @property
    def lost(self) -> bool:
        """Whether nothing told any camera where to go, in the last iteration that was read back."""
        return not any(self._rows[-1][-self._cameras :])

    def progress(self, iteration: int, iterations: int, seconds: float) -> Progress[ViewpointT]:
        losses, viewpoints = self._parts(self._rows[iteration - 1 : iteration])
        losses = np.nan_to_num(losses[0], nan=np.inf)
        leader = int(losses.argmin())
        self._best = min(self._best, float(losses[leader]))
        return Progress(iteration, iterations, float(losses[leader]), self._best, viewpoints[leader], seconds)

    def best(self) -> tuple[int, int]:
        """Iteration and start of the lowest loss; the first camera where no loss is a number."""
        losses = np.nan_to_num(self._parts(self._rows)[0], nan=np.inf)
        iteration, start = np.unravel_index(int(losses.argmin()), losses.shape)
        return int(iteration), int(start)

    def history(self) -> History[ViewpointT]:
        losses, viewpoints = self._parts(self._rows)
        return History(losses, viewpoints.wrapped())

    def _parts(self, rows: list[list[float]]) -> tuple[np.ndarray, ViewpointT]:
        """The losses, [I, K], and the I·K cameras of so many iterations."""
        numbers = torch.tensor(rows, dtype=torch.float32)
        shapes = [getattr(self._start, name).shape[1:] for name in self._names]
        widths = [self._cameras * shape.numel() for shape in shapes]
        *fields, losses, _ = numbers.split([*widths, self._cameras, self._cameras], 1)
        parts = zip(self._names, fields, shapes, strict=True)
        return losses.numpy(), self._start.replace(**{name: field.reshape(-1, *shape) for name, field, shape in parts})


def _numbers(unread: list[list[Tensor]]) -> list[list[float]]:
    """Rows, of their parts; of rows on a device, by one copy."""
    if len(unread[0]) > 1:
        return [[number for part in parts for number in part.tolist()] for parts in unread]
    return torch.stack([row for (row,) in unread]).cpu().tolist()
