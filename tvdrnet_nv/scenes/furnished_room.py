"""A furnished room, made by code, with the flaws that a scan has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes.baking import BakedLight, bake
from tvdrnet_nv.scenes.builder import Builder
from tvdrnet_nv.scenes.flaws import faces_outside_holes, hole_centers, surface_noise
from tvdrnet_nv.scenes.mesh_arrays import mesh_of_arrays
from tvdrnet_nv.scenes.noise import SmoothNoise
from tvdrnet_nv.scenes.paints import PALETTE
from tvdrnet_nv.scenes.patches import Array, cell_size, join, tessellate
from tvdrnet_nv.scenes.shell import add_shell
from tvdrnet_nv.scenes.shuffled_layout import furnish_shuffled
from tvdrnet_nv.scenes.usual_layout import furnish_usual

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
    coarse = join([tessellate(patch, 0.045 / patch.fineness, layout_rng, 0, 0) for patch in builder.patches])
    light = bake(coarse.positions)
    openness = light.openness(coarse.positions, coarse.normals)

    cell = cell_size(builder.patches, int(triangles * (1 + _SPARE)))
    grids = [tessellate(patch, cell, surface_rng) for patch in builder.patches]
    fine = join(grids)
    labels = np.repeat(
        np.array([patch.label for patch in builder.patches], dtype=np.int32), [len(grid.positions) for grid in grids]
    )

    holes = hole_centers(coarse.positions, openness, layout_rng)
    faces = fine.faces[faces_outside_holes(fine.positions, fine.faces, triangles, holes, layout_rng)]
    used = np.zeros(len(fine.positions), dtype=bool)
    used[faces.reshape(-1)] = True
    faces = (np.cumsum(used, dtype=np.int32) - 1)[faces]
    positions, normals = fine.positions[used], fine.normals[used]

    colors = _shade(fine.colors[used], positions, normals, light, layout_rng, surface_rng)
    positions = positions + surface_noise(positions, cell, surface_rng)
    positions += layout_rng.uniform((1.0, 0.5, 0.0), (3.0, 2.0, 0.1)).astype(np.float32)
    return Room(mesh_of_arrays(positions, faces, colors), torch.from_numpy(labels[used]), builder.names)


def _layout(rng: np.random.Generator, shuffled: bool) -> Builder:
    b = Builder()
    width, depth = rng.uniform(5.8, 6.2), rng.uniform(4.8, 5.2)
    accent = PALETTE[rng.permutation(7)]
    add_shell(b, width, depth, accent, rng)
    furnish = furnish_shuffled if shuffled else furnish_usual
    furnish(b, width, depth, accent, rng)
    return b


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
