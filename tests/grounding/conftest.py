"""The scenes that sentences are tried on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.grounding import Grounder, scene_things
from tvdrnet_nv.grounding.scene import things_of_labels
from tvdrnet_nv.io import Labels
from tvdrnet_nv.language import load_text_encoder
from tvdrnet_nv.scenes import make_room

SCAN = Path(os.environ.get("TVDR_SCANNET", Path(__file__).parents[3] / "shared" / "data" / "scene0000_00"))
UP = torch.tensor([0.0, 0.0, 1.0])


@pytest.fixture(scope="session")
def room() -> Grounder:
    """Of the room made by code."""
    made = make_room(20_000)
    labels = Labels(made.labels.numpy().astype(np.int64) + 1, dict(enumerate(made.names, start=1)))
    return Grounder(things_of_labels(made.mesh, labels, UP, Path("room.labels.ply")), load_text_encoder())


@pytest.fixture(scope="session")
def scan() -> Grounder:
    """Of ScanNet's scene0000_00, which is not part of the repository."""
    if not SCAN.parent.is_dir():
        pytest.skip(f"ScanNet's scene0000_00 is not at {SCAN}; set TVDR_SCANNET to try its sentences")
    things = scene_things(open_scene(SCAN).load_mesh(), SCAN, None, UP)
    assert things is not None
    return Grounder(things, load_text_encoder())
