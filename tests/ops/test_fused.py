"""The backend "fused" without a GPU: a step goes through the stub of libcuda, which runs the kernels on the CPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from tests.ops.native.stub import Stub, build
from tests.ops.phong_scenes import PHONG, cameras, scene
from tests.ops.test_rasterize_emulated import ROOM
from tvdrnet_nv import ops
from tvdrnet_nv.ops.backends import TABLE, Backend, using

TARGET = torch.rand((40, 50, 3), generator=torch.Generator().manual_seed(0))
MATRICES, EYES = cameras(ROOM, torch.float32, 50 / 40)


@pytest.fixture
def stub(tmp_path_factory, tmp_path, monkeypatch) -> Stub:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Stub(build(tmp_path_factory.mktemp("stub")), tmp_path)
    made.emulate()
    return made


@pytest.fixture
def fused(stub) -> Iterator[Backend]:
    """Its row, for CPU tensors."""
    row, gpus = TABLE["fused"], stub.gpus()
    functions = {**row.functions, "launch": gpus.launch, "prepare": lambda device: gpus.prepare(0)}
    with using(dataclasses.replace(row, device_type="cpu", functions=functions)) as backend:
        yield backend


def step() -> list[Tensor]:
    """The loss of three cameras, and its gradients."""
    made = scene(ROOM, torch.float32)
    leaves = [x.clone().requires_grad_() for x in (MATRICES, EYES)]
    image, _ = ops.render_phong(made, *leaves, (40, 50), PHONG)
    loss = ops.mean_squared_error(image, TARGET)
    return [loss.detach(), *torch.autograd.grad(loss.sum(), leaves)]


def test_a_step_is_twelve_launches_and_the_cpus_to_the_last_bit(fused, stub) -> None:
    have = step()
    names = [line.split()[1].removeprefix("tvdr_") for line in stub.said("launch")]
    assert names == [
        *("render_prepare", "rasterize_draw", "rasterize_draw_large", "render_shade", "render_find", "render_blend"),
        *("squared_error_rows", "squared_error_totals", "squared_error_grad"),
        *("render_grad_pixels", "render_grad_tiles", "render_grad_totals"),
    ]
    with using("cpu"):
        want = step()
    for x, y in zip(have, want, strict=True):
        assert torch.equal(x, y)
        assert float(x.abs().max()) > 0


def test_it_is_one_op_with_forward_mode_and_without_nvdiffrast(fused) -> None:
    assert fused.renders_in_one_op
    assert fused.forward_mode
    assert fused.longest_walk() > 64
    assert "gathered" in str(fused.functions["texture"])  # torch's operations, as no kernel of ours looks textures up
    own = ("rasterize", "interpolate", "antialias", "peeling", "topology", "render_phong", "mean_squared_error")
    assert all("native" in str(fused.functions[op]) for op in own)
