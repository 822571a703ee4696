"""What is said of a CUDA device that is not there or does not compute; torch's own messages are played to it."""

from __future__ import annotations

import warnings

import pytest
import torch

from tvdrnet_nv.ops import cuda_device

OLD_DRIVER = (
    "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver by downloading "
    "and installing a new version from the URL: http://www.nvidia.com/Download/index.aspx Alternatively, go to: "
    "https://pytorch.org to install a PyTorch version that has been compiled with your version of the CUDA driver."
)
NO_DRIVER = (
    "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from "
    "http://www.nvidia.com/Download/index.aspx"
)
NO_KERNEL = (
    "CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors might be "
    "asynchronously reported at some other API call, so the stacktrace below might be incorrect."
)


def raising(error: Exception):
    def function(*_args: object, **_options: object) -> None:
        raise error

    return function


def no_device(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    def is_available() -> bool:
        warnings.warn(f"CUDA initialization: {said}", UserWarning, stacklevel=2)  # as torch does
        return False

    monkeypatch.setattr("torch.version.cuda", "13.0")
    monkeypatch.setattr("torch.cuda.is_available", is_available)
    monkeypatch.setattr("torch.cuda.init", raising(RuntimeError(said)))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            OLD_DRIVER,
            "torch sees no CUDA device (The NVIDIA driver on your system is too old (found version 11040)); update the "
            "NVIDIA driver, or install a torch for a CUDA before 13.0 from pytorch.org",
        ),
        (
            NO_DRIVER,
            "torch sees no CUDA device (Found no NVIDIA driver on your system); check nvidia-smi and "
            "CUDA_VISIBLE_DEVICES",
        ),
    ],
)
def test_a_device_that_is_not_seen(monkeypatch, said, sentence):
    no_device(monkeypatch, said)
    assert cuda_device.why_absent() == sentence  # and no warning, which would be an error here


def test_a_torch_without_cuda(monkeypatch):
    monkeypatch.setattr("torch.version.cuda", None)
    assert cuda_device.why_absent() == (
        f"this torch ({torch.__version__}) is built without CUDA; install a CUDA build from pytorch.org"
    )


def test_a_device_that_torch_has_no_kernels_for(monkeypatch):
    monkeypatch.setattr("torch.ones", raising(RuntimeError(NO_KERNEL)))
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda: (12, 0))
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: "a new GPU")
    sentence = cuda_device.why_not_computing()
    assert sentence == (
        f"torch {torch.__version__} has no kernels for a new GPU (sm_120); install a torch for this GPU from "
        "pytorch.org"
    )


def test_a_device_that_fails(monkeypatch):
    busy = "CUDA error: all CUDA-capable devices are busy or unavailable\nCUDA kernel errors might be asynchronous"
    monkeypatch.setattr("torch.ones", raising(RuntimeError(busy)))
    sentence = cuda_device.why_not_computing()
    assert sentence == (
        "the CUDA device does not compute (CUDA error: all CUDA-capable devices are busy or unavailable); "
        "check nvidia-smi"
    )
