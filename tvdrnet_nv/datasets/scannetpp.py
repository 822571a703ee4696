"""ScanNet++: `scans/mesh_aligned_0.05.ply`, its `segments.json` and `segments_anno.json`, `dslr/colmap`.

The mesh has the coordinates of `dslr/colmap`. `dslr/nerfstudio/transforms.json` has nerfstudio's, in which COLMAP's
axes are permuted and one is negated; its poses are moved back. `iphone/pose_intrinsic_imu.json` has the mesh's in
`aligned_pose`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tvdrnet_nv.datasets.files import json_object
from tvdrnet_nv.datasets.groups import grouped_objects
from tvdrnet_nv.datasets.record import Objects, SceneFolder
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import CameraFile, NamedCamera
from tvdrnet_nv.io.cameras.files import cameras_of, mapping, picture_near, picture_size
from tvdrnet_nv.io.cameras.other_size import with_sizes_noted
from tvdrnet_nv.io.cameras.record import checked_lens, checked_pose, pinhole

_MESH = "mesh_aligned_0.05.ply"
_IPHONE = "pose_intrinsic_imu.json"
_IPHONE_SIZE = (1920, 1440)  # pixels, of all frames
_FROM_NERFSTUDIO = np.array([[0, 1.0, 0, 0], [1, 0, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]])
"""From nerfstudio's world to COLMAP's, where the file has no applied_transform of its own: nerfstudio swaps x and y,
and negates z (`colmap_to_json` of its versions before that entry)."""


@dataclass(frozen=True)
class ScanNetPPScene(SceneFolder):
    """A scene of ScanNet++; see `SceneFolder`."""

    dataset: ClassVar[str] = "scannetpp"

    def objects(self) -> Objects:
        """The objects of segments_anno.json; see `SceneFolder`. They may overlap."""
        return grouped_objects(self.mesh_file.parent / "segments_anno.json", self.segments_file())

    def segments_file(self) -> Path:
        """See `SceneFolder`."""
        return self.mesh_file.parent / "segments.json"

    def camera_files(self) -> tuple[Path, ...]:
        """COLMAP's cameras of the DSLR, the same as nerfstudio's, then those of the iPhone; see `SceneFolder`."""
        nerfstudio = self.folder / "dslr" / "nerfstudio"
        files = (nerfstudio / "transforms.json", nerfstudio / "transforms_undistorted.json", nerfstudio)
        return (self._colmap, *files, self.folder / "iphone" / _IPHONE)

    @property
    def _colmap(self) -> Path:
        return self.folder / "dslr" / "colmap"

    def read_cameras(self, path: Path) -> CameraFile:
        """Of COLMAP and nerfstudio with the pictures of the DSLR; of the iPhone with those of iphone/rgb."""
        if path.name == _IPHONE:
            frames = list(json_object(path, "the iPhone's poses").items())
            if not frames:
                raise InputError(f"{path}: has no frames, so no cameras")
            return with_sizes_noted(cameras_of(path, "frames", frames, lambda _, named: _iphone_camera(path, *named)))
        found = super().read_cameras(path)
        if path.resolve() != self._colmap.resolve():
            found = self._moved_back(path, found)
        undistorted = path.name == "transforms_undistorted.json"
        pictures = self.folder / "dslr" / ("resized_undistorted_images" if undistorted else "resized_images")
        there = [camera.picture is not None and camera.picture.is_file() for camera in found.cameras]
        cameras = [
            camera if known else replace(camera, picture=picture_near(pictures, camera.name))
            for camera, known in zip(found.cameras, there, strict=True)
        ]
        return replace(found, cameras=cameras)

    def _moved_back(self, path: Path, found: CameraFile) -> CameraFile:
        """Nerfstudio's cameras in the mesh's coordinates; compared with COLMAP's, where these are there.

        Raises:
            InputError: they differ from COLMAP's.
        """
        file = path / "transforms.json" if path.is_dir() else path
        if "applied_transform" not in json_object(file, "nerfstudio's poses"):  # or reading has undone it
            cameras = [replace(c, camera_to_world=_FROM_NERFSTUDIO @ c.camera_to_world) for c in found.cameras]
            found = replace(found, cameras=cameras)
        if not self._colmap.exists():
            return found
        known = {camera.name: camera.camera_to_world for camera in super().read_cameras(self._colmap).cameras}
        for camera in found.cameras:
            if not np.allclose(camera.camera_to_world, known.get(camera.name, camera.camera_to_world), atol=1e-2):
                raise InputError(
                    f"{path}: its pose of {camera.name} is not that of {self._colmap}, with which the mesh agrees; "
                    f"give `camera` {self._colmap}:{camera.name}"
                )
        return found


def _iphone_camera(path: Path, name: str, values: Any) -> NamedCamera:
    """A frame with its `aligned_pose`: camera-to-world, OpenCV's axes, in the mesh's coordinates."""
    where = f"{path}, {name}"
    frame = mapping(where, values)
    if "aligned_pose" not in frame:
        raise InputError(f"{where}: has no aligned_pose, which is the one in the mesh's coordinates")
    try:
        K = np.array(frame.get("intrinsic"), dtype=np.float64).reshape(3, 3)
    except (TypeError, ValueError):
        raise InputError(f"{where}: 'intrinsic' is no 3×3 matrix") from None
    picture = picture_near(path.parent / "rgb", name)
    width, height = _IPHONE_SIZE if picture is None else picture_size(picture)
    fx, fy, cx, cy = pinhole(f"{where}: intrinsic", K)
    lens = checked_lens(where, fx, fy, cx + 0.5, cy + 0.5, width, height)
    return NamedCamera(name, checked_pose(where, frame["aligned_pose"]), lens, picture)


def find(path: Path) -> ScanNetPPScene | None:
    """The scene at its folder, its folder `scans`, or of its mesh file; None where there is none."""
    for scans in (path / "scans", path, path.parent):
        mesh = scans / _MESH
        if mesh.is_file() and (path.is_dir() or path == mesh):
            folder = scans.parent if scans.name == "scans" else scans
            return ScanNetPPScene(folder.resolve().name, folder, mesh)
    return None
