"""The CUDA backend's wrapper as far as a machine without CUDA can test it: our CPU ops stand in for nvdiffrast."""

from __future__ import annotations

import sys
import types

import pytest
import torch
from torch.utils import cpp_extension

from tvdrnet_nv import ops
from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.rasterize import Scene
from tvdrnet_nv.ops.rasterize.cuda import rasterize as rasterize_cuda


class StandIn:
    """`nvdiffrast.torch` with the restriction of its CUDA rasterizer."""

    RasterizeCudaContext = ops.RasterizeCudaContext

    @staticmethod
    def rasterize(glctx, pos, tri, resolution, ranges=None, grad_db=True):
        assert resolution[0] % 8 == 0
        assert resolution[1] % 8 == 0
        return ops.rasterize(glctx, pos, tri, resolution, ranges=ranges, grad_db=grad_db)


@pytest.mark.parametrize("resolution", [(16, 24), (13, 21), (1, 1), (8, 9)])
def test_any_resolution_gives_what_it_gives_directly(monkeypatch, resolution):
    monkeypatch.setattr(nvdiffrast, "load", lambda: StandIn)
    g = torch.Generator().manual_seed(0)
    pos = torch.rand((2, 20, 4), generator=g) * 2 - 1
    pos[..., 3] = 1.0
    tri = torch.randint(0, 20, (8, 3), generator=g, dtype=torch.int32)
    context = ops.RasterizeCudaContext()
    rast, db = rasterize_cuda(context, Scene(context, pos, tri, resolution, None), True)
    expected, expected_db = ops.rasterize(ops.RasterizeCudaContext(), pos, tri, resolution)
    assert rast.shape == expected.shape
    assert torch.equal(rast[..., 3], expected[..., 3])
    torch.testing.assert_close(rast, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(db, expected_db, rtol=1e-3, atol=1e-4)


def test_a_missing_nvdiffrast_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "nvdiffrast", None)
    monkeypatch.setitem(sys.modules, "nvdiffrast.torch", None)
    with pytest.raises(RuntimeError, match=r"nvdiffrast.*pip install.*non-commercial"):
        nvdiffrast.load()


def test_compiled_plugins_can_be_imported_by_name(monkeypatch):
    # torch 2.11 no longer puts what it loads into sys.modules, where nvdiffrast 0.3 looks for it.
    plugin = types.ModuleType("a_plugin_of_this_test")
    monkeypatch.setattr(cpp_extension, "load", lambda name, sources: plugin)
    nvdiffrast._let_torch_find_plugins()
    once = cpp_extension.load
    nvdiffrast._let_torch_find_plugins()
    assert cpp_extension.load is once
    assert cpp_extension.load("a_plugin_of_this_test", sources=[]) is plugin
    assert sys.modules.pop("a_plugin_of_this_test") is plugin
