"""What a mapping answers, and what it refuses."""

from __future__ import annotations

import pytest
import torch

from tests.mapping.small import SMALL, fields, starts
from tvdrnet_nv import Mesh
from tvdrnet_nv.mapping import CameraMapping, ScenePoints
from tvdrnet_nv.mapping.network import DISTANCE_LIMITS, ELEVATION_LIMIT
from tvdrnet_nv.scenes import sphere, textured_box


@pytest.mark.parametrize("size", [0, 1, 5, 512])
@pytest.mark.parametrize("sees_scene", [True, False])
def test_any_query_size_gives_cameras_within_the_limits(points: ScenePoints, size: int, sees_scene: bool) -> None:
    mapping = CameraMapping(size, sees_scene=sees_scene, **SMALL)
    with torch.no_grad():
        for parameter in mapping.parameters():
            parameter.mul_(5)  # far from the gentle start
    query = torch.randn(3, size, generator=torch.Generator().manual_seed(1))
    view = mapping(starts(3), query if size else None, points)
    assert len(view) == 3
    assert view.up == "y"
    assert fields(view).isfinite().all()
    low, high = (limit * points.radius for limit in DISTANCE_LIMITS)
    assert (view.distance >= 0.999 * low).all()
    assert (view.distance <= 1.001 * high).all()
    assert (view.elevation.abs() <= ELEVATION_LIMIT).all()
    torch.testing.assert_close(view.fov, torch.full((3,), 60.0))
    assert ((view.at - points.center).norm(dim=1) < 2.5 * points.radius).all()


def test_an_untrained_mapping_looks_at_the_scene_from_above(points: ScenePoints) -> None:
    view = CameraMapping(4)(starts(5), torch.eye(4)[0], points)
    assert (view.elevation - 45).abs().max() < 10
    assert (view.distance / points.radius).log().abs().max() < 0.4
    assert (view.at - points.center).norm(dim=1).max() < 0.5 * points.radius


def test_the_gradient_reaches_every_parameter_the_query_and_the_start(points: ScenePoints) -> None:
    mapping = CameraMapping(3, glances=2, **SMALL)
    query = torch.randn(2, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    start = starts(2)
    start = start.replace(distance=start.distance.clone().requires_grad_())
    view = mapping(start, query, points)
    (fields(view) * torch.randn(2, 7, generator=torch.Generator().manual_seed(1))).sum().backward()
    for name, parameter in mapping.named_parameters():
        # The bias of the heat moves all cells alike, and a softmax does not see it.
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0 or name.endswith("heat.bias"), name
    assert query.grad is not None
    assert query.grad.abs().max() > 0
    assert start.distance.grad is not None
    assert start.distance.grad.abs().max() > 0


def test_only_the_direction_of_a_query_counts(points: ScenePoints) -> None:
    mapping = CameraMapping(4, **SMALL)
    query = torch.tensor([0.5, -1.0, 2.0, 0.1])
    torch.testing.assert_close(fields(mapping(starts(1), query, points)), fields(mapping(starts(1), 7 * query, points)))
    assert (fields(mapping(starts(1), -query, points)) - fields(mapping(starts(1), query, points))).abs().max() > 1e-3


def test_one_batch_answers_as_its_cameras_do_alone(points: ScenePoints) -> None:
    other = ScenePoints.of(sphere(2), "y", 1000)
    mapping = CameraMapping(2, **SMALL)
    start, query = starts(4), torch.eye(2).repeat(2, 1)
    scenes = [points, other, points, points]
    together = mapping(start, query, scenes)
    for i, scene in enumerate(scenes):
        torch.testing.assert_close(fields(together[i]), fields(mapping(start[i], query[i], scene)), rtol=0, atol=1e-3)


def test_a_scene_moved_and_scaled_gets_the_view_moved_and_scaled() -> None:
    mesh = textured_box(4)
    mapping = CameraMapping(2, **SMALL)
    query, moved = torch.tensor([1.0, -0.5]), torch.tensor([3.0, -1.0, 2.0])
    view = mapping(starts(1), query, ScenePoints.of(mesh, "y", 2048))
    other = Mesh(2 * mesh.vertices + moved, mesh.faces, mesh.colors)
    start = starts(1, at=moved)
    again = mapping(start.replace(distance=2 * start.distance), query, ScenePoints.of(other, "y", 2048))
    torch.testing.assert_close(again.distance, 2 * view.distance, rtol=1e-4, atol=0)
    torch.testing.assert_close(again.elevation, view.elevation, rtol=0, atol=1e-3)
    torch.testing.assert_close(again.azimuth, view.azimuth, rtol=0, atol=1e-3)
    torch.testing.assert_close(again.at, 2 * view.at + moved, rtol=0, atol=1e-3)


def test_the_pole_may_be_z() -> None:
    mesh = textured_box(4)
    x, y, z = mesh.vertices.unbind(1)
    lying = Mesh(torch.stack([x, -z, y], 1), mesh.faces, mesh.colors)
    mapping = CameraMapping(1, **SMALL)
    view = mapping(starts(1), torch.ones(1), ScenePoints.of(mesh, "y", 2048))
    again = mapping(starts(1, "z"), torch.ones(1), ScenePoints.of(lying, "z", 2048))
    ax, ay, az = view.at.unbind(1)
    torch.testing.assert_close(again.at, torch.stack([ax, -az, ay], 1), rtol=0, atol=1e-3)
    torch.testing.assert_close(fields(again)[:, :4], fields(view)[:, :4], rtol=0, atol=1e-2)
    with pytest.raises(ValueError, match="start's pole is y, a scene's is z"):
        mapping(starts(1), torch.ones(1), ScenePoints.of(lying, "z", 64))


def test_wrong_arguments_are_refused(points: ScenePoints) -> None:
    mapping = CameraMapping(3, **SMALL)
    with pytest.raises(ValueError, match=r"query must have shape \[2, 3\] or \[3\]; got \[2, 4\]"):
        mapping(starts(2), torch.ones(2, 4), points)
    with pytest.raises(ValueError, match="query: none given, and the mapping wants 3 numbers"):
        mapping(starts(2), None, points)
    with pytest.raises(ValueError, match="2 cameras; got 3"):
        mapping(starts(2), torch.ones(3), [points] * 3)
    with pytest.raises(ValueError, match="query_size=-1"):
        CameraMapping(-1)
    with pytest.raises(ValueError, match="grid=15"):
        CameraMapping(1, grid=15)
    with pytest.raises(ValueError, match="glances=0"):
        CameraMapping(1, glances=0)


def test_each_glance_says_where_it_looks(points: ScenePoints) -> None:
    mapping = CameraMapping(2, glances=3, **SMALL)
    start = starts(2)
    view, attention = mapping.look(start, torch.eye(2), points)
    torch.testing.assert_close(fields(view), fields(mapping(start, torch.eye(2), points)))
    assert [looked.shape for looked in attention] == [(2, 64)] * 3
    assert mapping.cells.shape == (64, 2)
    assert mapping.cells[0].tolist() == [-0.875, -0.875]
    assert mapping.cells[1].tolist() == [-0.625, -0.875]
    for looked in attention:
        torch.testing.assert_close(looked.sum(1), torch.ones(2))
    assert CameraMapping(2, sees_scene=False, **SMALL).look(start, torch.eye(2), points)[1] == []


def test_the_seed_decides_the_first_weights_and_leaves_torchs_alone() -> None:
    state = torch.get_rng_state()
    first, again, other = (CameraMapping(2, seed=seed, **SMALL).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["ask.weight"], other["ask.weight"])
