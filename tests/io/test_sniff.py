"""Files in another file's place: the message says what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.io.test_obj import FACES, POINTS, UVS, read
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_labels, load_mesh

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (POINTER, "a pointer of Git LFS in place of the file; type `git lfs pull`"),
        (b"\x1f\x8b\x08\0", "packed with gzip; unpack it first"),
        (b"PK\x03\x04\0", "a zip archive"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
    ],
)
@pytest.mark.parametrize("name", ["a.ply", "a.obj", "a.glb", "a.gltf"])
def test_a_scene_that_is_something_else(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}: is {said}"):
        load_mesh(tmp_path / name)


def test_labels_and_pictures_that_are_pointers(tmp_path: Path) -> None:
    (tmp_path / "a.ply").write_bytes(POINTER)
    with pytest.raises(InputError, match="git lfs pull"):
        load_labels(tmp_path / "a.ply")
    (tmp_path / "t.png").write_bytes(POINTER)
    mesh = read(tmp_path, f"mtllib m.mtl\n{POINTS}{UVS}usemtl a\n{FACES}", "newmtl a\nmap_Kd t.png\n")
    assert any("Its picture t.png cannot be read (it is a pointer of Git LFS" in note for note in mesh.notes)
