"""The CUDA backend's calls of nvdiffrast, as far as a machine without CUDA can test them: our ops stand in for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import ops
from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.antialias import cuda as antialias
from tvdrnet_nv.ops.backends import TABLE, using
from tvdrnet_nv.ops.depth_peeler.cuda import Peeling
from tvdrnet_nv.ops.interpolate import cuda as interpolate
from tvdrnet_nv.ops.rasterize import Scene
from tvdrnet_nv.ops.rasterize.cuda import rasterize as rasterize_cuda
from tvdrnet_nv.ops.texture import cuda as texture


class StandIn:
    """`nvdiffrast.torch`, of 0.3.3 and later: images of any height and width."""

    RasterizeCudaContext = ops.RasterizeCudaContext
    DepthPeeler = ops.DepthPeeler
    rasterize = staticmethod(ops.rasterize)


class Tensors:
    """Stands for `torch.cuda.device_of`, and counts how many of nvdiffrast's calls are within it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.depth = 0
        monkeypatch.setattr("torch.cuda.device_of", self.of)

    @contextmanager
    def of(self, tensor: Tensor) -> Iterator[None]:
        assert isinstance(tensor, Tensor)
        self.depth += 1
        yield
        self.depth -= 1


def triangles() -> tuple[Tensor, Tensor]:
    g = torch.Generator().manual_seed(0)
    pos = torch.rand((2, 20, 4), generator=g) * 2 - 1
    pos[..., 3] = 1.0
    return pos, torch.randint(0, 20, (8, 3), generator=g, dtype=torch.int32)


@pytest.mark.parametrize("resolution", [(16, 24), (13, 21), (1, 1), (8, 9)])
def test_any_resolution_is_asked_for_as_it_is(monkeypatch, resolution):
    monkeypatch.setattr(nvdiffrast, "load", lambda: StandIn)
    pos, tri = triangles()
    context = ops.RasterizeCudaContext()
    rast, db = rasterize_cuda(context, Scene(context, pos, tri, resolution, None), True)
    expected, expected_db = ops.rasterize(ops.RasterizeCudaContext(), pos, tri, resolution)
    assert rast.shape == (2, *resolution, 4)
    assert torch.equal(rast, expected)
    assert torch.equal(db, expected_db)


def test_a_context_without_derivatives_gives_none(monkeypatch):
    monkeypatch.setattr(nvdiffrast, "load", lambda: StandIn)
    pos, tri = triangles()
    context = ops.RasterizeGLContext(output_db=False)
    _, db = rasterize_cuda(context, Scene(context, pos, tri, (5, 7), None), True)
    assert db.shape == (2, 5, 7, 0)


def test_layers_of_any_resolution(monkeypatch):
    monkeypatch.setattr(nvdiffrast, "load", lambda: StandIn)
    pos, tri = triangles()
    context = ops.RasterizeCudaContext()
    peeling = Peeling(context, Scene(context, pos, tri, (13, 21), None), True)
    with ops.DepthPeeler(ops.RasterizeCudaContext(), pos, tri, (13, 21)) as peeler:
        for _ in range(3):
            have, want = peeling.next_layer(), peeler.rasterize_next_layer()
            assert torch.equal(have[0], want[0])
            assert torch.equal(have[1], want[1])
    peeling.end(None, None, None)


def test_each_call_is_made_on_the_tensors_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """nvdiffrast takes torch's current device for granted, and another GPU's tensors may come."""
    where, called = Tensors(monkeypatch), []

    class Noting:
        RasterizeCudaContext = ops.RasterizeCudaContext

        def __getattr__(self, name: str) -> Any:
            def call(*arguments: Any, **options: Any) -> Any:
                called.append((name, where.depth))
                return getattr(ops, name)(*arguments, **options)

            return call

    monkeypatch.setattr(nvdiffrast, "load", Noting)
    monkeypatch.setattr(antialias, "_say", lambda missing: None)
    pos, tri = triangles()
    context = ops.RasterizeCudaContext()
    made = Scene(context, pos, tri, (8, 8), None)
    rast, db = rasterize_cuda(context, made, True)
    interpolate.interpolate(pos, rast, tri, db, [])
    with using(dataclasses.replace(TABLE["cpu"], functions={**TABLE["cpu"].functions, "why_not_launched": str})):
        antialias.topology(tri)
    antialias.antialias(rast, rast, pos, tri, None, 1.0, 1)
    tex = torch.rand((2, 4, 4, 3))
    mip = texture.mip_levels(tex, None, False)
    texture.texture(tex, rast[..., :2], db, None, mip, None, "linear-mipmap-linear", "wrap", None)
    peeling = Peeling(context, made, True)
    peeling.next_layer()
    peeling.end(None, None, None)
    names = {"rasterize", "interpolate", "antialias_construct_topology_hash", "antialias", "texture_construct_mip"}
    assert {name for name, _ in called} == names | {"texture", "DepthPeeler"}
    assert {depth for _, depth in called} == {1}
