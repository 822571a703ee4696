"""How --device is chosen: `auto` falls back to the CPU, and says in one sentence why."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.device import choose_device
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import RenderJob
from tvdrnet_nv.ops import cuda_device, nvdiffrast
from tvdrnet_nv.ops.backends import TABLE, backend_for

NO_NVCC = "nvdiffrast 0.3 compiles its plugin at its first use, and there is no nvcc; install the CUDA toolkit"
NO_NVDIFFRAST = "nvdiffrast is not installed; pip install it"


class Current:
    """Stands for `torch.cuda.device`, and notes which one is current."""

    index = 0

    def __init__(self, index: int) -> None:
        self._index = index

    def __enter__(self) -> None:
        Current.index = self._index

    def __exit__(self, *_: object) -> None:
        Current.index = 0


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine on which nothing is missing, as far as it is asked."""
    monkeypatch.setattr(cuda_device, "why_absent", lambda: None)
    monkeypatch.setattr(cuda_device, "why_not_computing", lambda: None)
    monkeypatch.setattr(nvdiffrast, "why_not_installed", lambda: None)
    monkeypatch.setattr(nvdiffrast, "why_not_loaded", lambda: None)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: f"GPU {device.index or 0}")
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    # Without CUDA torch ignores which device is made current; here it is noted.
    monkeypatch.setattr("torch.cuda.device", Current)
    return monkeypatch


def test_cuda_is_taken_where_nothing_is_missing(gpu: pytest.MonkeyPatch) -> None:
    for wanted in ("auto", "cuda"):
        device, reason = choose_device(wanted)
        assert (device.type, reason) == ("cuda", "GPU 0 with nvdiffrast")
    assert choose_device("cpu")[0].type == "cpu"


@pytest.mark.parametrize(
    ("module", "check", "sentence"),
    [
        (cuda_device, "why_absent", "torch sees no CUDA device (no driver); check nvidia-smi"),
        (nvdiffrast, "why_not_installed", NO_NVDIFFRAST),
        (cuda_device, "why_not_computing", "torch has no kernels for a GPU; install a newer torch"),
        (nvdiffrast, "why_not_loaded", NO_NVCC),
    ],
)
def test_what_is_missing_sends_auto_to_the_cpu_and_refuses_cuda(
    gpu: pytest.MonkeyPatch, module: object, check: str, sentence: str
) -> None:
    gpu.setattr(module, check, lambda: sentence)
    device, reason = choose_device("auto")
    hint = "; the device fused needs no nvdiffrast" if module is nvdiffrast else ""
    assert (device.type, reason) == ("cpu", sentence.split(";")[0] + hint)
    with pytest.raises(InputError) as refused:
        choose_device("cuda")
    assert str(refused.value) == f"`device` cuda: {sentence}"


def test_nothing_is_compiled_for_a_device_that_is_not_there(gpu: pytest.MonkeyPatch) -> None:
    gpu.setattr(cuda_device, "why_absent", lambda: "no device")
    gpu.setattr(nvdiffrast, "why_not_loaded", lambda: pytest.fail("it was compiled"))
    assert choose_device("auto")[1] == "no device"


def test_fused_is_our_own_kernels_until_another_is_chosen(gpu: pytest.MonkeyPatch) -> None:
    gpu.setitem(TABLE["fused"]._loaded, "why_not_launched", lambda: None)
    gpu.setattr(nvdiffrast, "why_not_loaded", lambda: pytest.fail("nvdiffrast was asked for"))
    device, reason = choose_device("fused")
    assert (device.type, reason) == ("cuda", "GPU 0 with our own kernels")
    assert backend_for(device) is TABLE["fused"]
    gpu.setattr(nvdiffrast, "why_not_loaded", lambda: None)
    choose_device("auto")
    assert backend_for(device) is TABLE["cuda"]


def test_fused_says_what_it_lacks(gpu: pytest.MonkeyPatch) -> None:
    gpu.setitem(TABLE["fused"]._loaded, "why_not_launched", lambda: "NVRTC is not installed; install it")
    with pytest.raises(InputError, match=r"^`device` fused: NVRTC is not installed; install it$"):
        choose_device("fused")
    assert backend_for(torch.device("cuda")) is TABLE["cuda"]


def test_a_gpu_is_chosen_by_its_number_and_tried_itself(gpu: pytest.MonkeyPatch) -> None:
    tried = []
    gpu.setattr(cuda_device, "why_not_computing", lambda: tried.append(Current.index))
    gpu.setitem(TABLE["fused"]._loaded, "why_not_launched", lambda: tried.append(Current.index))
    assert choose_device("cuda:1") == (torch.device("cuda", 1), "GPU 1 with nvdiffrast")
    assert choose_device("fused:1") == (torch.device("cuda", 1), "GPU 1 with our own kernels")
    assert tried == [1, 1, 1]
    assert backend_for(torch.device("cuda", 1)) is TABLE["fused"]
    choose_device("cuda")


@pytest.mark.parametrize(("count", "seen"), [(1, "one CUDA device, number 0"), (3, "3 CUDA devices, numbers 0 to 2")])
def test_a_number_that_no_gpu_has(gpu: pytest.MonkeyPatch, count: int, seen: str) -> None:
    gpu.setattr("torch.cuda.device_count", lambda: count)
    with pytest.raises(InputError) as refused:
        choose_device("fused:3")
    assert str(refused.value) == (
        f"`device` fused:3: torch sees {seen}; choose one of them, or check CUDA_VISIBLE_DEVICES"
    )


@pytest.mark.parametrize("word", ["tpu", "cpu:1", "auto:0", "cuda:", "cuda:-1", "cuda:1.0", "cuda:01234", "CUDA", ""])
def test_other_words_are_refused(word: str) -> None:
    wanted = "choose from auto, cpu, cuda, fused; cuda:1 or fused:1 is the second GPU"
    with pytest.raises(InputError) as refused:
        choose_device(word)
    assert str(refused.value) == f"`device` {word}: {wanted}"
    with pytest.raises(InputError) as refused:
        RenderJob(scene="room.ply", device=word)
    assert str(refused.value) == f"`device` {word}: {wanted}"
