"""glTF and GLB files: where their triangles are, and what is not used of them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.io.examples import COLORS, TRIANGLES, VERTICES, assert_is_the_example
from tests.io.gltf.writer import GltfFile, quad, read
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.io._textures import srgb_to_linear

LINEAR = srgb_to_linear(COLORS / 255)


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
        "Its picture gone.png was not found beside the file.",
        "Not shown of its materials: emission.",
        "Not used: animations, cameras.",
    )


def test_normals_and_coordinates_without_a_picture_are_noted(tmp_path: Path) -> None:
    file = GltfFile()
    normals, uv = file.accessor(np.ones((4, 3), "f4")), file.accessor(np.zeros((4, 2), "f4"))
    file.mesh(VERTICES, TRIANGLES, NORMAL=normals, TEXCOORD_0=uv)
    assert read(file, tmp_path).notes == (
        "Not used of its vertices: NORMAL.",
        "Its texture coordinates are not used: no material has a picture.",
    )


def test_left_over_corners_and_textures_without_a_picture_are_noted(tmp_path: Path) -> None:
    file = GltfFile()
    file.mesh(VERTICES, [[0, 1, 2, 0, 2]], material={"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}})
    file.tree["textures"] = [{}]
    mesh = read(file, tmp_path)
    assert mesh.faces.tolist() == [[0, 1, 2]]
    assert any("last corners of a primitive make no whole triangle" in note for note in mesh.notes)
    assert any("names no picture" in note for note in mesh.notes)
