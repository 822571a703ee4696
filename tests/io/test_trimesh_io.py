"""OBJ, GLB and glTF files: what is read, every way they can be broken, and other suffixes."""

from __future__ import annotations

import importlib
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh

from tests.io.examples import COLORS, TRIANGLES, VERTICES, assert_is_the_example, write_ply
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh, trimesh_io


@pytest.mark.parametrize("name", ["scene.stl", "scene", "scene.ply.gz"])
def test_unknown_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("solid")
    with pytest.raises(InputError, match=r"not supported.*\.ply, \.obj, \.glb, \.gltf"):
        load_mesh(tmp_path / name)


OBJ = """
v 0 0 0 1.0 0.0 0.0
v 1 0 0 0.0 0.5 0.0
v 1 1 0 0.0 0.0 0.25
v 0 1 0.5 0.04 0.08 0.12
f 1 2 3
f 1 3 4
"""


def test_obj_with_vertex_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.OBJ"
    path.write_text(OBJ)
    mesh = load_mesh(path)
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(VERTICES))
    assert mesh.faces.tolist() == TRIANGLES
    expected = torch.tensor([[1, 0, 0], [0, 0.5, 0], [0, 0, 0.25], [0.04, 0.08, 0.12]])
    torch.testing.assert_close(mesh.colors, expected, atol=1 / 255, rtol=0)


def test_obj_quads_without_colours_are_grey(tmp_path: Path) -> None:
    path = tmp_path / "a.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0.5\nf 1 2 3 4\n")
    mesh = load_mesh(path)
    assert sorted(sorted(face) for face in mesh.faces.tolist()) == TRIANGLES
    assert torch.equal(mesh.colors, torch.full((4, 3), 0.5))


def test_obj_material_colour(tmp_path: Path) -> None:
    (tmp_path / "m.mtl").write_text("newmtl paint\nKd 0.2 0.4 0.8\n")
    path = tmp_path / "a.obj"
    path.write_text("mtllib m.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0.5\nusemtl paint\nf 1 2 3\nf 1 3 4\n")
    expected = torch.tensor([0.2, 0.4, 0.8]).expand(4, 3)
    torch.testing.assert_close(load_mesh(path).colors, expected, atol=1 / 255, rtol=0)


def write_glb(path: Path, *parts: tuple[trimesh.Trimesh, np.ndarray]) -> Path:
    scene = trimesh.Scene()
    for i, (mesh, transform) in enumerate(parts):
        scene.add_geometry(mesh, node_name=f"node{i}", geom_name=f"part{i}", transform=transform)
    scene.export(str(path))
    return path


def quad(**visual: object) -> trimesh.Trimesh:
    return trimesh.Trimesh(VERTICES, TRIANGLES, process=False, **visual)


def test_glb_scene_is_flattened_with_transforms_and_colours(tmp_path: Path) -> None:
    turn = trimesh.transformations.rotation_matrix(np.pi / 2, [0, 0, 1])
    turn[:3, 3] = 10, 20, 30
    red = trimesh.visual.material.PBRMaterial(baseColorFactor=[204, 51, 0, 255])
    painted = quad(visual=trimesh.visual.TextureVisuals(material=red))
    path = write_glb(tmp_path / "a.glb", (quad(vertex_colors=COLORS), np.eye(4)), (painted, turn), (quad(), np.eye(4)))
    mesh = load_mesh(path)
    assert (mesh.num_vertices, mesh.num_faces) == (12, 6)
    by_part = {}
    for part in range(3):
        rows = slice(4 * part, 4 * part + 4)
        by_part[tuple(mesh.colors[4 * part].mul(255).round().int().tolist())] = (mesh.vertices[rows], mesh.colors[rows])
    assert set(by_part) == {(255, 0, 0), (204, 51, 0), (128, 128, 128)}
    torch.testing.assert_close(by_part[255, 0, 0][1], torch.from_numpy(COLORS / 255).float())
    torch.testing.assert_close(by_part[255, 0, 0][0], torch.from_numpy(VERTICES))
    x, y, z = torch.from_numpy(VERTICES).unbind(1)
    torch.testing.assert_close(by_part[204, 51, 0][0], torch.stack([10 - y, 20 + x, 30 + z], dim=1))
    # Each part's faces index its own vertices.
    assert sorted(mesh.faces.amin(1).tolist()) == [0, 0, 4, 4, 8, 8]


