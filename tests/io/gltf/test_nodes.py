"""The nodes of glTF files: meshes that no scene shows, and matrices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.io.examples import TRIANGLES, VERTICES
from tests.io.gltf.writer import quad, read
from tvdrnet_nv.errors import InputError


def test_meshes_that_no_scene_shows_are_named(tmp_path: Path) -> None:
    file = quad()
    file.tree["meshes"][file.mesh(VERTICES, TRIANGLES)]["name"] = "lamp"
    file.mesh(VERTICES, TRIANGLES)
    file.tree["nodes"].pop()  # the last mesh is on no node, the one before it on a node of no scene
    file.tree["scenes"][0]["nodes"] = [0]
    mesh = read(file, tmp_path)
    assert mesh.num_faces == len(TRIANGLES)
    assert mesh.notes == ("Its meshes that are in no scene are not shown (2): lamp, mesh 2.",)


def test_an_empty_scene_is_refused_with_the_meshes_that_it_does_not_show(tmp_path: Path) -> None:
    file = quad()
    file.tree["scenes"][0]["nodes"] = []
    with pytest.raises(InputError, match=r"holds no triangles\. Its meshes that are in no scene"):
        read(file, tmp_path)


def test_meshes_of_other_scenes_and_of_children_are_no_unused_ones(tmp_path: Path) -> None:
    file = quad()
    file.mesh(VERTICES, TRIANGLES)
    file.mesh(VERTICES, TRIANGLES)
    file.tree["scenes"] = [{"nodes": [3]}, {"nodes": [2]}]
    file.tree["nodes"].append({"children": [0, 1]})
    mesh = read(file, tmp_path)
    assert mesh.num_faces == 2 * len(TRIANGLES)
    assert mesh.notes == ("Of its 2 scenes only one is shown.",)


def test_a_matrix_of_another_last_row_is_refused(tmp_path: Path) -> None:
    file = quad(node={"matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2]})
    with pytest.raises(InputError, match=r"nodes\[0\]\.matrix has the last row \[0\.0, 0\.0, 0\.0, 2\.0\], wanted"):
        read(file, tmp_path)


def test_transforms_that_are_not_as_gltf_has_them_are_noted(tmp_path: Path) -> None:
    shifted = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 0, 0, 1]
    mesh = read(quad(node={"matrix": shifted, "translation": [9, 0, 0]}), tmp_path)
    assert mesh.vertices[0].tolist() == [5, 0, 0]
    assert mesh.notes == ("Nodes with a matrix and a translation, rotation or scale: the matrix counts.",)
    mesh = read(quad(node={"rotation": [0, 0, 2, 0]}), tmp_path)
    assert mesh.vertices[1].tolist() == [-1, 0, 0]
    assert mesh.notes == ("nodes[0] has a rotation of length 2, which is taken as 1.",)
