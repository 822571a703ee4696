"""Vertex clustering on a grid of any number of cubes."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.optimization import clustering
from tvdrnet_nv.optimization.clustering import clustered
from tvdrnet_nv.scenes import room


def test_a_fine_grid_gives_what_a_coarse_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = room(6000)
    cell = 0.1 * mesh.radius
    few = clustered(mesh, cell)
    assert few.num_faces < mesh.num_faces // 2
    monkeypatch.setattr(clustering, "_MOST_CELLS", 1)
    assert clustered(mesh, cell) is mesh
    sorted_few = clustered(mesh, cell, any_grid=True)
    for name in ("vertices", "faces", "colors"):
        assert torch.equal(getattr(sorted_few, name), getattr(few, name)), name


def test_more_cubes_than_numbers_leave_the_mesh_as_it_is() -> None:
    mesh = room(6000)
    for cell in (1e-30, 0.0, float("nan")):
        assert clustered(mesh, cell, any_grid=True) is mesh
