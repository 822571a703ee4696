"""Losses on meshes and clouds of points; their values are in test_parity.py."""

from __future__ import annotations

import pytest
import torch

from tests.compat.pytorch3d.scenes import sphere, square
from tvdrnet_nv.compat.pytorch3d.loss import (
    chamfer_distance,
    mesh_edge_loss,
    mesh_laplacian_smoothing,
    mesh_normal_consistency,
    point_mesh_edge_distance,
    point_mesh_face_distance,
)
from tvdrnet_nv.compat.pytorch3d.loss.point_mesh_distance import face_point_distance, point_face_distance
from tvdrnet_nv.compat.pytorch3d.structures import Meshes, Pointclouds


def test_points_above_a_square_are_as_far_as_they_are_high():
    points = torch.rand(20, 3) - 0.5
    first = torch.tensor([0])
    triangles = square().verts_packed()[square().faces_packed()]
    heights = point_face_distance(points, first, triangles, first, 20)
    assert torch.allclose(heights, points[:, 2] ** 2)
    nearest = face_point_distance(points, first, triangles, first, 2)
    assert nearest.min() == pytest.approx(float(heights.min()))
    beside = torch.tensor([[2.0, 0.0, 0.0]])
    assert float(point_face_distance(beside, first, triangles, first, 1)) == pytest.approx(1.5**2)


def test_small_triangles_count_as_their_edges():
    cloud = Pointclouds([torch.tensor([[0.0, 0.0, 1.0]])])
    triangle = Meshes(
        [torch.tensor([[-0.1, -0.1, 0.0], [0.2, 0.0, 0.0], [0.0, 0.2, 0.0]])], [torch.tensor([[0, 1, 2]])]
    )
    assert float(point_mesh_face_distance(triangle, cloud)) == pytest.approx(2.0)
    edges = point_mesh_edge_distance(triangle, cloud)
    assert float(point_mesh_face_distance(triangle, cloud, min_triangle_area=1.0)) < float(edges)


def test_a_flat_mesh_is_consistent_and_a_folded_one_is_not():
    flat = square()
    assert float(mesh_normal_consistency(flat)) == pytest.approx(0.0, abs=1e-6)
    turned = Meshes(flat.verts_list(), [torch.tensor([[0, 1, 2], [0, 3, 2]])])
    assert float(mesh_normal_consistency(turned)) == pytest.approx(0.0, abs=1e-6)
    verts = flat.verts_packed().clone()
    verts[3] = torch.tensor([0.0, 0.0, 2**-0.5])
    assert float(mesh_normal_consistency(Meshes([verts], flat.faces_list()))) == pytest.approx(1.0)


@pytest.mark.parametrize("loss", [mesh_edge_loss, mesh_laplacian_smoothing, mesh_normal_consistency])
def test_empty_meshes_lose_nothing(loss):
    value = loss(Meshes([torch.zeros(0, 3)], [torch.zeros(0, 3, dtype=torch.int64)]))
    assert value.item() == 0
    assert value.requires_grad


def test_a_cloud_is_no_distance_from_itself():
    points = torch.rand(2, 30, 3)
    assert float(chamfer_distance(points, points[:, torch.randperm(30)])[0]) == 0
    zero = chamfer_distance(points, points + 1, weights=torch.zeros(2))[0]
    assert float(zero) == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"batch_reduction": "median"}, "batch_reduction must be"),
        ({"point_reduction": "median"}, "point_reduction must be"),
        ({"point_reduction": None}, "Batch reduction must be None"),
        ({"norm": 3}, "1 or 2 norm"),
        ({"x_lengths": torch.tensor([1, 9])}, "A length value was too long"),
        ({"weights": torch.tensor([-1.0, 1.0])}, "weights cannot be negative"),
    ],
)
def test_bad_arguments_are_named(given, says):
    with pytest.raises(ValueError, match=says):
        chamfer_distance(torch.rand(2, 5, 3), torch.rand(2, 6, 3), **given)
    with pytest.raises(ValueError, match="equal sized"):
        point_mesh_face_distance(sphere().extend(2), Pointclouds([torch.rand(3, 3)]))
    with pytest.raises(ValueError, match="uniform, cot, cotcurv"):
        mesh_laplacian_smoothing(sphere(), method="other")
