"""Launches through libcuda and NVRTC, with a stub in their place: what they are asked, and what is said of faults."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from tests.ops.native.stub import STREAM
from tvdrnet_nv.ops.native import gpu
from tvdrnet_nv.ops.native.gpu import Gpus
from tvdrnet_nv.ops.native.sources import sources

ONE, TWO = torch.device("cuda", 0), torch.device("cuda", 1)


def test_a_launch_hands_over_the_job_on_the_stream_of_the_device(stub) -> None:
    launched = []
    stub.on_launch(lambda *what: launched.append(what))
    job = bytes(range(250)) * 2
    stub.gpus().launch(["antialias_find", "antialias_blend"], job, (7, 32), TWO)
    assert launched == [("tvdr_antialias_find", job, 7, 32), ("tvdr_antialias_blend", job, 7, 32)]
    assert stub.said("launch") == [
        f"launch tvdr_antialias_{which} 7 x 32, 500 bytes, stream {STREAM + 1:#x} on 1" for which in ("find", "blend")
    ]
    assert stub.said("load") == ["load antialias.cu for sm_90 on 1"]
    assert set(stub.asked_whether_capturing) == {1}


def test_a_second_use_loads_nothing_again_and_another_device_does(stub) -> None:
    gpus = stub.gpus()
    for device in (ONE, ONE, TWO, ONE):
        gpus.launch(["antialias_find"], b"", (1, 1), device)
        gpus.launch(["antialias_blend"], b"", (1, 1), device)
    assert stub.said("load") == [f"load antialias.cu for sm_90 on {i}" for i in (0, 1)]
    assert stub.said("compile") == ["compile antialias.cu"]  # the other device's came from the disk
    assert len(stub.said("launch")) == 8
    assert len(stub.said("retain")) == 2


def test_threads_that_come_together_load_once(stub) -> None:
    gpus = stub.gpus()
    threads = [threading.Thread(target=gpus.launch, args=(["vertex_sums"], b"", (1, 1), ONE)) for _ in range(1)]
    threads += [threading.Thread(target=gpus.prepare, args=(0,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stub.said("load")) == sorted(f"load {source.name} for sm_90 on 0" for source in sources())


def test_without_a_grid_the_gpu_is_filled(stub) -> None:
    stub.gpus().launch(["vertex_sums"], b"12345678", None, ONE)
    assert stub.said("launch") == [f"launch tvdr_vertex_sums 160 x 128, 8 bytes, stream {STREAM:#x} on 0"]


def test_all_kernels_can_be_made_ready(stub) -> None:
    gpus = stub.gpus()
    gpus.prepare(0)
    before = len(stub.said())
    gpus.launch([kernel for source in sources() for kernel in source.kernels], b"", (1, 1), ONE)
    assert [line.split()[0] for line in stub.said()[before:]] == ["launch"] * sum(len(s.kernels) for s in sources())


class Noted:
    """Stands for `torch.cuda.device`, which is not there without CUDA, and notes what was asked on which device."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.current, self.asked = 0, []
        monkeypatch.setattr("torch.cuda.is_available", lambda: True)
        monkeypatch.setattr("torch.version.cuda", "13.0")
        monkeypatch.setattr("torch.cuda.current_device", lambda: self.current)
        monkeypatch.setattr("torch.cuda.is_current_stream_capturing", lambda: self.asked.append(self.current) or False)
        monkeypatch.setattr("torch.cuda.device", self.on)

    @contextmanager
    def on(self, device: int) -> Iterator[None]:
        before, self.current = self.current, device
        yield
        self.current = before


def test_whether_a_graph_is_captured_is_asked_of_the_tensors_device(stub, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = Noted(monkeypatch)
    gpus = Gpus(stub.path, [stub.path], lambda device: STREAM + device)
    gpus.launch(["vertex_sums"], b"", (1, 1), TWO)
    assert set(noted.asked) == {1}
    assert noted.current == 0


def test_a_gpu_is_asked_for_itself_whether_it_can_run_the_kernels(stub, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = Noted(monkeypatch)
    monkeypatch.setattr(gpu, "gpus", stub.gpus)
    gpu._why_not_prepared.cache_clear()
    for device, index in ((TWO, 1), (None, 0), (torch.device("cuda"), 0)):
        before = len(stub.said("load"))
        assert gpu.why_unavailable(device) is None
        loaded = stub.said("load")[before:]
        assert all(line.endswith(f"on {index}") for line in loaded)
        assert bool(loaded) == (device in (TWO, None))  # what was tried once is known
    noted.current = 1
    assert gpu.why_unavailable() is None
    gpu._why_not_prepared.cache_clear()


def refusal(gpus: Gpus) -> str:
    with pytest.raises(RuntimeError) as raised:
        gpus.launch(["vertex_sums"], b"", (1, 1), ONE)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_without_a_driver(stub) -> None:
    said = refusal(Gpus("libcuda-that-is-not-there.so.1", [stub.path]))
    assert re.fullmatch(
        r"there is no NVIDIA driver \(libcuda-that-is-not-there.so.1: cannot open .*\); install it", said
    )


def test_a_driver_that_does_not_start(stub) -> None:
    stub.set(init_status=803)
    assert refusal(stub.gpus()) == (
        "the NVIDIA driver does not start (cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803): driver and library "
        "differ); check nvidia-smi"
    )


def test_a_library_that_is_no_driver(stub) -> None:
    assert re.fullmatch(
        r"the NVIDIA driver is too old \(libm.so.6 has no cuInit\); update it", refusal(Gpus("libm.so.6", [stub.path]))
    )


def test_without_nvrtc(stub) -> None:
    assert refusal(Gpus(stub.path, ["libnvrtc-that-is-not-there.so"])) == (
        "NVRTC, which compiles our CUDA kernels, is not installed; CUDA builds of torch bring it along, otherwise: "
        "pip install 'tvdrnet_nv[nvrtc]'"
    )


def test_an_nvrtc_that_is_newer_than_the_driver(stub) -> None:
    stub.set(driver_version=12040)
    assert refusal(stub.gpus()) == (
        "NVRTC 13.0 makes kernels that the NVIDIA driver, of CUDA 12.4, does not understand; update the driver, or "
        "pip install nvidia-cuda-nvrtc-cu12"
    )


def test_a_gpu_that_is_older_than_all_that_nvrtc_compiles_for(stub) -> None:
    stub.set(capability=70)
    assert refusal(stub.gpus()) == (
        "NVRTC 13.0 compiles for sm_75 and later, and this GPU is an sm_70; install an older NVRTC with a torch for an "
        "older CUDA"
    )


def test_code_that_the_driver_does_not_take(stub) -> None:
    stub.set(load_status=209)
    assert refusal(stub.gpus()) == (
        "the NVIDIA driver, of CUDA 13.0, cannot load what NVRTC 13.0 made of vertex_sums.cu for sm_90 "
        "(cuModuleLoadData: CUDA_ERROR_NO_BINARY_FOR_GPU (209): no kernel image is available); update the driver"
    )


def test_a_launch_that_fails(stub) -> None:
    stub.set(launch_status=719)
    assert refusal(stub.gpus()) == "cuLaunchKernel: an error unknown to it (719): no more is said"


def test_a_kernel_that_there_is_not(stub) -> None:
    with pytest.raises(RuntimeError, match=r"^there is no kernel rasterise$"):
        stub.gpus().launch(["rasterise"], b"", (1, 1), ONE)


def test_a_kernel_that_does_not_compile_says_what_the_compiler_said(stub) -> None:
    stub.set(compile_status=6)
    assert refusal(stub.gpus()) == "x.cu(1): error: no such thing"