def test_glb_texture_is_sampled_at_the_vertices(tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.zeros((8, 8, 3), dtype=np.uint8)
    pixels[:, :4], pixels[:, 4:] = (200, 0, 0), (0, 0, 100)
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.fromarray(pixels))
    uv = np.array([[0.1, 0.5], [0.9, 0.5], [0.9, 0.6], [0.1, 0.6]])
    mesh = load_mesh(
        write_glb(tmp_path / "a.glb", (quad(visual=trimesh.visual.TextureVisuals(uv, material=material)), np.eye(4)))
    )
    expected = torch.tensor([[200.0, 0, 0], [0, 0, 100], [0, 0, 100], [200, 0, 0]]) / 255
    torch.testing.assert_close(mesh.colors, expected, atol=2 / 255, rtol=0)


def test_gltf(tmp_path: Path) -> None:
    scene = trimesh.Scene(quad(vertex_colors=COLORS))
    for name, data in scene.export(file_type="gltf").items():
        (tmp_path / name).write_bytes(data)
    assert_is_the_example(load_mesh(tmp_path / "model.gltf"))


def _glb_index_out_of_range(path: Path) -> None:
    data = write_glb(path, (quad(), np.eye(4))).read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    tree = json.loads(data[20 : 20 + length])
    view = tree["bufferViews"][tree["accessors"][tree["meshes"][0]["primitives"][0]["indices"]]["bufferView"]]
    where = 20 + length + 8 + view.get("byteOffset", 0)
    path.write_bytes(data[:where] + struct.pack("<I", 77) + data[where + 4 :])


BROKEN_OTHERS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "obj-garbage": ("a.obj", lambda path: path.write_text("no obj at all"), "cannot be parsed|holds no triangles"),
    "obj-cloud": ("a.obj", lambda path: path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n"), "holds no triangles"),
    "obj-index": (
        "a.obj",
        lambda path: path.write_text(OBJ.replace("f 1 3 4", "f 1 3 9")),
        "face 1 refers to",
    ),
    "obj-nan": ("a.obj", lambda path: path.write_text(OBJ.replace("v 1 1 0", "v nan 1 0")), "1 of 4 vertices are NaN"),
    "obj-numbers": ("a.obj", lambda path: path.write_text(OBJ.replace("v 1 1 0", "v one 1 0")), "cannot be parsed"),
    "obj-flat": ("a.obj", lambda path: path.write_text("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n"), "zero area"),
    "glb-garbage": ("a.glb", lambda path: path.write_bytes(b"glTFnonsense" * 9), "cannot be parsed"),
    "glb-text": ("a.glb", lambda path: path.write_text("hello"), "cannot be parsed"),
    "glb-cut": (
        "a.glb",
        lambda path: path.write_bytes(write_glb(path, (quad(), np.eye(4))).read_bytes()[:-40]),
        "cannot be parsed",
    ),
    "glb-index": ("a.glb", _glb_index_out_of_range, r"face 0 refers to vertices \[77, 1, 2\]"),
    "glb-cloud": (
        "a.glb",
        lambda path: trimesh.Scene(trimesh.PointCloud(VERTICES)).export(str(path)),
        "holds no triangles",
    ),
    "gltf-json": ("a.gltf", lambda path: path.write_text("{"), "cannot be parsed"),
    "gltf-empty": (
        "a.gltf",
        lambda path: path.write_text('{"asset": {"version": "2.0"}}'),
        "cannot be parsed|no triangles",
    ),
}


@pytest.mark.parametrize("kind", BROKEN_OTHERS)
def test_broken_obj_and_gltf(tmp_path: Path, kind: str) -> None:
    name, break_it, message = BROKEN_OTHERS[kind]
    break_it(tmp_path / name)
    with pytest.raises(InputError, match=message) as caught:
        load_mesh(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_reading_ply_does_not_import_trimesh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_ply(tmp_path / "a.ply")
    monkeypatch.setitem(sys.modules, "trimesh", None)  # an import of it now raises
    importlib.reload(trimesh_io)
    assert_is_the_example(load_mesh(path))
    with pytest.raises(InputError, match=r"needs trimesh.*tvdrnet_nv\[formats\]"):
        trimesh_io.load_with_trimesh(path)


def test_vertices_too_far_out(tmp_path):
    path = tmp_path / "far.obj"
    path.write_text("v 0 0 0\nv 1e30 0 0\nv 0 1 0\nf 1 2 3\n")
    with pytest.raises(InputError, match="a vertex coordinate is"):
        load_mesh(path)
