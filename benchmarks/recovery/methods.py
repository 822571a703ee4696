"""Ways to look for a camera: from a start and a picture to the cameras tried, in their order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.camera import Orbit, Viewpoint, concatenate
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import INTERRUPTED, Progress, optimize
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.starts import spread_starts

ITERATIONS = 256


@dataclass(frozen=True)
class Search:
    """What a method did.

    Attributes:
        tried: the cameras of the start that won, [I].
        best: the one it settled on.
        seconds: [I], from the beginning until each was looked from; what comes before it, a first search, included.
        searched: how many cameras a search before the first step looked from, in small.
    """

    tried: Viewpoint
    best: Viewpoint
    seconds: np.ndarray
    searched: int = 0


Method = Callable[[Renderer, Any, torch.Tensor, tuple[str, ...], int], Search]
"""From the scene, one start, the picture [H, W, 3], the parameters and a seed."""


class _Counted(MatchImage):
    """Counts the renders that it is asked about."""

    count = 0

    def __call__(self, render: Render) -> torch.Tensor:
        self.count += len(render.rgba)
        return super().__call__(render)

    def residuals(self, render: Render) -> torch.Tensor:
        self.count += len(render.rgba)
        return super().residuals(render)


def by_optimize(method: str, starts: int = 1, robust: str | None = None) -> Method:
    """The library's `optimize`."""

    def search(renderer: Renderer, start: Any, picture: torch.Tensor, parameters: tuple[str, ...], seed: int) -> Search:
        objective, seconds, counts = _Counted(picture, robust=robust), list[float](), list[int]()
        began = time.perf_counter()

        def watch(_: Progress) -> None:
            seconds.append(time.perf_counter() - began)
            counts.append(objective.count)

        result = optimize(
            renderer,
            spread_starts(start, starts, seed=seed),
            objective,
            parameters=parameters,
            method=method,
            iterations=ITERATIONS,
            seed=seed,
            callback=watch,
        )
        if result.reason == INTERRUPTED:
            raise KeyboardInterrupt  # a trial that was cut short says nothing
        tried = result.history.of_start(result.best_start)
        # A last iteration in which no camera sees the scene is not reported.
        seconds += [time.perf_counter() - began] * (len(tried) - len(seconds))
        # Each start is looked from twice besides: before the first iteration, and in it.
        searched = counts[0] - 2 * starts if counts else 0
        return Search(tried, result.best, np.array(seconds), searched)

    return search


def noise_then_adam(
    renderer: Renderer, start: Orbit, picture: torch.Tensor, parameters: tuple[str, ...], seed: int
) -> Search:
    """As nvdiffrast's pose sample does: a search by noise on the best camera so far, that fades; then Adam alone.

    In the first three quarters of the iterations each look is from the best camera seen, moved at random: by 15 degrees
    and a quarter of the distance at first, less and less in time. Our own telling of the published idea, to scale with
    these starts; a step of Adam from each such look is better than none, and is taken, too.
    """
    generator = torch.Generator().manual_seed(seed)
    objective = MatchImage(picture)
    coordinates = coordinates_for(start, parameters, renderer)
    step = coordinates.rates.new_zeros(1, len(coordinates.rates)).requires_grad_()
    adam = Adam([([step], 0.01)])
    camera, best, best_loss = start, start, float("inf")
    tried, seconds = [], []

    def moved(camera: Orbit, step: torch.Tensor) -> Orbit:
        return coordinates.retract(camera, coordinates.limited(camera, step)).detach()

    began = time.perf_counter()
    for i in range(ITERATIONS):
        strength = max(0.0, 1 - i / (0.75 * ITERATIONS))
        if strength:
            noise = 0.25 * strength * torch.randn(step.shape, generator=generator)
            camera = moved(best, noise if i else torch.zeros_like(noise))
        adam.rates[0] = 0.01 * (0.02 + 0.98 * (1 - i / ITERATIONS))
        loss = objective(renderer(coordinates.retract(camera, step).camera()))
        loss.sum().backward()
        tried.append(camera)
        seconds.append(time.perf_counter() - began)
        if float(loss.detach()) < best_loss:
            best, best_loss = camera, float(loss.detach())
        adam.step()
        camera = moved(camera, step.detach())
        with torch.no_grad():
            step.zero_()
    return Search(concatenate(tried), best, np.array(seconds))


OURS: dict[str, Method] = {"lm": by_optimize("lm"), "lm, 8 starts": by_optimize("lm", 8)}
RIVALS: dict[str, Method] = {
    "adam": by_optimize("adam"),
    "tvdrnet": by_optimize("tvdrnet"),
    "noise, then adam": noise_then_adam,
}

POSE_METHODS: dict[str, Method] = {"adam, pose": by_optimize("adam"), "lm, pose": by_optimize("lm")}
"""What cameras that go anywhere are looked for with."""

COVERED_METHODS = {"lm, squared error": by_optimize("lm"), "lm, robust": by_optimize("lm", robust="geman-mcclure")}
"""What pictures with something in the way are compared with."""
