"""Scenes made by code: an indoor room such as a scanner would deliver it, and small ones for tests and benchmarks.

Everything is seeded and the same on every machine with the same numpy; nothing is downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.mesh import Mesh

from . import furniture as things
from .arrangement import arrange
from .baking import BakedLight, SmoothNoise, bake
from .furniture import PALETTE, Builder
from .patches import Array, Paint, cell_size, rectangle, tessellate

HEIGHT = 2.6
"""The room's walls, metres."""
Decal = tuple[str, tuple[float, float, float, float], Paint]
"""What hangs on a wall: name, (left, bottom, width, height) in metres, paint."""
_SPARE = 0.025  # triangles made beyond the number asked for, which the holes then take away


@dataclass(frozen=True)
class Room:
    """A room and what each of its vertices belongs to.

    `mesh` as `make_room` describes it; `labels` [V] int32 indexes `names`; `names` are unique, such as "floor_0",
    "wall_2", "chair_3", "books_1".
    """

    mesh: Mesh
    labels: torch.Tensor
    names: list[str]


def room(triangles: int = 100_000, seed: int = 0, *, shuffled: bool = False) -> Mesh:
    """The mesh of `make_room`."""
    return make_room(triangles, seed, shuffled=shuffled).mesh


def make_room(triangles: int = 100_000, seed: int = 0, *, shuffled: bool = False) -> Room:
    """A furnished room of about 6 x 5 x 2.6 metres without a ceiling, as a scan seen from outside: z-up, off-centre.

    Vertex colours hold texture, baked ambient occlusion, soft light from above and sensor noise; the surface has
    millimetres of noise, holes (most where a scanner would not see), ragged wall tops, irregular triangles and
    slivers. The layout depends on the seed alone, not on the number of triangles.

    Args:
        triangles: how many faces, 5,000 or more; met exactly.
        seed: layout, colours and noise.
        shuffled: the furniture stands anywhere, along other walls with every seed; otherwise in its usual places, which
            a seed moves by centimetres.

    Raises:
        ValueError: fewer than 5,000 triangles, or more than the scene can be cut into.
    """
    if triangles < 5000:
        raise ValueError(f"triangles={triangles}: a room needs at least 5000")
    layout_rng, surface_rng = (np.random.default_rng([seed, stream]) for stream in (0, 1))
    builder = _layout(layout_rng, shuffled)
    coarse = [tessellate(patch, 0.045 / patch.fineness, layout_rng, 0, 0) for patch in builder.patches]
    samples = np.concatenate([grid.positions for grid in coarse])
    light = bake(samples)
    sample_openness = light.openness(samples, np.concatenate([grid.normals for grid in coarse]))

    cell = cell_size(builder.patches, int(triangles * (1 + _SPARE)))
    grids = [tessellate(patch, cell, surface_rng) for patch in builder.patches]
    sizes = np.array([len(grid.positions) for grid in grids])
    starts = np.cumsum(sizes) - sizes
    positions = np.concatenate([grid.positions for grid in grids])
    normals = np.concatenate([grid.normals for grid in grids])
    colors = np.concatenate([grid.colors for grid in grids])
    faces = np.concatenate([grid.faces + np.int32(start) for grid, start in zip(grids, starts, strict=True)])
    labels = np.repeat(np.array([patch.label for patch in builder.patches], dtype=np.int32), sizes)

    keep = _without_holes(positions, faces, triangles, _hole_centers(samples, sample_openness, layout_rng), layout_rng)
    faces = faces[keep]
    used = np.zeros(len(positions), dtype=bool)
    used[faces.reshape(-1)] = True
    faces = (np.cumsum(used, dtype=np.int32) - 1)[faces]
    positions, normals, colors, labels = positions[used], normals[used], colors[used], labels[used]

    colors = _shade(colors, positions, normals, light, layout_rng, surface_rng)
    positions = positions + _surface_noise(positions, cell, surface_rng)
    positions += layout_rng.uniform((1.0, 0.5, 0.0), (3.0, 2.0, 0.1)).astype(np.float32)
    return Room(_mesh(positions, faces, colors), torch.from_numpy(labels), builder.names)


