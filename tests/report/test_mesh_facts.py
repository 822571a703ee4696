"""The facts of a mesh."""

from __future__ import annotations

import math
from dataclasses import replace
from unittest.mock import ANY

import pytest
import torch

from tvdrnet_nv.mesh import Mesh, Textures
from tvdrnet_nv.report import mesh_facts
from tvdrnet_nv.scenes import textured_box
from tvdrnet_nv.up import guess_up, up_evidence


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
        "border_share": pytest.approx(4 / 7),
        "closed": False,
        "non_manifold_edges": 2,
        "area": 6.0,
        "min": [0.0, 0.0, 0.0],
        "max": [2.0, 0.0, 2.0],
        "size": [2.0, 0.0, 2.0],
        "center": [1.0, 0.0, 1.0],
        "radius": pytest.approx(math.sqrt(2)),
        "origin": [0.0, 0.0, 0.0],
        "units": "metres",
        "units_evidence": "the radius is 1.414; rooms and buildings have 0.5 to 100 m",
        "up": "y",
        "up_evidence": ANY,
        "colors": "uniform",
        "mean_color": [0.25, 0.25, 0.25],
        "uv": False,
        "textures": [],
        "notes": [],
    }


def test_facts_are_in_the_coordinates_of_the_file() -> None:
    mesh = textured_box(2)
    origin = (458_000.0, 5_428_000.0, 120.0)
    facts = mesh_facts(replace(mesh, origin=origin, notes=("its normals are not used",)))
    low, high = mesh.bounds
    assert facts["min"] == pytest.approx([a + b for a, b in zip(low.tolist(), origin, strict=True)], abs=1e-6)
    assert facts["max"] == pytest.approx([a + b for a, b in zip(high.tolist(), origin, strict=True)], abs=1e-6)
    assert facts["origin"] == list(origin)
    assert facts["units"] == "metres"
    assert "map" in facts["units_evidence"]
    assert facts["notes"] == ["its normals are not used"]
    assert facts["up"] == guess_up(mesh)
    assert facts["up_evidence"] == pytest.approx(up_evidence(mesh), abs=1e-4)


def test_vertices_split_at_seams_make_no_borders() -> None:
    corners = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    of_file = torch.tensor([0, 1, 2, 0, 1, 3, 0, 2, 3, 1, 2, 3])
    faces = torch.arange(12, dtype=torch.int32).reshape(4, 3)
    vertices = corners[of_file]
    split = Mesh(vertices, faces, torch.ones(12, 3), _textures(12, 4), file_vertices=of_file)
    facts = mesh_facts(split)
    assert (facts["closed"], facts["border_edges"], facts["border_share"]) == (True, 0, 0.0)
    assert facts["uv"]
    assert facts["textures"] == [{"width": 8, "height": 4}]
    assert not mesh_facts(Mesh(vertices, faces, torch.ones(12, 3)))["closed"]


def _textures(vertices: int, faces: int) -> Textures:
    return Textures(torch.zeros(vertices, 2), (torch.ones(4, 8, 3),), torch.zeros(faces, dtype=torch.int32))


@pytest.mark.parametrize(
    ("scale", "units"), [(0.01, None), (1.0, "metres"), (100.0, "centimetres"), (1000.0, "millimetres")]
)
def test_the_unit_is_guessed_from_the_size(scale: float, units: str | None) -> None:
    vertices = torch.tensor([[0.0, 0, 0], [4, 0, 0], [4, 0, 3]]) * scale
    mesh = Mesh(vertices, torch.tensor([[0, 1, 2]], dtype=torch.int32), torch.ones(3, 3))
    assert mesh_facts(mesh)["units"] == units
    assert f"{mesh.radius:.4g}" in mesh_facts(mesh)["units_evidence"]
