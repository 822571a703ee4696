"""Ways to look for a camera: from a start and a picture to the cameras tried, in their order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import INTERRUPTED, optimize
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.renderer import Renderer, default_clip_planes
from tvdrnet_nv.starts import spread_starts

ITERATIONS = 256


@dataclass(frozen=True)
class Search:
    """What a method did.

    Attributes:
        tried: the cameras of the start that won, [I].
        best: the one it settled on.
        seconds: for all of it.
    """

    tried: Orbit
    best: Orbit
    seconds: float


Method = Callable[[Renderer, Orbit, torch.Tensor, tuple[str, ...], int], Search]
"""From the scene, one start, the picture [H, W, 3], the parameters and a seed."""


def by_optimize(method: str, starts: int = 1) -> Method:
    """The library's `optimize`."""

    def search(
        renderer: Renderer, start: Orbit, picture: torch.Tensor, parameters: tuple[str, ...], seed: int
    ) -> Search:
        began = time.perf_counter()
        result = optimize(
            renderer,
            spread_starts(start, starts, seed=seed),
            MatchImage(picture),
            parameters=parameters,
            method=method,
            iterations=ITERATIONS,
            seed=seed,
        )
        if result.reason == INTERRUPTED:
            raise KeyboardInterrupt  # a trial that was cut short says nothing
        seconds = time.perf_counter() - began
        return Search(result.history.of_start(result.best_start), result.best, seconds)

    return search


def noise_then_adam(
    renderer: Renderer, start: Orbit, picture: torch.Tensor, parameters: tuple[str, ...], seed: int
) -> Search:
    """What nvdiffrast's own pose sample does: Adam from the best camera so far with noise on it, that fades in time.

    In the first three quarters of the iterations each step leaves from the best camera seen, moved at random; the noise
    falls from 15 degrees (a quarter of the distance) to nothing. The last quarter is Adam alone.
    """
    generator = torch.Generator().manual_seed(seed)
    objective, planes = MatchImage(picture), default_clip_planes(renderer.mesh)
    coordinates = coordinates_for(start, parameters, renderer, *planes)
    step = coordinates.rates.new_zeros(1, len(coordinates.rates)).requires_grad_()
    adam = Adam([([step], 0.01)])
    camera, best, best_loss = start, start, float("inf")
    tried = []

    def moved(camera: Orbit, step: torch.Tensor) -> Orbit:
        return coordinates.retract(camera, coordinates.limited(camera, step)).detach()

    began = time.perf_counter()
    for i in range(ITERATIONS):
        strength = max(0.0, 1 - i / (0.75 * ITERATIONS))
        if strength:
            noise = 0.25 * strength * torch.randn(step.shape, generator=generator)
            camera = moved(best, noise if i else torch.zeros_like(noise))
        adam.rates[0] = 0.01 * (0.02 + 0.98 * (1 - i / ITERATIONS))
        loss = objective(renderer(coordinates.retract(camera, step).camera(*planes)))
        loss.sum().backward()
        tried.append(camera)
        if float(loss.detach()) < best_loss:
            best, best_loss = camera, float(loss.detach())
        adam.step()
        camera = moved(camera, step.detach())
        with torch.no_grad():
            step.zero_()
    seconds = time.perf_counter() - began
    return Search(concatenate(tried), best, seconds)


METHODS: dict[str, Method] = {
    "lm": by_optimize("lm"),
    "lm, 8 starts": by_optimize("lm", 8),
    "adam": by_optimize("adam"),
    "tvdrnet": by_optimize("tvdrnet"),
    "noise, then adam": noise_then_adam,
}
