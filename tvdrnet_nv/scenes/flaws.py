"""The flaws that a scan has: holes, ragged wall tops, a noisy surface."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.scenes.noise import SmoothNoise
from tvdrnet_nv.scenes.patches import Array
from tvdrnet_nv.scenes.shell import HEIGHT


def hole_centers(samples: Array, openness: Array, rng: np.random.Generator) -> Array:
    """[N, 4]: centre and radius in metres; two in three where little light gets, as a scanner misses those."""
    hidden = np.flatnonzero(openness < np.quantile(openness, 0.2))
    chosen = np.concatenate([rng.choice(hidden, 24), rng.choice(len(samples), 12)])
    return np.column_stack([samples[chosen], rng.uniform(0.05, 0.22, len(chosen))]).astype(np.float32)


def faces_outside_holes(positions: Array, faces: Array, count: int, holes: Array, rng: np.random.Generator) -> Array:
    """Mask [F] of the `count` faces that stay: those deepest inside a hole, or above the ragged wall tops, go."""
    noise = SmoothNoise(rng)
    depth = np.full(len(faces), np.inf, dtype=np.float32)
    _measure_wall_tops(depth, positions, faces, noise)
    _measure_holes(depth, positions, faces, holes, noise)
    # Faces far from any hole tie at infinity; at most a handful of them go where the holes are too few.
    keep = np.ones(len(faces), dtype=bool)
    keep[np.argpartition(depth, len(faces) - count)[: len(faces) - count]] = False
    return keep


def _measure_wall_tops(depth: Array, positions: Array, faces: Array, noise: SmoothNoise) -> None:
    """Write into `depth` [F] how far below the ragged edge the faces at the walls' tops are; 1 is the edge."""
    # The lowest corner, not the centre: both triangles of a cell go together, and the edge is no saw.
    top = np.flatnonzero((positions[:, 2] > HEIGHT - 0.3)[faces[:, 0]])
    low = positions[:, 2][faces[top]].min(axis=1)
    place = positions[faces[top, 0]]
    ragged = 0.08 + 0.06 * noise(place, 0.6)[:, 0] + 0.03 * noise(place, 0.2)[:, 0]
    depth[top] = (HEIGHT - low) / np.maximum(ragged, 0.01)


def _measure_holes(depth: Array, positions: Array, faces: Array, holes: Array, noise: SmoothNoise) -> None:
    """Lower `depth` [F] to the distance from the nearest hole's centre, in that hole's radii."""
    near = _faces_near(positions, faces, holes)
    center = positions[faces[near, 0]]
    order = np.argsort(center[:, 0])
    near, center = near[order], center[order]
    rough = 1 + 0.5 * noise(center, 0.09)[:, 0]
    margin = _margin(holes)
    for hole in holes:
        inside = slice(*np.searchsorted(center[:, 0], (hole[0] - margin, hole[0] + margin)))
        gap = np.linalg.norm(center[inside] - hole[:3], axis=1) / (hole[3] * rough[inside])
        depth[near[inside]] = np.minimum(depth[near[inside]], gap)


def _faces_near(positions: Array, faces: Array, holes: Array) -> Array:
    """Indices of the few faces near any hole, by a coarse grid: all faces against all holes would take most of the
    time."""
    margin, step = _margin(holes), np.float32(0.25)
    origin = positions.min(axis=0) - margin
    marks = np.zeros(np.ceil((positions.max(axis=0) + margin - origin) / step).astype(int) + 1, dtype=bool)
    for hole in holes:
        first, last = (((hole[:3] + side * margin - origin) / step).astype(int) for side in (-1, 1))
        marks[tuple(slice(i, j + 1) for i, j in zip(first, last, strict=True))] = True
    return np.flatnonzero(marks[tuple(((positions - origin) / step).astype(np.int32).T)][faces[:, 0]])


def _margin(holes: Array) -> np.float32:
    """Metres from a hole's centre within which its ragged edge lies."""
    return 1.6 * holes[:, 3].max()


def surface_noise(positions: Array, cell: float, rng: np.random.Generator) -> Array:
    """[V, 3] metres. A function of the place, so that what met before still meets."""
    noise = SmoothNoise(rng, channels=3)
    return 0.006 * noise(positions, 0.45) + min(0.003, 0.1 * cell) * noise(positions, max(2.5 * cell, 0.02))
