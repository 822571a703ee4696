"""The conformance suite: the op contract sentence by sentence, on any backend.

`tvdr-nv conformance --backend cpu|cuda` runs it, and so does pytest, from tests/test_conformance.py. A case is a
function of a `Backend`, registered with the sentence of the contract that it covers; it asserts, and needs no test
framework. Where there is an analytic answer it is used, otherwise the float64 PyTorch twins of `twins`.
"""

from tvdrnet_nv.conformance.backend import BACKENDS, Backend
from tvdrnet_nv.conformance.registry import Case, case
from tvdrnet_nv.conformance.runner import Outcome, Status, all_cases, run

__all__ = ["BACKENDS", "Backend", "Case", "Outcome", "Status", "all_cases", "case", "run"]
