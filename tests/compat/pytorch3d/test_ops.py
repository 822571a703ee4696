"""Operations on clouds and meshes; their values are in test_parity.py."""

from __future__ import annotations

import pytest
import torch

from tests.compat.pytorch3d.scenes import sphere, square
from tvdrnet_nv.compat.pytorch3d.ops import (
    SubdivideMeshes,
    _pairs,
    ball_query,
    get_point_covariances,
    knn_points,
    sample_points_from_meshes,
)
from tvdrnet_nv.compat.pytorch3d.structures import Meshes

pytestmark = pytest.mark.usefixtures("seeded")


def test_neighbours_in_parts_are_the_same(monkeypatch):
    a, b = torch.rand(2, 30, 3), torch.rand(2, 20, 3)
    near, ball = knn_points(a, b, K=3), ball_query(a, b, K=4, radius=0.3)
    monkeypatch.setattr(_pairs, "_PAIRS", 100)
    assert torch.equal(knn_points(a, b, K=3).idx, near.idx)
    assert torch.equal(ball_query(a, b, K=4, radius=0.3).idx, ball.idx)
    assert torch.equal(near.idx[..., 0], torch.cdist(a, b).argmin(2))


def test_more_neighbours_than_points():
    found = knn_points(torch.rand(1, 3, 3), torch.rand(1, 2, 3), K=4, return_nn=True)
    assert found.dists.shape == (1, 3, 4)
    assert torch.equal(found.dists[..., 2:], torch.zeros(1, 3, 2))
    assert torch.equal(found.knn[..., 2:, :], torch.zeros(1, 3, 2, 3))  # type: ignore[index]


def test_neighbours_have_gradients():
    a, b = (torch.rand(1, n, 3, dtype=torch.float64, requires_grad=True) for n in (5, 4))
    assert torch.autograd.gradcheck(lambda x, y: knn_points(x, y, K=2).dists, (a, b))


def test_sampled_points_are_on_the_surface_and_evenly_spread():
    small, large = square(1.0), square(2.0, z=5.0)
    both = Meshes(
        [torch.cat([small.verts_packed(), large.verts_packed()])],
        [torch.cat([small.faces_packed(), large.faces_packed() + 4])],
        type(small.textures)([torch.cat([torch.zeros(4, 3), torch.ones(4, 3)])]),
    )
    points, normals, colors = sample_points_from_meshes(both, 4000, return_normals=True, return_textures=True)
    high = points[0, :, 2] > 1
    assert float(high.float().mean()) == pytest.approx(0.8, abs=0.03)
    assert torch.equal(colors[0, :, 0] > 0.5, high)
    assert torch.allclose(normals, torch.tensor([0.0, 0.0, 1.0]).expand_as(normals))
    assert points[0, high, :2].abs().amax(0).min() > 0.95
    assert points[0, high, :2].mean(0).abs().max() < 0.05
    with pytest.raises(ValueError, match="empty"):
        sample_points_from_meshes(Meshes([torch.zeros(0, 3)], [torch.zeros(0, 3, dtype=torch.int64)]))


def test_subdivided_faces_are_four_of_the_same_orientation():
    meshes = sphere(1).extend(2)
    feats = meshes.verts_packed() * 2
    finer, more = SubdivideMeshes()(meshes, feats)
    assert finer.num_faces_per_mesh().tolist() == [320, 320]
    assert torch.allclose(more, finer.verts_packed() * 2)
    area = meshes.faces_areas_packed().sum()
    assert torch.allclose(finer.faces_areas_packed().sum(), area)
    normals = meshes.faces_normals_packed()[:80]
    quarters = finer.faces_normals_packed()[:320].reshape(4, 80, 3)
    assert torch.allclose(quarters, normals.expand(4, 80, 3), atol=1e-5)


def test_covariances_of_neighbours_are_those_of_numpy():
    points = torch.rand(2, 9, 2)
    covariances, near = get_point_covariances(points, torch.tensor([9, 7]), 4)
    assert near.shape == (2, 9, 4, 2)
    assert torch.equal(near[0, :, 0], points[0])
    expected = torch.stack([torch.cov(n.T, correction=0) for n in near[1, :7]])
    assert torch.allclose(covariances[1, :7], expected, atol=1e-6)
