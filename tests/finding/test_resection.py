"""A camera is found from what it sees, although many matches are wrong."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, rotation_from_vector
from tvdrnet_nv.camera.convert import flip_view_xy
from tvdrnet_nv.finding.block_matching import Matches
from tvdrnet_nv.finding.resection import resected

SIZE = (96, 128)


def problem(focal: float = 1.0, outliers: float = 0.4) -> tuple[Camera, Camera, Matches]:
    """Three cameras, the ones that took the pictures, and matches of 200 points; a share of them goes anywhere."""
    random = torch.Generator().manual_seed(3)
    begin = Camera.from_look_at([[3.0, 1.0, 2.0], [0.5, -4.0, 1.0], [2.0, 2.0, 2.0]], fov=50.0).to(torch.float64)
    turn = rotation_from_vector(torch.tensor([[0.1, 0.05, -0.1], [-0.08, 0.1, 0.02], [0.0, 0.0, 0.0]]).double()).mT
    R, move = begin.R @ turn, torch.tensor([[0.1, -0.2, 0.2], [0.2, 0.1, 0.3], [0.0, 0.0, 0.0]]).double()
    truth = begin.replace(R=R, T=(begin.T[:, None] @ turn)[:, 0] + move, focal=focal * begin.focal)
    world = torch.randn(3, 200, 3, generator=random, dtype=torch.float64)
    there = projected(truth, world)
    anywhere = torch.rand(3, 200, 2, generator=random, dtype=torch.float64) * torch.tensor([128.0, 96.0])
    wrong = torch.rand(3, 200, 1, generator=random) < outliers
    R, T = flip_view_xy(begin.R, begin.T)
    return begin, truth, Matches(world @ R + T[:, None], there.where(~wrong, anywhere), torch.ones(3, 200))


def projected(camera: Camera, world: Tensor) -> Tensor:
    clip = camera.to_clip(world, SIZE[1] / SIZE[0], 0.01, 100.0)
    x, y = clip[..., 0] / clip[..., 3], clip[..., 1] / clip[..., 3]
    return torch.stack([(1 + x) * SIZE[1] / 2, (1 - y) * SIZE[0] / 2], -1)


def off(one: Camera, other: Camera) -> tuple[float, float]:
    return float((one.position - other.position).norm(dim=1).amax()), float((one.R - other.R).abs().amax())


def test_poses_are_found_among_wrong_matches():
    begin, truth, matches = problem()
    found, agreement = resected(begin, matches, SIZE, focal=False)
    moved, turned = off(found, truth)
    assert moved < 0.02
    assert turned < 0.005
    assert torch.equal(found.focal, begin.focal)
    assert bool((agreement > 100).all())
    assert off(begin, truth)[0] > 0.2


def test_exact_matches_give_the_exact_pose():
    begin, truth, matches = problem(outliers=0.0)
    found, _ = resected(begin, matches, SIZE, focal=False)
    assert max(off(found, truth)) < 1e-5


def test_the_focal_length_is_found_too():
    begin, truth, matches = problem(focal=1.15)
    found, agreement = resected(begin, matches, SIZE, focal=True)
    assert torch.allclose(found.focal, truth.focal, rtol=5e-3)
    assert off(found, truth)[0] < 0.05
    assert bool((agreement > resected(begin, matches, SIZE, focal=False).agreement).all())


def test_without_matches_a_camera_stays():
    begin, _, matches = problem()
    weights = matches.weights.clone()
    weights[1] = 0
    found, agreement = resected(begin, matches._replace(weights=weights), SIZE, focal=True)
    assert torch.allclose(found.R[1], begin.R[1], atol=1e-6)
    assert torch.allclose(found.position[1], begin.position[1], atol=1e-6)
    assert float(agreement[1]) == 0.0


def test_one_wild_match_does_not_make_a_camera_that_is_not_finite():
    begin, _, matches = problem()
    weights = torch.zeros_like(matches.weights)
    weights[:, 0] = 1
    points = matches.points.clone()
    points[:, 0] = torch.tensor([0.0, 0.0, 1e-9])
    found, _ = resected(begin, Matches(points, matches.there, weights), SIZE, focal=True)
    assert bool(found.R.isfinite().all())
    assert bool(found.T.isfinite().all())
