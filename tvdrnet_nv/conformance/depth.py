"""Which of the triangles at a pixel is seen."""

from __future__ import annotations

import itertools

import torch

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import all_triangles, generator, normal, soup
from tvdrnet_nv.conformance.tested_backend import TestedBackend


@case("rasterize", "nearest z/w wins, whatever the order")
def nearest_wins(b: TestedBackend) -> None:
    corners = torch.tensor([[3.0, -1, 0, 1], [-1, 3, 0, 1], [-1, -1, 0, 1]])
    for order in itertools.permutations(range(4)):
        pos = corners.repeat(4, 1, 1)
        pos[:, :, 2] = torch.tensor([-0.75, -0.7, 0.0, 0.5])[list(order)][:, None]
        assert bool((b.ids(pos.reshape(1, 12, 4), all_triangles(4), (3, 3)) == order.index(0)).all())


@case("rasterize", "nearest means z/w, not distance from the eye")
def depth_is_z_over_w(b: TestedBackend) -> None:
    corners = torch.tensor([[3.0, -1, 0, 1], [-1, 3, 0, 1], [-1, -1, 0, 1]])
    near, far = corners.clone(), corners * 4
    near[:, 2], far[:, 2] = 0.5, 0.4 * 4  # z/w 0.5 and 0.4, w 1 and 4
    ids = b.ids(torch.cat((near, far))[None], all_triangles(2), (4, 4))
    assert bool((ids == 1).all())


@case("rasterize", "surfaces that pass through each other change places where z/w is equal")
def intersecting(b: TestedBackend) -> None:
    x, y = torch.tensor([-1.0, 1.0, 1.0, -1.0]), torch.tensor([-1.0, -1.0, 1.0, 1.0])
    flat, tilted = (torch.stack((x, y, z, torch.ones(4)), dim=-1) for z in (0 * x, 0.5 * x))
    tri = torch.tensor([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], dtype=torch.int32)
    ids = b.ids(torch.cat((flat, tilted))[None], tri, (16, 16))[0]
    assert torch.equal(ids >= 2, (torch.arange(16) < 8).expand(16, 16))


@case("rasterize", "equal depth: the lower triangle id, always")
def ties(b: TestedBackend) -> None:
    """The same triangles six times over, each time with their vertices in another order."""
    pos = normal(0, 1, 60, 4)
    pos[..., 3] = pos[..., 3].abs() + 0.1
    pos[..., 2] *= 0.05
    orders = list(itertools.permutations(range(3)))
    for thin in (1.0, 0.1):
        here = pos.clone()
        here[:, 2::3] = (pos[:, 0::3] + pos[:, 1::3]) / 2 + thin * pos[:, 2::3]
        want = b.ids(here, all_triangles(20), (24, 24))
        assert bool((want >= 0).any())
        for shift in range(6):
            copies = [all_triangles(20)[:, list(orders[(shift + i) % 6])] for i in range(6)]
            assert torch.equal(b.ids(here, torch.cat(copies), (24, 24)), want)


@case("rasterize", "equal depth: coplanar triangles that overlap go to the lower id")
def coplanar(b: TestedBackend) -> None:
    xy = torch.tensor([[-1.0, -1], [1, -1], [0, 1], [-0.75, 0.5], [0.75, 0.75], [0.25, -1]])
    pos = torch.cat((xy, xy[:, :1] / 4, torch.ones(6, 1)), dim=1)[None]
    alone = [b.ids(pos, all_triangles(2)[i : i + 1], (16, 16)) >= 0 for i in range(2)]
    overlap = alone[0] & alone[1]
    assert int(overlap.sum()) > 20
    for tri in (all_triangles(2), all_triangles(2).flip(0)):
        assert bool((b.ids(pos, tri, (16, 16))[overlap] == 0).all())


@case("rasterize", "the order of triangles renames them and changes nothing else")
def order_only_renames(b: TestedBackend) -> None:
    pos, tri = soup(2, batch=1, vertices=40, triangles=60)
    order = torch.randperm(60, generator=generator(2))
    rast, db = b.rasterize(pos, tri, (32, 32))
    shuffled, shuffled_db = b.rasterize(pos, tri[order], (32, 32))
    ids = shuffled[..., 3].long() - 1
    assert torch.equal(torch.where(ids >= 0, order[ids.clamp(min=0)], -1), rast[..., 3].long() - 1)
    assert torch.equal(shuffled[..., :3], rast[..., :3])
    assert torch.equal(shuffled_db, db)
