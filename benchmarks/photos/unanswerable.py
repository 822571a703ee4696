"""Pictures that no camera in the scene can have taken. A search that says "converged" on one is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from tvdrnet_nv.benchmarks.photos.development import blurred
from tvdrnet_nv.benchmarks.photos.picture import Picture

NOISE, MIRRORED, ELSEWHERE = "noise", "mirrored", "another scene"
_SMOOTH = 6.0  # pixels: the blur of every other noise


def unanswerable(own: list[Picture], foreign: list[Picture], count: int) -> Iterator[Picture]:
    """Up to `count` of each kind for one scene: noise, its own pictures mirrored, and pictures of other scenes.

    The cameras that starts are made from are those of its own pictures.
    """
    rng = np.random.default_rng(3)
    for index, picture in enumerate(own[:count]):
        shape = (*picture.resolution, 3)
        noise = torch.from_numpy(rng.uniform(size=shape)).float()
        if index % 2:
            noise = blurred(noise, _SMOOTH)
            noise = (noise - noise.amin()) / (noise.amax() - noise.amin())
        yield _instead(picture, NOISE, noise, f"noise {index}")
    for picture in own[:count]:
        yield _instead(picture, MIRRORED, picture.pixels.flip(1), f"{picture.name}, mirrored")
    for picture, other in zip(own[:count], foreign, strict=False):
        yield _instead(picture, ELSEWHERE, other.pixels, f"{other.name} for {picture.name}")


def _instead(picture: Picture, source: str, pixels: torch.Tensor, name: str) -> Picture:
    return replace(picture, name=name, source=source, pixels=pixels, has_answer=False)
