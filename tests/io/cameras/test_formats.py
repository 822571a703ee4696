"""Every format to every other and back keeps pixels; paths are recognised; what cannot be held is refused or named."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.io.cameras.examples import points_before, random_cameras
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import (
    FORMATS,
    Distortion,
    choose,
    format_of,
    from_camera,
    read_cameras,
    split_name,
    to_camera,
    write_cameras,
)

SUFFIX = {"opencv": ".yml", "open3d": ".json", "nerfstudio": ".json", "blender": ".json", "tvdr-nv": ".json"}
SUFFIX |= {"tum": ".txt", "kitti": ".txt"}
WITHOUT_LENS = ("tum", "kitti")


def path_of(folder: Path, name: str) -> Path:
    return folder / (name + SUFFIX.get(name, ""))


@pytest.mark.parametrize("second", FORMATS)
@pytest.mark.parametrize("first", FORMATS)
def test_pixels_survive_a_round_trip_between_every_pair(tmp_path: Path, first: str, second: str) -> None:
    if "opencv" in (first, second):
        pytest.importorskip("yaml", reason="PyYAML is not installed; OpenCV's YAML is not read")
    cameras = random_cameras(centred="blender" in (first, second), seed=7)
    there, back = path_of(tmp_path / "a", first), path_of(tmp_path / "b", second)
    write_cameras(there, cameras, first)
    lens = cameras[0].lens
    once = read_cameras(there, lens=lens if first in WITHOUT_LENS else None)
    write_cameras(back, once.cameras, second)
    twice = read_cameras(back, lens=lens if second in WITHOUT_LENS else None).cameras
    assert (format_of(there), format_of(back)) == (first, second)
    assert len(twice) == len(cameras)
    for camera, found in zip(cameras, twice, strict=True):
        points = points_before(camera)
        assert found.size == camera.size
        np.testing.assert_allclose(found.project(points), camera.project(points), atol=1e-4)


@pytest.mark.parametrize("name", FORMATS)
def test_one_camera_is_written_and_read(tmp_path: Path, name: str) -> None:
    if name == "opencv":
        pytest.importorskip("yaml", reason="PyYAML is not installed; OpenCV's YAML is not read")
    (camera,) = random_cameras(1, centred=True)
    write_cameras(path_of(tmp_path, name), [camera], name)
    (found,) = read_cameras(path_of(tmp_path, name), name, camera.lens if name in WITHOUT_LENS else None).cameras
    np.testing.assert_allclose(found.camera_to_world, camera.camera_to_world, atol=1e-9)


DISTORTIONS = {
    "colmap": [
        Distortion("opencv", (0.1, -0.02, 1e-3, 2e-3, 3e-3, 1e-4, 2e-4, 3e-4)),
        Distortion("fisheye", (1, 2, 3, 4)),
    ],
    "colmap-binary": [Distortion("opencv", (0.1, -0.02, 1e-3, 2e-3, 0, 0, 0, 0)), Distortion("fisheye", (1, 2, 3, 4))],
    "nerfstudio": [Distortion("opencv", (0.1, -0.02, 1e-3, 2e-3, 3e-3, 0, 0, 0)), Distortion("fisheye", (1, 2, 3, 4))],
    "opencv": [
        Distortion("opencv", (0.1, -0.02, 1e-3, 2e-3, 3e-3, 1e-4, 2e-4, 3e-4)),
        Distortion("fisheye", (1, 2, 3, 4)),
    ],
    "tvdr-nv": [Distortion("opencv", (0.1, -0.02, 1e-3, 2e-3, 3e-3, 0, 0, 0)), Distortion("fisheye", (1, 2, 3, 4))],
}


@pytest.mark.parametrize("name", FORMATS)
def test_distortion_is_kept_refused_or_named(tmp_path: Path, name: str) -> None:
    for k, distortion in enumerate(DISTORTIONS.get(name, [Distortion("fisheye", (1.0, 2.0, 3.0, 4.0))])):
        cameras = [replace(camera, distortion=distortion) for camera in random_cameras(2, centred=True)]
        path = path_of(tmp_path / str(k), name)
        if name in WITHOUT_LENS:
            assert "lens distortion" in write_cameras(path, cameras, name)
        elif name not in DISTORTIONS:
            with pytest.raises(InputError, match="cannot hold the fisheye distortion of 0"):
                write_cameras(path, cameras, name)
        else:
            if name == "opencv":
                pytest.importorskip("yaml", reason="PyYAML is not installed; OpenCV's YAML is not read")
            write_cameras(path, cameras, name)
            assert [camera.distortion for camera in read_cameras(path).cameras] == [distortion] * 2


def test_what_blender_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"blender has no principal point, but it is at 331\.3, 210\.9 of 640×427"):
        write_cameras(tmp_path / "t.json", random_cameras(), "blender")


def test_formats_of_one_lens_refuse_two(tmp_path: Path) -> None:
    one, two = random_cameras(2, centred=True)
    two = replace(two, lens=two.lens._replace(width=800))
    for name in ("blender", "opencv", "scannet"):
        with pytest.raises(InputError, match="one lens for all cameras, but 0 and 1 differ"):
            write_cameras(path_of(tmp_path, name), [one, two], name)


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].suffixes])
def test_a_file_that_would_not_be_read_back_is_not_written(tmp_path: Path, name: str) -> None:
    for ending in (".json", ".yml", ".log", ".txt", ".traj", ""):
        path, cameras = tmp_path / f"{name}{ending}", random_cameras()
        if ending in FORMATS[name].suffixes:
            write_cameras(path, cameras, name)
            assert format_of(path) == name
            continue
        with pytest.raises(
            InputError, match=f"{name} would not be recognised by this name; end it in {FORMATS[name].suffixes[0]}"
        ):
            write_cameras(path, cameras, name)
        assert not path.exists()


def test_clip_planes_and_names_that_are_lost_are_named(tmp_path: Path) -> None:
    cameras = [replace(camera, name=f"a{camera.name}", near=0.1) for camera in random_cameras(2, centred=True)]
    assert write_cameras(tmp_path / "a.json", cameras, "open3d") == ["clip planes", "names"]
    assert write_cameras(tmp_path / "b.json", cameras, "tvdr-nv") == []
    assert [camera.near for camera in read_cameras(tmp_path / "b.json").cameras] == [0.1, 0.1]


@pytest.mark.parametrize("name", sorted(set(FORMATS) - set(WITHOUT_LENS)))
def test_a_lens_for_a_file_that_has_its_own_is_refused(tmp_path: Path, name: str) -> None:
    if name == "opencv":
        pytest.importorskip("yaml", reason="PyYAML is not installed; OpenCV's YAML is not read")
    cameras = random_cameras(2, centred=True)
    write_cameras(path_of(tmp_path, name), cameras, name)
    with pytest.raises(InputError, match="has intrinsics of its own; leave --intrinsics"):
        read_cameras(path_of(tmp_path, name), lens=cameras[0].lens._replace(fx=1.0))


def test_a_trajectory_needs_a_lens(tmp_path: Path) -> None:
    write_cameras(tmp_path / "t.txt", random_cameras(), "tum")
    with pytest.raises(InputError, match="a trajectory has no intrinsics; give them with --intrinsics"):
        read_cameras(tmp_path / "t.txt")


def test_a_trajectory_as_programs_write_it(tmp_path: Path) -> None:
    cameras = [replace(camera, name=f"{k}.5") for k, camera in enumerate(random_cameras())]
    write_cameras(tmp_path / "plain.txt", cameras, "tum")
    lines = (tmp_path / "plain.txt").read_text().splitlines()
    for name, comma in (("blanks.txt", " "), ("commas.txt", ","), ("both.csv", ", ")):
        text = "\n  # timestamp tx ty tz\n" + "\n".join(" " + line.replace(" ", comma) for line in lines[1:])
        (tmp_path / name).write_text(text)
        assert format_of(tmp_path / name) == "tum"
        found = read_cameras(tmp_path / name, lens=cameras[0].lens).cameras
        assert [camera.name for camera in found] == ["0.5", "1.5", "2.5", "3.5"]
        for camera, one in zip(cameras, found, strict=True):
            np.testing.assert_allclose(one.camera_to_world, camera.camera_to_world, atol=1e-9)


def test_comments_of_colmap_may_begin_with_blanks(tmp_path: Path) -> None:
    cameras = random_cameras()
    write_cameras(tmp_path / "m", cameras, "colmap")
    for name in ("cameras.txt", "images.txt"):
        text = (tmp_path / "m" / name).read_text()
        (tmp_path / "m" / name).write_text("  # a comment\n" + text)
    assert len(read_cameras(tmp_path / "m").cameras) == len(cameras)


def test_open3ds_log_has_poses_alone(tmp_path: Path) -> None:
    cameras, file = random_cameras(), tmp_path / "t.log"
    assert write_cameras(file, cameras, "open3d") == ["intrinsics and picture sizes", "names"]
    assert format_of(file) == "open3d"
    for camera, found in zip(cameras, read_cameras(file, lens=cameras[0].lens).cameras, strict=True):
        np.testing.assert_allclose(found.camera_to_world, camera.camera_to_world, atol=1e-9)
    with pytest.raises(InputError, match="a trajectory has no intrinsics; give them with --intrinsics"):
        read_cameras(file)
    file.write_text(file.read_text() + "4 4 5\n")
    cut = read_cameras(file, lens=cameras[0].lens)
    assert len(cut.cameras) == len(cameras)
    assert cut.notes == ("1 of 5 cameras is left out: line 21: wanted 4 lines of 4 numbers below it",)


def test_a_camera_is_chosen_by_name(tmp_path: Path) -> None:
    cameras = [replace(c, name=n) for c, n in zip(random_cameras(3), ("x/a.png", "y/a.png", "y/b.png"), strict=True)]
    assert choose(tmp_path, cameras, "b").name == "y/b.png"
    assert choose(tmp_path, cameras, "x/a.png").name == "x/a.png"
    with pytest.raises(InputError, match=r"2 cameras are named a\.png"):
        choose(tmp_path, cameras, "a.png")
    with pytest.raises(InputError, match=r"has no camera c; it has x/a\.png, y/a\.png, y/b\.png"):
        choose(tmp_path, cameras, "c")
    (tmp_path / "a:b").touch()
    assert split_name(tmp_path / "a:b") == (tmp_path / "a:b", None)
    assert split_name(tmp_path / "a:c") == (tmp_path / "a", "c")


def test_the_librarys_camera_draws_the_same_pixels_about_an_origin() -> None:
    origin = np.array([5e5, 4e6, 300.0])
    for camera in random_cameras(far=10.0):
        far = replace(camera, camera_to_world=camera.camera_to_world.copy())
        far.camera_to_world[:3, 3] += origin
        ours = to_camera(far, origin)
        R, t, K = (part[0].double().numpy() for part in ours.to_opencv(camera.size))
        x = (points_before(camera) @ R.T + t) @ K.T
        np.testing.assert_allclose(x[:, :2] / x[:, 2:], camera.project(points_before(camera)), atol=0.01)
        back = from_camera(ours, camera.size, origin=origin)
        np.testing.assert_allclose(back.camera_to_world, far.camera_to_world, atol=1e-4)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_file_that_cannot_be_written_to_its_end_leaves_no_half(tmp_path: Path, name: str) -> None:
    path = path_of(tmp_path, name)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))  # bytes, as on a disk that is full
    try:
        with pytest.raises(InputError, match="cannot be written: file too large"):
            write_cameras(path, random_cameras(2, centred=True), name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]
