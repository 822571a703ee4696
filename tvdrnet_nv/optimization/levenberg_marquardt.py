"""Levenberg-Marquardt on an image pyramid: for objectives that compare images."""

from __future__ import annotations

import math
from typing import Generic

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, ViewpointT, concatenate
from tvdrnet_nv.objectives.objective import ResidualObjective, checked_losses, correlation_length, robust_loss
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.optimization.coordinates import Coordinates, is_different_camera, parameters_at_limit
from tvdrnet_nv.optimization.covariance import step_covariance
from tvdrnet_nv.optimization.damped_descent import DampedDescent
from tvdrnet_nv.optimization.method import Evaluation, Level
from tvdrnet_nv.optimization.normal_equations import normal_equations, residuals_and_jacobian
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.optimization.search import search
from tvdrnet_nv.renderer import Renderer

COARSEST = 8  # pixels along the shorter side of the top of the pyramid
_SMALL = 128  # pixels along the shorter side of the renders that the coarse levels are averaged from
_COARSE_TOLERANCE, _TOLERANCE = 2e-3, 5e-5  # a level is through when no coordinate moves by more
_COARSE_STEPS = 8  # at most, at a coarse level
_SEARCHED = 2  # starts, or a third of them, go on from the best that the first search found
# Losses that differ by no more than this share and this much are equal: the latter is what rounding to 8 bits makes.
_EQUAL, _ZERO = 0.02, 1 / (12 * 255**2)
_HOPELESS = 20  # steps in which a descent must be able to reach one that has ended


