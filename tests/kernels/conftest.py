"""The Triton kernels run compiled where there is a CUDA device, and otherwise in Triton's interpreter, on CPU tensors.

The interpreter has to be chosen before triton is imported, hence here.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass

import pytest
import torch

HAS_CUDA = torch.cuda.is_available()
if not HAS_CUDA:
    os.environ["TRITON_INTERPRET"] = "1"

BACKENDS = (
    "interpreted-float32",
    "interpreted-float64",  # shows an error in a formula that float32 would hide
    "compiled-float32",
)
INTERPRETER = (3, 6)  # older interpreters do not work with today's NumPy


@dataclass(frozen=True)
class Backend:
    """Where the kernels run, and how far from the truth they may be, as a share of the largest value."""

    device: torch.device
    dtype: torch.dtype
    tolerance: float


def why_not(backend: str) -> str | None:
    """Why the kernels cannot be tested in this way here."""
    if importlib.util.find_spec("triton") is None:
        return "THE TRITON KERNELS ARE NOT TESTED: triton is not installed (pip install '.[triton]')"
    if backend.startswith("compiled"):
        return None if HAS_CUDA else "no CUDA device: the Triton kernels are not tested compiled"
    if HAS_CUDA:
        return "the Triton kernels are tested compiled, on the CUDA device"
    import triton

    if tuple(map(int, triton.__version__.split(".")[:2])) < INTERPRETER:
        return f"THE TRITON KERNELS ARE NOT TESTED: triton {triton.__version__} is too old to interpret them"
    return None


def pytest_runtest_setup(item) -> None:
    """Skips, here and not in the fixture, so that the report counts them in one line."""
    backend = item.callspec.params.get("backend") if hasattr(item, "callspec") else None
    reason = None if backend is None else why_not(backend)
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture(params=[pytest.param(b, marks=pytest.mark.cuda if b.startswith("compiled") else ()) for b in BACKENDS])
def backend(request) -> Backend:
    how, dtype = request.param.split("-")
    device = torch.device("cuda" if how == "compiled" else "cpu")
    return Backend(device, getattr(torch, dtype), 1e-12 if dtype == "float64" else 2e-5)
