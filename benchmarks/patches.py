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


def plain(color: Sequence[float] | Array) -> Paint:
    """One colour."""
    rgb = np.asarray(color, dtype=np.float32)
    return lambda u, v: np.broadcast_to(rgb, (len(u), 3))


def rectangle(origin: Array, along_u: Array, along_v: Array) -> Surface:
    """The parallelogram from `origin` over two edge vectors, each [3]."""
    o, eu, ev = (np.asarray(vector, dtype=np.float32) for vector in (origin, along_u, along_v))
    return lambda u, v: o + u[:, None] * eu + v[:, None] * ev


def revolution(center: Array, profile: Sequence[tuple[float, float]]) -> Surface:
    """The profile (radius, height) turned about the vertical axis through `center` [3]; upwards it faces outwards."""
    knots = np.asarray(profile, dtype=np.float32)
    at = np.asarray(center, dtype=np.float32)

    def surface(u: Array, v: Array) -> Array:
        t = v * (len(knots) - 1)
        k = np.clip(t.astype(np.int64), 0, len(knots) - 2)
        point = knots[k] + (t - k)[:, None] * (knots[k + 1] - knots[k])
        angle = 2 * np.pi * u
        return at + np.stack([point[:, 0] * np.cos(angle), point[:, 0] * np.sin(angle), point[:, 1]], axis=1)

    return surface


def superellipsoid(center: Array, radii: Sequence[float], roundness: float) -> Surface:
    """An ellipsoid (roundness 1) to a box (towards 0) about `center` [3] with half axes `radii` [3]."""
    at, half = np.asarray(center, dtype=np.float32), np.asarray(radii, dtype=np.float32)

    def power(x: Array) -> Array:
        return np.sign(x) * np.abs(x) ** roundness

    def surface(u: Array, v: Array) -> Array:
        longitude, latitude = 2 * np.pi * u, np.pi * (v - 0.5)
        ring = power(np.cos(latitude))
        unit = [ring * power(np.cos(longitude)), ring * power(np.sin(longitude)), power(np.sin(latitude))]
        return at + half * np.stack(unit, axis=1)

    return surface


def leaf(origin: Array, heading: float, length: float, width: float, rise: float) -> Surface:
    """A bent blade from `origin` [3] towards `heading` (radians about z): u across it, v along it."""
    at = np.asarray(origin, dtype=np.float32)
    forward = np.array([np.cos(heading), np.sin(heading), 0], dtype=np.float32)
    side = np.array([-np.sin(heading), np.cos(heading), 0], dtype=np.float32)

    def surface(u: Array, v: Array) -> Array:
        across = (u - 0.5) * width * np.sin(np.pi * np.clip(0.08 + 0.9 * v, 0, 1))
        height = rise * (1.9 * v - 1.2 * v**2)
        z = np.array([0, 0, 1], dtype=np.float32)
        return at + (v * length)[:, None] * forward - across[:, None] * side + height[:, None] * z

    return surface
