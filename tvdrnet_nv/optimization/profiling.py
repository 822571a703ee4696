"""Where the time of a step of gradient descent goes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.objectives.objective import Objective, checked_losses
from tvdrnet_nv.ops import RenderTiming
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.optimization.adam_stepper import AdamStepper
from tvdrnet_nv.optimization.columns import checked_names
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.renderer import Renderer

_WARM_UP = 5


@dataclass(frozen=True)
class StepTime:
    """How long a part of a step takes.

    Attributes:
        name: what it does.
        milliseconds: the median over the steps.
        of: the part that it belongs to; empty for those that make up the step.
    """

    name: str
    milliseconds: float
    of: str = ""


def profile(
    renderer: Renderer,
    start: Viewpoint,
    objective: Objective,
    *,
    parameters: Sequence[str] | None = None,
    steps: int = 50,
) -> list[StepTime]:
    """Time the parts of a step of the method "adam".

    Args:
        renderer: the scene. Parts of rendering are known where `ops.render_phong` draws it: on the CPU, untextured.
        start: K cameras.
        objective: from a render of K cameras to their losses, [K].
        parameters: which parameters move; see `optimize`.
        steps: how many steps are timed, after a few that are not.

    Returns:
        The parts in the order of their work, then the whole, "step". On CUDA each part waits for the device.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1; got {steps}")
    names = checked_names(parameters, start)
    start = start.completed(names).detach().to("cpu")
    stepper = AdamStepper(start, coordinates_for(start, names, renderer), None, _WARM_UP + steps)
    rows: list[dict[tuple[str, str], float]] = []
    for _ in range(_WARM_UP + steps):
        watch = _Stopwatch(renderer)
        with renderer.timed() as timing:
            camera = stepper.viewpoint().camera()
            watch.stop("camera")
            render = renderer(camera)
            _ = render.rgba  # drawn on first access
            forward = watch.stop("forward")
            loss = checked_losses(objective, render)
            watch.stop("loss")
            loss.sum().backward()
            backward = watch.stop("backward")
            stepper.step()
            watch.stop("update")
        if timing is not None:
            stages = dict(zip(RenderTiming.STAGES, timing.stages.tolist(), strict=True))
            watch.split("forward", forward, stages)
            watch.split("backward", backward, {"pixels and silhouettes": timing.backward})
        rows.append(watch.seconds)
    timed = rows[_WARM_UP:]
    parts = [StepTime(name, 1e3 * statistics.median(row[name, of] for row in timed), of) for name, of in timed[0]]
    wholes = (sum(seconds for (_, of), seconds in row.items() if not of) for row in timed)
    return [*parts, StepTime("step", 1e3 * statistics.median(wholes))]


class _Stopwatch:
    """Seconds by (part, the part that it belongs to)."""

    def __init__(self, renderer: Renderer) -> None:
        self._device = renderer.mesh.device
        self._wait = backend_for(self._device).wait
        self.seconds: dict[tuple[str, str], float] = {}
        self._began = time.perf_counter()

    def stop(self, name: str) -> float:
        """The time since the last stop belongs to this part."""
        self._wait(self._device)
        now = time.perf_counter()
        seconds, self._began = now - self._began, now
        self.seconds[name, ""] = seconds
        return seconds

    def split(self, whole: str, seconds: float, parts: dict[str, float]) -> None:
        """A part's parts; what they leave is "the rest"."""
        for name, part in (parts | {"the rest": seconds - sum(parts.values())}).items():
            self.seconds[name, whole] = part
