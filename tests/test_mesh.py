"""Mesh: validation, normals, bounds."""

from __future__ import annotations

import math

import pytest
import torch

from tvdrnet_nv.mesh import Mesh


def tetrahedron(**changes: torch.Tensor) -> Mesh:
    arguments = {
        "vertices": torch.tensor([[0.0, 0, 0], [2, 0, 0], [0, 3, 0], [0, 0, 4]]),
        "faces": torch.tensor([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], dtype=torch.int32),
        "colors": torch.full((4, 3), 0.5),
    }
    return Mesh(**(arguments | changes))


def test_counts_device_and_to() -> None:
    mesh = tetrahedron()
    assert (mesh.num_vertices, mesh.num_faces, mesh.device) == (4, 4, torch.device("cpu"))
    assert mesh.to("cpu") is mesh


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_to_moves_all_tensors_and_back() -> None:
    mesh = tetrahedron()
    moved = mesh.to("cuda")
    assert {moved.vertices.device.type, moved.faces.device.type, moved.colors.device.type} == {"cuda"}
    assert moved.to("cuda") is moved
    torch.testing.assert_close(moved.vertex_normals.cpu(), mesh.vertex_normals)


def test_tensors_are_made_contiguous() -> None:
    mesh = tetrahedron(vertices=torch.rand(3, 4).T)
    assert mesh.vertices.is_contiguous()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"vertices": torch.zeros(4, 3, dtype=torch.float64)}, TypeError, "vertices must be torch.float32.*float64"),
        ({"faces": torch.zeros(1, 3, dtype=torch.int64)}, TypeError, "faces must be torch.int32.*int64"),
        ({"colors": torch.zeros(4, 3, dtype=torch.uint8)}, TypeError, "colors must be torch.float32.*uint8"),
        ({"colors": [[0.0, 0.0, 0.0]]}, TypeError, "colors must be a torch.Tensor, got list"),
        ({"vertices": torch.zeros(4, 2)}, ValueError, r"vertices must have shape \[N, 3\], got \[4, 2\]"),
        ({"faces": torch.zeros(3, dtype=torch.int32)}, ValueError, r"faces must have shape \[N, 3\], got \[3\]"),
        ({"colors": torch.zeros(5, 3)}, ValueError, r"colors must have vertices' shape \[4, 3\], got \[5, 3\]"),
        ({"faces": torch.zeros(0, 3, dtype=torch.int32)}, ValueError, "faces is empty"),
        ({"faces": torch.tensor([[0, 1, 4]], dtype=torch.int32)}, ValueError, r"index 0\.\.3, got 0\.\.4"),
        ({"faces": torch.tensor([[0, 1, -1]], dtype=torch.int32)}, ValueError, r"index 0\.\.3, got -1\.\.1"),
        ({"colors": torch.zeros(4, 3, device="meta")}, ValueError, "colors is on meta, vertices on cpu"),
    ],
)
def test_bad_tensors_are_named(changes: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        tetrahedron(**changes)


def test_normals_are_area_weighted_and_unit() -> None:
    normals = tetrahedron().vertex_normals
    # Vertex 0 meets the three faces in the coordinate planes, of areas 3 (z), 4 (y) and 6 (x), facing outwards.
    expected = -torch.tensor([6.0, 4.0, 3.0]) / math.sqrt(61)
    torch.testing.assert_close(normals[0], expected)
    torch.testing.assert_close(normals.norm(dim=1), torch.ones(4))


@pytest.mark.parametrize("scale", [1e-12, 1e-4, 1e8])
def test_normals_do_not_depend_on_the_units(scale: float) -> None:
    mesh = tetrahedron()
    scaled = tetrahedron(vertices=mesh.vertices * scale)
    torch.testing.assert_close(scaled.vertex_normals, mesh.vertex_normals)


def test_normals_without_area_are_zero() -> None:
    vertices = torch.tensor([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [5, 5, 5]])
    mesh = tetrahedron(vertices=vertices, faces=torch.tensor([[0, 1, 2]], dtype=torch.int32))
    assert torch.equal(mesh.vertex_normals, torch.zeros(4, 3))


def test_normals_are_kept_only_without_gradient() -> None:
    mesh = tetrahedron()
    assert mesh.vertex_normals is mesh.vertex_normals
    leaf = mesh.vertices.clone().requires_grad_()
    live = tetrahedron(vertices=leaf)
    for _ in range(2):  # twice: a kept graph would be gone after the first backward
        live.vertex_normals[0, 0].backward()
    assert leaf.grad is not None
    assert leaf.grad.abs().max() > 0


def test_bounds_ignore_vertices_that_no_face_uses() -> None:
    vertices = torch.tensor([[1.0, 1, 1], [3, 1, 1], [1, 5, 1], [900, -900, 900]])
    mesh = tetrahedron(vertices=vertices, faces=torch.tensor([[0, 1, 2]], dtype=torch.int32))
    low, high = mesh.bounds
    assert low.tolist() == [1, 1, 1]
    assert high.tolist() == [3, 5, 1]
    assert mesh.center.tolist() == [2, 3, 1]
    assert mesh.radius == pytest.approx(math.sqrt(5))
    assert isinstance(mesh.radius, float)
