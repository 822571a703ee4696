"""How --device is chosen: `auto` falls back to the CPU, and says in one sentence why."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.device import choose_device
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops import cuda_device, nvdiffrast
from tvdrnet_nv.ops.backends import TABLE, backend_for

NO_NVCC = "nvdiffrast 0.3 compiles its plugin at its first use, and there is no nvcc; install the CUDA toolkit"
NO_NVDIFFRAST = "nvdiffrast is not installed; pip install it"


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine on which nothing is missing, as far as it is asked."""
    monkeypatch.setattr(cuda_device, "why_absent", lambda: None)
    monkeypatch.setattr(cuda_device, "why_not_computing", lambda: None)
    monkeypatch.setattr(nvdiffrast, "why_not_installed", lambda: None)
    monkeypatch.setattr(nvdiffrast, "why_not_loaded", lambda: None)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: "a GPU")
    return monkeypatch


def test_cuda_is_taken_where_nothing_is_missing(gpu: pytest.MonkeyPatch) -> None:
    for wanted in ("auto", "cuda"):
        device, reason = choose_device(wanted)
        assert (device.type, reason) == ("cuda", "a GPU with nvdiffrast")
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
    assert (device.type, reason) == ("cuda", "a GPU with our own kernels")
    assert backend_for(device) is TABLE["fused"]
    gpu.setattr(nvdiffrast, "why_not_loaded", lambda: None)
    choose_device("auto")
    assert backend_for(device) is TABLE["cuda"]


def test_fused_says_what_it_lacks(gpu: pytest.MonkeyPatch) -> None:
    gpu.setitem(TABLE["fused"]._loaded, "why_not_launched", lambda: "NVRTC is not installed; install it")
    with pytest.raises(InputError, match=r"^`device` fused: NVRTC is not installed; install it$"):
        choose_device("fused")
    assert backend_for(torch.device("cuda")) is TABLE["cuda"]
