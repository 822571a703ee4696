"""Scene files: every kind that can be read, every way they can be broken."""

from __future__ import annotations

import importlib
import json
import struct
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from plyfile import PlyData, PlyElement

from tvdrnet_nv import Camera, Orbit
from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.camera import pack
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_camera, load_mesh, save_ply, trimesh_io
from tvdrnet_nv.mesh import Mesh

VERTICES = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.5]], dtype=np.float32)
TRIANGLES = [[0, 1, 2], [0, 2, 3]]
COLORS = np.array([[255, 0, 0], [0, 128, 0], [0, 0, 64], [10, 20, 30]], dtype=np.uint8)


def write_ply(
    path: Path,
    *,
    vertices: np.ndarray = VERTICES,
    faces: Sequence[Sequence[int]] | None = TRIANGLES,
    colors: np.ndarray | None = COLORS,
    list_name: str = "vertex_indices",
    axes: str = "xyz",
    text: bool = False,
    byte_order: str = "<",
    extra: bool = False,
) -> Path:
    """A PLY by plyfile; `extra` adds alpha, normals, face properties and an unknown element in front."""
    columns = [(axis, "f4") for axis in axes]
    if colors is not None:
        columns += [(name, colors.dtype.str[1:]) for name in ("red", "green", "blue")]
    if extra:
        columns += [("alpha", "u1"), ("nx", "f4")]
    vertex = np.zeros(len(vertices), dtype=columns)
    for i, axis in enumerate(axes):
        vertex[axis] = vertices[:, i]
    if colors is not None:
        for i, name in enumerate(("red", "green", "blue")):
            vertex[name] = colors[:, i]
    elements = [PlyElement.describe(vertex, "vertex")]
    if faces is not None:
        face = np.zeros(len(faces), dtype=[(list_name, "O"), *([("quality", "f4")] if extra else [])])
        face[list_name] = [np.array(polygon, dtype="i4") for polygon in faces] if faces else []
        elements.append(PlyElement.describe(face, "face"))
    if extra:
        elements.insert(0, PlyElement.describe(np.zeros(3, dtype=[("weight", "f8")]), "camera"))
    PlyData(elements, text=text, byte_order="=" if text else byte_order).write(str(path))
    return path


def assert_is_the_example(mesh: Mesh, colors: np.ndarray | None = COLORS / 255.0) -> None:
    expected = np.ones((4, 3)) if colors is None else colors
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(VERTICES))
    assert mesh.faces.tolist() == TRIANGLES
    torch.testing.assert_close(mesh.colors, torch.from_numpy(np.array(expected)).float())


@pytest.mark.parametrize("extra", [False, True], ids=["plain", "extra-elements"])
@pytest.mark.parametrize("list_name", ["vertex_index", "vertex_indices"])
@pytest.mark.parametrize(("text", "byte_order"), [(True, "<"), (False, "<"), (False, ">")], ids=["ascii", "le", "be"])
def test_ply_encodings(tmp_path: Path, text: bool, byte_order: str, list_name: str, extra: bool) -> None:
    path = write_ply(tmp_path / "a.ply", text=text, byte_order=byte_order, list_name=list_name, extra=extra)
    assert_is_the_example(load_mesh(path))


@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize(
    ("colors", "expected"),
    [
        (None, None),
        ((COLORS / 255).astype("f4"), COLORS / 255),
        (COLORS.astype("f8"), COLORS / 255),
        ((COLORS * 257.0).astype("u2"), COLORS / 255),
        (COLORS.astype("i4"), COLORS / 255),
        (np.zeros((4, 3), "f4"), np.zeros((4, 3))),
    ],
    ids=["absent", "float", "double-255", "ushort", "int", "black-float"],
)
def test_ply_colours(tmp_path: Path, colors: np.ndarray | None, expected: np.ndarray | None, text: bool) -> None:
    assert_is_the_example(load_mesh(write_ply(tmp_path / "a.ply", colors=colors, text=text)), expected)


