"""The topology hash."""

from __future__ import annotations

import torch

from tvdrnet_nv import ops
from tvdrnet_nv.conformance.errors import message_of
from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import ball, normal
from tvdrnet_nv.conformance.tested_backend import TestedBackend

OP = "antialias_construct_topology_hash"


@case(OP, "the hash of tri may be built once and reused, with other vertices too")
def built_once(b: TestedBackend) -> None:
    pos, tri = ball(3, batch=2)
    topology = ops.antialias_construct_topology_hash(b.to(tri))
    for seed in range(2):
        moved = pos + 0.05 * normal(seed, *pos.shape)
        rast, _ = b.rasterize(moved, tri, (16, 16))
        color = b.rounded(normal(seed, 2, 16, 16, 2))
        want = b.antialias(color, rast, moved, tri)
        assert not torch.equal(want.double(), color)
        assert torch.equal(b.antialias(color, rast, moved, tri, topology), want)


@case(OP, "a hash of another mesh, or what is none, is refused by name")
def of_another_mesh(b: TestedBackend) -> None:
    pos, tri = ball(3)
    other = ops.antialias_construct_topology_hash(b.to(tri[:-1]))
    for bad, kind, said in ((other, ValueError, "31 triangles"), ("tri", TypeError, "str")):
        message = message_of(
            kind,
            lambda bad=bad: b.antialias(torch.zeros(1, 8, 8, 1), torch.zeros(1, 8, 8, 4), pos, tri, bad),  # type: ignore[arg-type]
        )
        assert "topology_hash" in message
        assert said in message


@case(OP, "the order and the winding of faces do not matter")
def order_and_winding(b: TestedBackend) -> None:
    pos, tri = ball(5)
    rast, _ = b.rasterize(pos, tri, (16, 16))
    color = normal(0, 1, 16, 16, 2)
    order = torch.randperm(len(tri), generator=torch.Generator().manual_seed(0))
    turned = tri[order][:, [1, 0, 2]].contiguous()
    renamed = rast.clone()
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order))
    ids = rast[..., 3].long() - 1
    renamed[..., 3] = torch.where(ids >= 0, place[ids.clamp(min=0)] + 1, 0).to(rast.dtype)
    want = b.antialias(color, rast, pos, tri)
    assert not torch.equal(want.double(), b.rounded(color))
    b.assert_close(b.antialias(color, renamed, pos, turned), want, scale=10)


@case(OP, "no faces, and faces that name a vertex twice, are accepted")
def empty_and_degenerate(b: TestedBackend) -> None:
    ops.antialias_construct_topology_hash(b.to(torch.zeros(0, 3, dtype=torch.int32)))
    ops.antialias_construct_topology_hash(b.to(torch.tensor([[0, 0, 1], [2, 2, 2], [0, 1, 0]], dtype=torch.int32)))
