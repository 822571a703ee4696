"""Cameras all over a scene."""

from __future__ import annotations

import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.finding.candidates import cameras_around, cameras_inside, cameras_near
from tvdrnet_nv.scenes import room


def test_cameras_inside_stand_in_free_space_in_all_directions():
    mesh = room(20_000)
    cameras = cameras_inside(mesh, 2400, lens=None)
    assert 1200 <= len(cameras) <= 2400
    assert float(torch.cdist(cameras.position, mesh.vertices[::4]).amin()) > 0.05 * mesh.radius
    low, high = mesh.bounds
    size = high - low
    assert bool(((cameras.position > low - 0.26 * size) & (cameras.position < high + 0.26 * size)).all())
    ahead = cameras.R[:, :, 2]
    assert ahead[:, 0].min() < -0.9 < 0.9 < ahead[:, 0].max()
    assert bool(((cameras.fov > 49) & (cameras.fov < 91)).all())
    assert float((cameras.R[:, 2, 1] > 0.2).float().mean()) > 0.95  # z is up in this room, and in the pictures


def test_another_seed_draws_other_places():
    mesh = room(20_000)
    one, same, other = (cameras_inside(mesh, 480, lens=None, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.R, same.R)
    assert not torch.equal(one.position[:240], other.position[:240])


def test_cameras_inside_have_the_lens_that_is_given():
    lens = Camera.from_pytorch3d(torch.eye(3), torch.zeros(3), focal=(1.5, 1.6), principal=(0.1, -0.05))
    cameras = cameras_inside(room(5000), 48, lens=lens)
    assert torch.equal(cameras.focal, lens.focal.expand(len(cameras), 2))
    assert torch.equal(cameras.principal, lens.principal.expand(len(cameras), 2))


def test_cameras_near_spread_as_they_are_told():
    camera = Camera.from_look_at([[0.0, 0.0, 5.0], [5.0, 0.0, 0.0]], fov=[50.0, 70.0])
    near = cameras_near(camera, 2000, turn=5.0, move=0.3, zoom=0.1, seed=0)
    moves = near.position - camera.position.repeat_interleave(2000, 0)
    assert torch.allclose(moves.std(0), torch.full((3,), 0.3), rtol=0.05)
    cosine = ((near.R[:2000].mT @ camera.R[:1]).diagonal(dim1=1, dim2=2).sum(1) - 1) / 2
    assert torch.isclose(
        torch.rad2deg(torch.acos(cosine.clamp(-1, 1))).square().mean().sqrt(), torch.tensor(8.66), rtol=0.05
    )
    assert torch.isclose((near.focal[2000:] / camera.focal[1:]).log().std(), torch.tensor(0.1), rtol=0.05)


def towards_of(cameras: Camera) -> torch.Tensor:
    """Unit directions from the cameras to the origin."""
    return torch.nn.functional.normalize(-cameras.position, dim=1)


def test_cameras_around_look_at_the_middle_of_the_view():
    camera = Camera.from_look_at([0.0, 0.0, 5.0], fov=60.0)
    around = cameras_around(camera, 5.0, 500, reach=64.0, zoom=0.0, seed=0)
    towards = towards_of(around)
    assert float((towards * around.R[:, :, 2]).sum(1).mean()) > 0.95
    assert torch.equal(around.focal, camera.focal.expand(500, 2))
    narrow = cameras_around(camera, 5.0, 500, reach=16.0, zoom=0.0, seed=0)
    turns = [
        torch.rad2deg(torch.acos((towards_of(c) * torch.tensor([0.0, 0.0, -1.0])).sum(1))) for c in (around, narrow)
    ]
    assert float(turns[0].quantile(0.95)) > 45
    assert 10 < float(turns[1].quantile(0.95)) < 20
