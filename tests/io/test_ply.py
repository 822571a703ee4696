"""PLY files: every encoding that can be read, colours, polygons, and saving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from plyfile import PlyData

from tests.io.examples import COLORS, VERTICES, assert_is_the_example, write_ply
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh, save_ply
from tvdrnet_nv.mesh import Mesh, cross_products


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


def test_the_first_word_may_have_capitals(tmp_path: Path) -> None:
    file = write_ply(tmp_path / "a.ply")
    file.write_bytes(b"PLY" + file.read_bytes()[3:])
    assert_is_the_example(load_mesh(file), COLORS / 255)


@pytest.mark.parametrize("text", [True, False])
def test_a_colour_that_is_no_number_is_grey(tmp_path: Path, text: bool) -> None:
    colors = COLORS / 255
    colors[2, 1] = np.nan
    mesh = load_mesh(write_ply(tmp_path / "a.ply", colors=colors.astype("f4"), text=text))
    assert mesh.colors[2].tolist() == [0.5] * 3
    torch.testing.assert_close(mesh.colors[3], torch.from_numpy(colors[3]).float())
    assert mesh.notes == ("vertices without a finite colour, which are grey: 1",)


def test_a_concave_polygon_has_its_own_area(tmp_path: Path) -> None:
    corners = [(0, 0), (4, 0), (4, 3), (3, 3), (3, 1), (1, 1), (1, 3), (0, 3)]  # a U
    vertices = np.array([(x, y, 1) for x, y in corners], dtype=np.float32)
    mesh = load_mesh(write_ply(tmp_path / "u.ply", vertices=vertices, faces=[list(range(8))], colors=None))
    crosses = cross_products(mesh.vertices[mesh.faces.long()])
    assert float(crosses.norm(dim=1).sum()) / 2 == pytest.approx(8.0)
    assert bool((crosses[:, 2] >= 0).all())


@pytest.mark.parametrize("text", [True, False])
def test_convex_polygons_become_fans_and_stubs_are_dropped(tmp_path: Path, text: bool) -> None:
    angle = np.arange(6) * np.pi / 3
    vertices = np.stack([np.cos(angle), np.sin(angle), 0.5 * np.cos(angle)], 1).astype(np.float32)
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


def test_the_real_scan(scan_path: Path) -> None:
    mesh = load_mesh(scan_path)
    assert (mesh.num_vertices, mesh.num_faces) == (48_626, 93_311)
    assert mesh.colors.std() > 0.05


def test_degenerate_faces_among_good_ones_stay(tmp_path: Path) -> None:
    faces = [[0, 0, 1], [0, 1, 2], [3, 3, 3]]
    assert load_mesh(write_ply(tmp_path / "a.ply", faces=faces)).faces.tolist() == faces


def test_nan_in_a_vertex_that_no_face_uses_is_moved_onto_a_used_one(tmp_path: Path) -> None:
    vertices = np.concatenate([VERTICES, [[np.nan, 1, 2]]]).astype(np.float32)
    colors = np.concatenate([COLORS, [[1, 2, 3]]]).astype(np.uint8)
    mesh = load_mesh(write_ply(tmp_path / "a.ply", vertices=vertices, colors=colors))
    assert mesh.num_vertices == 5  # in its place, so that per-vertex files still fit
    assert mesh.vertices[4].tolist() == mesh.vertices[0].tolist()
    assert mesh.notes == ("vertices without finite coordinates, in no face, which are moved onto another: 1",)


def test_an_element_may_have_a_name_that_is_not_ascii(tmp_path: Path) -> None:
    header = ["ply", "format ascii 1.0", "element vertex 3", *(f"property float {axis}" for axis in "xyz")]
    header += ["element größe 1", "property float länge", "element face 1", "property list uchar int vertex_indices"]
    path = tmp_path / "a.ply"
    path.write_text("\n".join([*header, "end_header", "0 0 0", "1 0 0", "0 1 0", "5", "3 0 1 2", ""]), encoding="utf-8")
    assert load_mesh(path).num_faces == 1
