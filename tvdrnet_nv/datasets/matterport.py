"""Matterport3D: a region of a house, `region_segmentations/regionN.ply`, `.vsegs.json` and `.semseg.json`.

The cameras of the house are in `undistorted_camera_parameters/HOUSE.conf`, in the mesh's coordinates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tvdrnet_nv.datasets.groups import grouped_objects
from tvdrnet_nv.datasets.record import Objects, SceneFolder
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import CameraFile, matterport

_REGION = re.compile(r"region\d+")
_FOLDERS = ("region_segmentations", "house_segmentations")


@dataclass(frozen=True)
class MatterportRegion(SceneFolder):
    """A region of Matterport3D; see `SceneFolder`."""

    dataset: ClassVar[str] = "matterport"

    def objects(self) -> Objects:
        """The objects of regionN.semseg.json, of the vertices' segments in regionN.vsegs.json; see `SceneFolder`."""
        return grouped_objects(self.folder / f"{self.mesh_file.stem}.semseg.json", self.segments_file())

    def segments_file(self) -> Path:
        """See `SceneFolder`."""
        return self.folder / f"{self.mesh_file.stem}.vsegs.json"

    def camera_files(self) -> tuple[Path, ...]:
        """The house's undistorted cameras; see `SceneFolder`."""
        folder = _house(self.folder) / "undistorted_camera_parameters"
        return (*sorted(folder.glob("*.conf")), folder / f"{_house(self.folder).resolve().name}.conf")

    def read_cameras(self, path: Path) -> CameraFile:
        """The cameras of a .conf file; see `SceneFolder`."""
        return matterport.read(path) if path.suffix == ".conf" else super().read_cameras(path)


def _house(folder: Path) -> Path:
    """The folder of the house that a folder of regions is of."""
    return folder.parent if folder.name in _FOLDERS else folder


def find(path: Path) -> MatterportRegion | None:
    """The region of a mesh file, or of `…/regionN`; None where there is none.

    Raises:
        InputError: a folder holds several regions.
    """
    if path.is_dir():
        inner = (path / name for name in _FOLDERS)
        folder = next((place for place in inner if any(place.glob("region*.semseg.json"))), path)
        regions = sorted(file for file in folder.glob("region*.semseg.json"))
        if len(regions) > 1:
            first = regions[0].name.removesuffix(".semseg.json")
            raise InputError(f"{path}: holds {len(regions)} regions; name one: matterport:{folder}/{first}")
        if not regions:
            return None
        mesh = folder / f"{regions[0].name.removesuffix('.semseg.json')}.ply"
    else:
        mesh = path if path.suffix == ".ply" else path.parent / f"{path.name}.ply"
    known = _REGION.fullmatch(mesh.stem) and mesh.with_suffix(".semseg.json").is_file()
    if not known or not mesh.is_file():
        return None
    return MatterportRegion(f"{_house(mesh.parent).resolve().name}_{mesh.stem}", mesh.parent, mesh)
