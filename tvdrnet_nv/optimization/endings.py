"""How a run ended, and why."""

from __future__ import annotations

import math

import numpy as np
import torch

from tvdrnet_nv.camera import ViewpointT
from tvdrnet_nv.objectives.objective import Objective, reason_without_gradient
from tvdrnet_nv.optimization.fit import POOR, Fit, reason_of
from tvdrnet_nv.optimization.method import Method
from tvdrnet_nv.optimization.result import History, Status
from tvdrnet_nv.renderer import Renderer

_CONVERGED = 1e-3  # share of the whole improvement that the last tenth of a converged run may still bring
_ONE_COLOUR = 1e-4  # spread of a picture's values that is none


class Endings:
    """The endings of one run.

    Args:
        renderer, objective: what the run was about.
        method: what moved the cameras.
        history: every camera and its loss.
        names: the parameters that moved.
    """

    def __init__(
        self,
        renderer: Renderer,
        objective: Objective,
        method: Method,
        history: History[ViewpointT],
        names: tuple[str, ...],
    ) -> None:
        self._renderer, self._objective, self._method = renderer, objective, method
        self._history, self._names = history, names

    def of(self, k: int, ending: str, *, no_gradient: bool, fit: Fit | None = None) -> tuple[Status, str]:
        """Status and reason of start k.

        Args:
            k: the start that came out best.
            ending: what ended the loop, in words.
            no_gradient: whether the loss of no camera has a gradient any more.
            fit: how well the best camera explains the picture, where there is one and the run was not stopped early.
        """
        constant = reason_without_gradient(self._objective)
        if constant:
            return Status.NO_GRADIENT, constant
        count, starts = self._history.loss.shape
        if no_gradient and not np.isfinite(self._history.loss[-1, k]):
            return Status.NO_GRADIENT, "the loss or its gradient is not a finite number"
        sees_scene, in_one_colour = self._visible(-1, k)
        if not sees_scene:
            if not no_gradient:
                return Status.DRIFTED, "the scene left the view"
            if any(self._visible(0, start)[0] for start in range(starts)):
                return Status.DRIFTED, f"the scene left the view after {count} iterations"
            which = "the start" if starts == 1 else f"any of the {starts} starts"
            return Status.NO_GRADIENT, f"nothing of the scene is visible from {which}: change its position or direction"
        if no_gradient:
            return self._without_gradient(k, in_one_colour)
        return self._with_gradient(k, ending, fit)

    def _without_gradient(self, k: int, in_one_colour: bool) -> tuple[Status, str]:
        """With the scene in view, and the loss the same in all directions."""
        if float(self._history.loss[-1, k]) == 0.0:
            return Status.CONVERGED, "the loss is zero"
        if in_one_colour:
            reason = "a surface of one colour fills the view, so small moves change nothing: start farther away"
            return Status.NO_GRADIENT, reason
        what = ", ".join(self._names)
        return Status.NO_GRADIENT, f"the loss does not change with {what}: optimise other parameters as well"

    def _with_gradient(self, k: int, ending: str, fit: Fit | None) -> tuple[Status, str]:
        losses = np.nan_to_num(self._history.loss[:, k], nan=np.inf)
        best = np.minimum.accumulate(losses)
        status, reason = Status.STOPPED, ending
        if self._method.converged:
            status, reason = Status.CONVERGED, f"{ending}, after {len(losses)} iterations"
        elif "limit" in ending and not self._method.ends_by_itself:
            late = best[-1 - max(1, len(best) // 10)] - best[-1] if len(best) > 10 else math.inf
            if late <= _CONVERGED * (best[0] - best[-1]):
                status, reason = Status.CONVERGED, f"the loss no longer falls after {len(losses)} iterations"
        if fit is not None and fit.quality < POOR:
            status, reason = Status.POOR_FIT, reason_of(fit)
        at = self._method.parameters_at_limit(self._history.viewpoint(int(losses.argmin()), k))
        if at:
            reason += f"; {' and '.join(at)} reached {'its limit' if len(at) == 1 else 'their limits'}"
        return status, reason

    def _visible(self, iteration: int, k: int) -> tuple[bool, bool]:
        """Whether start k saw anything of the scene in an iteration, and nothing but one colour."""
        viewpoint = self._history.viewpoint(iteration, k)
        with torch.no_grad():
            render = self._renderer(viewpoint.camera().to(self._renderer.mesh.device))
            colours = render.rgb.flatten(0, 2)
            spread = float((colours.amax(0) - colours.amin(0)).max())
            return bool((render.face_ids >= 0).any()), spread < _ONE_COLOUR
