"""The scene as the browser gets it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tvdrnet_nv.mesh import Mesh, Textures
from tvdrnet_nv.scenes import room
from tvdrnet_nv.viewer.display import display, has_colours


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return room(20_000)


def test_a_small_scene_is_shown_as_it_is(mesh: Mesh) -> None:
    shown = display(mesh, mesh.num_faces)
    assert shown.mesh is mesh
    assert shown.text == f"{mesh.num_faces:,} triangles"


def test_a_large_scene_has_fewer_triangles_where_it_was(mesh: Mesh) -> None:
    shown = display(mesh, 4000)
    assert 1500 < shown.mesh.num_faces <= 4000
    assert shown.cell is not None
    for ours, theirs in zip(shown.mesh.bounds, mesh.bounds, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=shown.cell)
    assert f"{mesh.num_faces:,} triangles, shown here as {shown.mesh.num_faces:,}" in shown.text


def test_pictures_give_way_to_vertex_colours(mesh: Mesh) -> None:
    textures = Textures(
        torch.zeros(mesh.num_vertices, 2), (torch.ones(2, 2, 3),), torch.zeros(mesh.num_faces, dtype=torch.int32)
    )
    shown = display(replace(mesh, textures=textures), 4000)
    assert shown.mesh.textures is None
    assert "in vertex colours" in shown.text


@pytest.mark.parametrize("most", [10**9, 4000])
def test_a_part_is_shown_where_it_is(mesh: Mesh, most: int) -> None:
    shown = display(mesh, most)
    low, high = mesh.bounds
    weights = (mesh.vertices[:, 0] < low[0] + 0.3 * (high[0] - low[0])).float()
    found = shown.part(weights)
    assert found is not None
    vertices, faces = found
    assert faces.max() == len(vertices) - 1
    edge = float(low[0] + 0.3 * (high[0] - low[0])) + (shown.cell or 0.0)
    assert vertices[:, 0].max() <= edge
    assert len(faces) > 0.1 * shown.mesh.num_faces
    assert shown.part(torch.zeros(mesh.num_vertices)) is None


def test_a_scene_of_one_colour_needs_light(mesh: Mesh) -> None:
    assert has_colours(mesh)
    assert not has_colours(replace(mesh, colors=torch.full_like(mesh.colors, 0.7)))


def test_a_scene_that_no_cubes_simplify_stays() -> None:
    apart = torch.arange(36, dtype=torch.float32).reshape(12, 3) ** 2
    mesh = Mesh(apart, torch.arange(12, dtype=torch.int32).reshape(4, 3), torch.ones(12, 3))
    assert display(mesh, 1).mesh.num_faces in (1, 4)
