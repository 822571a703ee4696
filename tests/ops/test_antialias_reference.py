"""Antialiasing against its reference in plain PyTorch, and meshes that are special."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.conformance.scenes import CTX, DTYPES, ROUNDING, ball, normal, soup, uniform
from tvdrnet_nv.ops import antialias, antialias_construct_topology_hash, interpolate, rasterize, references


def assert_like_reference(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor) -> None:
    dtype = color.dtype
    outs, grads = [], []
    for op in (antialias, references.antialias):
        leaves = [color.clone().requires_grad_(), pos.clone().requires_grad_()]
        out = op(leaves[0], rast, leaves[1], tri).double()
        outs.append(out.detach())
        grads.append([g.double() for g in torch.autograd.grad((out * normal(1, *out.shape)).sum(), leaves)])
    torch.testing.assert_close(outs[0], outs[1], rtol=ROUNDING[dtype], atol=ROUNDING[dtype])
    assert (outs[1] != color.double()).any()
    assert grads[1][1].abs().max() > 0.1
    for have, want in zip(*grads, strict=True):
        tolerance = 10 * ROUNDING[dtype] * max(1.0, float(want.abs().max()))
        torch.testing.assert_close(have, want, rtol=10 * ROUNDING[dtype], atol=tolerance)
    assert not grads[0][1][..., 2].any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("seed", range(3))
def test_random_triangles_like_the_reference(seed, channels, dtype):
    """Triangles that share vertices and edges in any number, and reach behind the camera."""
    pos, tri = soup(seed, vertices=7, triangles=14)
    rast, _ = rasterize(CTX, pos.to(dtype), tri, (9, 12))
    assert_like_reference(normal(seed, 2, 9, 12, channels).to(dtype), rast, pos.to(dtype), tri)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(3))
def test_closed_meshes_like_the_reference(seed, dtype):
    pos, tri = ball(seed, batch=2)
    rast, _ = rasterize(CTX, pos.to(dtype), tri, (16, 11))
    assert_like_reference(normal(seed, 2, 16, 11, 3).to(dtype), rast, pos.to(dtype), tri)


@pytest.mark.parametrize("dtype", DTYPES)
def test_range_mode_like_the_reference(dtype):
    """pos [V, 4], shared by all images: its gradient is summed over them."""
    pos, tri = ball(4)
    ranges = torch.tensor([[0, 32], [0, 16], [5, 20]], dtype=torch.int32)
    rast, _ = rasterize(CTX, pos[0].to(dtype), tri, (12, 12), ranges=ranges)
    assert_like_reference(normal(0, 3, 12, 12, 2).to(dtype), rast, pos[0].to(dtype), tri)


def test_one_set_of_vertices_serves_all_images_in_both_forms():
    pos, tri = ball(4)
    rast, _ = rasterize(CTX, pos.repeat(2, 1, 1), tri, (12, 12))
    color = normal(0, 2, 12, 12, 2)
    want = antialias(color, rast, pos.repeat(2, 1, 1), tri)
    assert torch.equal(antialias(color, rast, pos, tri), want)
    assert torch.equal(antialias(color, rast, pos[0], tri), want)


def test_inside_a_closed_surface_there_is_no_silhouette():
    """An octahedron about the eye: no edge is a silhouette, whatever its colours."""
    pos = torch.zeros(6, 4, dtype=torch.float64)
    pos[0, 0] = pos[1, 1] = pos[2, 3] = 1
    pos[3:] = -pos[:3]
    pos += 0.1 * normal(0, 6, 4) * torch.tensor([1, 1, 0, 1])
    tri = torch.tensor([(a, b, c) for a in (0, 3) for b in (1, 4) for c in (2, 5)], dtype=torch.int32)
    rast, _ = rasterize(CTX, pos[None], tri, (15, 15))
    assert (rast[..., 3] > 0).all()
    assert len(rast[..., 3].unique()) > 3
    color = normal(1, 1, 15, 15, 3)
    assert torch.equal(antialias(color, rast, pos[None], tri), color)


def test_no_triangles_leave_the_image_as_it_is():
    color = normal(0, 1, 4, 5, 3).requires_grad_()
    pos = torch.ones(2, 4, dtype=torch.float64, requires_grad=True)
    out = antialias(color, torch.zeros(1, 4, 5, 4).double(), pos, torch.zeros(0, 3, dtype=torch.int32))
    assert torch.equal(out, color)
    grad_color, grad_pos = torch.autograd.grad(out.sum(), (color, pos))
    assert (grad_color == 1).all()
    assert not grad_pos.any()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("component", range(4))
def test_vertices_that_are_not_finite_do_not_spread(component, bad):
    pos, tri = ball(5)
    pos[0, int(tri[3, 0]), component] = bad
    rast, _ = rasterize(CTX, pos, tri, (12, 12))
    pos.requires_grad_()
    color = normal(0, 1, 12, 12, 2)
    out = antialias(color, rast, pos, tri)
    (grad,) = torch.autograd.grad(out.sum(), pos)
    assert (rast[..., 3] > 0).any()
    assert out.isfinite().all()
    assert grad.isfinite().all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_three_together_like_the_references(dtype):
    pos, tri = ball(7, batch=2)
    attr = uniform(8, 18, 3)
    images, grads = [], []
    for reference in (False, True):
        leaves = [pos.to(dtype).clone().requires_grad_(), attr.to(dtype).clone().requires_grad_()]
        if reference:
            rast, rast_db = references.rasterize(leaves[0], tri, (12, 13))
            color, da = references.interpolate(leaves[1], rast, tri, rast_db, "all")
            image = references.antialias(torch.cat((color, da), dim=-1), rast, leaves[0], tri)
        else:
            rast, rast_db = rasterize(CTX, leaves[0], tri, (12, 13))
            color, da = interpolate(leaves[1], rast, tri, rast_db, "all")
            image = antialias(torch.cat((color, da), dim=-1), rast, leaves[0], tri)
        images.append(image.detach().double())
        grads.append([g.double() for g in torch.autograd.grad((image * normal(9, *image.shape)).sum(), leaves)])
    tolerance = {torch.float32: 1e-4, torch.float64: 1e-9}[dtype]
    torch.testing.assert_close(images[0], images[1], rtol=tolerance, atol=tolerance)
    for have, want in zip(*grads, strict=True):
        torch.testing.assert_close(have, want, rtol=tolerance, atol=tolerance * float(want.abs().max()))


def test_the_topology_may_be_built_once():
    pos, tri = ball(3, batch=2)
    topology = antialias_construct_topology_hash(tri)
    for seed in range(2):
        moved = pos + 0.05 * normal(seed, *pos.shape)
        rast, _ = rasterize(CTX, moved, tri, (12, 12))
        color = normal(seed, 2, 12, 12, 2)
        want = antialias(color, rast, moved, tri)
        assert not torch.equal(want, color)
        assert torch.equal(antialias(color, rast, moved, tri, topology_hash=topology), want)


def test_a_topology_of_another_mesh_is_refused():
    pos, tri = ball(3)
    rast, _ = rasterize(CTX, pos, tri, (8, 8))
    color = normal(0, 1, 8, 8, 1)
    other = antialias_construct_topology_hash(tri[:-1])
    with pytest.raises(ValueError, match=r"topology_hash.*31 triangles.*32"):
        antialias(color, rast, pos, tri, topology_hash=other)
    with pytest.raises(TypeError, match=r"topology_hash.*antialias_construct_topology_hash.*str"):
        antialias(color, rast, pos, tri, topology_hash="tri")
