"""Every way in which a PLY file can be broken, and what the message says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.io.examples import VERTICES, write_ply
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh


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
    "two-names": (
        lambda path: path.write_bytes(write_ply(path).read_bytes().replace(b"float y", b"float x")),
        "the PLY's element vertex has two properties x; rename or remove one",
    ),
    "minus-three-rows": (
        lambda path: path.write_bytes(write_ply(path).read_bytes().replace(b"element face 2", b"element face -3")),
        r"truncated or broken \(-3 rows of face\)",
    ),
    "two-elements": (
        lambda path: path.write_bytes(write_ply(path).read_bytes().replace(b"element face", b"element vertex")),
        "the PLY has two elements vertex",
    ),
    "cloud": (lambda path: write_ply(path, faces=None), r"point cloud \(vertices: 4, no faces\); mesh it"),
    "zero-faces": (lambda path: write_ply(path, faces=[]), "point cloud"),
    "zero-vertices": (lambda path: write_ply(path, vertices=VERTICES[:0], colors=None), "no vertices"),
    "only-stubs": (lambda path: write_ply(path, faces=[[0, 1], [1, 2]], text=True), "no face has three"),
    "one-corner": (
        lambda path: write_ply(path, faces=[[2, 2, 2, 2]] * 6),
        r"no face has three different corners \(of 6\)",
    ),
    "minus-one": (lambda path: write_ply(path, faces=[[-1] * 4] * 6), r"face 0 refers to vertices \[-1, -1, -1\]"),
    "minus-two": (
        lambda path: write_ply(path, faces=[[0, 1, 2], [-1] * 4]),
        r"face 1 refers to vertices \[-1, -1, -1\]",
    ),
    "no-vertex-element": (
        lambda path: path.write_bytes(b"ply\nformat ascii 1.0\nelement face 0\nproperty float q\nend_header\n"),
        "no 'vertex' element",
    ),
    "infinite-list": (
        lambda path: path.write_bytes(write_ply(path, text=True).read_bytes().replace(b"\n3 0 1 2", b"\ninf 0 1 2")),
        "truncated or broken.*a list of inf numbers",
    ),
    "no-z": (lambda path: write_ply(path, axes="xy"), "vertices have no z"),
    "no-index-list": (
        lambda path: path.write_bytes(
            write_ply(path, text=True)
            .read_bytes()
            .replace(b"list uchar int vertex_indices", b"list uchar float corners")
        ),
        "neither vertex_indices nor vertex_index",
    ),
    "index-high": (
        lambda path: write_ply(path, faces=[[0, 1, 2], [0, 2, 4], [0, 1, 9]]),
        r"face 1 refers to vertices \[0, 2, 4\].*0\.\.3 \(2 such faces\)",
    ),
    "index-negative": (lambda path: write_ply(path, faces=[[0, -1, 2]]), r"face 0 refers to vertices \[0, -1, 2\]"),
    "nan": (lambda path: write_ply(path, vertices=NAN), "2 of 4 vertices are NaN, infinite"),
    "flat": (
        lambda path: write_ply(path, faces=[[0, 1, 1], [2, 2, 2]]),
        r"no face has an area \(of 2\)",
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
