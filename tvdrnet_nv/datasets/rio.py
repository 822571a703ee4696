"""3RScan: `mesh.refined.v2.obj`, its segments and `semseg.v2.json`; `3RScan.json` places a rescan in its reference.

A transform of 3RScan.json is 16 numbers, column after column, with the translation in millimetres; the meshes are in
metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tvdrnet_nv.datasets.groups import grouped_objects
from tvdrnet_nv.datasets.record import Objects, SceneFolder
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import CameraFile, NamedCamera
from tvdrnet_nv.io.cameras.files import cameras_of, numbers, read_json, read_text
from tvdrnet_nv.io.cameras.record import checked_lens, checked_pose, pinhole

_MESHES = ("mesh.refined.v2.obj", "labels.instances.annotated.v2.ply")
_SEGMENTS = "mesh.refined.0.010000.segs.v2.json"


@dataclass(frozen=True)
class RIOScene(SceneFolder):
    """A scan of 3RScan; see `SceneFolder`."""

    dataset: ClassVar[str] = "3rscan"

    def objects(self) -> Objects:
        """The objects of semseg.v2.json; see `SceneFolder`."""
        return grouped_objects(self.folder / "semseg.v2.json", self.segments_file())

    def segments_file(self) -> Path:
        """See `SceneFolder`."""
        return self.folder / _SEGMENTS

    def alignment(self) -> np.ndarray | None:
        """From a rescan to its reference scan, where 3RScan.json is in the folder or above it; see `SceneFolder`."""
        file = next((f for f in (self.folder / "3RScan.json", self.folder.parent / "3RScan.json") if f.is_file()), None)
        if file is None:
            return None
        data = read_json(file)
        if not isinstance(data, list):
            raise InputError(f"{file}: is no list of scenes; download it again")
        for scene in data:
            for scan in scene.get("scans", []) if isinstance(scene, dict) else []:
                if isinstance(scan, dict) and scan.get("reference") == self.name and "transform" in scan:
                    return _transform(f"{file}: {self.name}", scan["transform"])
        return None

    def camera_files(self) -> tuple[Path, ...]:
        """The folder `sequence`, in the coordinates of the mesh; see `SceneFolder`."""
        return (self.folder / "sequence",)

    def read_cameras(self, path: Path) -> CameraFile:
        """Of N in `frame-N.pose.txt`: camera-to-world in metres, OpenCV's axes; the lens is that of `_info.txt`."""
        facts = dict(_fact(line) for line in read_text(path / "_info.txt").splitlines())
        where = f"{path / '_info.txt'}: m_calibrationColorIntrinsic"
        K = np.array(numbers(where, facts.get("m_calibrationColorIntrinsic", ""), [16])).reshape(4, 4)
        size = facts.get("m_colorWidth"), facts.get("m_colorHeight")
        fx, fy, cx, cy = pinhole(where, K)
        lens = checked_lens(where, fx, fy, cx + 0.5, cy + 0.5, *size)
        files = sorted(path.glob("frame-*.pose.txt"))
        if not files:
            raise InputError(f"{path}: has no frame-N.pose.txt; unpack sequence.zip there")

        def camera(_: int, file: Path) -> NamedCamera:
            name = file.name.removesuffix(".pose.txt")
            pose = checked_pose(str(file), numbers(str(file), read_text(file), [16]))
            picture = path / f"{name}.color.jpg"
            return NamedCamera(name, pose, lens, picture if picture.is_file() else None)

        return cameras_of(path, "poses", files, camera)


def _fact(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip(), value.strip()


def _transform(where: str, values: Any) -> np.ndarray:
    """float64 [4, 4] in metres, for column vectors."""
    try:
        matrix = np.array(values, dtype=np.float64).reshape(4, 4).T.copy()
    except (TypeError, ValueError):
        raise InputError(f"{where}: 'transform' is not 16 numbers") from None
    matrix[:3, 3] /= 1000
    return checked_pose(where, matrix, "the transform")


def find(path: Path) -> RIOScene | None:
    """The scan at its folder, or of its mesh file; None where there is none."""
    if path.is_file():
        return RIOScene(path.parent.resolve().name, path.parent, path) if path.name in _MESHES else None
    mesh = next((path / name for name in _MESHES if (path / name).is_file()), None)
    return None if mesh is None else RIOScene(path.resolve().name, path, mesh)