class LevenbergMarquardt(Generic[ViewpointT]):
    """Damped Gauss-Newton steps (Levenberg 1944, Marquardt 1963) on residuals averaged over squares, coarse to fine.

    A scene's texture makes the image error a landscape of many local minima, whose width is that of the detail.
    Averaged to 8 pixels, image and Jacobian alike, it has few; each finer level then starts in the right one. The
    Jacobian of the handful of parameters comes from forward mode. Before the first step, `search` looks around each
    start, and the best third of them goes on; after each coarse level the worse half is left behind.

    Args:
        start: K cameras, on the host: all that is no image is decided upon there.
        coordinates: of their steps.
        renderer: the scene.
        objective: of residuals. A robust loss of theirs is minimised by iteratively reweighted least squares (Holland
            and Welsch 1977): each step solves the normal equations with the weights at hand.
        look_around: whether to `search` first.
        coarsest: pixels along the shorter side of the first images that are compared.
    """

    ends_by_itself = True

    def __init__(
        self,
        start: ViewpointT,
        coordinates: Coordinates[ViewpointT],
        renderer: Renderer,
        objective: ResidualObjective,
        *,
        look_around: bool = True,
        coarsest: int = COARSEST,
    ) -> None:
        self.converged = False
        self.ending = ""
        self.candidates: ViewpointT | None = None
        self._renderer, self._objective = renderer, objective
        self._look_around = look_around
        self._coordinates, self._device = coordinates, renderer.mesh.device
        # `texture` has no forward mode on any backend.
        self._forward_mode = backend_for(self._device).forward_mode and renderer.mesh.textures is None
        side = min(renderer.resolution)
        self._small = renderer.at_resolution(shrunk(renderer.resolution, _SMALL)) if side > _SMALL else renderer
        squares = [max(1, round(min(self._small.resolution) / size)) for size in _sizes(coarsest, min(side, _SMALL))]
        self._levels = [(self._small, square) for square in dict.fromkeys(squares)]
        if self._levels[-1] != (renderer, 1):
            self._levels.append((renderer, 1))
        self._level = -1
        self._robust = robust_loss(objective)
        self._count = 0  # of residuals, at this level
        self._scale: Tensor | float | None = None  # of the robust loss, at this level
        self._views = start  # the K cameras to look from
        self._active = torch.arange(len(start))
        self._losses = torch.full((len(start),), math.inf, dtype=start.dtype)
        self._best, self._best_losses = start, self._losses.clone()  # of all that were looked from
        self._descents: list[DampedDescent[ViewpointT]] = []

    @property
    def _last(self) -> bool:
        return self._level == len(self._levels) - 1

    @property
    def _pixels(self) -> int:
        """Along the shorter side of the images that are compared at this level; before the first, of the renders."""
        renderer, square = (self._renderer, 1) if self._level < 0 else self._levels[self._level]
        return math.ceil(min(renderer.resolution) / square)

    def iterate(self) -> Evaluation:
        """Evaluate the present cameras, judge the steps that led to them, and take the next."""
        rows, views = self._active, self._views
        with torch.no_grad():
            render = self._renderer(views[rows].camera().to(self._device))
            losses = checked_losses(self._objective, render)
        numbers = [losses.double()[:, None]] if self._level < 0 else [losses.double()[:, None], self._equations()]
        read = torch.cat(numbers, 1).cpu()  # the one time that the host waits for the device
        self._losses[rows] = read[:, 0].to(self._losses)
        better = (self._losses < self._best_losses).nonzero()[:, 0]
        self._best = self._best.with_rows(better, views[better])
        self._best_losses[better] = self._losses[better]
        losses, has_gradient = self._losses.clone(), True
        pixels, accepted = self._pixels, torch.zeros(len(views), dtype=torch.bool)
        if self._level < 0:
            accepted[rows] = True
            if self._look_around:
                found, fits, self.candidates = search(self._small, self._coordinates, self._objective, views)
                self._active = fits.argsort()[: max(_SEARCHED, len(fits) // 3)].sort().values
                self._place([found[row] for row in self._active.tolist()])
            self._next_level()
        else:
            taken = [descent.judge(row, self._count) for descent, row in zip(self._descents, read[:, 1:], strict=True)]
            accepted[rows] = torch.tensor(taken)
            has_gradient = self._move()
        gradients = torch.full_like(losses, has_gradient, dtype=torch.bool)
        return Evaluation(views, losses, gradients, Level(pixels, accepted))

    def run(self, iterations: int) -> None:
        """Iterate to the end, at most so often."""
        for _ in range(iterations):
            self.iterate()
            if self.ending:
                return

    @property
    def lowest_loss(self) -> float:
        """Of all cameras that were looked from, at full size."""
        return float(self._best_losses.min())

    def survivors(self) -> tuple[ViewpointT, Tensor]:
        """The starts that are still active, each at the best camera that it came to at this level, and their losses."""
        views = concatenate([descent.view for descent in self._descents])
        return views, torch.tensor([descent.loss for descent in self._descents])

    def deviations(self, k: int) -> dict[str, float | list[float]] | None:
        """Standard deviations of the parameters of camera k, in their units; None where they are not known.

        Those of `step_covariance`; known once the method has converged, where the image determines the parameters.
        """
        rows = self._active.tolist()
        if not self.converged or k not in rows:
            return None
        descent, row = self._descents[rows.index(k)], torch.tensor([k])
        if descent.curvature is None:
            return None

        def residuals(steps: Tensor) -> Tensor:
            owners = row.expand(len(steps))
            views = self._coordinates.retract(descent.view[torch.zeros_like(owners)], steps.to(self._losses), owners)
            with torch.no_grad():
                return self._objective.residuals(self._renderer(views.camera().to(self._device)))

        covariance = step_covariance(
            residuals,
            descent.curvature,
            pixel=2 / (float(descent.view.camera().focal.mean()) * min(self._renderer.resolution)),
            robust=self._robust,
            correlated=correlation_length(self._objective, self._renderer.resolution),
        )
        return None if covariance is None else self._coordinates.deviations(descent.view, covariance, row)

    def parameters_at_limit(self, viewpoint: ViewpointT) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        return parameters_at_limit(self._coordinates, viewpoint)

    def has_equal(self, k: int, *, share: float = _EQUAL, offset: float = _ZERO) -> bool:
        """Whether another start ended at another camera with the loss of camera k, or one that is higher by at most
        this share of it and this offset."""
        rows = self._active.tolist()
        if k not in rows or not self.converged:
            return False
        limit = self._descents[rows.index(k)].loss * (1 + share) + offset
        differ = self._differ_from(rows.index(k))
        return any(
            other.loss <= limit and other_camera for other, other_camera in zip(self._descents, differ, strict=True)
        )

    def _differ_from(self, index: int) -> list[bool]:
        """For each active start, whether its camera is another one than that of the start at `index`.

        As cameras: about a free look-at point, different orbits are one camera.
        """
        views = concatenate([descent.view for descent in self._descents])
        return is_different_camera(
            views, views[index], self._coordinates.viewing_distance(views, self._active)[index]
        ).tolist()

    def _move(self) -> bool:
        """The next steps from the cameras that were judged; the next level where no camera moves any more.

        Returns whether the loss of any camera has a gradient.
        """
        if all(descent.no_gradient for descent in self._descents):
            return False
        if self._last:
            self._give_up_hopeless()
        if all(descent.finished for descent in self._descents):
            self._place([descent.view for descent in self._descents])
            if self._last and self._start_again():
                return True
            if self._last:
                self.converged = True
                self.ending = "no small step of the camera lowers the loss any more"
            else:
                self._next_level()
            return True
        views = concatenate([descent.view for descent in self._descents])
        proposed = torch.stack([descent.proposed() for descent in self._descents]).to(self._losses)
        steps = self._coordinates.limited(views, proposed)
        tried = self._coordinates.retract(views, steps, self._active)
        for i, (descent, size) in enumerate(zip(self._descents, steps.abs().amax(1).tolist(), strict=True)):
            # One that stays where it is stays there to the last bit.
            descent.tried, descent.size = (descent.view, 0.0) if size == 0.0 else (tried[i], size)
        self._place([descent.tried for descent in self._descents])
        return True

    def _place(self, views: list[ViewpointT]) -> None:
        """Evaluate these cameras next, one for each active start."""
        self._views = self._views.with_rows(self._active, concatenate(views))

    def _give_up_hopeless(self) -> None:
        """End the descents that are far above one that has ended, and come down too slowly to end beside it."""
        ended = min((descent.loss for descent in self._descents if descent.finished), default=math.inf)
        for descent in self._descents:
            descent.give_up_above(ended * (1 + _EQUAL) + _ZERO, _HOPELESS)

    def _start_again(self) -> bool:
        """Start again, once, those that ended above the best they looked from on the way; whether there are any."""
        found = False
        for i, row in enumerate(self._active.tolist()):
            descent = self._descents[i]
            if not descent.again and float(self._best_losses[row]) < descent.loss * (1 - 1e-4):
                self._descents[i] = self._descent(self._best[row], _TOLERANCE, None, again=True)
                found = True
        self._place([descent.view for descent in self._descents])
        return found

    def _next_level(self) -> None:
        """One level finer, with the better half of the starts."""
        if self._descents:
            self._active = self._active[torch.tensor(sorted(self._better_half()))]
        self._level += 1
        self._scale = None
        tolerance, steps = (_TOLERANCE, None) if self._last else (_COARSE_TOLERANCE, _COARSE_STEPS)
        self._descents = [self._descent(self._views[row], tolerance, steps) for row in self._active.tolist()]

    def _descent(
        self, view: ViewpointT, tolerance: float, steps: int | None, *, again: bool = False
    ) -> DampedDescent[ViewpointT]:
        return DampedDescent(view, len(self._coordinates.rates), tolerance, steps, again=again)

    def _better_half(self) -> list[int]:
        """The better half; should they all be one camera, then the best other one, too: it might fit alike."""
        order = sorted(range(len(self._descents)), key=lambda i: self._descents[i].loss)
        half = order[: (len(order) + 1) // 2]
        differ = self._differ_from(order[0])
        if not any(differ[i] for i in half):
            half += [i for i in order if differ[i]][:1]
        return half

    def _equations(self) -> Tensor:
        """[A, 1 + P + P²] float64 on the device, for each active camera the normal equations at this level: the loss,
        J^T W r, and J^T W J. The weights W are 1, but for a robust loss."""
        renderer, square = self._levels[self._level]

        def camera(step: Tensor, rows: Tensor) -> Camera:
            return self._coordinates.retract(self._views[rows], step, rows).camera().to(self._device)

        here = self._losses.new_zeros(len(self._active), len(self._coordinates.rates))
        residuals, jacobian = residuals_and_jacobian(
            self._objective, renderer, square, camera, here, self._active, forward_mode=self._forward_mode
        )
        if self._robust is not None and self._scale is None:
            self._scale = self._robust_scale(residuals)
        self._count = residuals.shape[1]
        return normal_equations(residuals, jacobian, self._robust, self._scale)

    def _robust_scale(self, residuals: Tensor) -> Tensor | float:
        """A robust loss's scale for a level: its own in the last one. Before, while the cameras are off, it covers most
        residuals of the camera that is closest: twice their deviation, from the median absolute one."""
        assert self._robust is not None
        if self._last:
            return self._robust.scale
        typical = 1.4826 * residuals.abs().median(1).values.min()
        return (2 * typical).clamp_min(self._robust.scale)


def _sizes(coarsest: int, side: int) -> list[int]:
    """Pixels along the shorter side, level by level: doubling from the coarsest up to `side`."""
    sizes = [coarsest]
    while 2 * sizes[-1] < side:
        sizes.append(2 * sizes[-1])
    return [min(size, side) for size in sizes]
