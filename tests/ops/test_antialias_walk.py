"""The walk over several triangles, which nvdiffrast's contract does not have."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import ops as dr


def _disk(corners: int, radius: float) -> tuple[Tensor, Tensor]:
    """A fan over a regular polygon: its outline's edges are shorter than a pixel where there are many."""
    angle = torch.arange(corners, dtype=torch.float64) * (2 * math.pi / corners) + 0.1
    rim = torch.stack((radius * angle.cos(), radius * angle.sin(), torch.zeros(corners), torch.ones(corners)), dim=1)
    inner = torch.stack((0.9 * rim[:, 0], 0.9 * rim[:, 1], rim[:, 2], rim[:, 3]), dim=1)
    center = torch.tensor([[0.0, 0, 0, 1]], dtype=torch.float64)
    i = torch.arange(corners)
    j = (i + 1) % corners
    fan = torch.stack((torch.full_like(i, 2 * corners), corners + i, corners + j), dim=1)
    ring = torch.cat((torch.stack((corners + i, i, j), dim=1), torch.stack((corners + i, j, corners + j), dim=1)))
    return torch.cat((rim, inner, center))[None], torch.cat((fan, ring)).to(torch.int32)


def _growth(walk: int, corners: int) -> float:
    """d(covered area)/d(scale) of the antialiased disk over its true value, the mean over several sizes."""
    ratios = []
    for radius in torch.linspace(0.55, 0.7, 7, dtype=torch.float64):
        pos, tri = _disk(corners, float(radius))
        scale = torch.ones((), dtype=torch.float64, requires_grad=True)
        moved = pos * torch.stack((scale, scale, scale.detach(), scale.detach()))
        rast, _ = dr.rasterize(dr.RasterizeCudaContext(), moved, tri, (32, 32))
        color = (rast[..., 3:] > 0).to(torch.float64)
        dr.antialias(color, rast, moved, tri, walk=walk).sum().backward()
        area = 0.5 * corners * math.sin(2 * math.pi / corners) * float(radius) ** 2 * 16**2
        ratios.append(float(scale.grad) / (2 * area))
    return sum(ratios) / len(ratios)


def test_walking_finds_the_silhouette_of_small_triangles():
    # 128 corners on some 60 pixels of outline: the triangle at a pixel's centre rarely has the silhouette's edge.
    assert _growth(1, 128) < 0.7
    assert abs(_growth(64, 128) - 1) < 0.05


def test_walking_changes_nothing_where_triangles_are_large():
    pos = torch.tensor([[[-0.7, -0.6, 0, 1], [0.8, -0.4, 0, 1], [0.1, 0.7, 0, 1]]], dtype=torch.float64)
    tri = torch.tensor([[0, 1, 2]], dtype=torch.int32)
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(), pos, tri, (24, 24))
    color = (rast[..., 3:] > 0).to(torch.float64)
    assert torch.equal(dr.antialias(color, rast, pos, tri, walk=64), dr.antialias(color, rast, pos, tri))


@FORWARD_AD
def test_walk_gradients_forward_and_backward():
    pos, tri = _disk(24, 0.6)
    pos = pos + 0.01 * torch.rand(pos.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(), pos, tri, (12, 12))
    color = torch.rand((1, 12, 12, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    color, pos = color.requires_grad_(), pos.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda c, p: dr.antialias(c, rast, p, tri, walk=16), (color, pos), eps=1e-7, check_forward_ad=True
    )


@pytest.mark.parametrize("walk", [0, -1, 1.5, "2"])
def test_a_walk_that_is_no_count_is_refused(walk):
    pos, tri = _disk(5, 0.6)
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(), pos, tri, (8, 8))
    with pytest.raises(ValueError, match="walk"):
        dr.antialias(rast, rast, pos, tri, walk=walk)
