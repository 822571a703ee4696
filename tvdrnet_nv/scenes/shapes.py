"""Small closed shapes for tests, examples and benchmarks."""

from __future__ import annotations

import numpy as np
import torch

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes.mesh_arrays import mesh_of_arrays
from tvdrnet_nv.scenes.noise import SmoothNoise
from tvdrnet_nv.scenes.paints import PALETTE
from tvdrnet_nv.scenes.patches import Array


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
    return mesh_of_arrays(vertices, faces, _direction_colors(vertices))


def sphere_field(n: int = 40, seed: int = 0, subdivisions: int = 2) -> Mesh:
    """`n` spheres of random size, place (in a cube of side 4 about the origin) and colour: many silhouettes."""
    rng = np.random.default_rng(seed)
    unit = sphere(subdivisions)
    vertices, faces, colors = (tensor.numpy() for tensor in (unit.vertices, unit.faces, unit.colors))
    centers, radii = rng.uniform(-2, 2, (n, 1, 3)), rng.uniform(0.12, 0.45, (n, 1, 1))
    tones = rng.uniform(0.2, 1, (n, 1, 3))
    return mesh_of_arrays(
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
    return mesh_of_arrays(np.concatenate(vertices), np.concatenate(faces), np.concatenate(colors))


def bumpy_sphere(rows: int, columns: int) -> Mesh:
    """2 rows columns triangles, evenly spread; colours from the position."""
    theta = torch.linspace(0.02, torch.pi - 0.02, rows + 1, dtype=torch.float32)[:, None]
    phi = torch.linspace(0, 2 * torch.pi, columns + 1, dtype=torch.float32)[None]
    r = 1 + 0.05 * torch.sin(9 * theta) * torch.sin(11 * phi)
    points = torch.stack((r * theta.sin() * phi.cos(), r * theta.cos() + 0 * phi, r * theta.sin() * phi.sin()), dim=-1)
    corner = (torch.arange(rows)[:, None] * (columns + 1) + torch.arange(columns)).reshape(-1)
    right, below = corner + 1, corner + columns + 1
    faces = torch.cat((torch.stack((corner, right, below), 1), torch.stack((right, below + 1, below), 1))).int()
    vertices = points.reshape(-1, 3)
    return Mesh(vertices, faces, (0.5 + 0.4 * vertices).clamp(0, 1))


def _direction_colors(directions: Array) -> Array:
    """A colour for each unit direction, smooth, and different in opposite ones."""
    x, y, z = directions.T
    red = 0.5 + 0.25 * x + 0.20 * np.sin(3 * z + 1)
    green = 0.5 + 0.25 * y + 0.20 * np.sin(4 * x + 2)
    blue = 0.5 + 0.25 * z + 0.20 * np.sin(5 * y)
    return np.stack([red, green, blue], axis=1).clip(0, 1)
