"""The kept pictures of furnished rooms that Mitsuba 3 path-traced, with the cameras that took them.

`python -m tvdrnet_nv.benchmarks.photos.make_path_traced` makes them again. `pictures/cameras.json` says of each which
room it shows, its camera as `Camera.to_dict` writes it, and how it was made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tvdrnet_nv.benchmarks.photos.methods import renderer_for
from tvdrnet_nv.benchmarks.photos.picture import Picture, depth_ahead
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.io import read_picture
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import room

SOURCE = "path traced"
FOLDER = Path(__file__).parent / "pictures"
INDEX = "cameras.json"


@dataclass(frozen=True)
class RoomChoice:
    """Which of the rooms made by code."""

    seed: int
    shuffled: bool

    @property
    def name(self) -> str:
        """As the rows have it."""
        return f"room {self.seed}{', shuffled' if self.shuffled else ''}"

    def mesh(self, triangles: int) -> Mesh:
        """The room, so fine."""
        return room(triangles, self.seed, shuffled=self.shuffled)


def read_path_traced(folder: Path = FOLDER) -> dict[RoomChoice, list[dict[str, Any]]]:
    """Return the entries of the kept pictures, by the room that they show."""
    by_room: dict[RoomChoice, list[dict[str, Any]]] = {}
    for entry in json.loads((folder / INDEX).read_text("utf-8"))["pictures"]:
        by_room.setdefault(RoomChoice(**entry["room"]), []).append(entry)
    return by_room


def pictures_of(entries: list[dict[str, Any]], mesh: Mesh, folder: Path = FOLDER) -> list[Picture]:
    """The pictures of one room's entries; the mesh, that room's, says how far ahead it is."""
    pictures = []
    for entry in entries:
        pixels = torch.from_numpy(read_picture(folder / entry["file"])[..., :3])
        camera = Camera.from_dict(entry["camera"])
        resolution = pixels.shape[0], pixels.shape[1]
        distance = depth_ahead(renderer_for(mesh, resolution), camera)
        pictures.append(Picture(entry["file"], SOURCE, pixels, resolution, camera, distance))
    return pictures
