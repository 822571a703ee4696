"""The search for a picture's camera among many cameras: all are looked from, the best move on, a few are improved."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.finding.candidates import cameras_near
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.optimization.clustering import clustered
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.optimization.levenberg_marquardt import LevenbergMarquardt
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.optimization.search import losses_of
from tvdrnet_nv.renderer import Renderer

_SIZE, _SQUARE, _CELL = 24, 2, 0.04  # first renders: shorter side, squares that are averaged, detail in radii
_KEPT = 512  # candidates that move on,
_TRIED = 12  # each to the best of so many cameras around it
_MOVES = ((9.0, 0.08, 0.08), (5.0, 0.04, 0.05), (3.0, 0.025, 0.03))  # degrees, radii, logarithm of the focal length
_IMPROVED, _FINER, _FINER_CELL = 48, 64, 0.015  # cameras that take steps; in renders of this size and detail
_COARSEST, _STEPS = 16, 32  # pixels along the shorter side, and steps at most


def search_everywhere(
    renderer: Renderer, objective: MatchPhotograph, candidates: Camera, *, parameters: tuple[str, ...]
) -> Camera:
    """The best of many cameras, improved; the best first, at most 12.

    Each candidate is looked from in a render of 24 pixels of a mesh of coarse detail. The best 512 move, three times,
    to the best of 12 cameras drawn around each, and the worse half is left behind each time (as in a particle filter,
    Gordon et al. 1993, but without weights). The best 48 take Levenberg-Marquardt steps in renders of 64 pixels.

    Args:
        renderer: the scene, in the light in which it is compared.
        objective: the picture.
        candidates: N cameras, on the CPU.
        parameters: which of `POSE_PARAMETERS` move.
    """
    radius = renderer.mesh.radius or 1.0
    coarse = renderer.of(clustered(renderer.mesh, _CELL * radius), shrunk(renderer.resolution, _SIZE))
    losses = losses_of(coarse, objective, candidates, _SQUARE)
    order = losses.argsort()[:_KEPT]
    best, losses = candidates[order], losses[order]
    zooms = "focal" in parameters
    for seed, (turn, move, zoom) in enumerate(_MOVES):
        around = cameras_near(best, _TRIED, turn=turn, move=move * radius, zoom=zoom if zooms else 0.0, seed=seed)
        best, losses = _moved(best, losses, around, losses_of(coarse, objective, around, _SQUARE))
        order = losses.argsort()[: max(_IMPROVED, len(losses) // 2)]
        best, losses = best[order], losses[order]
    finer = renderer.of(clustered(renderer.mesh, _FINER_CELL * radius), shrunk(renderer.resolution, _FINER))
    return _improved(finer, objective, best[:_IMPROVED], parameters)


def _moved(best: Camera, losses: Tensor, around: Camera, their_losses: Tensor) -> tuple[Camera, Tensor]:
    """Each of the best, or the best of the cameras around it where that is better."""
    lowest, which = their_losses.reshape(len(best), -1).min(1)
    better = (lowest < losses).nonzero()[:, 0]
    rows = better * (len(around) // len(best)) + which[better]
    return best.with_rows(better, around[rows]), torch.minimum(lowest, losses)


def _improved(small: Renderer, objective: MatchPhotograph, cameras: Camera, parameters: tuple[str, ...]) -> Camera:
    """The better ones of the cameras after some steps, the best first."""
    coordinates = coordinates_for(cameras, parameters, small)
    descent = LevenbergMarquardt(cameras, coordinates, small, objective, look_around=False, coarsest=_COARSEST)
    descent.run(_STEPS)
    views, losses = descent.survivors()
    return views[losses.argsort()]
