"""ScanNet++, 3RScan and Matterport3D: where their files are, and their objects of segments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.folders import ALIGNMENT, BOX, segments
from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.io import save_ply

GROUPS = [
    {"id": 1, "objectId": 1, "label": "chair", "segments": [7, 20]},
    {"id": 2, "objectId": 2, "label": "office desk", "segments": [20, 31]},  # overlaps, as ScanNet++'s may
]
SCAN = "0ad2d3a1-79e2-2212-9b99-a96495d9f7fe"


def write(mesh: Path, groups: str, segs: str) -> None:
    mesh.parent.mkdir(parents=True, exist_ok=True)
    save_ply(BOX, mesh)
    (mesh.parent / groups).write_text(json.dumps({"segGroups": GROUPS}))
    (mesh.parent / segs).write_text(json.dumps({"segIndices": segments(BOX).tolist()}))


def scannetpp(folder: Path) -> Path:
    write(folder / "scans" / "mesh_aligned_0.05.ply", "segments_anno.json", "segments.json")
    return folder


def rio(folder: Path) -> Path:
    write(folder / "labels.instances.annotated.v2.ply", "semseg.v2.json", "mesh.refined.0.010000.segs.v2.json")
    return folder


def matterport(folder: Path) -> Path:
    write(folder / "region_segmentations" / "region3.ply", "region3.semseg.json", "region3.vsegs.json")
    return folder


@pytest.mark.parametrize(
    ("make", "dataset", "name", "place", "scene"),
    [
        (scannetpp, "scannetpp", "7b6477cb95", "", "7b6477cb95"),
        (scannetpp, "scannetpp", "7b6477cb95", "scans/mesh_aligned_0.05.ply", "7b6477cb95"),
        (rio, "3rscan", SCAN, "", SCAN),
        (matterport, "matterport", "17DRP5sb8fy", "region_segmentations/region3", "17DRP5sb8fy_region3"),
        (matterport, "matterport", "17DRP5sb8fy", "region_segmentations/region3.ply", "17DRP5sb8fy_region3"),
        (matterport, "matterport", "17DRP5sb8fy", "", "17DRP5sb8fy_region3"),
    ],
)
def test_objects_are_the_vertices_of_their_segments(
    tmp_path: Path, make, dataset: str, name: str, place: str, scene: str
) -> None:
    folder = make(tmp_path / name)
    for found in (open_scene(folder / place), open_scene(Path(f"{dataset}:{folder / place}"))):
        assert (found.dataset, found.name) == (dataset, scene)
        objects = found.objects()
        objects.check(found.load_mesh(), found.mesh_file)
        np.testing.assert_array_equal(objects.mask(["chair"]), np.isin(segments(BOX), [7, 20]))
        np.testing.assert_array_equal(objects.mask(["2"]), np.isin(segments(BOX), [20, 31]))
        np.testing.assert_array_equal(found.segments(), segments(BOX))


def test_scannetpps_poses_are_colmaps_which_agree_with_the_mesh(tmp_path: Path) -> None:
    folder = scannetpp(tmp_path / "7b6477cb95")
    assert open_scene(folder).camera_files()[0] == folder / "dslr" / "colmap"


def test_a_rescans_transform_is_read_column_by_column_and_in_millimetres(tmp_path: Path) -> None:
    scene = open_scene(rio(tmp_path / SCAN))
    assert scene.alignment() is None
    written = ALIGNMENT.copy()
    written[:3, 3] *= 1000  # 3RScan.json has millimetres, the meshes have metres
    scans = [{"reference": SCAN, "transform": written.T.reshape(-1).tolist()}]
    (tmp_path / "3RScan.json").write_text(json.dumps([{"reference": "other", "scans": scans}]))
    found = scene.alignment()
    assert found is not None
    np.testing.assert_allclose(found, ALIGNMENT)


def test_an_object_without_a_label_is_unnamed(tmp_path: Path) -> None:
    folder = scannetpp(tmp_path / "7b6477cb95")
    groups = [{**GROUPS[0], "label": None}, {key: value for key, value in GROUPS[1].items() if key != "label"}]
    (folder / "scans" / "segments_anno.json").write_text(json.dumps({"segGroups": groups}))
    assert [item.name for item in open_scene(folder).objects().objects] == ["unnamed", "unnamed"]
