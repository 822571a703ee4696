"""Programs that say 'cuda' on the CPU. Everything here runs within `cuda_on_cpu`, on machines with a GPU too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tvdrnet_nv.compat.cuda_on_cpu import cuda_on_cpu

NAMES = ["cuda", "cuda:0", "cuda:1", 0]


@pytest.fixture
def redirected() -> Iterator[None]:
    with cuda_on_cpu():
        yield


def is_on_cpu(value: Tensor | nn.Module) -> bool:
    tensors = [value] if isinstance(value, Tensor) else list(value.parameters())
    return bool(tensors) and all(t.device == torch.device("cpu") for t in tensors)


MAKERS: list[Callable[..., Tensor | nn.Module]] = [
    lambda d: torch.zeros(2, 3, device=d),
    lambda d: torch.tensor([1.0], device=d),
    lambda d: torch.as_tensor([1.0], dtype=torch.float32, device=d),
    lambda d: torch.eye(4, device=d),
    lambda d: torch.rand(2, generator=torch.Generator(device=d).manual_seed(1), device=d),
    lambda d: torch.zeros_like(torch.ones(1), device=d),
    lambda d: torch.ones(1).new_full((2,), 3.0, device=d),
    lambda d: torch.ones(1).to(d),
    lambda d: torch.ones(1).to(d, torch.float64, non_blocking=True),
    lambda d: torch.ones(1).to(device=d),
    lambda d: torch.ones(1).cuda(d),
    lambda d: torch.ones(1).cuda(),
    lambda d: nn.Linear(2, 2).to(d),
    lambda d: nn.Linear(2, 2).to(device=d),
    lambda d: nn.Linear(2, 2).cuda(),
    lambda d: nn.Linear(2, 2, device=d),
    lambda d: torch.ones(1, device=torch.device(d)),
    lambda d: torch.ones(1).to(torch.device(d)),
    lambda d: torch.ones(1, pin_memory=True).pin_memory().to(d, non_blocking=True),
]


@pytest.mark.usefixtures("redirected")
@pytest.mark.parametrize("device", NAMES)
@pytest.mark.parametrize("make", MAKERS)
def test_cuda_gives_the_cpu(make, device):
    assert is_on_cpu(make(device))


def test_devices_made_beforehand_and_default_devices():
    before = torch.device("cuda:0")
    with cuda_on_cpu():
        assert is_on_cpu(torch.ones(1, device=before))
        assert is_on_cpu(torch.ones(1).to(before))
        with torch.device("cuda"):
            assert is_on_cpu(torch.ones(1))
        torch.set_default_device("cuda")
        try:
            assert is_on_cpu(torch.ones(1))
        finally:
            torch.set_default_device(None)


@pytest.mark.usefixtures("redirected")
def test_devices_compare_equal():
    assert torch.device("cuda") == torch.device("cuda", 1) == torch.ones(1, device="cuda").device


@pytest.mark.usefixtures("redirected")
def test_what_does_not_name_a_cuda_device_is_left_alone():
    assert torch.zeros(1, device="meta").device.type == "meta"
    assert torch.ones(1).to(torch.float64).dtype == torch.float64
    assert torch.ones(1).to(torch.zeros(1, dtype=torch.float64)).dtype == torch.float64
    assert torch.full((2,), 0).tolist() == [0, 0]
    with pytest.raises(RuntimeError, match="cudas"):
        torch.zeros(1, device="cudas")


@pytest.mark.usefixtures("redirected")
def test_gradients_reach_the_leaf_that_was_moved():
    leaf = torch.ones(3, device="cuda", requires_grad=True)
    (leaf.cuda().to("cuda") * 2).sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [2, 2, 2]


@pytest.mark.usefixtures("redirected")
def test_calls_that_concern_the_gpu_do_nothing():
    torch.cuda.synchronize()
    torch.cuda.synchronize("cuda:0")
    torch.cuda.empty_cache()
    torch.cuda.set_device(0)
    torch.cuda.reset_peak_memory_stats()
    torch.cuda.manual_seed_all(0)
    assert torch.cuda.current_device() == 0
    assert torch.cuda.get_device_name(0) == "CPU"
    with torch.cuda.device(0):
        assert is_on_cpu(torch.ones(1, device=torch.cuda.current_device()))


@pytest.mark.usefixtures("redirected")
def test_events_measure_time():
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    with pytest.raises(ValueError, match="recorded"):
        start.elapsed_time(end)
    start.record()
    end.record()
    torch.cuda.synchronize()
    assert end.query()
    assert start.elapsed_time(end) >= 0
    assert end.elapsed_time(start) <= 0


@pytest.mark.usefixtures("redirected")
@pytest.mark.parametrize("where", [{}, {"map_location": "cuda"}, {"map_location": torch.device("cuda")}])
def test_files_load_on_the_cpu(tmp_path: Path, where: dict[str, object]):
    torch.save({"weight": torch.arange(3.0)}, tmp_path / "saved.pt")
    loaded = torch.load(tmp_path / "saved.pt", **where)["weight"]
    assert is_on_cpu(loaded)
    assert loaded.tolist() == [0, 1, 2]


@pytest.mark.usefixtures("redirected")
def test_generators_remain_generators():
    made = torch.Generator(device="cuda").manual_seed(5)
    assert isinstance(made, torch.Generator)
    assert isinstance(torch.default_generator, torch.Generator)
    assert not isinstance(3, torch.Generator)
    first = torch.rand(2, generator=made)
    assert torch.equal(first, torch.rand(2, generator=torch.Generator().manual_seed(5)))


def test_afterwards_all_is_as_before():
    names = ("synchronize", "current_device", "device", "Event", "set_device")
    before = [getattr(torch.cuda, name) for name in names] + [torch.Generator, torch.load]

    def fail() -> None:
        assert torch.cuda.synchronize is not before[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), cuda_on_cpu():
        fail()
    assert [getattr(torch.cuda, name) for name in names] + [torch.Generator, torch.load] == before
    assert torch.device("cuda").type == "cuda"


@pytest.mark.usefixtures("redirected")
def test_what_torch_compile_asks_of_the_device_is_answered():
    """`name` where torch is built for CUDA, else `gcnArchName`."""
    properties = torch.cuda.get_device_properties(torch.cuda.current_device())
    assert properties.name == properties.gcnArchName == "CPU"
    from torch._inductor.codecache import CacheBase

    CacheBase.get_system.cache_clear()  # type: ignore[attr-defined]
    try:
        assert CacheBase.get_system()["device"]["name"] == "CPU"
    finally:
        CacheBase.get_system.cache_clear()  # type: ignore[attr-defined]