def _layout(rng: np.random.Generator, shuffled: bool) -> Builder:
    b = Builder()
    width, depth = rng.uniform(5.8, 6.2), rng.uniform(4.8, 5.2)
    accent = PALETTE[rng.permutation(7)]
    _shell(b, width, depth, accent, rng)
    if shuffled:
        arrange(b, width, depth, accent, rng)
        return b

    dining_x, dining_y = width - 1.75 + rng.uniform(-0.1, 0.1), depth - 1.55 + rng.uniform(-0.1, 0.1)
    things.table(b, dining_x, dining_y, (1.7, 0.95, 0.74), yaw=rng.uniform(-4, 4), name="dining_table")
    for dx in (-0.45, 0.45):
        for side in (-1, 1):
            yaw = (0 if side < 0 else 180) + rng.uniform(-14, 14)
            at = (dining_x + dx + rng.uniform(-0.06, 0.06), dining_y + side * rng.uniform(0.55, 0.72))
            things.chair(b, *at, yaw, accent[0] * 0.85)
    things.chair(b, dining_x - 1.15, dining_y + rng.uniform(-0.1, 0.1), -90 + rng.uniform(-25, 25), accent[0] * 0.85)
    for _ in range(7):
        spot = (dining_x + rng.uniform(-0.7, 0.7), dining_y + rng.uniform(-0.33, 0.33))
        things.clutter(b, *spot, 0.74, rng)

    sofa_y = 1.75 + rng.uniform(-0.1, 0.1)
    things.sofa(b, 0.55, sofa_y, -90, accent[1] * 0.8 + 0.1, accent[2])
    things.table(
        b, 1.75, sofa_y + rng.uniform(-0.1, 0.1), (0.60, 1.0, 0.40), yaw=rng.uniform(-8, 8), name="coffee_table"
    )
    for dy in (-0.3, 0.05, 0.33):
        things.clutter(b, 1.75 + rng.uniform(-0.15, 0.15), sofa_y + dy, 0.40, rng)
    things.floor_lamp(b, 0.38, 0.38)

    things.bookshelf(b, 1.05, depth - 0.20, 180, rng)
    things.bookshelf(b, 2.10, depth - 0.20, 180, rng, boards=4)
    things.plant(b, 0.42, depth - 0.85, rng, 1.1)
    things.clutter(b, 2.1, depth - 0.2, 1.52, rng, 1.3)

    desk_x = width - 1.3 + rng.uniform(-0.1, 0.1)
    things.desk(b, desk_x, 0.42, 0, rng)
    things.office_chair(b, desk_x - 0.1, 1.2 + rng.uniform(-0.1, 0.1), 180 + rng.uniform(-35, 35), accent[3] * 0.6)
    for dx in (-0.6, 0.35):
        things.clutter(b, desk_x + dx, 0.45 + rng.uniform(-0.1, 0.1), 0.75, rng)
    things.sideboard(b, 2.65 + rng.uniform(-0.1, 0.1), 0.27, 0, rng)
    things.plant(b, 2.15, 0.25, rng, 0.45, 0.76)
    for dx in (0.05, 0.35, 0.65):
        things.clutter(b, 2.65 + dx, 0.25, 0.76, rng, 1.2)

    for x, y in ((3.3, 1.9), (3.0, 3.9), (4.3, 1.75), (width - 0.35, 2.3), (2.75, 1.05), (3.6, depth - 0.35)):
        things.clutter(b, x + rng.uniform(-0.15, 0.15), y + rng.uniform(-0.15, 0.15), 0, rng, 2.0)
    return b


