"""Depth peeling: surface behind surface."""

from __future__ import annotations

import torch

from tvdrnet_nv import ops
from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import soup
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops.depth_peeler.reference import layer_ids


def _layers(b: TestedBackend, count: int, ranges: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """The ids of `count` layers, from the backend and from the reference."""
    pos, tri = soup(0)
    if ranges is not None:
        pos = pos[0]
    found = []
    with ops.DepthPeeler(b.ctx, b.to(pos), b.to(tri), (16, 16), ranges) as peeler:
        for _ in range(count):
            rast, rast_db = peeler.rasterize_next_layer()
            assert rast_db.shape == rast.shape
            found.append(rast[..., 3].cpu().long() - 1)
    return torch.stack(found), layer_ids(b.rounded(pos), tri, (16, 16), count, ranges)


@case("DepthPeeler", "each rasterize_next_layer() gives the next surface behind the last")
def behind(b: TestedBackend) -> None:
    have, want = _layers(b, 5)
    assert int((want[1] >= 0).sum()) > 20
    b.assert_same_ids(have, want)


@case("DepthPeeler", "the first layer is what rasterize gives")
def first(b: TestedBackend) -> None:
    pos, tri = soup(0)
    expected, _ = b.rasterize(pos, tri, (16, 16))
    with ops.DepthPeeler(b.ctx, b.to(pos), b.to(tri), (16, 16)) as peeler:
        assert torch.equal(peeler.rasterize_next_layer()[0].cpu(), expected)


@case("DepthPeeler", "ranges")
def of_ranges(b: TestedBackend) -> None:
    _, tri = soup(0)
    half = len(tri) // 2
    ranges = torch.tensor([[0, half], [half, len(tri) - half]], dtype=torch.int32)
    b.assert_same_ids(*_layers(b, 3, ranges))


@case("DepthPeeler", "behind the last surface there is background")
def the_end(b: TestedBackend) -> None:
    pos, tri = soup(0)
    with ops.DepthPeeler(b.ctx, b.to(pos), b.to(tri), (8, 8)) as peeler:
        layers = [peeler.rasterize_next_layer()[0] for _ in range(len(tri) + 1)]
    assert bool(layers[0].any())
    assert not bool(layers[-1].any())


@case("DepthPeeler", "gradients as in rasterize")
def gradients(b: TestedBackend) -> None:
    pos, tri = soup(0)
    leaf = b.to(pos).requires_grad_()
    with ops.DepthPeeler(b.ctx, leaf, b.to(tri), (16, 16)) as peeler:
        peeler.rasterize_next_layer()
        rast, _ = peeler.rasterize_next_layer()
    (slope,) = torch.autograd.grad(rast[..., :2].sum(), leaf)
    assert bool(torch.isfinite(slope).all())
    assert float(slope[..., [0, 1, 3]].abs().max()) > 0
    assert float(slope[..., 2].abs().max()) == 0
