"""Draco-compressed primitives of glTF files, through DracoPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.gltf.accessors import as_floats, layout
from tvdrnet_nv.io.gltf.document import TOOL, Broken, Document

NAME = "KHR_draco_mesh_compression"


def decode(
    document: Document, extension: dict[str, Any], accessors: dict[str, Any]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The attributes of a compressed primitive, float64 [V, K] each by their glTF names, and its indices [F * 3].

    Raises:
        InputError: DracoPy is not installed, or cannot decode it.
        Broken: it has not what the primitive says.
    """
    try:
        import DracoPy
    except ModuleNotFoundError as error:
        raise _refusal(document, "needs DracoPy; type `pip install 'tvdrnet_nv[formats]'`, or") from error
    data = bytes(document.view(extension["bufferView"])[0])
    try:
        mesh = DracoPy.decode(data)
    except Exception as error:  # DracoPy has no base class of its errors; what it raises means that the data are broken
        raise _refusal(document, f"cannot be decoded ({' '.join(str(error).split())}); try") from error
    faces = getattr(mesh, "faces", None)
    if faces is None or len(faces) == 0:
        raise _refusal(document, "holds no faces here; try")
    attributes = {}
    for name, number in (extension.get("attributes") or {}).items():
        if name not in accessors:
            continue
        found = mesh.get_attribute_by_unique_id(number)
        values = None if found is None else np.asarray(found["data"])
        accessor = document.item("accessors", accessors[name])
        if values is None or len(values) != len(mesh.points):
            raise Broken(f"a Draco primitive has no {name}")
        values = values.reshape(len(values), -1)[:, : layout(accessor)[1]]
        attributes[name] = as_floats(values, accessor.get("normalized") is True or name == "COLOR_0")
    return attributes, np.asarray(faces, dtype=np.int64).reshape(-1)


def _refusal(document: Document, why: str) -> InputError:
    return document.refuse(
        f"is Draco-compressed ({NAME}), which {why} `gltf-transform copy {document.path.name} plain.glb` ({TOOL}) and "
        "give plain.glb"
    )
