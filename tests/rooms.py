"""Rooms in files."""

from __future__ import annotations

from pathlib import Path

from tvdrnet_nv.io import Labels, labels_beside, save_labels, save_ply
from tvdrnet_nv.scenes import Room


def write_room(room: Room, path: Path) -> Path:
    """Write a room and, beside it, its labels; returns the room's file."""
    save_ply(room.mesh, path)
    names = dict(enumerate(room.names, start=1))
    save_labels(room.mesh, Labels(room.labels.numpy().astype("int64") + 1, names), labels_beside(path))
    return path
