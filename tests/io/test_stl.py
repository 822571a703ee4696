"""STL files, text and binary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh

CORNERS = np.array([[[0, 0, 0], [1, 0, 0], [1, 1, 0]], [[-0.0, 0, 0], [1, 1, 0], [0, 1, 0]]], dtype="<f4")


def binary(title: bytes = b"", count: int = 2, attribute: int = 0) -> bytes:
    rows = np.zeros(2, dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    rows["corners"], rows["attribute"] = CORNERS, attribute
    return title.ljust(80) + count.to_bytes(4, "little") + rows.tobytes()


def text() -> bytes:
    facets = "".join(
        "facet normal 0 0 1\n outer loop\n" + "".join(f"  vertex {x} {y} {z}\n" for x, y, z in corners) + " endloop\n"
        "endfacet\n"
        for corners in CORNERS.tolist()
    )
    return f"solid a square\n{facets}endsolid a square\n".encode()


@pytest.mark.parametrize(
    "data", [binary(), binary(b"solid square"), text(), text().replace(b"\n", b"\r\n"), text().upper()]
)
def test_equal_corners_are_one_vertex(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.stl").write_bytes(data)
    mesh = load_mesh(tmp_path / "a.stl")
    assert mesh.vertices.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.notes == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (binary(attribute=7), "attribute bytes"),
        (binary() + b"more", "bytes after its 2 triangles, which are not read: 4"),
        (text().replace(b"endsolid a square\n", b""), "may be truncated"),
    ],
)
def test_notes(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.stl").write_bytes(data)
    (note,) = load_mesh(tmp_path / "a.stl").notes
    assert said in note


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (binary(count=5), "it says 5 triangles, but has bytes for 2"),
        (b"solid\nendsolid\n", "is no STL file, or is truncated"),
        (binary(count=0)[:84], "holds no triangles"),
        (text()[: text().index(b"vertex 1.0 1.0")], "corners, wanted three each; it is truncated"),
        (text().replace(b"1.0", b"x", 1), "a corner cannot be read"),
    ],
)
def test_broken_files(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.stl").write_bytes(data)
    with pytest.raises(InputError, match=rf"a\.stl: .*{said}"):
        load_mesh(tmp_path / "a.stl")


def test_a_word_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.stl").write_bytes(text().replace(b"vertex 0.0 ", b"vertex x ", 1))
    with pytest.raises(InputError, match=r"a corner cannot be read \('x' is no number\); export it again"):
        load_mesh(tmp_path / "a.stl")
