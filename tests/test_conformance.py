"""The conformance suite on the CPU, and on CUDA where there is one: each case is one item."""

from __future__ import annotations

import pytest
from torch import cuda

from tvdrnet_nv.conformance import BACKENDS, Case, Status, all_cases
from tvdrnet_nv.conformance.runner import run_case


def params() -> list:
    marks = {"cpu": [], "cuda": [pytest.mark.cuda]}
    return [pytest.param(b, c, id=f"{b}-{c.name}", marks=marks[b]) for b in BACKENDS for c in all_cases()]


@pytest.mark.parametrize(("backend", "case"), params())
def test_conforms(backend: str, case: Case) -> None:
    if backend == "cuda" and not cuda.is_available():
        pytest.skip("no CUDA device")
    outcome = run_case(case, backend)
    if outcome.status is Status.skipped:
        pytest.skip(f"{case.sentence}: {outcome.detail}")
    if outcome.error is not None:
        raise AssertionError(f"{case.op}: {case.sentence}\n{outcome.detail}") from outcome.error
