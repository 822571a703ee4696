"""The cases, in the order in which they are defined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops.backends import Backend

Check = Callable[[TestedBackend], None]

CASES: dict[str, Case] = {}


@dataclass(frozen=True)
class Case:
    """One promise of the contract.

    Attributes:
        name: unique: the topic and the function's name, such as "coverage.shared_edges".
        topic: the module that it stands in.
        op: the op that promises it.
        sentence: what is promised, in the contract's words.
        check: asserts it; called once for each dtype.
        extra: why only backends that keep the extras are asked for it; empty if all are.
        dtypes: the dtypes that it is checked with, where the backend has them.
    """

    name: str
    topic: str
    op: str
    sentence: str
    check: Check
    extra: str
    dtypes: tuple[torch.dtype, ...]

    def reason_to_skip(self, backend: Backend) -> str:
        """Why `backend` is not asked for it, or nothing."""
        return "" if backend.has_extras else self.extra


def case(
    op: str,
    sentence: str,
    *,
    extra: str = "",
    dtypes: tuple[torch.dtype, ...] = (torch.float32, torch.float64),
) -> Callable[[Check], Check]:
    """Register the decorated function as a case.

    Args:
        op: the op that promises it.
        sentence: what is promised.
        extra: why only backends that keep the extras promise it; others skip it and say so.
        dtypes: with which dtypes it is checked; those that the backend has not are left out.
    """

    def register(check: Check) -> Check:
        topic = check.__module__.rpartition(".")[2]
        name = f"{topic}.{check.__name__}"
        if name in CASES:
            raise ValueError(f"two cases are named {name}")
        CASES[name] = Case(name, topic.replace("_", " "), op, sentence, check, extra, dtypes)
        return check

    return register
