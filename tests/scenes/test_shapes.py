"""The small shapes made by code: their sizes, places, colours, and which way they face."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.scenes import bumpy_sphere, sphere, sphere_field, textured_box


@pytest.mark.parametrize("subdivisions", [0, 1, 3])
def test_sphere(subdivisions: int) -> None:
    mesh = sphere(subdivisions)
    assert mesh.num_faces == 20 * 4**subdivisions
    assert mesh.num_vertices == 10 * 4**subdivisions + 2  # closed: no vertex twice
    torch.testing.assert_close(mesh.vertices.norm(dim=1), torch.ones(mesh.num_vertices))
    assert (mesh.vertex_normals * mesh.vertices).sum(1).min() > 0.9  # outwards
    opposite = torch.cdist(-mesh.vertices, mesh.vertices).argmin(1)
    assert (mesh.colors - mesh.colors[opposite]).abs().amax(1).min() > 0.02


def test_sphere_field() -> None:
    mesh = sphere_field(7, seed=3, subdivisions=1)
    assert (mesh.num_faces, mesh.num_vertices) == (7 * 80, 7 * 42)
    assert mesh.faces.max() == 7 * 42 - 1
    assert not torch.equal(mesh.vertices, sphere_field(7, seed=4, subdivisions=1).vertices)
    assert torch.equal(mesh.vertices, sphere_field(7, seed=3, subdivisions=1).vertices)


def test_textured_box() -> None:
    n = 6
    mesh = textured_box(n)
    assert mesh.num_faces == 12 * n * n
    low, high = mesh.bounds
    torch.testing.assert_close(high, torch.tensor([1.0, 0.7, 0.5]))
    torch.testing.assert_close(low, -high)
    sides = mesh.colors.reshape(6, -1, 3)
    for i in range(6):
        for j in range(i):
            assert (sides[i] - sides[j]).abs().mean() > 0.05
        assert (sides[i] - sides[i].flip(0)).abs().mean() > 0.02
    # Outwards everywhere: by the divergence theorem the signed volume is the box's.
    a, b, c = mesh.vertices[mesh.faces.long()].unbind(1)
    assert (a * torch.linalg.cross(b, c)).sum() / 6 == pytest.approx(2 * 1.4 * 1, rel=1e-4)


def test_bumpy_sphere_whatever_the_default_dtype() -> None:
    want = bumpy_sphere(4, 5).vertices
    torch.set_default_dtype(torch.float64)
    try:
        found = bumpy_sphere(4, 5).vertices
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(found, want)
