"""Files: what is read from them, and what is written into them."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pytorch3d.io import IO, load_obj, load_objs_as_meshes, load_ply, save_obj, save_ply
from pytorch3d.io.experimental_gltf_io import MeshGlbFormat
from pytorch3d.renderer import TexturesUV, TexturesVertex
from pytorch3d.structures import Meshes, Pointclouds

from .scene import bumpy, numbers

OBJ = """# two materials, a quadrangle, negative indices, normals
mtllib two.mtl
v 0 0 0
v 1 0 0
v 1 1 0.25
v 0 1 0
vt 0 0
vt 1 0
vt 1 1
vt 0 1
vn 0 0 1
vn 0 1 0
usemtl plain
f 1//1 2//1 3//2
usemtl painted
f 1/1/1 2/2/1 3/3/2 4/4/1
f -4/1 -3/2 -1/4
"""
MTL = """newmtl plain
Ka 0.1 0.2 0.3
Kd 0 1 0.5
Ks 0.4 0.4 0.4
Ns 12

newmtl painted
Kd 1 0.5 0.25
map_Kd picture.png
"""
PLY = """ply
format ascii 1.0
element vertex 4
property double x
property float y
property float z
property float nx
property float ny
property float nz
property uchar red
property uchar green
property uchar blue
element face 2
property list uchar int vertex_indices
end_header
0 0 0 0 0 1 255 0 51
1 0 0 0 1 0 0 255 0
1 1 0.5 1 0 0 0 0 255
0 1 0 0 0 1 102 102 102
3 0 1 2
4 0 1 2 3
"""


def files(out: dict[str, torch.Tensor]) -> None:
    """All formats, in a folder of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        picture = (numbers(4, 6, 3, seed=90) * 255).to(torch.uint8)
        Image.fromarray(picture.numpy()).save(folder / "picture.png")
        _read_obj(out, folder)
        _written_obj(out, folder)
        _ply(out, folder)
        _meshes(out, folder)
        Image.fromarray((numbers(4, 8, 3, seed=88) * 255).to(torch.uint8).numpy()).save(folder / "sides.png")
        _glb(out, folder)


def _read_obj(out: dict[str, torch.Tensor], folder: Path) -> None:
    (folder / "two.obj").write_text(OBJ)
    (folder / "two.mtl").write_text(MTL)
    verts, faces, more = load_obj(folder / "two.obj", create_texture_atlas=True, texture_atlas_size=3)
    out["file/obj/verts"] = verts
    for field in ("verts_idx", "normals_idx", "textures_idx", "materials_idx"):
        out[f"file/obj/faces/{field}"] = getattr(faces, field)
    out["file/obj/normals"], out["file/obj/uvs"] = more.normals, more.verts_uvs
    out["file/obj/atlas"] = more.texture_atlas
    out["file/obj/picture"] = more.texture_images["painted"]
    for material, values in more.material_colors.items():
        for what, value in values.items():
            out[f"file/obj/{material}/{what}"] = torch.as_tensor(value)
    batch = load_objs_as_meshes([folder / "two.obj", folder / "two.obj"])
    out["file/objs/verts"], out["file/objs/faces"] = batch.verts_padded(), batch.faces_padded()
    assert isinstance(batch.textures, TexturesUV)
    out["file/objs/maps"] = batch.textures.maps_padded()
    out["file/objs/uvs"] = batch.textures.verts_uvs_padded()
    out["file/objs/faces_uvs"] = batch.textures.faces_uvs_padded()


def _written_obj(out: dict[str, torch.Tensor], folder: Path) -> None:
    verts, faces = bumpy(2, 4, seed=91)
    uvs, normals = numbers(len(verts), 2, seed=92), numbers(len(verts), 3, seed=93)
    for places in (None, 2):
        file = folder / f"written_{places}.obj"
        save_obj(
            file,
            verts,
            faces,
            decimal_places=places,
            normals=normals,
            faces_normals_idx=faces,
            verts_uvs=uvs,
            faces_uvs=faces,
            texture_map=numbers(4, 6, 3, seed=94),
        )
        lines = [line for line in file.read_text().splitlines() if line[:2] in ("v ", "vt", "vn", "f ")]
        words = [word for line in lines for word in line.replace("/", " ").split()[1:]]
        out[f"written/obj_{places}/numbers"] = torch.tensor([float(word) for word in words])
        out[f"written/obj_{places}/kinds"] = torch.tensor([["v ", "vt", "vn", "f "].index(line[:2]) for line in lines])
        with Image.open(file.with_suffix(".png")) as image:
            out[f"written/obj_{places}/picture"] = torch.from_numpy(np.asarray(image.convert("RGB")).copy())
        read, indices, more = load_obj(file)
        out[f"file/again_{places}/verts"], out[f"file/again_{places}/faces"] = read, indices.verts_idx
        out[f"file/again_{places}/uvs"], out[f"file/again_{places}/normals"] = more.verts_uvs, more.normals