def _shell(b: Builder, width: float, depth: float, accent: Array, rng: np.random.Generator) -> None:
    """Floor with a rug, four walls with window, door and pictures; all face inwards."""
    rug = (0.95, 0.55, 2.75, 3.05)
    shades = rng.uniform(0.82, 1.12, 4096).astype(np.float32)
    oak = np.array([0.62, 0.45, 0.30], dtype=np.float32)

    def floor(u: Array, v: Array) -> Array:
        plank = np.floor(v / 0.22).astype(int)
        board = np.floor(u / 1.1 + 0.37 * (plank % 3)).astype(int)
        wood = oak * shades[(plank * 61 + board * 17) % len(shades), None]
        inside = np.minimum.reduce([u - rug[0], rug[2] - u, v - rug[1], rug[3] - v])
        ring = np.floor(inside / 0.16).astype(int)
        tones = np.stack([accent[1] * 0.6, np.array([0.88, 0.82, 0.70]), accent[2] * 0.85, accent[4] * 0.8])
        cloth = tones[ring % 4] * (0.9 + 0.1 * ((np.floor(u / 0.12) + np.floor(v / 0.12)) % 2)[:, None])
        return np.where((inside > 0)[:, None], cloth, wood)

    with b.thing("floor", 0, 0):
        surface = rectangle(np.zeros(3), np.array([width, 0, 0]), np.array([0, depth, 0]))
        b.add(surface, (width, depth), floor, fineness=0.75, flat=True)

    base = np.array([0.86, 0.83, 0.76])
    tints = [base, base * 0.96 + 0.04 * accent[5], 0.62 * base + 0.38 * accent[6], base * 0.98]
    decals = [
        [_poster(1.0, 1.35, 0.7, 0.9, rng), _poster(2.75, 1.35, 0.95, 0.65, rng), _poster(4.5, 1.4, 0.7, 0.7, rng)],
        [_poster(0.5, 1.2, 0.6, 0.8, rng), _poster(1.6, 1.2, 0.8, 0.6, rng), _door(2.85, rng)],
        [_window(3.05, 1.7), _poster(5.0, 1.3, 0.6, 0.8, rng)],
        [_poster(0.65, 1.35, 0.6, 0.6, rng), _window(1.5, 1.6), _poster(3.4, 1.3, 0.8, 0.6, rng)],
    ]
    corners = np.array([[0, 0, 0], [width, 0, 0], [width, depth, 0], [0, depth, 0]], dtype=float)
    for i in range(4):
        start, end = corners[i], corners[(i + 1) % 4]
        length = float(np.linalg.norm(end - start))
        along, up = (start - end) / length, np.array([0, 0, 1.0])
        inwards = np.cross(along, up)
        with b.thing("wall", 0, 0):  # from its far end back, so that its normal points into the room
            b.add(
                rectangle(end, length * along, HEIGHT * up),
                (length, HEIGHT),
                _plaster(tints[i]),
                fineness=1.1,
                flat=True,
            )
        for name, (left, bottom, wide, tall), paint in decals[i]:
            with b.thing(name, 0, 0):
                corner = end + left * along + bottom * up + 0.025 * inwards
                b.add(rectangle(corner, wide * along, tall * up), (wide, tall), paint, fineness=0.5, flat=True)


def _plaster(tint: Array) -> Paint:
    """One colour above a dark skirting board."""
    return lambda u, v: np.where((v < 0.09)[:, None], np.array([0.45, 0.36, 0.28]), np.asarray(tint))


def _poster(left: float, bottom: float, wide: float, tall: float, rng: np.random.Generator) -> Decal:
    """A framed picture: random discs over a random two-tone landscape."""
    sky, land, disc = PALETTE[rng.choice(7, 3, replace=False)]
    spots = rng.uniform((0.15, 0.2, 0.06), (0.85, 0.85, 0.22), (4, 3))
    slope = rng.uniform(-0.5, 0.5)

    def paint(u: Array, v: Array) -> Array:
        s, t = u / wide, v / tall
        horizon = 0.4 + slope * (s - 0.5) + 0.06 * np.sin(9 * s)
        color = np.where((t > horizon)[:, None], sky * 0.5 + 0.5, land)
        for x, y, r in spots:
            color[np.hypot(s - x, t - y) < r] = disc
        border = np.minimum.reduce([s * wide, (1 - s) * wide, t * tall, (1 - t) * tall]) < 0.05
        color[border] = (0.16, 0.13, 0.11)
        return color

    return "picture", (left, bottom, wide, tall), paint


def _window(left: float, wide: float) -> Decal:
    """A bright window with a white cross and curtains at its sides."""

    def paint(u: Array, v: Array) -> Array:
        s, t = u / wide, v / 1.35
        color = np.stack([0.70 + 0.16 * t, 0.82 + 0.09 * t, 0.93 + 0.05 * t], axis=1)
        color[t < 0.25 + 0.05 * np.sin(11 * s)] = (0.50, 0.66, 0.45)
        bars = (np.abs(s - 0.5) < 0.025) | (np.abs(t - 0.6) < 0.03) | (t < 0.05) | (t > 0.95)
        color[bars] = (0.97, 0.97, 0.95)
        curtain = np.abs(s - 0.5) > 0.38
        folds = 0.85 + 0.15 * np.sin(2 * np.pi * s[curtain] / 0.05)
        color[curtain] = np.array([0.80, 0.60, 0.42]) * folds[:, None]
        return color

    return "window", (left, 0.85, wide, 1.35), paint


