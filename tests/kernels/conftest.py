"""The Triton kernels run compiled where there is a CUDA device, and otherwise in Triton's interpreter, on CPU tensors.

The interpreter has to be chosen before triton is imported, hence here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

INTERPRETER = (3, 6)  # older interpreters do not work with today's NumPy


@dataclass(frozen=True)
class Backend:
    """Where the kernels run, and how far from the truth they may be, as a share of the largest value."""

    device: torch.device
    dtype: torch.dtype
    tolerance: float


@pytest.fixture(
    params=[
        "interpreted-float32",
        "interpreted-float64",  # shows an error in a formula that float32 would hide
        pytest.param("compiled-float32", marks=pytest.mark.cuda),
    ]
)
def backend(request) -> Backend:
    triton = pytest.importorskip(
        "triton", reason="THE TRITON KERNELS ARE NOT TESTED: triton is not installed (pip install '.[triton]')"
    )
    how, dtype = request.param.split("-")
    has_cuda = torch.cuda.is_available()
    if how == "compiled" and not has_cuda:
        pytest.skip("no CUDA device: the Triton kernels are not tested compiled")
    if how == "interpreted":
        if has_cuda:
            pytest.skip("the Triton kernels are tested on the CUDA device, not in the interpreter")
        if tuple(map(int, triton.__version__.split(".")[:2])) < INTERPRETER:
            pytest.skip(f"triton {triton.__version__} is too old to interpret the kernels, which are not tested")
    device = torch.device("cuda" if how == "compiled" else "cpu")
    return Backend(device, getattr(torch, dtype), 1e-12 if dtype == "float64" else 2e-5)
