"""What a glTF file stores for its triangles, for readers with their own ideas of colours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tvdrnet_nv.io.gltf.document import Broken, Document, reported
from tvdrnet_nv.io.gltf.extensions import check_extensions
from tvdrnet_nv.io.gltf.materials import Materials
from tvdrnet_nv.io.gltf.parts import place, placed_primitives
from tvdrnet_nv.io.gltf.primitives import Primitives


@dataclass(frozen=True, eq=False)
class Stored:
    """Triangles of one material in the scene's frame.

    Attributes:
        vertices: [V, 3] float64.
        faces: [F, 3] int64.
        colors: COLOR_0, float64 [V, 3 or 4], linear, not clipped; None without.
        factor: [3] base colour, linear.
        uv: [V, 2] in the picture; (0, 0) is its upper left corner; None without a picture.
        picture: uint8 [H, W, 3] in its own size, sRGB; None without.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray | None
    factor: np.ndarray
    uv: np.ndarray | None
    picture: np.ndarray | None


def read_stored(path: str | os.PathLike[str]) -> list[Stored]:
    """The triangles of a glTF or GLB file's scene; at least one. Transparent ones are among them.

    Raises:
        InputError: as `load_gltf`, but for what can be drawn.
    """
    path = Path(path)
    with reported(path):
        document = Document(path)
        check_extensions(document)
        materials, primitives = Materials(document, as_stored=True), Primitives(document)
        found: list[Stored] = []
        for primitive, placed in placed_primitives(document, primitives):
            look = materials.look(primitive.material)
            vertices, faces = place(primitive, placed, primitive.faces)
            times = len(placed.transforms)
            attributes = {name: np.tile(values, (times, 1)) for name, values in primitive.attributes.items()}
            uv, picture, colors = None, None, attributes.get("COLOR_0")
            if look.texture is not None:
                uv = attributes.get(f"TEXCOORD_{look.texture.coordinates}")
            if look.texture is not None and uv is not None:
                if uv.shape[1] != 2:
                    raise Broken("texture coordinates are not two numbers")
                uv = uv @ look.texture.transform[:, :2].T + look.texture.transform[:, 2]
                picture = look.texture.picture.rgb
            if colors is not None and colors.shape[1] not in (3, 4):
                raise Broken("COLOR_0 is not three or four numbers")
            found.append(Stored(vertices, faces, colors, look.factor[:3], uv, picture))
        if not found:
            raise document.refuse("holds no triangles; give a mesh")
    return found