@pytest.mark.parametrize("text", [True, False])
def test_ply_polygons_become_fans_and_stubs_are_dropped(tmp_path: Path, text: bool) -> None:
    vertices = np.random.default_rng(0).random((6, 3), dtype=np.float32)
    polygons = [[0, 1, 2, 3], [3, 4, 5], [1, 2], [5, 4, 3, 2, 1]]
    mesh = load_mesh(write_ply(tmp_path / "a.ply", vertices=vertices, faces=polygons, colors=None, text=text))
    expected = [[0, 1, 2], [0, 2, 3], [3, 4, 5], [5, 4, 3], [5, 3, 2], [5, 2, 1]]
    assert mesh.faces.tolist() == expected


def test_colour_override(tmp_path: Path) -> None:
    path = write_ply(tmp_path / "a.ply")
    assert_is_the_example(load_mesh(path, color=(0.25, 0.5, 1.0)), np.tile([0.25, 0.5, 1.0], (4, 1)))


@pytest.mark.parametrize("color", [(0.1, 0.2), (0.0, 0.0, 1.5), (-0.1, 0.0, 0.0), (0.0, float("nan"), 0.0)])
def test_colour_override_out_of_range(tmp_path: Path, color: tuple) -> None:
    with pytest.raises(InputError, match=r"color .* three numbers from 0 to 1"):
        load_mesh(write_ply(tmp_path / "a.ply"), color=color)


@pytest.mark.parametrize("suffix", [".PLY", ".Ply"])
def test_suffix_in_any_case(tmp_path: Path, suffix: str) -> None:
    assert_is_the_example(load_mesh(str(write_ply(tmp_path / f"a{suffix}"))))


def test_round_trip(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    vertices = torch.from_numpy(rng.normal(size=(50, 3)).astype(np.float32))
    faces = torch.from_numpy(rng.integers(0, 50, (80, 3)).astype(np.int32))
    colors = torch.from_numpy(rng.random((50, 3), dtype=np.float32))
    path = tmp_path / "a.ply"
    path.write_text("what was there before")
    save_ply(Mesh(vertices, faces, colors), path)
    loaded = load_mesh(path)
    assert torch.equal(loaded.vertices, vertices)
    assert torch.equal(loaded.faces, faces)
    assert (loaded.colors - colors).abs().max() <= 0.5 / 255 + 1e-6
    assert [file.name for file in tmp_path.iterdir()] == ["a.ply"]
    # Colours on the grid of 1/255 come back exactly; other readers agree.
    save_ply(loaded, tmp_path / "b.ply")
    assert (tmp_path / "b.ply").read_bytes() == path.read_bytes()
    data = PlyData.read(str(path))
    assert (data.text, data.byte_order) == (False, "<")
    assert data["vertex"].ply_property("red").val_dtype == "u1"
    assert np.array_equal(np.stack(data["face"]["vertex_indices"]), faces.numpy())


def test_saving_where_no_folder_is(tmp_path: Path) -> None:
    mesh = load_mesh(write_ply(tmp_path / "a.ply"))
    with pytest.raises(InputError, match=r"none.b\.ply: cannot be written .* folder exists"):
        save_ply(mesh, tmp_path / "none" / "b.ply")


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_real_scan(scan_path: Path) -> None:
    mesh = load_mesh(scan_path)
    assert (mesh.num_vertices, mesh.num_faces) == (48_626, 93_311)
    assert mesh.colors.std() > 0.05


# What is broken, what the message must say. Each gets a path in a fresh folder and may write there.
def _truncated(path: Path, keep: float, **options: object) -> None:
    write_ply(path, **options)  # pyright: ignore[reportArgumentType]
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])


