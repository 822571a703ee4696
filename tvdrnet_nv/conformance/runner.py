"""Runs the cases: what both pytest and the command line call."""

from __future__ import annotations

import importlib
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tvdrnet_nv.conformance.registry import CASES, Case
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops.backends import TABLE, Backend, using

# The modules that hold cases, in the order in which they run.
TOPICS = (
    "pixels",
    "coverage",
    "clipping",
    "triangles",
    "depth",
    "depth_peeler",
    "batches",
    "sizes",
    "interpolation",
    "texture",
    "silhouettes",
    "topology",
    "gradients",
    "arguments",
    "contexts",
    "extras",
)


class Status(StrEnum):
    """How a case ended."""

    passed = "passed"
    failed = "failed"
    skipped = "skipped"


@dataclass(frozen=True)
class Outcome:
    """One case's result.

    Attributes:
        case: the case.
        status: how it ended.
        detail: why it failed or was skipped; empty when it passed.
        seconds: how long it took.
        error: what it raised, if it failed.
    """

    case: Case
    status: Status
    detail: str = ""
    seconds: float = 0.0
    error: Exception | None = None


def all_cases() -> list[Case]:
    """Every case, in the order of the topics."""
    for topic in TOPICS:
        importlib.import_module(f"tvdrnet_nv.conformance.{topic}")
    return list(CASES.values())


def run(backend: Backend | str, pattern: str = "") -> Iterator[Outcome]:
    """Run the cases whose op, name or sentence contains `pattern` (in any case), one by one.

    Args:
        backend: a backend, or its name in the table.
        pattern: which cases; all by default.
    """
    wanted = pattern.lower()
    tested = TABLE[backend] if isinstance(backend, str) else backend
    for case in all_cases():
        if wanted in f"{case.op} {case.name} {case.sentence}".lower():
            yield run_case(case, tested)


def run_case(case: Case, backend: Backend) -> Outcome:
    """Run one case with each of its dtypes that the backend has; it ends with the first that fails."""
    reason = case.reason_to_skip(backend)
    if reason:
        return Outcome(case, Status.skipped, reason)
    began = time.perf_counter()
    for dtype in backend.dtypes:
        if dtype not in case.dtypes:
            continue
        try:
            with using(backend), warnings.catch_warnings():
                # torch itself uses what it deprecates when forward mode is first used.
                warnings.filterwarnings("ignore", ".torch.jit.script. is deprecated", DeprecationWarning)
                case.check(TestedBackend(backend, dtype))
        except Exception as error:
            name = str(dtype).removeprefix("torch.")
            return Outcome(case, Status.failed, f"{name}: {_where(error)}", time.perf_counter() - began, error)
    return Outcome(case, Status.passed, "", time.perf_counter() - began)


def _where(error: Exception) -> str:
    """What was raised and the case's line that it came from: a bare assert says nothing by itself."""
    here = Path(__file__).parent
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).parent == here]
    line = frames[-1]
    said = "" if isinstance(error, AssertionError) and not str(error) else f"{type(error).__name__}: {error}"
    return f"{Path(line.filename).name}:{line.lineno}: {line.line}" + (f"\n{said}" if said else "")
