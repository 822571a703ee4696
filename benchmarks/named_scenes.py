"""Scenes whose objects are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.datasets import find_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding import Things, scene_things
from tvdrnet_nv.grounding.scene import things_of_labels
from tvdrnet_nv.io import Labels, load_mesh
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import make_room
from tvdrnet_nv.up import up_direction

TRIANGLES = 100_000


def room_things(seed: int = 0, *, triangles: int | None = None, shuffled: bool = False) -> tuple[Mesh, Things, str]:
    """A room made by code, its things, and its name."""
    made = make_room(triangles or TRIANGLES, seed, shuffled=shuffled)
    labels = Labels(made.labels.numpy().astype(np.int64) + 1, dict(enumerate(made.names, start=1)))
    up = torch.tensor([0.0, 0.0, 1.0])
    return made.mesh, things_of_labels(made.mesh, labels, up, Path("room.labels.ply")), "room"


def scene_with_things(scene: Path) -> tuple[Mesh, Things, str]:
    """A data set's scene, or a mesh with labels: the mesh, its things and its name.

    Raises:
        InputError: it cannot be used, or has no things.
    """
    known = find_scene(scene)
    mesh = load_mesh(scene) if known is None else known.load_mesh()
    things = scene_things(mesh, scene, None, up_direction(mesh))
    if things is None:
        raise InputError(f"--scene {scene}: has no objects and no labels with names")
    return mesh, things, scene.stem if known is None else known.name
