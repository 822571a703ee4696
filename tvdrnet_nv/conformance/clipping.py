"""The view volume -w <= x, y, z <= w."""

from __future__ import annotations

import itertools

import torch

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import all_triangles, ball, normal, random_faces, uniform
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references

QUAD = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)


@case("rasterize", "triangles are clipped at each of the six planes")
def all_six_planes(b: TestedBackend) -> None:
    """One or two vertices beyond one plane; some of those land behind the camera as well."""
    for axis, sign, inside in itertools.product(range(3), (-1, 1), (1, 2)):
        pos = normal(axis, 1, 12, 4) * 0.6
        pos[..., 3] = 1 + uniform(axis, 1, 12)
        beyond = torch.arange(12) % 3 >= inside
        pos[0, beyond, axis] = sign * (1.2 + 2 * uniform(axis + 1, int(beyond.sum()))) * pos[0, beyond, 3]
        pos[0, 2::6, 3] *= -0.5
        rast, _ = b.rasterize(pos, all_triangles(4), (16, 16))
        want, _ = references.rasterize(b.rounded(pos), all_triangles(4), (16, 16))
        same = b.assert_same_ids(rast[..., 3].double(), want[..., 3])
        assert bool((want[..., 3] > 0).any())
        b.assert_close(rast[same], want[same])


@case("rasterize", "the near and the far plane cut where z/w is -1 and 1")
def near_and_far(b: TestedBackend) -> None:
    """Over the image z/w runs from -2 to 2 along x: the outer quarters are cut."""
    x, y = torch.tensor([-1.0, 1.0, 1.0, -1.0]), torch.tensor([-1.0, -1.0, 1.0, 1.0])
    for sign in (-1, 1):
        pos = torch.stack((x, y, 2 * sign * x, torch.ones(4)), dim=-1)[None]
        covered = (b.ids(pos, QUAD, (8, 16))[0] >= 0).all(0)
        assert covered.tolist() == [4 <= px < 12 for px in range(16)]
        assert bool(((b.ids(pos, QUAD, (8, 16))[0] >= 0).any(0) == covered).all())


@case("rasterize", "a triangle beyond one plane hits nothing")
def outside(b: TestedBackend) -> None:
    for axis, sign in itertools.product(range(3), (-1, 1)):
        pos = 0.5 * normal(3, 1, 30, 4)
        pos[..., 3] = 1
        pos[..., axis] = sign * (1.01 + pos[..., axis].abs())
        assert not bool(b.rasterize(pos, all_triangles(10), (16, 16))[0].any())


@case("rasterize", "what is behind the camera is not seen")
def behind_the_camera(b: TestedBackend) -> None:
    pos = normal(3, 1, 30, 4)
    pos[..., 2] = 0
    pos[..., 3] = -pos[..., 3].abs() - 0.01
    rast, db = b.rasterize(pos, all_triangles(10), (16, 16))
    assert not bool(rast.any())
    assert not bool(db.any())


@case("rasterize", "triangles with vertices behind the camera are clipped, not dropped: a floor runs to the horizon")
def a_floor_under_the_camera(b: TestedBackend) -> None:
    """One unit below the eye, from 30 units behind it to 60 ahead; z is 0, so that only the camera's plane cuts."""
    x, ahead = torch.tensor([[-400.0, -30], [400, -30], [400, 60], [-400, 60]], dtype=torch.float64).unbind(1)
    pos = torch.stack((x, torch.full_like(x, -1), 0 * x, ahead), dim=1)[None]
    rast, _ = b.rasterize(pos, QUAD, (32, 32))
    y = (2 * torch.arange(32, dtype=torch.float64) + 1) / 32 - 1
    assert torch.equal(rast[0, ..., 3] > 0, (y < -1 / 60)[:, None].expand(32, 32))


@case("rasterize", "a camera inside a room is the normal case: it sees a wall at every pixel, once")
def inside_a_room(b: TestedBackend) -> None:
    """The dented octahedron is star-shaped about the eye: each ray leaves it once, and most vertices lie behind."""
    for seed in range(4):
        clip, tri = ball(seed)
        pos = clip[0].clone()
        pos[:, :2] /= 2
        pos[:, 2] = 0
        pos[:, 3] -= 3
        assert bool((pos[:, 3] < 0).any())
        assert bool((b.hits(pos, tri, (24, 23)) == 1).all())


@case("rasterize", "vertices in the plane of the camera (w = 0) are handled exactly")
def w_is_zero(b: TestedBackend) -> None:
    """An octahedron about the eye: w is 0 at four vertices, and the fifth is at the middle of the image."""
    pos = torch.zeros(6, 4, dtype=torch.float64)
    pos[0, 0] = pos[1, 1] = pos[2, 3] = 1
    pos[3:] = -pos[:3]
    tri = torch.tensor(list(itertools.product((0, 3), (1, 4), (2, 5))), dtype=torch.int32)
    for resolution in ((15, 15), (16, 16)):
        for order in itertools.permutations(range(3)):
            assert bool((b.hits(pos, tri[:, list(order)], resolution) == 1).all())


@case("rasterize", "w near 0 on either side: coverage, barycentrics and depth stay those of the triangle")
def w_near_zero(b: TestedBackend) -> None:
    for seed, scale in itertools.product(range(2), (1.0, 0.05, 1e-6)):
        pos = normal(seed, 1, 12, 4)
        pos[..., 3] = scale * pos[..., 3]
        pos[..., 2] *= 0.1 * scale
        tri = random_faces(seed, 12, 8)
        rast, db = b.rasterize(pos, tri, (16, 16))
        want, want_db = references.rasterize(b.rounded(pos), tri, (16, 16))
        same = b.assert_same_ids(rast[..., 3].double(), want[..., 3])
        assert bool((want[..., 3] > 0).any())
        b.assert_close(rast[same], want[same])
        b.assert_close(db[same], want_db[same], scale=1 if b.exact else 50)
