"""OFF files: their kinds, colours of vertices and faces, and what is wrong with broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.report import mesh_facts

SQUARE = ("0 0 0", "1 0 0", "1 1 0", "0 1 0")
FACE = "4 0 1 2 3\n"


def read(folder: Path, head: str, more: str = "", faces: str = FACE) -> Mesh:
    """A square whose vertices have more numbers."""
    rows = "".join(f"{row} {more}\n" for row in SQUARE)
    (folder / "a.off").write_text(f"{head}\n{rows}{faces}")
    return load_mesh(folder / "a.off")


@pytest.mark.parametrize(
    "head", ["OFF\n4 1 0", "OFF 4 1 0", "OFF4 1 0", "off\n4 1 0", "4 1 0", "# made by hand\n\nOFF # more\r\n4 1"]
)
def test_heads_as_programs_write_them(tmp_path: Path, head: str) -> None:
    mesh = read(tmp_path, head)
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.notes == ()


@pytest.mark.parametrize(
    ("head", "more", "color", "said"),
    [
        ("COFF", "255 51 0 255", (1, 0.2, 0), None),
        ("COFF", "1 0.2 0 1", (1, 0.2, 0), None),
        ("CNOFF", "0 0 1 255 51 0", (1, 0.2, 0), "its normals are not used"),
        ("STOFF", "0.5 0.5", (0.5, 0.5, 0.5), "its texture coordinates are not used"),
        ("OFF", "7", (0.5, 0.5, 0.5), "1 more numbers of each vertex are not read"),
    ],
)
def test_numbers_behind_a_position(tmp_path: Path, head: str, more: str, color: tuple, said: str | None) -> None:
    mesh = read(tmp_path, f"{head}\n4 1 0", more)
    torch.testing.assert_close(mesh.colors, torch.tensor(color).float().expand(4, 3))
    assert [str(said) in note for note in mesh.notes] == ([] if said is None else [True])


def test_weights_divide(tmp_path: Path) -> None:
    assert read(tmp_path, "4OFF\n4 1 0", "2").bounds[1].tolist() == [0.5, 0.5, 0]


def test_colours_of_faces_split_vertices(tmp_path: Path) -> None:
    mesh = read(tmp_path, "OFF\n4 2 0", faces="3 0 1 2 255 0 0\n3 0 2 3 0 0 255\n")
    assert mesh.colors[mesh.faces.long()].tolist() == [[[1, 0, 0]] * 3, [[0, 0, 1]] * 3]
    assert mesh.file_vertices is not None
    assert mesh.file_vertices.tolist() == [0, 1, 2, 3, 0, 2]
    mesh = read(tmp_path, "OFF\n4 2 0", faces="3 0 1 2 255 0 0\n3 0 2 3\n")
    assert mesh.notes == ("its faces' colours are not used: not all faces have some",)


def test_numbers_of_a_colour_map_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.off").write_text("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2 7\n")
    assert load_mesh(tmp_path / "a.off").notes == (
        "faces whose colour is a number of a colour map, which is not read: 1",
    )


@pytest.mark.parametrize(("alpha", "noted"), [("0.1", True), ("1.0", False), ("255", False)])
def test_alpha_of_faces_is_noted(tmp_path: Path, alpha: str, noted: bool) -> None:
    (tmp_path / "a.off").write_text(f"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2 1 0 0 {alpha}\n")
    mesh = load_mesh(tmp_path / "a.off")
    assert mesh.notes == ("the alpha of its faces is not used: every surface is opaque",) * noted
    assert mesh.colors[0].tolist() == [1, 0, 0]


def test_a_concave_polygon(tmp_path: Path) -> None:
    rows = "0 0 0\n4 0 0\n4 3 0\n3 3 0\n3 1 0\n1 1 0\n1 3 0\n0 3 0\n"
    (tmp_path / "u.off").write_text(f"OFF\n8 1 0\n{rows}8 0 1 2 3 4 5 6 7\n")
    assert mesh_facts(load_mesh(tmp_path / "u.off"))["area"] == pytest.approx(8)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PLY\n", "does not start with 'OFF'"),
        ("OFF BINARY\n\0\0", "is binary, which is not read"),
        ("nOFF\n5\n", "of any dimension"),
        ("OFF\nx 1 0\n", "'x' is no number"),
        ("OFF\n4 inf 0\n", "not how many vertices and faces"),
        ("OFF\n2 1 0\n0 0 0\n", "is truncated: it says 2 vertices and 1 face, a line each, but has 1 line;"),
        ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1\n3 0 1 2\n", "different numbers of numbers"),
        ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n4 0 1 2\n", "face 0 has not the corners that it says"),
        ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2.5\n", "corner is no whole number"),
        ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n", "face 0 refers to vertices"),
        ("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n2 0 1\n", "corners"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.off").write_text(text)
    with pytest.raises(InputError, match=rf"a\.off: .*{said}"):
        load_mesh(tmp_path / "a.off")
