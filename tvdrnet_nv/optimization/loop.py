"""The loop: render, compare, step, and remember the best camera seen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from numbers import Integral, Real

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, Viewpoint, ViewpointT
from tvdrnet_nv.choices import MethodName
from tvdrnet_nv.objectives.objective import Objective, ResidualObjective, checked_losses
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.ops.untraced import untraced
from tvdrnet_nv.optimization.adam_stepper import AdamStepper
from tvdrnet_nv.optimization.ambiguity import is_ambiguous
from tvdrnet_nv.optimization.columns import checked_names
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.optimization.descent import GradientDescent, Stepper
from tvdrnet_nv.optimization.endings import Endings
from tvdrnet_nv.optimization.fit import Fit, HasPicture, fit_of
from tvdrnet_nv.optimization.levenberg_marquardt import COARSEST, LevenbergMarquardt
from tvdrnet_nv.optimization.method import Method
from tvdrnet_nv.optimization.progress_bar import progress_bar
from tvdrnet_nv.optimization.record import Record
from tvdrnet_nv.optimization.result import Progress, Result, Status
from tvdrnet_nv.optimization.tvdrnet import TVDRNetStepper
from tvdrnet_nv.renderer import Renderer

METHODS = tuple(MethodName)

STOPPED = "stopped by the caller"
INTERRUPTED = "interrupted"  # the reason of a run that a KeyboardInterrupt ended
# How many iterations run before what they saw is read back, where the device runs dry for that.
_READ_EVERY = 16


@dataclass(frozen=True)
class _Settings:
    """How `optimize` was asked to run, as its arguments say."""

    method: str
    iterations: int
    learning_rate: float | None
    seed: int
    look_around: bool
    coarsest: int

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}; got {self.method!r}")
        for name in ("iterations", "coarsest"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or value < 1:
                raise ValueError(f"{name} must be a whole number, at least 1; got {value!r}")
        if not isinstance(self.seed, Integral):
            raise TypeError(f"seed must be a whole number; got {self.seed!r}")
        rate = self.learning_rate
        if rate is not None and not (isinstance(rate, Real) and math.isfinite(rate) and rate > 0):
            raise ValueError(f"learning_rate must be a positive number; got {rate!r}")

    def method_for(self, objective: Objective) -> str:
        """The method, where "auto" is the one that suits the objective."""
        if self.method != "auto":
            return self.method
        return "lm" if isinstance(objective, ResidualObjective) and self.learning_rate is None else "adam"


@untraced
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
    progress: bool = False,
    look_around: bool = True,
    coarsest: int = COARSEST,
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
        callback: called with each iteration in turn; returning True ends the run with it. On CUDA up to 16 iterations,
            or those of a tenth of a second, are reported together, as reading the losses makes the device wait; the
            result has none beyond the one that ends the run.
        progress: show a bar, in a terminal or a notebook.
        look_around: whether "lm" first looks from cameras around the starts.
        coarsest: pixels along the shorter side of the first images that "lm" compares; more where a start is close.

    A KeyboardInterrupt ends the run like the callback does: the best camera so far is returned.

    Raises:
        TypeError: an argument of another kind, such as one text for `parameters`.
        ValueError: an unknown method or parameter, or a number out of range or not finite.
        InputError: a bar is wanted, and rich is not installed.
    """
    _check_kinds(renderer, start, objective)
    names = checked_names(parameters, start)
    settings = _Settings(
        method=method,
        iterations=iterations,
        learning_rate=learning_rate,
        seed=seed,
        look_around=look_around,
        coarsest=coarsest,
    )
    # Gradients are needed whatever mode the caller is in.
    shown = progress_bar(iterations, callback) if progress else nullcontext(callback)
    with torch.inference_mode(False), torch.enable_grad(), shown as told:
        # A camera is a few numbers: the host has moved it before a GPU has started.
        start = _ordinary(start.completed(names).detach()).to("cpu")
        return _optimize(renderer, start, objective, names, settings, told)


def _check_kinds(renderer: object, start: object, objective: object) -> None:
    if not isinstance(renderer, Renderer):
        raise TypeError(f"renderer must be a Renderer; got {type(renderer).__name__}")
    if not isinstance(start, Viewpoint):
        raise TypeError(f"start must be an Orbit or a Camera; got {type(start).__name__}")
    if not callable(objective):
        raise TypeError(
            f"objective must take a render and give its losses, such as MatchImage(picture); got "
            f"{type(objective).__name__}"
        )