def _door(left: float, rng: np.random.Generator) -> Decal:
    tone = np.array([0.50, 0.34, 0.22]) * rng.uniform(0.9, 1.2)

    def paint(u: Array, v: Array) -> Array:
        s, t = u / 0.9, v / 2.05
        panel = (np.abs(s - 0.5) < 0.32) & (np.abs(np.abs(t - 0.52) - 0.24) < 0.17)
        color = np.where(panel[:, None], tone * 0.78, tone)
        color[(s < 0.06) | (s > 0.94) | (t > 0.97)] = tone * 0.6
        color[np.hypot((s - 0.86) * 0.9, (t - 0.48) * 2.05) < 0.05] = (0.85, 0.75, 0.40)
        return color

    return "door", (left, 0.0, 0.9, 2.05), paint


def _hole_centers(samples: Array, openness: Array, rng: np.random.Generator) -> Array:
    """[N, 4]: centre and radius in metres; two in three where little light gets, as a scanner misses those."""
    hidden = np.flatnonzero(openness < np.quantile(openness, 0.2))
    chosen = np.concatenate([rng.choice(hidden, 24), rng.choice(len(samples), 12)])
    return np.column_stack([samples[chosen], rng.uniform(0.05, 0.22, len(chosen))]).astype(np.float32)


def _without_holes(positions: Array, faces: Array, count: int, holes: Array, rng: np.random.Generator) -> Array:
    """Mask [F] of the `count` faces that stay: those deepest inside a hole, or above the ragged wall tops, go."""
    noise = SmoothNoise(rng)
    depth = np.full(len(faces), np.inf, dtype=np.float32)
    # The lowest corner, not the centre: both triangles of a cell go together, and the edge is no saw.
    top = np.flatnonzero((positions[:, 2] > HEIGHT - 0.3)[faces[:, 0]])
    low = positions[:, 2][faces[top]].min(axis=1)
    place = positions[faces[top, 0]]
    ragged = 0.08 + 0.06 * noise(place, 0.6)[:, 0] + 0.03 * noise(place, 0.2)[:, 0]
    depth[top] = (HEIGHT - low) / np.maximum(ragged, 0.01)

    # A coarse grid finds the few faces near any hole; all faces against all holes would take most of the time.
    reach, step = 1.6 * holes[:, 3].max(), np.float32(0.25)
    origin = positions.min(axis=0) - reach
    marks = np.zeros(np.ceil((positions.max(axis=0) + reach - origin) / step).astype(int) + 1, dtype=bool)
    for hole in holes:
        first, last = (((hole[:3] + side * reach - origin) / step).astype(int) for side in (-1, 1))
        marks[tuple(slice(i, j + 1) for i, j in zip(first, last, strict=True))] = True
    near = np.flatnonzero(marks[tuple(((positions - origin) / step).astype(np.int32).T)][faces[:, 0]])
    center = positions[faces[near, 0]]
    order = np.argsort(center[:, 0])
    near, center = near[order], center[order]
    rough = 1 + 0.5 * noise(center, 0.09)[:, 0]
    for hole in holes:
        inside = slice(*np.searchsorted(center[:, 0], (hole[0] - reach, hole[0] + reach)))
        gap = np.linalg.norm(center[inside] - hole[:3], axis=1) / (hole[3] * rough[inside])
        depth[near[inside]] = np.minimum(depth[near[inside]], gap)
    # Faces far from any hole tie at infinity; at most a handful of them go where the holes are too few.
    keep = np.ones(len(faces), dtype=bool)
    keep[np.argpartition(depth, len(faces) - count)[: len(faces) - count]] = False
    return keep


def _shade(
    colors: Array,
    positions: Array,
    normals: Array,
    light: BakedLight,
    layout_rng: np.random.Generator,
    surface_rng: np.random.Generator,
) -> Array:
    shade = light.openness(positions, normals) * light.light(positions, normals)
    stain = SmoothNoise(layout_rng)
    shade *= 1 + 0.05 * stain(positions, 0.55)[:, 0] + 0.05 * stain(positions, 0.11)[:, 0]
    colors = (colors * shade[:, None]) ** np.float32(0.72)  # as bright as scans are: indoor cameras expose for it
    colors += 0.018 * surface_rng.standard_normal(colors.shape, dtype=np.float32)
    return colors.clip(0, 1)


def _surface_noise(positions: Array, cell: float, rng: np.random.Generator) -> Array:
    """[V, 3] metres. A function of the place, so that what met before still meets."""
    noise = SmoothNoise(rng, channels=3)
    return 0.006 * noise(positions, 0.45) + min(0.003, 0.1 * cell) * noise(positions, max(2.5 * cell, 0.02))


