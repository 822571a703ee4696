"""ScanNet's scenes: found by folder, by name and by mesh; objects, labels, alignment, and files that do not belong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.folders import ALIGNMENT, BOX, scannet, segments, write_labels
from tvdrnet_nv.datasets import find_scene, open_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import Labels, save_labels, save_ply
from tvdrnet_nv.report import scene_facts
from tvdrnet_nv.scenes import textured_box

NAME = "scene0042_01"


@pytest.mark.parametrize("path", ["{0}", "scannet:{0}", "scannet:{1}/scene0042_01", "{0}/scene0042_01_vh_clean_2.ply"])
def test_a_scene_is_found_by_its_folder_its_name_and_its_mesh(tmp_path: Path, path: str) -> None:
    folder = scannet(tmp_path / NAME)
    found = open_scene(Path(path.format(folder, tmp_path)))
    assert (found.dataset, found.name) == ("scannet", NAME)
    assert found.mesh_file == folder / f"{NAME}_vh_clean_2.ply"


def test_loose_files_of_two_scenes_are_told_apart(tmp_path: Path) -> None:
    scannet(tmp_path, NAME)
    assert open_scene(tmp_path).name == NAME
    scannet(tmp_path, "scene0007_00")
    assert open_scene(Path(f"scannet:{tmp_path}/{NAME}")).name == NAME
    assert open_scene(tmp_path / "scene0007_00").name == "scene0007_00"
    with pytest.raises(InputError, match=r"holds 2 scenes \(scene0007_00, scene0042_01\); name one"):
        find_scene(tmp_path)
    with pytest.raises(InputError, match="no files of that name"):
        find_scene(Path(f"scannet:{tmp_path}/scene0009_00"))


def test_other_paths_are_no_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_ply(BOX, tmp_path / "box.ply")
    assert find_scene(tmp_path / "box.ply") is None
    assert find_scene(tmp_path / "none.ply") is None
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, Path(), Path("..")):
        with pytest.raises(InputError, match="is a directory"):
            find_scene(folder)
    for text in ("scannet:", "replica:.", "matterport:nowhere/region3", "scannetpp:box.ply"):
        with pytest.raises(InputError, match=r"wanted [a-z]+:FOLDER/SCENE"):
            find_scene(Path(text))


def test_objects_are_the_vertices_of_their_segments(tmp_path: Path) -> None:
    scene, of_vertex = open_scene(scannet(tmp_path)), segments(BOX)
    objects = scene.objects()
    np.testing.assert_array_equal(scene.segments(), of_vertex)
    assert objects.num_segments == 4
    assert objects.counts() == {"floor": 1, "office chair": 2}
    np.testing.assert_array_equal(np.sort(objects.objects[0].vertices), np.flatnonzero(np.isin(of_vertex, [7, 20])))
    # A name is all objects of that name; a number is the one with this id, not the one at this place.
    np.testing.assert_array_equal(objects.mask(["Office_Chair"]), of_vertex != 44)
    np.testing.assert_array_equal(objects.mask(["4"]), of_vertex == 31)
    np.testing.assert_array_equal(objects.mask(["4", "floor"]), np.isin(of_vertex, [31, 44]))
    with pytest.raises(InputError, match="no object is named 'sofa'; there are floor, office chair ×2"):
        objects.mask(["sofa"])
    with pytest.raises(InputError, match="no object has the id 1; ids go from 0 to 4"):
        objects.mask(["1"])


def test_a_segmentation_of_another_mesh_is_refused_with_both_counts(tmp_path: Path) -> None:
    scene = open_scene(scannet(tmp_path))
    fine = textured_box(5)
    segs = json.dumps({"segIndices": [7, 20, 31, 44] + [7] * (fine.num_vertices - 4)})
    (tmp_path / f"{NAME}_vh_clean_2.0.010000.segs.json").unlink()
    (tmp_path / f"{NAME}_vh_clean.segs.json").write_text(segs)
    with pytest.raises(InputError, match=rf"{NAME}_vh_clean_2\S+ \(segmentsFile\), not of {NAME}_vh_clean.segs.json"):
        scene.objects()
    aggregation = tmp_path / f"{NAME}.aggregation.json"
    aggregation.write_text(aggregation.read_text().replace("segmentsFile", "from"))
    with pytest.raises(
        InputError,
        match=rf"clean.segs.json: is of a mesh of {fine.num_vertices:,} vertices, but {NAME}_vh_clean_2.ply has",
    ):
        scene.objects().check(scene.load_mesh(), scene.mesh_file)
    # The fine mesh has an aggregation of its own.
    save_ply(fine, tmp_path / f"{NAME}_vh_clean.ply")
    aggregation.rename(tmp_path / f"{NAME}_vh_clean.aggregation.json")
    scene = open_scene(tmp_path / f"{NAME}_vh_clean.ply")
    scene.objects().check(scene.load_mesh(), scene.mesh_file)


def test_segments_of_another_segmentation_are_refused(tmp_path: Path) -> None:
    scene = open_scene(scannet(tmp_path))
    (tmp_path / f"{NAME}_vh_clean_2.0.010000.segs.json").write_text(json.dumps({"segIndices": [1] * BOX.num_vertices}))
    with pytest.raises(InputError, match="4 of its objects' segments are not in"):
        scene.objects()


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("aggregation.json", "{", "is not JSON"),
        ("aggregation.json", "[]", "is no JSON object"),
        ("aggregation.json", "{}", "has no list of objects 'segGroups'"),
        ("aggregation.json", '{"segGroups": [{"objectId": -1, "segments": []}]}', "objectId is -1"),
        ("aggregation.json", '{"segGroups": [{"segments": []}]}', "objectId is missing; wanted a whole number"),
        ("aggregation.json", '{"segGroups": [{"objectId": 1, "segments": ["a"]}]}', "object 1's segments"),
        ("vh_clean_2.0.010000.segs.json", '{"segIndices": [[1], 2]}', "segIndices is no list"),
        ("vh_clean_2.0.010000.segs.json", '{"segIndices": [-1, 2]}', "segIndices is no list"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, file: str, text: str, message: str) -> None:
    scene = open_scene(scannet(tmp_path))
    separator = "." if file.startswith("aggregation") else "_"
    (tmp_path / f"{NAME}{separator}{file}").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        scene.objects()
    assert file in str(caught.value)


def test_a_test_scene_has_a_mesh_only(tmp_path: Path) -> None:
    save_ply(BOX, tmp_path / "scene0707_00_vh_clean_2.ply")
    scene = open_scene(tmp_path)
    assert scene.labels() is None
    assert scene.label_scheme() is None
    assert scene.alignment() is None
    assert scene.segments() is None
    with pytest.raises(InputError, match="test scenes have none"):
        scene.objects()


@pytest.mark.parametrize(
    ("chair", "floor", "scheme", "names"),
    [
        (10, 3, "raw", {10: "office chair", 3: "floor"}),
        (5, 2, "NYU40", {5: "chair", 2: "floor"}),
        (1163, 3, "raw", {1163: "office chair", 3: "floor"}),  # not ScanNet200's name: the annotation's
    ],
)
def test_the_objects_tell_how_labels_are_numbered(
    tmp_path: Path, chair: int, floor: int, scheme: str, names: dict[int, str]
) -> None:
    scene = open_scene(scannet(tmp_path))
    write_labels(tmp_path / f"{NAME}_vh_clean_2.labels.ply", np.where(segments(BOX) == 44, floor, chair))
    labels = scene.labels()
    assert labels is not None
    assert {label: labels.names[label] for label in labels.counts()} == names
    assert scheme in (scene.label_scheme() or "")


def test_without_objects_the_numbers_tell(tmp_path: Path) -> None:
    scene = open_scene(scannet(tmp_path))
    (tmp_path / f"{NAME}.aggregation.json").unlink()
    assert "NYU40: none is above 40" in (scene.label_scheme() or "")
    write_labels(tmp_path / f"{NAME}_vh_clean_2.labels.ply", np.where(segments(BOX) == 44, 17, 1191))
    labels = scene.labels()
    assert labels is not None
    assert labels.describe() == "17 toilet, 1191 mattress"


def test_names_that_the_file_itself_has_stay(tmp_path: Path) -> None:
    scene = open_scene(scannet(tmp_path))
    own = Labels(np.where(segments(BOX) == 44, 3, 900), {3: "carpet", 900: "throne"})
    save_labels(BOX, own, tmp_path / f"{NAME}_vh_clean_2.labels.ply")
    labels = scene.labels()
    assert labels is not None
    assert labels.names == own.names
    assert scene.label_scheme() == "named by the file itself"


def test_the_alignment_is_that_of_the_text_file(tmp_path: Path) -> None:
    assert open_scene(scannet(tmp_path / "a")).alignment() is None
    found = open_scene(scannet(tmp_path / "b", align=True)).alignment()
    assert found is not None
    np.testing.assert_array_equal(found, ALIGNMENT)


def test_ids_that_an_annotation_gives_twice_lose_no_object(tmp_path: Path) -> None:
    folder = scannet(tmp_path)
    file = folder / "scene0042_01.aggregation.json"
    file.write_text(file.read_text().replace('"objectId": 4', '"objectId": 0'))
    objects = open_scene(folder).objects()
    for wanted in ("0", "office chair"):
        np.testing.assert_array_equal(objects.mask([wanted]), segments(BOX) != 44)
    assert objects.notes() == ("ids that several objects have, and that mean all of these: 0",)


def test_objects_without_a_name_or_a_vertex_are_noted(tmp_path: Path) -> None:
    folder = scannet(tmp_path)
    file = folder / f"{NAME}.aggregation.json"
    file.write_text(file.read_text().replace('"label": "floor"', '"label": null').replace("[31]", "[]"))
    scene = open_scene(folder)
    assert scene_facts(scene, scene.load_mesh())["objects_notes"] == [
        'objects without a name, which are called "unnamed": 2',
        "objects without a vertex of the mesh: 4",
    ]


@pytest.mark.parametrize("key", ["sceneId", "segmentsFile"])
@pytest.mark.parametrize("name", [f"{NAME}.aggregation.json", f"{NAME}_vh_clean_2.0.010000.segs.json"])
def test_files_of_another_scene_are_refused(tmp_path: Path, name: str, key: str) -> None:
    file = scannet(tmp_path) / name
    values = json.loads(file.read_text())
    file.write_text(json.dumps({**values, key: f"scannet.{NAME}"}))
    open_scene(tmp_path).objects()
    file.write_text(json.dumps({**values, key: "scannet.scene0001_00_vh_clean_2.0.010000.segs.json"}))
    with pytest.raises(InputError, match=rf"{name}: is of scene0001_00 \({key}\), not of {NAME}; download"):
        open_scene(tmp_path).objects()


def test_labels_of_another_mesh_are_told_with_both_counts(tmp_path: Path) -> None:
    scene = open_scene(scannet(tmp_path))
    write_labels(tmp_path / f"{NAME}_vh_clean_2.labels.ply", np.full(5, 3))
    count = BOX.num_vertices
    expected = f"of another mesh: 5 labels, but {NAME}_vh_clean_2.ply has {count:,} vertices"
    assert scene_facts(scene, scene.load_mesh())["label_scheme"] == expected


def test_a_path_near_a_scene_is_answered_with_the_scene(tmp_path: Path) -> None:
    scene = scannet(tmp_path / "scans" / "scene0042_01")
    with pytest.raises(InputError, match=f"it holds scenes: give {scene}"):
        find_scene(tmp_path / "scans")
    with pytest.raises(InputError, match="no data set is named scanet; wanted one of scannet, "):
        find_scene(Path(f"scanet:{scene}"))


def test_a_broken_alignment_costs_the_alignment_alone(tmp_path: Path) -> None:
    scene = open_scene(scannet(tmp_path))
    (tmp_path / "scene0042_01.txt").write_text("axisAlignment = 1 0 0\n")
    facts = scene_facts(scene, scene.load_mesh())
    assert facts["alignment"] is None
    assert "axisAlignment: has 3 numbers, wanted 16" in facts["alignment_missing"]
    assert len(facts["objects"]) == 3


def test_an_alignment_that_is_not_finite_says_where(tmp_path: Path) -> None:
    scene = open_scene(scannet(tmp_path))
    (tmp_path / f"{NAME}.txt").write_text(f"axisAlignment = 1 0 0 nan {'0 ' * 12}\n")
    said = rf"{NAME}\.txt: axisAlignment: the transform is not finite \(nan in row 1, column 4\)"
    with pytest.raises(InputError, match=said):
        scene.alignment()
    (tmp_path / f"{NAME}.txt").write_text("axisAlignment = 1 2\naxisAlignment = 1 3\n")
    with pytest.raises(InputError, match="has 2 lines of axisAlignment that differ; leave one"):
        scene.alignment()
