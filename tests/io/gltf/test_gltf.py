"""glTF and GLB files: what is read, and every way in which they can be broken."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.io.examples import COLORS, TRIANGLES, VERTICES, assert_is_the_example
from tests.io.gltf.writer import GltfFile
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.io._textures import linear_to_srgb, srgb_to_linear
from tvdrnet_nv.mesh import Mesh

LINEAR = srgb_to_linear(COLORS / 255)
UV = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]], dtype="f4")


def png(pixels: np.ndarray, kind: str = "png") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **({"lossless": True} if kind == "webp" else {}))
    return stream.getvalue()


def quadrants(alpha: tuple[int, int, int, int] = (255, 255, 255, 255)) -> np.ndarray:
    """8 × 8: red, green above blue, yellow."""
    pixels = np.zeros((8, 8, 4), dtype=np.uint8)
    rgb = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    for i in range(4):
        rows, columns = slice(4 * (i // 2), 4 * (i // 2) + 4), slice(4 * (i % 2), 4 * (i % 2) + 4)
        pixels[rows, columns] = (*rgb[i], alpha[i])
    return pixels


def read(file: GltfFile, folder: Path) -> Mesh:
    return load_mesh(file.write(folder / "a.glb"))


def quad(**more: Any) -> GltfFile:
    file = GltfFile()
    file.mesh(VERTICES, TRIANGLES, **more)
    return file


@pytest.mark.parametrize("name", ["a.glb", "a.GLTF".lower(), "a.gltf"])
def test_vertices_faces_and_linear_colours(tmp_path: Path, name: str) -> None:
    file = GltfFile()
    file.mesh(VERTICES, TRIANGLES, COLOR_0=file.accessor(LINEAR.astype("f4")))
    assert_is_the_example(load_mesh(file.write(tmp_path / name)))


def test_a_data_uri_and_a_byte_order_mark(tmp_path: Path) -> None:
    file = quad()
    file.tree["buffers"][0] |= {
        "uri": "data:application/octet-stream;base64," + base64.b64encode(file.data).decode(),
        "byteLength": len(file.data),
    }
    (tmp_path / "a.gltf").write_bytes(b"\xef\xbb\xbf" + json.dumps(file.tree).encode())
    torch.testing.assert_close(load_mesh(tmp_path / "a.gltf").vertices, torch.from_numpy(VERTICES))


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_normalised_colours_are_multiplied_with_the_base_colour(tmp_path: Path, kind: str) -> None:
    file = GltfFile()
    stored = np.round(np.c_[LINEAR, np.ones(4)] * np.iinfo(kind).max).astype(kind)
    material = {"pbrMetallicRoughness": {"baseColorFactor": [0.5, 1, 0.25, 1]}}
    file.mesh(VERTICES, TRIANGLES, material=material, COLOR_0=file.accessor(stored, normalized=True))
    linear = stored[:, :3] / np.iinfo(kind).max * [0.5, 1, 0.25]
    torch.testing.assert_close(read(file, tmp_path).colors, torch.from_numpy(linear_to_srgb(linear)).float())


@pytest.mark.parametrize("kind", ["i1", "i2", "u1", "u2"])
def test_quantised_positions(tmp_path: Path, kind: str) -> None:
    file = GltfFile()
    stored = np.round(VERTICES * np.iinfo(kind).max).astype(kind)
    row = np.zeros((4, 8 // stored.itemsize), dtype=kind)  # with a stride
    row[:, :3] = stored
    view = file.view(row.tobytes(), byteStride=8)
    component = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123}[kind]
    accessor = {"bufferView": view, "componentType": component, "type": "VEC3", "count": 4, "normalized": True}
    file.mesh(file.add("accessors", accessor), TRIANGLES, node={"scale": [2, 2, 2]})
    file.tree["extensionsRequired"] = file.tree["extensionsUsed"] = ["KHR_mesh_quantization"]
    expected = torch.from_numpy(stored / np.iinfo(kind).max * 2).float()
    torch.testing.assert_close(read(file, tmp_path).vertices, expected)


def test_interleaved_and_sparse_accessors(tmp_path: Path) -> None:
    file = GltfFile()
    view = file.view(np.c_[np.zeros((4, 3)), VERTICES, np.ones((4, 1))].astype("<f4").tobytes(), byteStride=28)
    sparse = {
        "count": 1,
        "indices": {"bufferView": file.view(b"\2"), "componentType": 5121},
        "values": {"bufferView": file.view(np.array([7, 8, 9], dtype="<f4").tobytes())},
    }
    accessor = {"bufferView": view, "byteOffset": 12, "componentType": 5126, "type": "VEC3", "count": 4}
    file.mesh(file.add("accessors", {**accessor, "sparse": sparse}), TRIANGLES)
    expected = VERTICES.copy()
    expected[2] = 7, 8, 9
    torch.testing.assert_close(read(file, tmp_path).vertices, torch.from_numpy(expected))


@pytest.mark.parametrize(
    ("mode", "indices", "faces"),
    [
        (5, [0, 1, 3, 2], [[0, 1, 3], [1, 2, 3]]),
        (6, [0, 1, 2, 3], [[1, 2, 0], [2, 3, 0]]),
        (6, None, [[1, 2, 0], [2, 3, 0]]),
    ],
)
def test_strips_and_fans(tmp_path: Path, mode: int, indices: list[int] | None, faces: list[list[int]]) -> None:
    file = GltfFile()
    file.mesh(VERTICES, indices, mode=mode)
    file.mesh(VERTICES, None, mode=0)
    mesh = read(file, tmp_path)
    assert mesh.faces.tolist() == faces
    assert mesh.notes == ("Its primitives of points (1) are not shown.",)


def test_nodes_matrices_instances_and_mirrors(tmp_path: Path) -> None:
    file = GltfFile()
    half = np.sqrt(0.5)
    file.mesh(VERTICES, TRIANGLES, node={"translation": [10, 0, 0], "rotation": [0, 0, half, half], "scale": [2, 1, 1]})
    matrix = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 5, 1]
    file.mesh(VERTICES, TRIANGLES, node={"matrix": matrix})
    moves = file.accessor(np.array([[0, 100, 0], [0, 200, 0]], dtype="f4"))
    instancing = {"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": moves}}}
    file.mesh(VERTICES, TRIANGLES, node={"extensions": instancing})
    file.tree["extensionsRequired"] = ["EXT_mesh_gpu_instancing"]
    mesh = read(file, tmp_path)
    x, y, z = VERTICES.T
    expected = [np.stack(p, 1) for p in ((10 - y, 2 * x, z), (-x, y, z + 5), (x, y + 100, z), (x, y + 200, z))]
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(np.concatenate(expected)).float())
    assert mesh.faces.tolist()[2:4] == [[6, 5, 4], [7, 6, 4]]
    assert mesh.num_faces == 8


def test_large_translations_are_exact_before_they_meet(tmp_path: Path) -> None:
    file = quad(node={"translation": [-500_000, 0, 0]})
    file.tree["nodes"].append({"translation": [500_000.125, 0, 0], "children": [0]})
    file.tree["scenes"][0]["nodes"] = [1]
    torch.testing.assert_close(
        read(file, tmp_path).vertices, torch.from_numpy(VERTICES) + torch.tensor([0.125, 0, 0]), rtol=0, atol=0
    )


def test_a_skin_moves_with_its_joints_and_not_with_its_node(tmp_path: Path) -> None:
    file = GltfFile()
    joints = file.accessor(np.zeros((4, 4), dtype="u1"))
    weights = file.accessor(np.tile(np.array([1, 0, 0, 0], dtype="f4"), (4, 1)))
    inverse = np.eye(4, dtype="f4")
    inverse[3, :3] = -1, 0, 0  # column by column
    skin = file.add("skins", {"joints": [1], "inverseBindMatrices": file.accessor(inverse.reshape(1, 16))})
    file.mesh(VERTICES, TRIANGLES, node={"translation": [50, 0, 0], "skin": skin}, JOINTS_0=joints, WEIGHTS_0=weights)
    file.tree["nodes"].append({"translation": [1, 0, 3]})
    file.tree["scenes"][0]["nodes"].append(1)
    mesh = read(file, tmp_path)
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(VERTICES) + torch.tensor([0, 0, 3.0]))


def test_morph_targets_have_their_default_weights(tmp_path: Path) -> None:
    file = quad()
    target = file.accessor(np.tile(np.array([0, 0, 4], dtype="f4"), (4, 1)))
    file.tree["meshes"][0]["primitives"][0]["targets"] = [{"POSITION": target}]
    file.tree["meshes"][0]["weights"] = [0.5]
    torch.testing.assert_close(read(file, tmp_path).vertices, torch.from_numpy(VERTICES) + torch.tensor([0, 0, 2.0]))


def textured(uv: np.ndarray, info: dict[str, Any], picture: bytes | None = None, **more: Any) -> GltfFile:
    file = GltfFile()
    sampler = more.pop("sampler", None)
    texture = file.texture(png(quadrants()) if picture is None else picture)
    if sampler is not None:
        file.tree["textures"][0]["sampler"] = file.add("samplers", sampler)
    factor = more.pop("factor", [1, 1, 1, 1])
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": texture, **info}, "baseColorFactor": factor}}
    sets = {f"TEXCOORD_{info.get('texCoord', 0)}": file.accessor(uv)}
    if "colors" in more:
        sets["COLOR_0"] = file.accessor(more.pop("colors"))
    file.mesh(VERTICES, TRIANGLES, material={**material, **more}, **sets)
    return file


RED, GREEN, BLUE, YELLOW = [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [1.0, 1, 0]


def check_corners(mesh: Mesh, corners: list[list[float]], images: int = 1) -> None:
    """The colours at the vertices, of `colors` and of the picture itself."""
    assert mesh.textures is not None
    assert len(mesh.textures.images) == images
    torch.testing.assert_close(mesh.colors, torch.tensor(corners), atol=0.01, rtol=0)
    image = mesh.textures.images[0]
    texel = ((mesh.textures.uv % 1) * torch.tensor([image.shape[1], image.shape[0]])).long()
    shown = image[texel[:, 1], texel[:, 0]] * (1 if mesh.textures.tint is None else mesh.textures.tint)
    torch.testing.assert_close(shown, torch.tensor(corners), atol=0.01, rtol=0)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_picture_and_the_second_set_of_coordinates(tmp_path: Path, kind: str) -> None:
    check_corners(read(textured(UV, {"texCoord": 1}, png(quadrants(), kind)), tmp_path), [RED, GREEN, YELLOW, BLUE])


def test_webp_as_an_extension(tmp_path: Path) -> None:
    file = textured(UV, {}, png(quadrants(), "webp"))
    file.tree["textures"] = [{"extensions": {"EXT_texture_webp": {"source": 0}}}]
    file.tree["extensionsRequired"] = ["EXT_texture_webp"]
    check_corners(read(file, tmp_path), [RED, GREEN, YELLOW, BLUE])


def test_a_texture_transform_turns_scales_and_moves(tmp_path: Path) -> None:
    move = {"offset": [0.5, 0], "scale": [0.5, 1], "rotation": 0}
    file = textured(UV, {"extensions": {"KHR_texture_transform": move}})
    check_corners(read(file, tmp_path), [GREEN, GREEN, YELLOW, YELLOW])
    # By a quarter, from u to v: (u, v) is shown what is at (v, 1 - u).
    turn = {"rotation": np.pi / 2, "offset": [0, 1]}
    file = textured(UV, {"extensions": {"KHR_texture_transform": turn}})
    check_corners(read(file, tmp_path), [BLUE, RED, GREEN, YELLOW])


def test_wrap_modes(tmp_path: Path) -> None:
    wide = np.array([[-0.4, 0.1], [1.1, 0.1], [1.9, 0.9], [2.9, 0.9]], dtype="f4")
    check_corners(read(textured(wide, {}), tmp_path), [GREEN, RED, YELLOW, YELLOW])
    mirror, clamp = {"wrapS": 33648, "wrapT": 10497}, {"wrapS": 33071, "wrapT": 33071}
    check_corners(read(textured(wide, {}, sampler=mirror), tmp_path), [RED, GREEN, BLUE, YELLOW])
    check_corners(read(textured(wide, {}, sampler=clamp), tmp_path), [RED, GREEN, YELLOW, YELLOW])


def test_a_picture_times_base_colour_and_vertex_colours(tmp_path: Path) -> None:
    grey = np.full((4, 4, 3), 188, dtype=np.uint8)  # linear 0.503
    linear = srgb_to_linear(np.array(188 / 255))
    mesh = read(textured(UV, {}, png(grey), factor=[0.5, 1, 0.2, 1]), tmp_path)
    check_corners(mesh, [linear_to_srgb(linear * np.array([0.5, 1, 0.2])).tolist()] * 4)
    mesh = read(textured(UV, {}, png(grey), colors=np.full((4, 3), 0.25, dtype="f4")), tmp_path)
    check_corners(mesh, [linear_to_srgb(linear * np.full(3, 0.25)).tolist()] * 4)
    ramp = np.array([[1, 1, 1], [0.5, 1, 1], [1, 0.1, 1], [1, 1, 0.25]], dtype="f4")
    mesh = read(textured(UV, {}, png(grey), colors=ramp), tmp_path)
    assert mesh.textures is not None
    assert mesh.textures.tint is not None
    exact = torch.from_numpy(linear_to_srgb(linear * ramp.astype(float))).float()
    torch.testing.assert_close(mesh.colors, exact, atol=0.03, rtol=0)


def test_specular_glossiness(tmp_path: Path) -> None:
    extension = {"KHR_materials_pbrSpecularGlossiness": {"diffuseFactor": [0.5, 0, 0, 1]}}
    mesh = read(quad(material={"extensions": extension}), tmp_path)
    torch.testing.assert_close(mesh.colors[0], torch.tensor([0.7354, 0, 0]), atol=1e-4, rtol=0)


def test_what_is_cut_out_is_not_drawn(tmp_path: Path) -> None:
    # One triangle on the transparent upper half, one on the opaque lower one.
    uv = np.array([[0.1, 0.1], [0.4, 0.1], [0.4, 0.3], [0.1, 0.9], [0.4, 0.9], [0.4, 0.7]], dtype="f4")
    corners = np.array([[i, i % 2, i // 2] for i in range(6)], dtype="f4")
    file = GltfFile()
    texture = file.texture(png(quadrants((0, 0, 255, 255))))
    material = {"alphaMode": "MASK", "pbrMetallicRoughness": {"baseColorTexture": {"index": texture}}}
    file.mesh(corners, [[0, 1, 2], [3, 4, 5]], material=material, TEXCOORD_0=file.accessor(uv))
    mesh = read(file, tmp_path)
    assert mesh.faces.tolist() == [[3, 4, 5]]
    assert mesh.notes == ("1 fully transparent triangles are left out.",)
    file.tree["materials"][0]["alphaMode"] = "OPAQUE"
    assert read(file, tmp_path).num_faces == 2


@pytest.mark.parametrize(
    ("mode", "alpha", "shown"), [("MASK", 0.4, 0), ("MASK", 0.6, 2), ("BLEND", 0, 0), ("BLEND", 0.2, 2)]
)
def test_alpha_of_the_base_colour(tmp_path: Path, mode: str, alpha: float, shown: int) -> None:
    file = quad(material={"alphaMode": mode, "pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, alpha]}})
    if shown == 0:
        with pytest.raises(InputError, match="all 2 triangles are fully transparent"):
            read(file, tmp_path)
        return
    mesh = read(file, tmp_path)
    assert mesh.num_faces == 2
    assert mesh.notes == ("2 triangles are transparent in part, and drawn opaque.",)


def test_primitives_that_share_their_vertices(tmp_path: Path) -> None:
    file = quad()
    first = file.tree["meshes"][0]["primitives"][0]
    file.tree["meshes"][0]["primitives"] = [
        {**first, "indices": file.accessor(np.array(face, dtype="u2"))} for face in TRIANGLES
    ]
    mesh = read(file, tmp_path)
    assert mesh.faces.tolist() == [[0, 1, 2], [3, 4, 5]]
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(VERTICES[[0, 1, 2, 0, 2, 3]]))


def test_draco(tmp_path: Path) -> None:
    import DracoPy

    file = quad()
    data = DracoPy.encode(VERTICES, np.array(TRIANGLES), quantization_bits=14, preserve_order=True)
    found = DracoPy.decode(data)
    number = next(a["unique_id"] for a in found.attributes if a["attribute_type"] == 0)
    compressed = {"bufferView": file.view(data), "attributes": {"POSITION": number}}
    file.tree["meshes"][0]["primitives"][0]["extensions"] = {"KHR_draco_mesh_compression": compressed}
    for accessor in file.tree["accessors"]:
        accessor.pop("bufferView")
    file.tree["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    mesh = read(file, tmp_path)
    expected = torch.from_numpy(VERTICES[np.array(TRIANGLES)])
    torch.testing.assert_close(mesh.vertices[mesh.faces.long()], expected, atol=1e-3, rtol=0)
    at = file.tree["bufferViews"][compressed["bufferView"]]["byteOffset"]
    file.data[at : at + 5] = b"DRAC0"
    with pytest.raises(InputError, match=r"Draco-compressed.*`gltf-transform copy a\.glb plain\.glb`"):
        read(file, tmp_path)


def test_notes_of_what_is_not_used(tmp_path: Path) -> None:
    file = quad(material={"emissiveFactor": [1, 0, 0], "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}})
    file.tree |= {
        "textures": [{"source": 0}],
        "images": [{"uri": "gone.png"}],
        "animations": [{}],
        "cameras": [{}],
        "extensionsUsed": ["ACME_smell"],
    }
    assert read(file, tmp_path).notes == (
        "Its glTF extensions that are not read: ACME_smell.",
        "Its picture gone.png was not found.",
        "Not shown of its materials: emission.",
        "Not used: animations, cameras.",
    )