NAN = VERTICES.copy()
NAN[1, 2], NAN[2] = np.nan, np.inf
BROKEN_PLY: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "no such file"),
    "directory": (lambda path: path.mkdir(), "is a directory"),
    "empty": (lambda path: path.touch(), "file is empty"),
    "not-a-ply": (lambda path: path.write_text("hello"), "not a PLY file"),
    "bad-header": (lambda path: path.write_bytes(b"ply\nformat nonsense 1.0\nend_header\n"), "truncated or broken"),
    "binary-header": (lambda path: path.write_bytes(b"ply\n\xff\xfe\x00\n"), "truncated or broken"),
    "cut-in-header": (lambda path: _truncated(path, 0.2), "truncated or broken"),
    "cut-in-faces": (lambda path: path.write_bytes(write_ply(path).read_bytes()[:-3]), "truncated or broken.*face"),
    "cut-in-vertices": (lambda path: path.write_bytes(write_ply(path).read_bytes()[:-60]), "truncated or broken.*vert"),
    "cut-ascii": (lambda path: _truncated(path, 0.85, text=True), "truncated or broken"),
    "huge-count": (
        lambda path: path.write_bytes(
            b"ply\nformat ascii 1.0\nelement vertex 9999999999999\nproperty float x\nend_header\n"
        ),
        "truncated or broken",
    ),
    "bad-ascii": (
        lambda path: path.write_text(write_ply(path, text=True).read_text().replace("255", "999")),
        "truncated or broken",
    ),
    "cloud": (lambda path: write_ply(path, faces=None), r"point cloud \(4 vertices, no faces\); mesh it"),
    "zero-faces": (lambda path: write_ply(path, faces=[]), "point cloud"),
    "zero-vertices": (lambda path: write_ply(path, vertices=VERTICES[:0], colors=None), "no vertices"),
    "only-stubs": (lambda path: write_ply(path, faces=[[0, 1], [1, 2]], text=True), "no faces"),
    "no-vertex-element": (
        lambda path: path.write_bytes(b"ply\nformat ascii 1.0\nelement face 0\nproperty float q\nend_header\n"),
        "no 'vertex' element",
    ),
    "no-z": (lambda path: write_ply(path, axes="xy"), "vertices have no z"),
    "no-index-list": (lambda path: write_ply(path, list_name="corners"), "neither vertex_indices nor vertex_index"),
    "index-high": (
        lambda path: write_ply(path, faces=[[0, 1, 2], [0, 2, 4], [0, 1, 9]]),
        r"face 1 refers to vertices \[0, 2, 4\].*0\.\.3 \(2 such faces\)",
    ),
    "index-negative": (lambda path: write_ply(path, faces=[[0, -1, 2]]), r"face 0 refers to vertices \[0, -1, 2\]"),
    "nan": (lambda path: write_ply(path, vertices=NAN), "2 of 4 vertices are NaN, infinite"),
    "flat": (
        lambda path: write_ply(path, faces=[[0, 1, 1], [2, 2, 2]]),
        "all 2 faces have zero area",
    ),
    "nan-colour": (
        lambda path: write_ply(path, colors=np.full((4, 3), np.nan, "f4")),
        "colours contain NaN",
    ),
}


@pytest.mark.parametrize("kind", BROKEN_PLY)
def test_broken_ply(tmp_path: Path, kind: str) -> None:
    break_it, message = BROKEN_PLY[kind]
    path = tmp_path / "scene.ply"
    break_it(path)
    with pytest.raises(InputError, match=message) as caught:
        load_mesh(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) - len(str(path)) < 220


@pytest.mark.parametrize("name", ["scene.stl", "scene", "scene.ply.gz"])
def test_unknown_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("solid")
    with pytest.raises(InputError, match=r"not supported.*\.ply, \.obj, \.glb, \.gltf"):
        load_mesh(tmp_path / name)


def test_degenerate_faces_among_good_ones_stay(tmp_path: Path) -> None:
    faces = [[0, 0, 1], [0, 1, 2], [3, 3, 3]]
    assert load_mesh(write_ply(tmp_path / "a.ply", faces=faces)).faces.tolist() == faces


