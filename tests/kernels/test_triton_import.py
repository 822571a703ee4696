"""triton is imported on first use only, and what it lacks is said in one sentence."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
import torch

from tests.kernels.on_triton import on_triton
from tvdrnet_nv import ops
from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.backends import TABLE
from tvdrnet_nv.ops.losses import reference


@pytest.fixture
def no_triton(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "triton"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "triton", None)
    cuda.why_unavailable.cache_clear()
    yield
    cuda.why_unavailable.cache_clear()


def test_nothing_imports_triton_before_it_is_needed():
    code = (
        "import importlib, sys, tvdrnet_nv, tvdrnet_nv.cli\n"
        "for op in ('transform', 'shade', 'losses'):\n"
        "    importlib.import_module(f'tvdrnet_nv.ops.{op}.cuda')\n"
        "print('triton' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.usefixtures("no_triton")
def test_a_missing_triton_is_named():
    assert not cuda.available()
    with pytest.raises(RuntimeError, match=r"losses on CUDA tensors needs triton.*pip install 'tvdrnet_nv\[triton\]'"):
        cuda.load("losses")


@pytest.mark.usefixtures("no_triton")
def test_without_triton_the_ops_run_in_torch():
    image = torch.rand(2, 4, 4, 4)
    assert torch.equal(on_triton(ops.view_heuristic_loss)(image), reference.view_heuristic_loss(image))
    assert torch.equal(on_triton(ops.transform)(image[0, 0], image[0]), image[0, 0] @ image[0].mT)


@pytest.fixture
def triton_on_a_gpu(monkeypatch):
    """A triton that is asked for the device's target, as on a machine with a GPU."""
    language, driver = ModuleType("triton.language"), ModuleType("triton.runtime.driver")
    for module in (ModuleType("triton"), language, ModuleType("triton.runtime"), driver):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("TRITON_INTERPRET", "0")
    cuda.why_unavailable.cache_clear()
    yield driver
    cuda.why_unavailable.cache_clear()


class Driver:
    """Its `active` compiles what kernels are launched with, or raises what compiling raises."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    @property
    def active(self) -> Any:
        if self._error is not None:
            raise self._error
        return self

    def get_current_target(self) -> str:
        return "cuda:80"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (None, None),
        (
            RuntimeError("Failed to find C compiler. Please specify via CC environment variable."),
            "triton cannot compile (Failed to find C compiler. Please specify via CC environment variable); is a C "
            "compiler installed (gcc)?",
        ),
        (
            subprocess.CalledProcessError(1, ["gcc", "main.c"]),
            "triton's C compiler fails (Command '['gcc', 'main.c']' returned non-zero exit status 1); are Python's "
            "headers installed (python3-dev)?",
        ),
    ],
)
def test_what_triton_lacks_on_a_gpu_is_named_and_the_ops_run_in_torch(triton_on_a_gpu, monkeypatch, error, sentence):
    triton_on_a_gpu.driver = Driver(error)
    monkeypatch.setitem(TABLE["cuda"]._loaded, "why_not_launched", lambda *_: None)
    assert cuda.why_unavailable() == sentence
    drawback = TABLE["cuda"].drawback()
    assert drawback == (None if sentence is None else f"the ops around nvdiffrast run in torch: {sentence}")
    if sentence is not None:
        image = torch.rand(2, 4, 4, 4)
        assert torch.equal(on_triton(ops.view_heuristic_loss)(image), reference.view_heuristic_loss(image))
