"""The search for a picture's camera among many cameras: all are aligned with the picture, the better half each time."""

from __future__ import annotations

import math

import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.finding.alignment import Round, aligned
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.optimization.clustering import clustered
from tvdrnet_nv.optimization.coordinates import is_different_camera
from tvdrnet_nv.optimization.distinct import best_distinct
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.optimization.search import losses_of
from tvdrnet_nv.optimization.visible_center import visible_centers
from tvdrnet_nv.renderer import Renderer

_SIZE, _SQUARE, _CELL = 24, 2, 0.04  # first renders: shorter side, squares that are averaged, detail in radii
_ALIGNED = 512  # candidates that are aligned with the picture, the best of more
_ROUNDS = Round(48, 17, 6, 14), Round(48, 15, 6, 12), Round(64, 15, 5, 8), Round(96, 15, 6, 5)
_FINALISTS = 3
_DISTINCT = 3.0  # for `is_different_camera`: 0.09 radians or viewing distances; nearer finalists end alike
_AS_MUCH = 0.15  # share of a picture, by which what two cameras explain may differ


def search(
    renderer: Renderer, objective: MatchPhotograph, candidates: Camera, *, parameters: tuple[str, ...]
) -> Camera:
    """The best of many cameras, aligned to the picture; the best first, at most 3.

    Of more than 512 candidates, those go on that are the best in renders of 24 pixels of a mesh of coarse detail. They
    are `aligned` with the picture four times, in renders of 48 to 96 pixels, and the worse half of them is left behind
    each time.

    Args:
        renderer: the scene, in the light in which it is compared.
        objective: the picture.
        candidates: N cameras, on the CPU.
        parameters: which of `POSE_PARAMETERS` move.
    """
    best = candidates
    if len(best) > _ALIGNED:
        mesh = clustered(renderer.mesh, _CELL * (renderer.mesh.radius or 1.0))
        coarse = renderer.of(mesh, shrunk(renderer.resolution, _SIZE))
        best = best[losses_of(coarse, objective, best, _SQUARE).argsort()[:_ALIGNED]]
    for step in _ROUNDS:
        best, agreement = aligned(renderer, objective, best, (step,), focal="focal" in parameters)
        best = best[agreement.argsort(descending=True)[: max(_FINALISTS, len(best) // 2)]]
    return best[:_FINALISTS]


def distinct_finalists(renderer: Renderer, cameras: Camera, explained: list[float]) -> Camera:
    """The camera that explains most of the picture, and those of the others that are different and explain about as
    much: if they fit as well, the picture does not tell which is right."""
    distances = (visible_centers(renderer, cameras) - cameras.position).norm(dim=1)
    misses = torch.tensor(explained).neg()
    misses[misses >= misses.min() + _AS_MUCH] = math.inf
    rows = best_distinct(
        misses,
        lambda i: is_different_camera(cameras, cameras[i], distances[i], by=_DISTINCT).cpu(),
        len(cameras),
    )
    return cameras[rows]