def test_nan_in_a_vertex_that_no_face_uses_is_moved_onto_a_used_one(tmp_path: Path) -> None:
    vertices = np.concatenate([VERTICES, [[np.nan, 1, 2]]]).astype(np.float32)
    colors = np.concatenate([COLORS, [[1, 2, 3]]]).astype(np.uint8)
    mesh = load_mesh(write_ply(tmp_path / "a.ply", vertices=vertices, colors=colors))
    assert mesh.num_vertices == 5  # in its place, so that per-vertex files still fit
    assert mesh.vertices[4].tolist() == mesh.vertices[0].tolist()


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


def test_obj_quads_without_colours_are_white(tmp_path: Path) -> None:
    path = tmp_path / "a.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0.5\nf 1 2 3 4\n")
    mesh = load_mesh(path)
    assert sorted(sorted(face) for face in mesh.faces.tolist()) == TRIANGLES
    assert torch.equal(mesh.colors, torch.ones(4, 3))


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
    assert set(by_part) == {(255, 0, 0), (204, 51, 0), (255, 255, 255)}
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
    with pytest.raises(ImportError):
        trimesh_io.load_with_trimesh(path)


@pytest.mark.parametrize(
    ("vertex", "face", "message"),
    [
        ("property float x", "property int vertex_indices", "not a list"),
        ("property list uchar float x", "property list uchar int vertex_indices", "lists for x"),
        ("property float x", "property list uchar float vertex_indices", "not whole numbers"),
    ],
)
def test_ply_properties_of_the_wrong_kind(tmp_path, vertex, face, message):
    rows = "1 0 0 0\n1 1 0 0\n1 0 1 0\n" if "list uchar float x" in vertex else "0 0 0\n1 0 0\n0 1 0\n"
    rows += "7\n" if "list" not in face else "3 0 1 2\n"
    path = tmp_path / "odd.ply"
    vertex += "\nproperty float y\nproperty float z"
    path.write_text(f"ply\nformat ascii 1.0\nelement vertex 3\n{vertex}\nelement face 1\n{face}\nend_header\n{rows}")
    with pytest.raises(InputError, match=message):
        load_mesh(path)


def test_vertices_too_far_out(tmp_path):
    path = tmp_path / "far.obj"
    path.write_text("v 0 0 0\nv 1e30 0 0\nv 0 1 0\nf 1 2 3\n")
    with pytest.raises(InputError, match="units out"):
        load_mesh(path)


# Cameras


def test_cameras_are_read_in_each_convention(tmp_path: Path) -> None:
    camera = Orbit.create(4.0, 25.0, 130.0, 50.0, (0.5, 1.0, -2.0)).camera()
    camera = camera.replace(principal=torch.tensor([[0.05, -0.1]]))
    opencv = camera.to_opencv((48, 64))
    lens = {"focal": camera.focal[0].tolist(), "principal": camera.principal[0].tolist()}
    forms = {
        "pytorch3d": {"R": camera.R[0].tolist(), "T": camera.T[0].tolist(), **lens},
        "opengl": {"camera_to_world": camera.to_camera_to_world()[0].tolist(), **lens},
        "opencv": {
            "opencv": {"R": opencv.R[0].tolist(), "t": opencv.t[0].tolist(), "K": opencv.K[0].tolist()},
            "image_size": {"width": 64, "height": 48},
        },
        "ours": {"camera": camera.to_dict(), "near": 0.5, "light": {"location": [1, 2, 3]}, "antialias": False},
    }
    for name, values in forms.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(values))
        saved = load_camera(path)
        assert isinstance(saved.viewpoint, Camera)
        torch.testing.assert_close(pack(saved.viewpoint), pack(camera), rtol=0, atol=0 if name == "ours" else 1e-5)
        assert saved.resolution == ((48, 64) if name == "opencv" else None)
    assert (saved.near, saved.far, saved.light, saved.antialias) == (0.5, None, (1.0, 2.0, 3.0), False)
    (tmp_path / "fov.json").write_text(json.dumps({"R": camera.R[0].tolist(), "T": [0, 0, 1], "fov": 35}))
    assert float(load_camera(tmp_path / "fov.json").viewpoint.fov) == pytest.approx(35.0)
