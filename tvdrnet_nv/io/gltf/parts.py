"""A primitive where it stands in the scene, with its colours and picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tvdrnet_nv.io._textures import TextureSet, linear_to_srgb
from tvdrnet_nv.io.gltf.document import Broken, Document
from tvdrnet_nv.io.gltf.materials import Look
from tvdrnet_nv.io.gltf.nodes import Placed, placed_meshes
from tvdrnet_nv.io.gltf.primitives import Primitive, Primitives
from tvdrnet_nv.io.gltf.transparency import visible_faces

_MANY = 50_000_000  # vertices of all instances


def placed_primitives(document: Document, primitives: Primitives) -> Iterator[tuple[Primitive, Placed]]:
    """All triangles of the scene, in the order of its nodes.

    Raises:
        InputError: the instances have too many vertices.
    """
    total = 0
    for placed in placed_meshes(document):
        for primitive in primitives.of_mesh(placed.mesh, placed.node):
            total += len(primitive.vertices) * len(placed.transforms)
            if total > _MANY:
                raise document.refuse(f"its instances have more than {_MANY:,} vertices; export a part of the scene")
            yield primitive, placed


@dataclass(frozen=True, eq=False)
class Part:
    """Triangles in the scene's frame.

    Attributes:
        vertices: [V, 3] float64.
        faces: [F, 3] int64.
        colors: [V, 3] sRGB, those of the picture where there is one; NaN where they are not finite in the file; None
            where the file says none.
        uv: [V, 2]; zeros without a picture.
        image: the picture's index in the set; -1 without.
        tint: [V, 3] sRGB, what the picture is multiplied with; None for white.
        hidden: how many triangles were left out, because they are transparent.
        faint: how many triangles are transparent in part.
        bare: how many triangles have a picture, and no coordinates in it.
        brightest: the largest red, green or blue of its vertices in the file; 0 without.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray | None
    uv: np.ndarray
    image: int
    tint: np.ndarray | None
    hidden: int
    faint: int
    bare: int
    brightest: float


def part_of(primitive: Primitive, placed: Placed, look: Look, pictures: TextureSet) -> Part:
    """Put a primitive into the scene, and colour it: its COLOR_0, base colour and picture are multiplied, linearly.

    sRGB colours of the vertices and the picture are multiplied as they are, where both vary: sRGB is nearly a power, so
    that this differs by 0.03 at most.
    """
    count = len(primitive.vertices)
    uv, texels_alpha = None, None
    if look.texture is not None:
        found = primitive.attributes.get(f"TEXCOORD_{look.texture.coordinates}")
        if found is not None:
            if found.shape[1] != 2 or not np.isfinite(found).all():
                raise Broken("texture coordinates are not two finite numbers")
            uv = found @ look.texture.transform[:, :2].T + look.texture.transform[:, 2]
            texels_alpha = look.texture.picture.alpha
    given = primitive.attributes.get("COLOR_0")
    if given is not None and given.shape[1] not in (3, 4):
        raise Broken("COLOR_0 is not three or four numbers")
    uncolored = np.zeros(count, dtype=bool) if given is None else np.asarray(~np.isfinite(given).all(axis=1))
    linear = None if given is None else np.where(uncolored[:, None], 1.0, np.clip(given, 0, 1))
    alpha = np.full(count, look.factor[3])
    if linear is not None and linear.shape[1] == 4:
        alpha = alpha * linear[:, 3]

    faces = primitive.faces
    hidden = faint = 0
    if look.cutoff > 0:
        shown, partly = visible_faces(faces, alpha, uv, texels_alpha, look.cutoff)
        faint, hidden = int((shown & partly).sum()), int((~shown).sum())
        faces = faces[shown]

    image, tint = -1, None
    colors = None
    if uv is not None and look.texture is not None:
        factor = look.factor[:3]
        if linear is not None and (linear[:, :3] == linear[0, :3]).all():
            factor, linear = factor * linear[0, :3], None
        image, uv, left = pictures.add(look.texture.picture, uv, look.texture.wraps, factor)
        colors = pictures.sample(image, uv).astype(np.float64)
        if linear is not None or (left != 1).any():
            tint = np.broadcast_to(left, (count, 3))
            tint = tint if linear is None else tint * linear_to_srgb(linear[:, :3])
            colors = colors * tint
    elif linear is not None or look.colored:
        rgb = np.ones((count, 3)) if linear is None else linear[:, :3]
        colors = linear_to_srgb(rgb * look.factor[:3])
    if colors is not None and uncolored.any():
        colors = np.where(uncolored[:, None], np.nan, colors)  # `build_mesh` draws them grey, and says so
    vertices, faces = place(primitive, placed, faces)
    instances = len(placed.transforms)

    def repeat(values: np.ndarray) -> np.ndarray:
        return values if instances == 1 else np.tile(values, (instances, 1))

    return Part(
        vertices,
        faces,
        None if colors is None else repeat(colors),
        repeat(np.zeros((count, 2)) if uv is None else uv),
        image,
        None if tint is None else repeat(tint),
        hidden * instances,
        faint * instances,
        len(faces) if look.texture is not None and uv is None else 0,
        0.0 if given is None else float(given[~uncolored, :3].max(initial=0)),
    )


def place(primitive: Primitive, placed: Placed, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vertices of all instances in the scene's frame, and their faces; a mirrored one is turned around."""
    points = primitive.vertices
    if placed.joints is not None:
        return _skinned(primitive, placed.joints), faces
    count = len(points)
    matrices = placed.transforms
    with np.errstate(all="ignore"):  # what is not finite is named by the mesh's checks
        moved = points @ matrices[:, :3, :3].transpose(0, 2, 1) + matrices[:, None, :3, 3]
        mirrored = np.linalg.det(matrices[:, :3, :3]) < 0
    all_faces = faces[None] + count * np.arange(len(matrices))[:, None, None]
    all_faces[mirrored] = all_faces[mirrored][..., ::-1]
    return moved.reshape(-1, 3), all_faces.reshape(-1, 3)


def _skinned(primitive: Primitive, joints: np.ndarray) -> np.ndarray:
    """The vertices as the joints carry them; glTF 2.0, section 3.7.3."""
    points = primitive.vertices
    with np.errstate(all="ignore"):  # what is not finite is named by the mesh's checks
        return _weighted(primitive, joints, points)


def _weighted(primitive: Primitive, joints: np.ndarray, points: np.ndarray) -> np.ndarray:
    total, weight_sum = np.zeros_like(points), np.zeros((len(points), 1))
    for number in range(len(primitive.attributes)):
        which, weights = (primitive.attributes.get(f"{name}_{number}") for name in ("JOINTS", "WEIGHTS"))
        if which is None or weights is None:
            break
        if not np.isfinite(which).all() or not np.isfinite(weights).all():
            raise Broken(f"JOINTS_{number} or WEIGHTS_{number} is not finite")
        which = which.astype(np.int64)
        if which.min(initial=0) < 0 or which.max(initial=0) >= len(joints):
            raise Broken(f"JOINTS_{number} names joint {which.max()} of {len(joints)}")
        for column in range(min(which.shape[1], weights.shape[1])):
            weight = weights[:, column : column + 1]
            matrices = joints[which[:, column]]
            moved = np.einsum("vij,vj->vi", matrices[:, :3, :3], points) + matrices[:, :3, 3]
            total += np.where(weight > 0, weight * moved, 0)
            weight_sum += np.maximum(weight, 0)
    return np.where(weight_sum > 0, total / np.where(weight_sum > 0, weight_sum, 1), points)
