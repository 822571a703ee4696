"""Baked light: how open each point of a scene is, from a coarse voxel copy of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tvdrnet_nv.scenes.noise import trilinear
from tvdrnet_nv.scenes.patches import Array


@dataclass(frozen=True)
class BakedLight:
    """Openness near and far, and light from above, on a voxel grid with its corner at `origin`; made by `bake`."""

    origin: Array
    voxel: float
    near: Array
    far: Array
    above: Array

    def openness(self, points: Array, normals: Array) -> Array:
        """[N] in 0..1: 1 on a free plane, less in corners, under and between things (ambient occlusion)."""
        close = self._sample(self.near, points + np.float32(0.09) * normals)
        wide = self._sample(self.far, points + np.float32(0.28) * normals)
        return np.clip(1.12 - 1.1 * close, 0.35, 1) * np.clip(1.06 - 1.5 * wide, 0.4, 1)

    def light(self, points: Array, normals: Array) -> Array:
        """[N]: the soft light from above, weighted by the normal, plus a little from one side."""
        above = self._sample(self.above, points + np.float32(0.12) * normals)
        side = normals @ np.array([0.55, -0.75, 0.36], dtype=np.float32)
        return 0.80 + 0.30 * above * np.clip(normals[:, 2], 0, 1) + 0.10 * side

    def _sample(self, grid: Array, points: Array) -> Array:
        return trilinear(grid[..., None], (points - self.origin) / np.float32(self.voxel))[:, 0]


def bake(samples: Array, voxel: float = 0.07) -> BakedLight:
    """Fill voxels with the surface points `samples` [N, 3] (spaced closer than `voxel`, in metres) and light them."""
    margin = 4
    origin = (samples.min(axis=0) - margin * voxel).astype(np.float32)
    shape = np.ceil((samples.max(axis=0) - origin) / voxel).astype(int) + margin
    filled = np.zeros(shape, dtype=np.float32)
    filled[tuple(np.floor((samples - origin) / voxel).astype(int).T)] = 1
    near, far = _blur(filled, 1, 2), _blur(filled, 3, 2)
    above = np.ones_like(filled)
    soft = _blur(filled, 1, 1)
    for z in range(shape[2] - 2, -1, -1):
        passed = above[:, :, z + 1] * (1 - 0.75 * soft[:, :, z + 1])
        # Widened and lifted a little at each level: shadows soften and fade with the distance to what casts them.
        above[:, :, z] = 0.97 * _blur(passed[:, :, None], 1, 1, axes=(0, 1))[:, :, 0] + 0.03
    return BakedLight(origin, voxel, near, far, above)


def _blur(grid: Array, radius: int, passes: int, axes: tuple[int, ...] = (0, 1, 2)) -> Array:
    width = 2 * radius + 1
    for _ in range(passes):
        for axis in axes:
            pad = [(0, 0)] * grid.ndim
            pad[axis] = (radius + 1, radius)
            total = np.cumsum(np.pad(grid, pad, mode="edge"), axis=axis, dtype=np.float64)
            high = np.take(total, np.arange(width, total.shape[axis]), axis=axis)
            low = np.take(total, np.arange(0, total.shape[axis] - width), axis=axis)
            grid = ((high - low) / width).astype(np.float32)
    return grid
