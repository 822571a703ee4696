"""Parametric surface patches, and the grids of triangles made from them at any density."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
Surface = Callable[[Array, Array], Array]
"""(u [N], v [N]) in 0..1 -> positions [N, 3] in metres."""
Paint = Callable[[Array, Array], Array]
"""(u [N], v [N]) in metres along the patch -> RGB [N, 3] in 0..1."""


@dataclass(frozen=True)
class Patch:
    """A surface over the unit square, seen from the side that du × dv points to.

    `size` is its extent (u, v) in metres. `fineness` multiplies the scene's cell size, small things being meshed more
    finely. `flat` says that one normal fits all. Along v the cells are a multiple of `segments`, so that a profile's
    corners are met; `wrap` joins u = 1 to u = 0; `poles` says whether the rows v = 0 and v = 1 are single points.
    """

    surface: Surface
    size: tuple[float, float]
    paint: Paint
    label: int
    fineness: float = 1.0
    min_u: int = 1
    segments: int = 1
    wrap: bool = False
    poles: tuple[bool, bool] = (False, False)
    flat: bool = False

    def cells(self, cell: float) -> tuple[int, int]:
        """Grid cells (along u, along v) at the scene's cell size in metres."""
        step = cell * self.fineness
        along_u = max(self.min_u, round(self.size[0] / step))
        along_v = self.segments * max(1, round(self.size[1] / self.segments / step))
        return along_u, max(along_v, 2 if self.poles[0] and self.poles[1] else 1)

    def triangles(self, cell: float) -> int:
        """Triangles that `tessellate` makes at this cell size."""
        along_u, along_v = self.cells(cell)
        return along_u * (2 * along_v - sum(self.poles))

    def normals(self, u: Array, v: Array) -> Array:
        """Unit normals [N, 3] by central differences of the surface."""
        if self.flat and len(u) > 1:
            return np.broadcast_to(self.normals(u[:1], v[:1]), (len(u), 3))
        step = np.float32(2e-3)
        v = np.clip(v, 2 * step, 1 - 2 * step)  # a pole has no tangent along u
        normal = np.cross(
            self.surface(u + step, v) - self.surface(u - step, v), self.surface(u, v + step) - self.surface(u, v - step)
        )
        return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True)
class Grid:
    """A tessellated patch: positions, normals and colours [V, 3] float32, faces [F, 3] int32."""

    positions: Array
    normals: Array
    colors: Array
    faces: Array


def tessellate(
    patch: Patch, cell: float, rng: np.random.Generator, irregular: float = 0.25, slivers: float = 0.01
) -> Grid:
    """Cut a patch into triangles of about `cell` metres.

    Vertices inside the patch are moved at random by up to `irregular` cells; the share `slivers` of them is moved
    almost onto a neighbour, which leaves needle-like triangles as scans have them. Cells are split along a random
    diagonal.
    """
    nu, nv = patch.cells(cell)
    columns = nu if patch.wrap else nu + 1
    u, v = np.meshgrid(np.arange(columns, dtype=np.float32) / nu, np.arange(nv + 1, dtype=np.float32) / nv)
    if nu > 2 and nv > 2 and patch.segments == 1 and not patch.wrap:
        inside = (slice(1, -1), slice(1, -1))
        shift = rng.uniform(-irregular, irregular, (2, *u[inside].shape)).astype(np.float32)
        u[inside] += shift[0] / nu
        v[inside] += shift[1] / nv
        row, column = np.nonzero(rng.random(u[inside].shape, dtype=np.float32) < slivers)
        for grid in (u, v):
            grid[row + 1, column + 1] += np.float32(0.96) * (grid[row + 1, column + 2] - grid[row + 1, column + 1])
    u, v = u.ravel(), v.ravel()

    row, column = np.divmod(np.arange(nu * nv, dtype=np.int32), np.int32(nu))
    right = (column + np.int32(1)) % np.int32(columns)
    a, b = row * np.int32(columns) + column, row * np.int32(columns) + right
    c, d = a + np.int32(columns), b + np.int32(columns)
    diagonal = rng.random(nu * nv, dtype=np.float32) < 0.5
    # At a pole one triangle of the cell has no area: the diagonal is chosen so that it is a known one, then dropped.
    diagonal[row == 0] |= patch.poles[0]
    diagonal[row == nv - 1] |= patch.poles[1]
    first = np.stack([a, b, np.where(diagonal, d, c)], axis=1)
    second = np.stack([np.where(diagonal, a, b), d, c], axis=1)
    if patch.poles[0]:
        first = first[row > 0]
    if patch.poles[1]:
        second = second[row < nv - 1]
    return Grid(
        positions=patch.surface(u, v).astype(np.float32),
        normals=patch.normals(u, v).astype(np.float32),
        colors=patch.paint(u * np.float32(patch.size[0]), v * np.float32(patch.size[1])).astype(np.float32),
        faces=np.concatenate([first, second]),
    )


def join(grids: Sequence[Grid]) -> Grid:
    """One grid of many: their vertices and faces one after the other."""
    sizes = np.array([len(grid.positions) for grid in grids])
    starts = np.cumsum(sizes) - sizes
    return Grid(
        positions=np.concatenate([grid.positions for grid in grids]),
        normals=np.concatenate([grid.normals for grid in grids]),
        colors=np.concatenate([grid.colors for grid in grids]),
        faces=np.concatenate([grid.faces + np.int32(start) for grid, start in zip(grids, starts, strict=True)]),
    )


def cell_size(patches: Sequence[Patch], triangles: int) -> float:
    """The largest cell size in metres at which the patches make at least `triangles` triangles, by bisection."""
    fine, coarse = 1e-4, 10.0
    if sum(patch.triangles(fine) for patch in patches) < triangles:
        raise ValueError(f"triangles={triangles} is more than this scene can be cut into")
    for _ in range(36):
        middle = (fine * coarse) ** 0.5
        if sum(patch.triangles(middle) for patch in patches) >= triangles:
            fine = middle
        else:
            coarse = middle
    return fine
