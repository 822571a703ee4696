"""Cameras that are aligned with a picture by what their renders have in common with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch

from tvdrnet_nv.camera import Camera, concatenate
from tvdrnet_nv.finding.block_matching import match_blocks
from tvdrnet_nv.finding.resection import Resected, resected
from tvdrnet_nv.objectives.match import MatchImage
from tvdrnet_nv.objectives.objective import shown
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.renderer import Renderer

_BATCH = 64  # cameras at once, for the memory of their blocks


class Round(NamedTuple):
    """How blocks are compared once: in images of `side` pixels along the shorter side; see `match_blocks`."""

    side: int
    block: int
    spacing: int
    reach: int


def aligned(
    renderer: Renderer, objective: MatchImage, cameras: Camera, rounds: Iterable[Round], *, focal: bool
) -> Resected:
    """Move K cameras, round after round, to where their renders' blocks are in the picture.

    Args:
        renderer: the scene.
        objective: the picture, and its mask.
        cameras: K cameras.
        rounds: of block matching and resection.
        focal: whether the focal length may change.
    """
    parts = [
        _aligned(renderer, objective, cameras[first : first + _BATCH].to(renderer.mesh.device), rounds, focal=focal)
        for first in range(0, len(cameras), _BATCH)
    ]
    return Resected(concatenate([part.cameras for part in parts]), torch.cat([part.agreement for part in parts]))


def _aligned(
    renderer: Renderer, objective: MatchImage, cameras: Camera, rounds: Iterable[Round], *, focal: bool
) -> Resected:
    agreement = cameras.T.new_zeros(len(cameras))
    with torch.no_grad():
        for side, block, spacing, reach in rounds:
            small = renderer.at_resolution(shrunk(renderer.resolution, side))
            render = small(cameras)
            render = render.showing(shown(objective, render.rgba))
            target, counts = objective.picture(render.rgba)
            matches = match_blocks(render, target, counts, block=block, spacing=spacing, reach=reach)
            cameras, agreement = resected(cameras, matches, small.resolution, focal=focal)
    return Resected(cameras, agreement)
