"""Smooth random fields, and the interpolation that they share with baked light."""

from __future__ import annotations

import numpy as np
import torch

from tvdrnet_nv.scenes.patches import Array


def trilinear(grid: Array, points: Array) -> Array:
    """Values [N, C] float32 at `points` [N, 3], in voxels, of a grid [X, Y, Z, C]; the border's value beyond it."""
    volume = torch.from_numpy(np.ascontiguousarray(grid, dtype=np.float32)).permute(3, 0, 1, 2)[None]
    last = np.array(grid.shape[:3], dtype=np.float32) - 1
    # grid_sample wants -1..1 and the axes in reverse; it is here for its threads.
    unit = (2 * points / last - 1).astype(np.float32)[None, None, None, :, ::-1]
    options = {"mode": "bilinear", "padding_mode": "border", "align_corners": True}
    values = torch.nn.functional.grid_sample(volume, torch.from_numpy(unit.copy()), **options)
    return values[0, :, 0, 0].T.numpy()


class SmoothNoise:
    """Value noise: uniform random numbers in -1..1 on a periodic lattice, interpolated. `channels` values per point."""

    def __init__(self, rng: np.random.Generator, channels: int = 1, size: int = 32) -> None:
        lattice = rng.uniform(-1, 1, (size, size, size, channels)).astype(np.float32)
        self._size = np.float32(size)
        self._lattice = np.pad(lattice, [(0, 1), (0, 1), (0, 1), (0, 0)], mode="wrap")

    def __call__(self, points: Array, wavelength: float) -> Array:
        """[N, channels] at points [N, 3] in metres; the lattice's step is `wavelength` metres."""
        turns = points / np.float32(wavelength * self._size)
        return trilinear(self._lattice, (turns - np.floor(turns)) * self._size)
