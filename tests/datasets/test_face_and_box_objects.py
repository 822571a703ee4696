"""Replica's objects by faces, which are quads, and ARKitScenes' by boxes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from plyfile import PlyData, PlyElement

from tests.datasets.folders import BOX
from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh, save_ply


def replica(folder: Path, *, mixed: bool = False) -> Path:
    """A strip of two quads on six vertices, object 3 and object 8; perhaps with a triangle of object 8 as well."""
    habitat = folder / "habitat"
    habitat.mkdir(parents=True)
    vertex = np.array([(x, y, 0.0) for x in range(3) for y in range(2)], dtype=[(a, "f4") for a in "xyz"])
    polygons = [([0, 2, 3, 1], 3), ([2, 4, 5, 3], 8)] + ([([0, 1, 4], 8)] if mixed else [])
    face = np.empty(len(polygons), dtype=[("vertex_indices", object), ("object_id", "i4")])
    for place, (corners, number) in enumerate(polygons):
        face[place] = (np.array(corners, dtype=np.int32), number)
    elements = [PlyElement.describe(vertex, "vertex"), PlyElement.describe(face, "face")]
    PlyData(elements).write(str(habitat / "mesh_semantic.ply"))
    objects = [{"class_id": 20, "class_name": "chair", "id": 3}, {"class_id": 80, "class_name": "table", "id": 8}]
    (habitat / "info_semantic.json").write_text(json.dumps({"objects": objects, "classes": []}))
    return folder


@pytest.mark.parametrize("place", ["", "habitat", "habitat/mesh_semantic.ply"])
def test_replicas_quads_are_drawn_whole_and_their_corners_are_the_objects(tmp_path: Path, place: str) -> None:
    scene = open_scene(replica(tmp_path / "room_0") / place)
    assert (scene.dataset, scene.name) == ("replica", "room_0")
    mesh = scene.load_mesh()
    assert mesh.num_faces == 4
    assert mesh.notes == ()  # the objects' numbers of the faces are read
    assert load_mesh(scene.mesh_file).notes == ("properties of its faces that are not read: object_id",)
    objects = scene.objects()
    objects.check(mesh, scene.mesh_file)
    assert objects.counts() == {"chair": 1, "table": 1}
    np.testing.assert_array_equal(objects.mask(["chair"]), [1, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(objects.mask(["8"]), [0, 0, 1, 1, 1, 1])


def test_replicas_faces_may_have_different_numbers_of_corners(tmp_path: Path) -> None:
    objects = open_scene(replica(tmp_path / "room_0", mixed=True)).objects()
    np.testing.assert_array_equal(objects.mask(["table"]), [1, 1, 1, 1, 1, 1])


def test_a_mesh_without_object_ids_is_named(tmp_path: Path) -> None:
    scene = open_scene(replica(tmp_path / "room_0"))
    save_ply(BOX, scene.mesh_file)
    with pytest.raises(InputError, match=r"mesh_semantic\.ply: its faces have no property 'object_id'"):
        scene.objects()


def arkit(folder: Path, box: dict) -> Path:
    """The box as the mesh of scene 41069021, with one annotated chair."""
    folder.mkdir()
    save_ply(BOX, folder / "41069021_3dod_mesh.ply")
    data = {"data": [{"uid": "ab-cd", "label": "chair", "segments": {"obbAligned": box}}], "skipped": False}
    (folder / "41069021_3dod_annotation.json").write_text(json.dumps(data))
    return folder


def test_arkits_objects_are_the_vertices_in_a_turned_box(tmp_path: Path) -> None:
    c, s = np.cos(0.4), np.sin(0.4)
    axes = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])  # rows are the axes
    center, size = np.array([0.3, 0.2, 0.0]), np.array([2.0, 0.8, 9.0])
    box = {"centroid": center.tolist(), "axesLengths": size.tolist(), "normalizedAxes": axes.reshape(-1).tolist()}
    scene = open_scene(arkit(tmp_path / "41069021", box))
    assert (scene.dataset, scene.name) == ("arkitscenes", "41069021")
    points = BOX.vertices.double().numpy() - center
    along = np.abs(points @ np.array([c, s, 0])) <= 1.0
    across = np.abs(points @ np.array([-s, c, 0])) <= 0.4
    marked = scene.objects().mask(["chair"])
    assert 0 < marked.sum() < len(marked)
    np.testing.assert_array_equal(marked, along & across)


def test_an_object_without_a_box_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"annotation\.json: object 0: has no box of centroid"):
        open_scene(arkit(tmp_path / "41069021", {"centroid": [0, 0, 0]})).objects()
    box = {"centroid": [0, 0, float("nan")], "axesLengths": [1, 1, 1], "normalizedAxes": [1, 0, 0, 0, 1, 0, 0, 0, 1]}
    with pytest.raises(InputError, match="object 0: its box is not finite"):
        open_scene(arkit(tmp_path / "41069022", box)).objects()
    for name, wrong in (("a", {"axesLengths": [-1, 1, 1]}), ("b", {"normalizedAxes": [2, 0, 0, 0, 1, 0, 0, 0, 1]})):
        with pytest.raises(InputError, match="object 0: its box has axes that are not orthonormal, or a negative"):
            open_scene(arkit(tmp_path / name, {**box, "centroid": [0, 0, 0], **wrong})).objects()
