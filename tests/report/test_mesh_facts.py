"""The facts of a mesh."""

from __future__ import annotations

import math

import pytest
import torch

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.report import mesh_facts


def test_mesh_facts() -> None:
    vertices = torch.tensor([[0.0, 0, 0], [2, 0, 0], [2, 0, 2], [0, 0, 2], [9, 9, 9], [1, 0, 0]])
    faces = torch.tensor([[0, 1, 2], [0, 2, 3], [0, 5, 1], [2, 0, 1]], dtype=torch.int32)
    facts = mesh_facts(Mesh(vertices, faces, torch.full((6, 3), 0.25)))
    assert facts == {
        "vertices": 6,
        "faces": 4,
        "unused_vertices": 1,
        "degenerate_faces": 1,
        "border_edges": 4,
        "non_manifold_edges": 2,
        "area": 6.0,
        "min": [0.0, 0.0, 0.0],
        "max": [2.0, 0.0, 2.0],
        "size": [2.0, 0.0, 2.0],
        "center": [1.0, 0.0, 1.0],
        "radius": pytest.approx(math.sqrt(2)),
        "up": "y",
        "colors": "uniform",
        "mean_color": [0.25, 0.25, 0.25],
    }
