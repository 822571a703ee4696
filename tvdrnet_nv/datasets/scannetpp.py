"""ScanNet++: `scans/mesh_aligned_0.05.ply`, its `segments.json` and `segments_anno.json`, `dslr/colmap`.

The mesh has the coordinates of `dslr/colmap`. `dslr/nerfstudio/transforms.json` has others: its axes are permuted and
one is negated, so its poses are not taken. `iphone/pose_intrinsic_imu.json` has the mesh's in `aligned_pose`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tvdrnet_nv.datasets.groups import grouped_objects
from tvdrnet_nv.datasets.record import Objects, SceneFolder

_MESH = "mesh_aligned_0.05.ply"


@dataclass(frozen=True)
class ScanNetPPScene(SceneFolder):
    """A scene of ScanNet++; see `SceneFolder`."""

    dataset: ClassVar[str] = "scannetpp"

    def objects(self) -> Objects:
        """The objects of segments_anno.json; see `SceneFolder`. They may overlap."""
        scans = self.mesh_file.parent
        return grouped_objects(scans / "segments_anno.json", scans / "segments.json")

    def camera_files(self) -> tuple[Path, ...]:
        """COLMAP's cameras of the DSLR, then of the iPhone; see `SceneFolder`."""
        return (self.folder / "dslr" / "colmap", self.folder / "iphone" / "colmap")


def find(path: Path) -> ScanNetPPScene | None:
    """The scene at its folder, its folder `scans`, or of its mesh file; None where there is none."""
    for scans in (path / "scans", path, path.parent):
        mesh = scans / _MESH
        if mesh.is_file() and (path.is_dir() or path == mesh):
            folder = scans.parent if scans.name == "scans" else scans
            return ScanNetPPScene(folder.resolve().name, folder, mesh)
    return None
