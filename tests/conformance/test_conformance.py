"""The conformance suite on the backends of the table: each case is one item. Those of CUDA need a CUDA device."""

from __future__ import annotations

import itertools

import pytest
import torch

from tvdrnet_nv.conformance import Case, Status, all_cases
from tvdrnet_nv.conformance.runner import run_case
from tvdrnet_nv.ops.backends import TABLE, Backend

# The reference is slow: of these topics alone, and not with the largest images.
OF_THE_REFERENCE = ("coverage", "depth peeler", "interpolation", "silhouettes", "texture", "triangles")
# What is not the CPU's there.
OF_THE_EMULATED = ("rasterize", "DepthPeeler", "interpolate", "antialias", "texture", "texture_construct_mip")


def asked_of(backend: Backend, case: Case) -> bool:
    """Whether a case is run on a backend."""
    if backend.name == "cuda-emulated":
        return case.op in OF_THE_EMULATED
    return backend.name != "reference" or case.topic in OF_THE_REFERENCE


def params() -> list:
    pairs = itertools.product(TABLE.values(), all_cases())
    asked = [(b, c) for b, c in pairs if asked_of(b, c)]
    return [
        pytest.param(b, c, id=f"{b.name}-{c.name}", marks=[pytest.mark.cuda] if b.device_type == "cuda" else [])
        for b, c in asked
    ]


@pytest.mark.parametrize(("backend", "case"), params())
def test_conforms(backend: Backend, case: Case) -> None:
    if backend.device_type == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    outcome = run_case(case, backend)
    if outcome.status is Status.skipped:
        pytest.skip(f"{case.sentence}: {outcome.detail}")
    if outcome.error is not None:
        raise AssertionError(f"{case.op}: {case.sentence}\n{outcome.detail}") from outcome.error
