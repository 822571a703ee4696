"""Matterport3D: a region of a house, `house_segmentations/regionN.ply`, `.vsegs.json` and `.semseg.json`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tvdrnet_nv.datasets.groups import grouped_objects
from tvdrnet_nv.datasets.record import Objects, SceneFolder
from tvdrnet_nv.errors import InputError

_REGION = re.compile(r"region\d+")


@dataclass(frozen=True)
class MatterportRegion(SceneFolder):
    """A region of Matterport3D; see `SceneFolder`."""

    dataset: ClassVar[str] = "matterport"

    def objects(self) -> Objects:
        """The objects of regionN.semseg.json, of the vertices' segments in regionN.vsegs.json; see `SceneFolder`."""
        region = self.mesh_file.stem
        return grouped_objects(self.folder / f"{region}.semseg.json", self.folder / f"{region}.vsegs.json")


def find(path: Path) -> MatterportRegion | None:
    """The region of a mesh file, or of `…/regionN`; None where there is none.

    Raises:
        InputError: a folder holds several regions.
    """
    if path.is_dir():
        inner = path / "house_segmentations"
        folder = inner if inner.is_dir() else path
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
    house = mesh.parent.parent if mesh.parent.name == "house_segmentations" else mesh.parent
    return MatterportRegion(f"{house.resolve().name}_{mesh.stem}", mesh.parent, mesh)