def _ply(out: dict[str, torch.Tensor], folder: Path) -> None:
    (folder / "read.ply").write_text(PLY)
    out["file/ply/verts"], out["file/ply/faces"] = load_ply(folder / "read.ply")
    verts, faces = bumpy(2, 4, seed=95)
    normals = torch.nn.functional.normalize(numbers(len(verts), 3, seed=96), dim=1)
    for ascii, places in ((True, None), (True, 3), (False, None)):
        file = folder / f"{ascii}_{places}.ply"
        save_ply(file, verts, faces, verts_normals=normals, ascii=ascii, decimal_places=places)
        key = f"{'ascii' if ascii else 'binary'}_{places}"
        out[f"file/{key}/verts"], out[f"file/{key}/faces"] = load_ply(file)
        if ascii:
            body = file.read_text().partition("end_header\n")[2]
            out[f"written/{key}/numbers"] = torch.tensor([float(word) for word in body.split()])


def _meshes(out: dict[str, torch.Tensor], folder: Path) -> None:
    """Through IO, with colours and normals."""
    verts, faces = bumpy(2, 4, seed=97)
    colors = (numbers(len(verts), 3, seed=98) * 255).round() / 255
    mesh = Meshes([verts], [faces], TexturesVertex([colors]))
    for binary in (True, False):
        IO().save_mesh(mesh, folder / "mesh.ply", binary=binary, colors_as_uint8=binary)
        found = IO().load_mesh(folder / "mesh.ply")
        out[f"file/mesh_{binary}/verts"], out[f"file/mesh_{binary}/faces"] = found.verts_packed(), found.faces_packed()
        out[f"file/mesh_{binary}/colors"] = found.textures.verts_features_packed()
    found = IO().load_mesh(folder / "read.ply")
    out["file/mesh_read/colors"] = found.textures.verts_features_packed()
    out["file/mesh_read/normals"] = found.verts_normals_packed()
    cloud = Pointclouds([verts], [torch.nn.functional.normalize(numbers(len(verts), 3, seed=99), dim=1)], [colors])
    IO().save_pointcloud(cloud, folder / "cloud.ply")
    again = IO().load_pointcloud(folder / "cloud.ply")
    out["file/cloud/points"], out["file/cloud/colors"] = again.points_packed(), again.features_packed()
    out["file/cloud/normals"] = again.normals_packed()


def _glb(out: dict[str, torch.Tensor], folder: Path) -> None:
    """With a picture, whose sides are powers of two, and with vertex colours; the node is moved and turned."""
    gltf = IO()
    gltf.register_meshes_format(MeshGlbFormat())
    for textured in (True, False):
        file = folder / f"{textured}.glb"
        _write_glb(file, folder / "sides.png" if textured else None)
        mesh = gltf.load_mesh(file, include_textures=True)
        out[f"file/glb_{textured}/verts"], out[f"file/glb_{textured}/faces"] = mesh.verts_packed(), mesh.faces_packed()
        if textured:
            out["file/glb_True/maps"] = mesh.textures.maps_padded()
            out["file/glb_True/uvs"] = mesh.textures.verts_uvs_padded()
            out["file/glb_True/faces_uvs"] = mesh.textures.faces_uvs_padded()
        else:
            out["file/glb_False/colors"] = mesh.textures.verts_features_packed()


def _write_glb(file: Path, picture: Path | None) -> None:
    verts = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0.5], [0, 1, 0]], np.float32)
    faces = np.array([0, 1, 2, 0, 2, 3], np.uint16)
    extra = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) if picture else numbers(4, 3, seed=89).numpy()
    parts = [verts.tobytes(), faces.tobytes(), extra.tobytes(), *([picture.read_bytes()] if picture else [])]
    parts = [part + bytes(-len(part) % 4) for part in parts]
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    attribute = "TEXCOORD_0" if picture else "COLOR_0"
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "translation": [0.5, -1, 2], "rotation": [0, 0.6, 0, 0.8], "scale": [1, 2, 3]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, attribute: 2}, "indices": 1, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}} if picture else {}}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0.5]},
            {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5126, "count": 4, "type": "VEC2" if picture else "VEC3"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(part)}
            for start, part in zip(starts, parts, strict=False)
        ],
        "buffers": [{"byteLength": starts[-1]}],
    }
    if picture:
        document |= {"images": [{"bufferView": 3, "mimeType": "image/png"}], "textures": [{"source": 0}]}
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(parts)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(body), 0x004E4942) + body
    file.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks)
