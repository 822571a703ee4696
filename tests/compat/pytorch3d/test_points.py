"""Clouds of points, and their images; more values are in test_parity.py."""

from __future__ import annotations

import pytest
import torch

from tests.compat.pytorch3d.scenes import from_z
from tvdrnet_nv.compat.pytorch3d.renderer import (
    AlphaCompositor,
    PointsRasterizationSettings,
    PointsRasterizer,
    PointsRenderer,
    rasterize_points,
)
from tvdrnet_nv.compat.pytorch3d.structures import Pointclouds, join_pointclouds_as_batch, join_pointclouds_as_scene

pytestmark = pytest.mark.usefixtures("seeded")


def clouds() -> Pointclouds:
    sizes = (5, 0, 3)
    return Pointclouds([torch.rand(n, 3) for n in sizes], features=[torch.rand(n, 2) for n in sizes])


def test_the_three_forms_agree():
    batch = clouds()
    packed, padded = batch.points_packed(), batch.points_padded()
    assert padded.shape == (3, 5, 3)
    assert torch.equal(padded.reshape(-1, 3)[batch.padded_to_packed_idx()], packed)
    assert torch.equal(torch.cat(batch.points_list()), packed)
    assert batch.num_points_per_cloud().tolist() == [5, 0, 3]
    assert batch.cloud_to_packed_first_idx().tolist() == [0, 5, 5]
    assert batch.packed_to_cloud_idx().tolist() == [0] * 5 + [2] * 3
    assert batch.normals_packed() is None
    assert torch.equal(batch[2].features_packed(), batch.features_list()[2])  # type: ignore[index, arg-type]
    again = join_pointclouds_as_batch([batch[:2], batch[[2]]])
    assert torch.equal(again.features_padded(), batch.features_padded())  # type: ignore[arg-type]
    assert len(join_pointclouds_as_scene(batch).points_packed()) == 8
    assert [len(part) for part in batch.split([1, 2])] == [1, 2]
    few = batch.subsample(2)
    assert few.num_points_per_cloud().tolist() == [2, 0, 2]
    moved = batch.update_padded(padded + 1).offset(torch.tensor([1.0, 0.0, 0.0]))
    assert torch.allclose(moved.points_packed(), packed + torch.tensor([2.0, 1.0, 1.0]))
    extended = batch.extend(2)
    assert extended.points_list()[0].data_ptr() != extended.points_list()[1].data_ptr()


def test_what_does_not_match_is_named():
    points = [torch.rand(4, 3)]
    for given, says in (
        ({"normals": [torch.rand(3, 3)]}, "normals"),
        ({"features": [torch.rand(4, 2), torch.rand(1, 2)]}, "features must be the same length"),
    ):
        with pytest.raises(ValueError, match=says):
            Pointclouds(points, **given)
    with pytest.raises(ValueError, match="shape Px3"):
        Pointclouds([torch.rand(4, 2)])
    with pytest.raises(ValueError, match="finite"):
        Pointclouds([torch.full((1, 3), torch.nan)])
    with pytest.raises(ValueError, match="radius must be"):
        rasterize_points(Pointclouds(points), 8, radius=torch.rand(3))
    with pytest.raises(ValueError, match="Cameras must be specified"):
        PointsRasterizer()(Pointclouds(points))


def test_a_point_covers_its_disc_and_hides_what_is_behind():
    verts = torch.tensor([[0.0, 0.0, 2.0], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])
    idx, zbuf, dists = rasterize_points(Pointclouds([verts]), (20, 30), radius=0.5, points_per_pixel=3)
    row = torch.arange(20) + 0.5 - 10
    column = torch.arange(30) + 0.5 - 15
    squared = (row[:, None] ** 2 + column**2) / 100
    assert torch.equal(idx[0, ..., 0] == 1, squared < 0.25)
    assert torch.equal(idx[0, ..., 1] == 0, squared < 0.25)
    assert (idx[..., 2] == -1).all()
    assert zbuf[0, 10, 15].tolist() == [1, 2, -1]
    assert torch.allclose(dists[0, ..., 0], torch.where(squared < 0.25, squared, -1.0), atol=1e-6)


def test_images_have_gradients_to_points_and_features():
    points = (torch.rand(30, 3) - 0.5).requires_grad_()
    features = torch.rand(30, 3, requires_grad=True)
    settings = PointsRasterizationSettings(image_size=16, radius=0.2)
    draw = PointsRenderer(PointsRasterizer(from_z(), settings), AlphaCompositor())
    image = draw(Pointclouds([points], features=[features]))
    assert image.shape == (1, 16, 16, 3)
    image.square().mean().backward()
    for leaf in (points, features):
        assert leaf.grad is not None
        assert leaf.grad.abs().max() > 0
