"""PLY files as programs in the wild write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh, save_ply

SQUARE = "0 0 0\n1 0 0\n1 1 0\n0 1 0\n"
XYZ = "".join(f"property float {axis}\n" for axis in "xyz")
TWO = "element face 2\nproperty list uchar int vertex_indices\n"


def write(path: Path, header: str, rows: str, end: str = "\n") -> Path:
    text = f"ply\nformat ascii 1.0\n{header}end_header\n{rows}"
    path.write_bytes(text.replace("\n", end).encode("latin-1"))
    return path


def square(path: Path, colors: str, names: tuple[str, ...], kind: str) -> Path:
    header = f"element vertex 4\n{XYZ}" + "".join(f"property {kind} {name}\n" for name in names) + TWO
    rows = "".join(f"{row} {colors}\n" for row in SQUARE.splitlines())
    return write(path, header, rows + "3 0 1 2\n3 0 2 3\n")


@pytest.mark.parametrize(
    ("names", "kind", "colors", "expected"),
    [
        (("Red", "Green", "Blue"), "uchar", "255 51 0", (1, 0.2, 0)),
        (("r", "g", "b"), "uchar", "255 51 0", (1, 0.2, 0)),
        (("diffuse_red", "diffuse_green", "diffuse_blue"), "uchar", "255 51 0", (1, 0.2, 0)),
        (("red", "green", "blue"), "ushort", "65535 13107 0", (1, 0.2, 0)),
        (("red", "green", "blue"), "ushort", "255 51 0", (1, 0.2, 0)),
        (("red", "green", "blue"), "int", "256 51 0", (1, 0.2, 0)),  # a hair above 255, which is not 16 bits
        (("red", "green", "blue"), "float", "1.02 0.2 0", (1, 0.2, 0)),
        (("red", "green", "blue"), "float", "255 51 0", (1, 0.2, 0)),
    ],
)
def test_names_and_scales_of_colours(tmp_path: Path, names, kind, colors, expected) -> None:
    mesh = load_mesh(square(tmp_path / "a.ply", colors, names, kind))
    torch.testing.assert_close(mesh.colors, torch.tensor(expected).float().expand(4, 3))
    assert mesh.notes == ()


@pytest.mark.parametrize(("kind", "alpha"), [("uchar", "255"), ("uchar", "0"), ("float", "1"), ("ushort", "65535")])
def test_an_alpha_that_says_nothing_is_no_note(tmp_path: Path, kind: str, alpha: str) -> None:
    path = square(tmp_path / "a.ply", f"9 9 9 {alpha}", ("red", "green", "blue", "alpha"), kind)
    assert load_mesh(path).notes == ()


@pytest.mark.parametrize("kind", ["uchar", "float"])
def test_a_transparent_scene_is_noted(tmp_path: Path, kind: str) -> None:
    alpha = "128" if kind == "uchar" else "0.5"
    path = square(tmp_path / "a.ply", f"9 9 9 {alpha}", ("red", "green", "blue", "alpha"), kind)
    assert load_mesh(path).notes == ("its alpha is not used: every surface is opaque",)
    header = f"element vertex 4\n{XYZ}{TWO}"
    header += "".join(f"property {kind} {name}\n" for name in ("red", "green", "blue", "alpha"))
    rows = f"{SQUARE}3 0 1 2 1 0 0 {alpha}\n3 0 2 3 0 1 0 {alpha}\n"
    assert load_mesh(write(path, header, rows)).notes == ("its faces' alpha is not used: every surface is opaque",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_comments_that_are_not_ascii(tmp_path: Path, end: str) -> None:
    header = f"comment Büro ©\nobj_info x 1\nelement vertex 4\n{XYZ}{TWO}"
    path = write(tmp_path / "a.ply", header, SQUARE + "3 0 1 2\n\n3 0 2 3", end)
    assert load_mesh(path).faces.tolist() == [[0, 1, 2], [0, 2, 3]]


def test_lists_that_are_shorter_than_the_others(tmp_path: Path) -> None:
    three = TWO.replace("face 2", "face 3")
    header = f"element vertex 4\n{XYZ}property float q\n{three}property list uchar float texcoord\n"
    rows = "".join(f"{row} -nan(ind)\n" for row in SQUARE.splitlines())
    mesh = load_mesh(write(tmp_path / "a.ply", header, f"{rows}3 0 1 2 0\n2 0 1 0\n3 0 2 3 6 0 0 1 0 1 1\n"))
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert any("fewer than three corners" in note for note in mesh.notes)
    assert any(note.endswith("not read: q") for note in mesh.notes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("float x\nproperty float y", "float X\nproperty float Y"),
        ("vertex_indices", "Vertex_Index"),
        ("vertex_indices", "vertices"),
        ("ply\n", "\xef\xbb\xbfply\n"),
        ("element vertex", "Created by Blender3D 247 - www.blender.org\nelement vertex"),
    ],
)
def test_headers_as_some_programs_write_them(tmp_path: Path, old: str, new: str) -> None:
    path = write(tmp_path / "a.ply", f"element vertex 4\n{XYZ}{TWO}", SQUARE + "3 0 1 2\n3 0 2 3\n")
    path.write_bytes(path.read_bytes().replace(old.encode("latin-1"), new.encode("latin-1"), 1))
    mesh = load_mesh(path)
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.bounds[1].tolist() == [1, 1, 0]
    assert ("Created by Blender3D 247" in " ".join(mesh.notes)) == ("Blender" in new)


def test_a_scene_of_which_all_is_white_is_grey(tmp_path: Path) -> None:
    path = square(tmp_path / "a.ply", "255 255 255", ("red", "green", "blue"), "uchar")
    mesh = load_mesh(path)
    assert mesh.colors.unique().tolist() == [0.5]
    assert "all of it is white" in mesh.notes[0]
    assert load_mesh(path, (1.0, 1.0, 1.0)).colors.unique().tolist() == [1.0]
    path.write_bytes(path.read_bytes().replace(b"255 255 255", b"255 255 250", 1))
    assert load_mesh(path).colors.max() == 1


def test_strips_with_restarts(tmp_path: Path) -> None:
    header = f"element vertex 4\n{XYZ}element tristrips 1\nproperty list int int vertex_indices\n"
    mesh = load_mesh(write(tmp_path / "a.ply", header, SQUARE + "8 0 1 3 2 -1 1 2 3\n"))
    assert mesh.faces.tolist() == [[0, 1, 3], [3, 1, 2], [1, 2, 3]]


def test_colours_of_faces_split_vertices_and_keep_their_normals(tmp_path: Path) -> None:
    header = f"element vertex 4\n{XYZ}{TWO}" + "".join(f"property uchar {c}\n" for c in ("red", "green", "blue"))
    rows = SQUARE.replace("0 1 0\n", "0 1 1\n")
    mesh = load_mesh(write(tmp_path / "a.ply", header, rows + "3 0 1 2 255 0 0\n3 0 2 3 0 0 255\n"))
    assert mesh.file_vertices is not None
    assert mesh.file_vertices.tolist() == [0, 1, 2, 3, 0, 2]
    corners = mesh.colors[mesh.faces.long()]
    assert corners.tolist() == [[[1, 0, 0]] * 3, [[0, 0, 1]] * 3]
    torch.testing.assert_close(mesh.vertex_normals[4], mesh.vertex_normals[0])


def test_coordinates_of_corners_and_a_picture(tmp_path: Path) -> None:
    texels = np.zeros((2, 2, 3), np.uint8)
    texels[0, 0], texels[1, 1] = (255, 0, 0), (0, 255, 0)  # red at u 0, v 1; green at u 1, v 0
    Image.fromarray(texels).save(tmp_path / "t x.png")
    header = f"comment TextureFile t x.png\nelement vertex 4\n{XYZ}{TWO}property list uchar float texcoord\n"
    faces = "3 0 1 2 6 0.2 0.8 0.2 0.8 0.2 0.8\n3 0 2 3 6 0.8 0.2 0.8 0.2 0.8 0.2\n"
    path = write(tmp_path / "a.ply", header, SQUARE + faces)
    mesh = load_mesh(path)
    assert mesh.textures is not None
    assert mesh.num_vertices == 6
    assert mesh.colors[mesh.faces.long()].tolist() == [[[1, 0, 0]] * 3, [[0, 1, 0]] * 3]
    many = header + "property int texnumber\n"
    numbered = write(tmp_path / "b.ply", many, SQUARE + faces.replace("\n", " 0\n", 1).replace("0.2\n", "0.2 7\n"))
    assert load_mesh(numbered).notes == (
        "triangles of a texture whose number is beyond the 1 that the header names: 1",
    )
    for bad in ("4 0.8 0.2 0.8 0.2", "0", "6 nan 0.2 0.8 0.2 0.8 0.2", "6 1e9 0.2 0.8 0.2 0.8 0.2"):
        path = write(tmp_path / "a.ply", header, f"{SQUARE}3 0 1 2 6 0.2 0.8 0.2 0.8 0.2 0.8\n3 0 2 3 {bad}\n")
        (note,) = load_mesh(path).notes
        assert "coordinates are missing, not finite or beyond 1e6, which show the colour: 1" in note
    none = write(tmp_path / "b.ply", many, SQUARE + "3 0 1 2 6 0.2 0.8 0.2 0.8 0.2 0.8 0\n3 0 2 3 0 -1\n")
    assert load_mesh(none).notes == ()  # a face that shows no picture
    (tmp_path / "t x.png").unlink()
    mesh = load_mesh(path)
    assert mesh.textures is None
    assert mesh.notes[0] == "the texture t x.png is not beside it"


def test_a_count_that_the_file_cannot_hold_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.ply"
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {10**12}\n{XYZ}end_header\n"
    path.write_bytes(header.encode() + b"0")
    with pytest.raises(InputError, match="rows do not fit into 1 bytes"):
        load_mesh(path)


def test_far_coordinates_are_recentred_in_float64_and_saved_as_they_were(tmp_path: Path) -> None:
    offset = np.array([458203.587, 4580930.125, 122.0])
    rows = np.random.default_rng(0).random((4, 3))
    text = "".join("{:.6f} {:.6f} {:.6f}\n".format(*row) for row in rows + offset)
    header = f"element vertex 4\n{XYZ}{TWO}".replace("float", "double")
    mesh = load_mesh(write(tmp_path / "a.ply", header, text + "3 0 1 2\n3 0 2 3\n"))
    assert mesh.vertices.abs().max() < 2
    for vertex, row in zip(mesh.vertices, rows + offset, strict=True):
        np.testing.assert_allclose(mesh.to_file(vertex.tolist()), row, rtol=0, atol=1e-6)
    save_ply(mesh, tmp_path / "b.ply")
    again = load_mesh(tmp_path / "b.ply")
    assert again.origin == mesh.origin
    assert torch.equal(again.vertices, mesh.vertices)


@pytest.mark.parametrize("kind", ["orbit", "camera"])
def test_a_viewpoint_keeps_what_it_sees_in_another_frame(kind: str) -> None:
    orbit = Orbit.create(3.0, 20.0, 40.0, at=(0.1, 0.2, 0.3), up="z")
    view = orbit if kind == "orbit" else orbit.camera()
    offset = (458204.0, 4580930.0, 122.0)
    moved = view.translated(offset).camera()
    point = torch.tensor([[0.5, -0.5, 0.2]], dtype=torch.float64)
    before = view.to(torch.float64).camera().to_clip(point, 1.0, 0.1, 10.0)
    after = moved.to_clip(point + torch.tensor(offset, dtype=torch.float64), 1.0, 0.1, 10.0)
    torch.testing.assert_close(after, before, rtol=0, atol=1e-6)
    there = view.camera().position.double() + torch.tensor(offset, dtype=torch.float64)
    torch.testing.assert_close(moved.position, there, rtol=0, atol=1e-5)
    assert view.translated((0.0, 0.0, 0.0)) is view
    assert isinstance(moved, Camera)


def test_rows_after_those_of_the_header_are_named(tmp_path: Path) -> None:
    header = f"element vertex 4\n{XYZ}{TWO}"
    rows = SQUARE + "3 0 1 2\n3 0 2 3\n"
    assert load_mesh(write(tmp_path / "a.ply", header, rows + "\n")).notes == ()
    more = load_mesh(write(tmp_path / "b.ply", header, rows + "3 0 1 3\n"))
    assert more.notes == ("not read, after what its header promises: 1 line",)
    save_ply(load_mesh(tmp_path / "a.ply"), tmp_path / "c.ply")
    with open(tmp_path / "c.ply", "ab") as file:
        file.write(b"\nmore\n")
    assert load_mesh(tmp_path / "c.ply").notes[-1:] == ("not read, after what its header promises: 4 bytes",)


def test_char_colours_that_mean_uchar(tmp_path: Path) -> None:
    mesh = load_mesh(square(tmp_path / "a.ply", "-1 51 0", ("red", "green", "blue"), "char"))
    torch.testing.assert_close(mesh.colors[0], torch.tensor([1, 0.2, 0]))


def test_whole_number_colours_below_zero_are_black(tmp_path: Path) -> None:
    mesh = load_mesh(square(tmp_path / "a.ply", "-5 51 255", ("red", "green", "blue"), "int"))
    torch.testing.assert_close(mesh.colors[0], torch.tensor([0, 0.2, 1]))


def test_gaussian_splats_are_named(tmp_path: Path) -> None:
    more = "".join(f"property float {name}\n" for name in ("f_dc_0", "opacity", "scale_0", "rot_0"))
    path = write(tmp_path / "a.ply", f"element vertex 4\n{XYZ}{more}", SQUARE.replace("\n", " 0 0 0 1\n"))
    with pytest.raises(InputError, match="holds 4 Gaussian splats, not a mesh"):
        load_mesh(path)


def test_capitals_in_names_of_elements(tmp_path: Path) -> None:
    header = f"element Vertex 4\n{XYZ}{TWO.replace('face', 'Face')}"
    assert len(load_mesh(write(tmp_path / "a.ply", header, SQUARE + "3 0 1 2\n3 0 2 3\n")).faces) == 2


@pytest.mark.parametrize(("word", "said"), [("1,0", "'1,0' is no number: numbers need a point"), ("x", "'x' is no")])
def test_a_word_that_is_no_number_is_named(tmp_path: Path, word: str, said: str) -> None:
    path = write(tmp_path / "a.ply", f"element vertex 4\n{XYZ}{TWO}", f"{word}{SQUARE[1:]}3 0 1 2\n3 0 2 3\n")
    with pytest.raises(InputError, match=said):
        load_mesh(path)
