"""The conformance suite: the op contract sentence by sentence, on any backend.

`tvdr-nv conformance --backend NAME` runs it, and so does pytest, from tests/conformance. A case is a function of a
`TestedBackend`, registered with the sentence of the contract that it covers; it asserts, and needs no test framework.
Where there is an analytic answer it is used, otherwise the float64 PyTorch references of `tvdrnet_nv.ops.references`.
"""

from tvdrnet_nv.conformance.registry import Case, case
from tvdrnet_nv.conformance.runner import Outcome, Status, all_cases, run
from tvdrnet_nv.conformance.tested_backend import TestedBackend

__all__ = ["Case", "Outcome", "Status", "TestedBackend", "all_cases", "case", "run"]
