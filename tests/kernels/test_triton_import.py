"""triton is imported on first use only, and is missed with a clear sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.losses_cuda import view_heuristic_cuda


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
        "import sys, tvdrnet_nv, tvdrnet_nv.cli, tvdrnet_nv.ops.transform_cuda, tvdrnet_nv.ops.shade_cuda, "
        "tvdrnet_nv.ops.losses_cuda; print('triton' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.usefixtures("no_triton")
def test_a_missing_triton_is_named():
    assert not cuda.available()
    with pytest.raises(RuntimeError, match=r"losses on CUDA tensors needs triton.*pip install 'tvdrnet_nv\[triton\]'"):
        view_heuristic_cuda(torch.zeros(1, 2, 2, 4))
