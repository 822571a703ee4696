"""A coarser mesh is the same every time, on every device."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from tvdrnet_nv import Mesh
from tvdrnet_nv.optimization import clustering
from tvdrnet_nv.optimization.clustering import clustered


class Copies(TorchFunctionMode):
    """Within it, copies of meta tensors to the CPU have the values of `kept`, by the tensors' ids."""

    def __init__(self, kept: dict[int, Tensor]) -> None:
        super().__init__()
        self._kept = kept

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is Tensor.cpu:
            return self._kept[id(args[0])]
        return func(*args, **(kwargs or {}))


def test_a_mesh_on_another_device_is_clustered_on_the_cpu(small_room: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    """On meta tensors, which have no values: no sum is theirs, whose order on CUDA nobody knows."""
    cell = 0.07 * small_room.radius
    expected = clustered(small_room, cell)
    host = {"vertices": small_room.vertices, "faces": small_room.faces, "colors": small_room.colors}
    there = object.__new__(Mesh)  # its own checks read the values
    there.__dict__.update({name: tensor.to("meta") for name, tensor in host.items()}, textures=None)
    moved: list[torch.device] = []
    monkeypatch.setattr(Mesh, "to", lambda mesh, device: moved.append(device) or mesh)
    with Copies({id(there.__dict__[name]): tensor for name, tensor in host.items()}):
        few = clustered(there, cell)
    assert moved == [torch.device("meta")]
    for name in host:
        assert torch.equal(getattr(few, name), getattr(expected, name))


def test_a_fine_grid_gives_what_a_coarse_one_gives(small_room: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = 0.1 * small_room.radius
    few = clustered(small_room, cell)
    assert few.num_faces < small_room.num_faces // 2
    monkeypatch.setattr(clustering, "_MOST_CELLS", 1)
    assert clustered(small_room, cell) is small_room
    by_sorting = clustered(small_room, cell, any_grid=True)
    for name in ("vertices", "faces", "colors"):
        assert torch.equal(getattr(by_sorting, name), getattr(few, name)), name


def test_more_cubes_than_numbers_leave_the_mesh_as_it_is(small_room: Mesh) -> None:
    for cell in (1e-30, 0.0, float("nan")):
        assert clustered(small_room, cell, any_grid=True) is small_room
