"""A mesh as GLB (glTF 2.0), for the browser."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from tvdrnet_nv.io.gltf.write import EncodedPicture, GlbWriter
from tvdrnet_nv.mesh import Mesh, Textures

LARGEST_TEXTURE = 4096  # pixels a side; browsers on small GPUs take no more
_JPEG_QUALITY = 92


def mesh_glb(mesh: Mesh, *, unlit: bool) -> bytes:
    """The mesh as one GLB file, in its own frame, both sides of each face drawn.

    Colours are linear in glTF: those of the vertices are converted and kept in 16 bits. There are no normals: a viewer
    then shades each face by its plane.

    Args:
        mesh: any; of textures, those larger than 4096 pixels are made smaller.
        unlit: whether the colours are shown as they are (KHR_materials_unlit).
    """
    file = GlbWriter(unlit)
    vertices, faces = mesh.vertices.detach().cpu().numpy(), mesh.faces.cpu().numpy()
    colors = mesh.colors.detach().cpu().numpy()
    textures = None if mesh.textures is None else mesh.textures.to("cpu")
    if textures is None:
        file.add(vertices, faces, _stored(colors))
    else:
        _add_textured(file, textures, vertices, faces, colors)
    return file.to_bytes()


def _add_textured(
    file: GlbWriter, textures: Textures, vertices: np.ndarray, faces: np.ndarray, colors: np.ndarray
) -> None:
    """One part for each picture, and one for the faces without."""
    of_face = textures.face_image.numpy()
    uv = textures.uv.detach().numpy()
    tint = None if textures.tint is None else textures.tint.detach().numpy()
    for index in np.unique(of_face).tolist():
        used, corners = np.unique(faces[of_face == index], return_inverse=True)
        part = corners.reshape(-1, 3)
        if index < 0:
            file.add(vertices[used], part, _stored(colors[used]))
        else:
            painted = None if tint is None else _stored(tint[used])
            picture = EncodedPicture(_jpeg(textures.images[index].detach().numpy()), "image/jpeg")
            file.add(vertices[used], part, painted, uv[used], picture)


def _stored(colors: np.ndarray) -> np.ndarray:
    """Colours [V, 3] as linear ones of 16 bits, opaque, [V, 4]."""
    opaque = np.full((len(colors), 4), 65535, dtype=np.uint16)
    opaque[:, :3] = (_linear(colors) * 65535).round()
    return opaque


def _linear(colors: np.ndarray) -> np.ndarray:
    """sRGB's colours as linear ones, both in 0..1."""
    low = colors <= 0.04045
    return np.where(low, colors / 12.92, ((np.maximum(colors, 0) + 0.055) / 1.055) ** 2.4).clip(0, 1)


def _jpeg(image: np.ndarray) -> bytes:
    """A picture, float [H, W, 3] in 0..1, as JPEG."""
    picture = Image.fromarray((image.clip(0, 1) * 255).round().astype(np.uint8))
    picture.thumbnail((LARGEST_TEXTURE, LARGEST_TEXTURE))
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_JPEG_QUALITY)
    return data.getvalue()
