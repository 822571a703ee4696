"""Files: scenes as PLY, OBJ, glTF, OFF and STL in, PLY out; labels and scores of vertices; cameras and pictures in."""

from __future__ import annotations

import os
from pathlib import Path

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import check_color
from tvdrnet_nv.io._sniff import LONGEST, other_kind
from tvdrnet_nv.io.camera_json import SavedCamera, load_camera
from tvdrnet_nv.io.depth import as_depth, read_depth
from tvdrnet_nv.io.exif_lens import focal_length_of, fov_of
from tvdrnet_nv.io.gltf import load_gltf
from tvdrnet_nv.io.labels import Labels, labels_beside, load_labels, load_scores, save_labels
from tvdrnet_nv.io.obj import load_obj
from tvdrnet_nv.io.off import load_off
from tvdrnet_nv.io.picture import as_mask, as_picture, brightness, read_picture
from tvdrnet_nv.io.ply import load_ply, save_ply
from tvdrnet_nv.io.stl import load_stl
from tvdrnet_nv.mesh import Mesh

__all__ = [
    "SUFFIXES",
    "Labels",
    "SavedCamera",
    "as_depth",
    "as_mask",
    "as_picture",
    "brightness",
    "focal_length_of",
    "fov_of",
    "labels_beside",
    "load_camera",
    "load_labels",
    "load_mesh",
    "load_scores",
    "read_depth",
    "read_picture",
    "save_labels",
    "save_ply",
]

_LOADERS = {
    ".ply": load_ply, ".obj": load_obj, ".glb": load_gltf, ".gltf": load_gltf, ".off": load_off, ".stl": load_stl,
}  # fmt: skip
SUFFIXES = tuple(_LOADERS)
"""The file name endings, in lower case, that `load_mesh` knows."""


def load_mesh(path: str | os.PathLike[str], color: tuple[float, float, float] | None = None) -> Mesh:
    """Read a scene file onto the CPU.

    Vertices, their order included, are the file's; where they are split at a texture's seams, the copies follow, and
    `Mesh.file_vertices` says of which. Polygons become triangles; a scene graph is flattened with its nodes'
    transforms. Colours are the file's vertex colours, else the material's, else a middle grey; glTF's are multiplied
    with each other. Pictures on faces are read where the format has them. Normals are always those of the faces.
    Coordinates that are far away are relative to an origin near the scene: see `Mesh.origin`. `Mesh.notes` names what
    the file holds and the mesh does not.

    Args:
        path: `.ply`, `.obj`, `.glb`, `.gltf`, `.off` or `.stl`, in either case.
        color: (red, green, blue) in 0..1 for every vertex, instead of the file's colours.

    Raises:
        InputError: the file is missing, empty, truncated, of no known kind, or holds nothing that can be drawn: no
            faces, indices out of range, vertices that are not finite, only zero areas; or `color` is out of range.
    """
    if color is not None:
        check_color(color)
    path = Path(path)
    loader = _LOADERS.get(path.suffix.lower())
    if not path.exists():
        raise InputError(f"{path}: no such file; check the path")
    if path.is_dir():
        raise InputError(f"{path}: is a directory; give a scene file ({', '.join(SUFFIXES)})")
    if loader is None:
        kind = f"'{path.suffix}'" if path.suffix else "a name without ending"
        raise InputError(f"{path}: {kind} is not supported; convert the scene to one of {', '.join(SUFFIXES)}")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(LONGEST)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if size == 0:
        raise InputError(f"{path}: the file is empty; export or download it again")
    other = other_kind(head)
    if other is not None:
        raise InputError(f"{path}: is {other}")
    return loader(path, color)