def _ordinary(start: ViewpointT) -> ViewpointT:
    """The same where it was made in inference mode, whose tensors take no part in gradients."""
    given = {name: value for name, value in vars(start).items() if isinstance(value, Tensor) and value.is_inference()}
    return start.replace(**{name: value.clone() for name, value in given.items()}) if given else start


def _optimize(
    renderer: Renderer,
    start: ViewpointT,
    objective: Objective,
    names: tuple[str, ...],
    settings: _Settings,
    callback: Callable[[Progress[ViewpointT]], bool | None] | None,
) -> Result[ViewpointT]:
    method = settings.method_for(objective)
    moving = _method(method, start, names, renderer, objective, settings)
    with torch.no_grad():
        initial_losses = checked_losses(objective, renderer(start.camera()))
    behind = backend_for(renderer.mesh.device).asynchronous and not moving.ends_by_itself
    record = Record(start, _READ_EVERY if behind else 1)
    began = time.perf_counter()
    ending = _run(moving, record, settings.iterations, callback, began)
    history = record.history()
    best_iteration, best_start = record.best()

    best = history.viewpoint(best_iteration, best_start)
    fit = _fit(renderer, objective, best)
    endings = Endings(renderer, objective, moving, history, names)
    judged = None if ending in (INTERRUPTED, STOPPED) else fit
    status, reason = endings.of(best_start, ending, no_gradient=record.no_gradient, fit=judged)
    if status == Status.CONVERGED and is_ambiguous(renderer, objective, history, names, best_start):
        status, reason = Status.AMBIGUOUS, "another camera fits as well"
    seconds = time.perf_counter() - began
    return Result(
        best=best,
        initial=start[best_start].to("cpu"),
        loss=float(history.loss[best_iteration, best_start]),
        initial_loss=float(initial_losses[best_start]),
        status=status,
        reason=reason,
        best_iteration=best_iteration,
        best_start=best_start,
        iterations=len(history),
        seconds=seconds,
        seed=settings.seed,
        method=method,
        parameters=names,
        history=history,
        fit=fit,
        deviations=moving.deviations(best_start),
        renderer=renderer,
        candidates=None if moving.candidates is None else moving.candidates.to("cpu").wrapped(),
    )


def _fit(renderer: Renderer, objective: object, best: Viewpoint) -> Fit | None:
    """How well a camera explains the objective's picture, where it has one."""
    return fit_of(renderer, objective, best) if isinstance(objective, HasPicture) else None


def _run(
    moving: Method,
    record: Record[ViewpointT],
    iterations: int,
    callback: Callable[[Progress[ViewpointT]], bool | None] | None,
    began: float,
) -> str:
    """Iterate until something ends the run, and return what it was, in words. The record has what counts.

    Raises:
        ValueError: a start is not finite.
        KeyboardInterrupt: before anything was evaluated.
    """
    ending, counted = "", 0
    try:
        while not ending:
            record.add(moving.iterate())
            if not record.is_due and len(record) < iterations:
                continue
            record.read_back()
            while counted < len(record) and not ending:
                counted += 1
                no_gradient = record.no_gradient and counted == len(record)
                if callback is not None and not no_gradient:
                    progress = record.progress(counted, iterations, time.perf_counter() - began)
                    if callback(progress):
                        ending = STOPPED
            ending = ending or record.ending or moving.ending
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
    return ending


def _method(
    wanted: str,
    start: Viewpoint,
    names: tuple[str, ...],
    renderer: Renderer,
    objective: Objective,
    settings: _Settings,
) -> Method:
    rate = settings.learning_rate
    if wanted == "lm":
        if not isinstance(objective, ResidualObjective):
            raise ValueError('method "lm" needs an objective with residuals, such as MatchImage; use "adam"')
        if rate is not None:
            raise ValueError('method "lm" has no learning_rate; leave it out, or use "adam"')
        return LevenbergMarquardt(
            start,
            coordinates_for(start, names, renderer),
            renderer,
            objective,
            look_around=settings.look_around,
            coarsest=settings.coarsest,
        )
    if wanted == "tvdrnet":
        if not isinstance(start, Orbit):
            raise ValueError('method "tvdrnet" moves an Orbit; for a Camera use "lm" or "adam"')
        stepper: Stepper = TVDRNetStepper(start, names, renderer.mesh.radius or 1.0, rate, settings.seed)
    else:
        stepper = AdamStepper(start, coordinates_for(start, names, renderer), rate, settings.iterations)
    return GradientDescent(stepper, renderer, objective)
