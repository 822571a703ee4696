"""Poses and pictures of the frames of ScanNet++, 3RScan and ARKitScenes, in the coordinates of the mesh."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.folders import BOX, frame
from tests.datasets.test_segment_objects import SCAN, matterport, rio, scannetpp
from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.io.cameras import NamedCamera, write_cameras
from tvdrnet_nv.io.cameras.record import inverse, vector_of_rotation
from tvdrnet_nv.report import write_png

BLACK = np.zeros((96, 128, 3), np.uint8)


def same(found: NamedCamera, name: str, picture: Path) -> None:
    """Compare with `frame`: name, pose, lens and picture."""
    assert found.name == name
    assert found.picture == picture
    np.testing.assert_allclose(found.camera_to_world, frame().camera_to_world, atol=1e-6)
    np.testing.assert_allclose(found.lens, frame().lens, atol=1e-6)


def test_scannetpps_dslr_has_its_pictures_beside_colmap(tmp_path: Path) -> None:
    folder = scannetpp(tmp_path / "7b6477cb95")
    pictures = folder / "dslr" / "resized_images"
    pictures.mkdir(parents=True)
    write_png(pictures / "DSC01.png", BLACK)
    write_cameras(folder / "dslr" / "colmap", [frame("DSC01.png")], "colmap")
    scene = open_scene(folder)
    (found,) = scene.read_cameras(scene.camera_files()[0]).cameras
    same(found, "DSC01.png", pictures / "DSC01.png")


NERFSTUDIO = np.array([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]])
"""What nerfstudio does to COLMAP's world: x and y are swapped, z is negated."""


@pytest.mark.parametrize("recorded", [False, True])
def test_scannetpps_nerfstudio_poses_are_moved_back_to_the_mesh(tmp_path: Path, recorded: bool) -> None:
    folder = scannetpp(tmp_path / "7b6477cb95")
    pictures = folder / "dslr" / "resized_images"
    pictures.mkdir(parents=True)
    write_png(pictures / "DSC01.png", BLACK)
    pose = NERFSTUDIO @ frame().camera_to_world @ np.diag([1, -1, -1, 1])
    fx, fy, cx, cy, w, h = frame().lens
    values = {"fl_x": fx, "fl_y": fy, "cx": cx, "cy": cy, "w": w, "h": h, "frames": []}
    values["frames"] = [{"file_path": "DSC00.png", "transform_matrix": pose.tolist()}]
    values["test_frames"] = [{"file_path": "DSC01.png", "transform_matrix": pose.tolist()}]
    if recorded:
        values["applied_transform"] = NERFSTUDIO[:3].tolist()
    file = folder / "dslr" / "nerfstudio" / "transforms.json"
    file.parent.mkdir()
    file.write_text(json.dumps(values))
    scene = open_scene(folder)
    for path in (file, file.parent):
        same(scene.read_cameras(path).cameras[1], "DSC01.png", pictures / "DSC01.png")
    write_cameras(folder / "dslr" / "colmap", [frame("DSC01.png")], "colmap")
    assert scene.camera_files()[0] == folder / "dslr" / "colmap"
    same(scene.read_cameras(file).cameras[1], "DSC01.png", pictures / "DSC01.png")
    other = NamedCamera("DSC01.png", NERFSTUDIO @ frame().camera_to_world, frame().lens)
    write_cameras(folder / "dslr" / "colmap", [other], "colmap")
    with pytest.raises(InputError, match=r"its pose of DSC01\.png is not that of .*colmap"):
        scene.read_cameras(file)


def test_matterports_cameras_have_their_origin_at_the_lower_left(tmp_path: Path) -> None:
    folder = matterport(tmp_path / "17DRP5sb8fy")
    pictures, file = folder / "undistorted_color_images", folder / "undistorted_camera_parameters" / "17DRP5sb8fy.conf"
    pictures.mkdir()
    file.parent.mkdir()
    write_png(pictures / "a_i0_0.png", BLACK)
    fx, fy, cx, cy, _, height = frame().lens
    pose = " ".join(map(str, (frame().camera_to_world @ np.diag([1, -1, -1, 1])).reshape(-1)))
    lines = ["dataset matterport", "n_images 1", "color_directory undistorted_color_images"]
    lines += [
        f"intrinsics_matrix {fx} 0 {cx - 0.5}  0 {fy} {height - cy - 0.5} 0 0 1",
        f"scan a_d0_0.png a_i0_0.png {pose}",
    ]
    file.write_text("\n".join(lines) + "\n")
    for place in ("region_segmentations/region3", ""):
        scene = open_scene(folder / place)
        assert scene.camera_files()[0] == file
        (found,) = scene.read_cameras(file).cameras
        same(found, "a_i0_0.png", pictures / "a_i0_0.png")
    file.write_text("\n".join([lines[0], lines[-1]]))
    with pytest.raises(InputError, match="line 2: has no intrinsics_matrix above it"):
        scene.read_cameras(file)