def sphere(subdivisions: int = 3) -> Mesh:
    """A unit sphere about the origin, smoothly coloured by direction: an icosahedron split `subdivisions` times.

    20·4^subdivisions faces.
    """
    golden = (1 + 5**0.5) / 2
    # fmt: off
    vertices = np.array([
        [-1, golden, 0], [1, golden, 0], [-1, -golden, 0], [1, -golden, 0], [0, -1, golden], [0, 1, golden],
        [0, -1, -golden], [0, 1, -golden], [golden, 0, -1], [golden, 0, 1], [-golden, 0, -1], [-golden, 0, 1],
    ])
    faces = np.array([
        [0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6],
        [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10],
        [8, 6, 7], [9, 8, 1],
    ])
    # fmt: on
    vertices /= np.linalg.norm(vertices, axis=1, keepdims=True)
    for _ in range(subdivisions):
        edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        unique, inverse = np.unique(edges, axis=0, return_inverse=True)
        middle = vertices[unique].sum(axis=1)
        ab, bc, ca = (inverse.reshape(-1, 3) + len(vertices)).T
        vertices = np.concatenate([vertices, middle / np.linalg.norm(middle, axis=1, keepdims=True)])
        a, b, c = faces.T
        faces = np.stack([a, ab, ca, b, bc, ab, c, ca, bc, ab, bc, ca], axis=1).reshape(-1, 3)
    return _mesh(vertices, faces, _direction_colors(vertices))


def sphere_field(n: int = 40, seed: int = 0, subdivisions: int = 2) -> Mesh:
    """`n` spheres of random size, place (in a cube of side 4 about the origin) and colour: many silhouettes."""
    rng = np.random.default_rng(seed)
    unit = sphere(subdivisions)
    vertices, faces, colors = (tensor.numpy() for tensor in (unit.vertices, unit.faces, unit.colors))
    centers, radii = rng.uniform(-2, 2, (n, 1, 3)), rng.uniform(0.12, 0.45, (n, 1, 1))
    tones = rng.uniform(0.2, 1, (n, 1, 3))
    return _mesh(
        (centers + radii * vertices).reshape(-1, 3),
        (faces + len(vertices) * np.arange(n)[:, None, None]).reshape(-1, 3),
        (tones * (0.35 + 0.65 * colors)).reshape(-1, 3),
    )


def textured_box(n: int = 24, seed: int = 0) -> Mesh:
    """A box of 2 x 1.4 x 1 about the origin, each side cut into n x n cells with a checker and noise of its own colour.

    12·n² faces; no two sides look alike, nor does a side look the same upside down.
    """
    rng = np.random.default_rng(seed)
    half = np.array([1.0, 0.7, 0.5])
    noise = SmoothNoise(rng, channels=3)
    vertices, faces, colors = [], [], []
    s, t = (grid.ravel() for grid in np.meshgrid(np.linspace(-1, 1, n + 1), np.linspace(-1, 1, n + 1)))
    row, column = (grid.ravel() for grid in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    a = row * (n + 1) + column
    quads = np.concatenate([np.stack([a, a + 1, a + n + 2], 1), np.stack([a, a + n + 2, a + n + 1], 1)])
    for side in range(6):
        axis, sign = side // 2, 1 - 2 * (side % 2)
        unit = np.empty((len(s), 3))
        unit[:, axis], unit[:, (axis + 1) % 3], unit[:, (axis + 2) % 3] = sign, sign * s, t
        checker = (np.floor(s * (2 + side / 2)) + np.floor(t * 3)) % 2
        color = PALETTE[side] * (0.55 + 0.30 * checker + 0.15 * t)[:, None] + 0.12 * noise(unit + 7 * side, 0.3)
        vertices.append(unit * half)
        faces.append(quads + side * len(s))
        colors.append(color.clip(0, 1))
    return _mesh(np.concatenate(vertices), np.concatenate(faces), np.concatenate(colors))


def _direction_colors(directions: Array) -> Array:
    """A colour for each unit direction, smooth, and different in opposite ones."""
    x, y, z = directions.T
    red = 0.5 + 0.25 * x + 0.20 * np.sin(3 * z + 1)
    green = 0.5 + 0.25 * y + 0.20 * np.sin(4 * x + 2)
    blue = 0.5 + 0.25 * z + 0.20 * np.sin(5 * y)
    return np.stack([red, green, blue], axis=1).clip(0, 1)


def _mesh(vertices: Array, faces: Array, colors: Array) -> Mesh:
    arrays = ((vertices, np.float32), (faces, np.int32), (colors, np.float32))
    return Mesh(*(torch.from_numpy(np.ascontiguousarray(array, dtype=dtype)) for array, dtype in arrays))  # type: ignore[arg-type]
