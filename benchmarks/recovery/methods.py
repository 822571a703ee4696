"""Ways to look for a camera: from a start and a picture to the cameras tried, in their order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import INTERRUPTED, optimize
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.coordinates import Coordinates
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
        history, k = result.history, result.best_start
        tried = Orbit(
            *(torch.from_numpy(np.ascontiguousarray(getattr(history, n)[:, k])) for n in ("distance", "elevation")),
            *(torch.from_numpy(np.ascontiguousarray(getattr(history, n)[:, k])) for n in ("azimuth", "fov", "at")),
            up=start.up,
        )
        return Search(tried, result.best, seconds)

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
    coordinates = Coordinates(start, parameters, renderer.mesh.radius)
    x = coordinates.of(start).detach().clone().requires_grad_()
    adam = Adam([([x], 0.01)])
    best, best_loss = x.detach().clone(), float("inf")
    tried = []
    began = time.perf_counter()
    for i in range(ITERATIONS):
        strength = max(0.0, 1 - i / (0.75 * ITERATIONS))
        if strength:
            with torch.no_grad():
                noise = 0.25 * strength * torch.randn(x.shape, generator=generator)
                x.copy_(coordinates.clamped(best + (noise if i else 0)))
        adam.rates[0] = 0.01 * (0.02 + 0.98 * (1 - i / ITERATIONS))
        orbit = coordinates.orbit(x)
        loss = objective(renderer(orbit.camera(*planes)))
        loss.sum().backward()
        tried.append(x.detach().clone())
        if float(loss.detach()) < best_loss:
            best, best_loss = x.detach().clone(), float(loss.detach())
        adam.step()
    seconds = time.perf_counter() - began
    every = torch.cat(tried)
    rows = torch.zeros(len(every), dtype=torch.int64)
    return Search(coordinates.orbit(every, rows), coordinates.orbit(best), seconds)


METHODS: dict[str, Method] = {
    "lm": by_optimize("lm"),
    "lm, 8 starts": by_optimize("lm", 8),
    "adam": by_optimize("adam"),
    "tvdrnet": by_optimize("tvdrnet"),
    "noise, then adam": noise_then_adam,
}