def test_scannetpps_iphone_has_an_aligned_pose_beside_arkits_own(tmp_path: Path) -> None:
    folder = scannetpp(tmp_path / "7b6477cb95")
    pictures = folder / "iphone" / "rgb"
    pictures.mkdir(parents=True)
    write_png(pictures / "frame_000120.png", BLACK)
    K = frame().calibration(0.0).tolist()
    values = {"pose": np.eye(4).tolist(), "aligned_pose": frame().camera_to_world.tolist(), "intrinsic": K}
    file = folder / "iphone" / "pose_intrinsic_imu.json"
    file.write_text(json.dumps({"frame_000120": values}))
    scene = open_scene(folder)
    assert scene.camera_files()[-1] == file
    (found,) = scene.read_cameras(file).cameras
    same(found, "frame_000120", pictures / "frame_000120.png")
    lost = {**values, "aligned_pose": np.full((4, 4), -np.inf).tolist()}
    file.write_text(json.dumps({"frame_000000": lost, "frame_000120": values}))
    cut = scene.read_cameras(file)
    assert [camera.name for camera in cut.cameras] == ["frame_000120"]
    assert cut.notes[0].startswith("1 of 2 frames is left out: frame_000000: a pose is not finite")
    del values["aligned_pose"]
    file.write_text(json.dumps({"frame_000120": values}))
    with pytest.raises(InputError, match="frame_000120: has no aligned_pose"):
        scene.read_cameras(file)


def test_3rscans_frames(tmp_path: Path) -> None:
    folder = rio(tmp_path / SCAN)
    sequence = folder / "sequence"
    sequence.mkdir()
    K = np.eye(4)
    K[:3, :3] = frame().calibration(0.0)
    calibration = " ".join(map(str, K.reshape(-1)))
    facts = f"m_colorWidth = 128\nm_colorHeight = 96\nm_calibrationColorIntrinsic = {calibration} \n"
    (sequence / "_info.txt").write_text(facts)
    scene = open_scene(folder)
    with pytest.raises(InputError, match=r"unpack sequence\.zip"):
        scene.read_cameras(sequence)
    np.savetxt(sequence / "frame-000120.pose.txt", frame().camera_to_world)
    (sequence / "frame-000120.color.jpg").touch()
    (found,) = scene.read_cameras(scene.camera_files()[0]).cameras
    same(found, "frame-000120", sequence / "frame-000120.color.jpg")
    (sequence / "frame-000121.pose.txt").write_text("-inf " * 16)
    cut = scene.read_cameras(sequence)
    assert [camera.name for camera in cut.cameras] == ["frame-000120"]
    assert cut.notes[0].startswith("1 of 2 poses is left out: frame-000121.pose.txt: a pose is not finite")


def test_arkits_trajectory_is_world_to_camera(tmp_path: Path) -> None:
    folder = tmp_path / "41069021"
    (folder / "lowres_wide_intrinsics").mkdir(parents=True)
    (folder / "lowres_wide").mkdir()
    save_ply(BOX, folder / "41069021_3dod_mesh.ply")
    to_camera = inverse(frame().camera_to_world)
    numbers = [98.765, *vector_of_rotation(to_camera[:3, :3]), *to_camera[:3, 3]]
    (folder / "lowres_wide.traj").write_text(" ".join(map(str, numbers)) + "\n")
    fx, fy, cx, cy = frame().lens[:4]
    pincam = folder / "lowres_wide_intrinsics" / "41069021_98.765.pincam"
    pincam.write_text(f"128 96 {fx} {fy} {cx - 0.5} {cy - 0.5}\n")
    write_png(folder / "lowres_wide" / "41069021_98.765.png", BLACK)
    scene = open_scene(folder)
    (found,) = scene.read_cameras(scene.camera_files()[0]).cameras
    same(found, found.name, folder / "lowres_wide" / "41069021_98.765.png")
