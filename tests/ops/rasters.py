"""What rasterized images are asked."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.conformance.scenes import CTX, ROUNDING
from tvdrnet_nv.ops import rasterize, references


def hits_alone(pos: Tensor, tri: Tensor, resolution: tuple[int, int]) -> Tensor:
    """How many of the triangles hit each pixel when each is rasterized alone: int64 [H, W]. pos [V, 4]."""
    ranges = torch.stack((torch.arange(len(tri)), torch.ones(len(tri), dtype=torch.int64)), dim=1).int()
    rast, _ = rasterize(CTX, pos, tri, resolution, ranges=ranges)
    return (rast[..., 3] > 0).sum(0)


def ids(rast: Tensor) -> Tensor:
    return rast[..., 3].long() - 1


def assert_like_reference(
    pos: Tensor, tri: Tensor, resolution: tuple[int, int], ranges: Tensor | None = None
) -> Tensor:
    rast, db = rasterize(CTX, pos, tri, resolution, ranges=ranges)
    want, want_db = references.rasterize(pos, tri, resolution, ranges)
    assert rast.dtype == db.dtype == pos.dtype
    assert rast.shape == db.shape == want.shape
    assert torch.equal(ids(rast), ids(want))
    tolerance = ROUNDING[pos.dtype]
    torch.testing.assert_close(rast.double(), want, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(db.double(), want_db, rtol=tolerance, atol=tolerance)
    return rast
