"""triton is imported on first use only, and is missed with a clear sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tests.kernels.on_triton import on_triton
from tvdrnet_nv import ops
from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.losses import reference


@pytest.fixture
def no_triton(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "triton"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "triton", None)
    cuda.available.cache_clear()
    yield
    cuda.available.cache_clear()


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
