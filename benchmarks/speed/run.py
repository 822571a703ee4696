"""The rivals side by side: one case after the other, and within a case in turns."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import torch

from tvdrnet_nv.benchmarks.peers import peers_for
from tvdrnet_nv.benchmarks.reference import Reference
from tvdrnet_nv.benchmarks.speed.backends import backend_rivals
from tvdrnet_nv.benchmarks.speed.by_hand import ByHand
from tvdrnet_nv.benchmarks.speed.cases import Case
from tvdrnet_nv.benchmarks.speed.ours import Ours
from tvdrnet_nv.benchmarks.speed.pytorch3d import PyTorch3D, work

ROUNDS = 3
_ROUND_SECONDS = 1.0  # what each rival may take for its part of a round
_MOST = 50  # repeats in a round
_SLOW = 5.0  # seconds a step from which one must do

Row = dict[str, Any]


class Rival(Protocol):
    """What can be timed."""

    name: str

    def times(self, repeats: int) -> list[float]:
        """Seconds of so many repeats in a row."""
        ...

    def peak_mib(self) -> float | None:
        """The peak of memory since it was made."""
        ...


def speed_rows(
    cases: Iterable[Case],
    device: torch.device,
    reference: Reference | None,
    *,
    limit: float,
    progress: Callable[[str], None],
) -> Iterator[Row]:
    """Time the cases, ours against what rivals there are.

    Args:
        cases: what to time.
        device: of ours; where it is CUDA, both of our backends are timed there, and nvdiffrast by hand.
        reference: PyTorch3D's process, or None.
        limit: seconds; a case of which PyTorch3D would take longer for one step is not run there, and the row says so.
        progress: called with what is being timed.

    Yields:
        A row for each rival in each case; see the package's docstring.
    """
    pace: float | None = None  # seconds PyTorch3D takes for a unit of work
    for case in cases:
        progress(str(case))
        ours = Ours(case, device)
        rivals: list[Rival] = [ours]
        others, failed = backend_rivals(case, device)
        rivals += others
        if device.type == "cpu":
            peers, failing = peers_for(case)
            rivals += peers
            failed |= failing
        skipped = [_row(case, name, ours.label, [], None, note) for name, note in failed.items()]
        if reference is not None and case.threads is None:
            if pace is None and _on_cpu(reference):
                progress("PyTorch3D's pace")
                pace = PyTorch3D.pace(case, reference)
            expected = 0.0 if pace is None else pace * work(case)
            if expected <= limit:
                progress(f"{case}; PyTorch3D takes about {expected:.0f} s a step" if expected > 1 else str(case))
                rivals.append(PyTorch3D(case, reference, warm=expected < _SLOW))
            else:
                note = f"not run: a step would take about {expected:.0f} s, and the limit is {limit:g} s"
                skipped.append(_row(case, PyTorch3D.name, reference.info["device"], [], None, note))
        times = _in_turns(rivals)
        base = statistics.median(times[ours.name])
        for rival in rivals:
            where = rival.label if isinstance(rival, (Ours, ByHand)) else device.type
            if isinstance(rival, PyTorch3D) and reference is not None:
                where = reference.info["device"]
                if _on_cpu(reference):
                    pace = statistics.median(times[rival.name]) / work(case)
            yield _row(case, rival.name, where, times[rival.name], rival.peak_mib(), "", base)
        yield from skipped


def _on_cpu(reference: Reference) -> bool:
    return reference.info["device"] == "cpu"


def _in_turns(rivals: list[Rival]) -> dict[str, list[float]]:
    """Each rival's seconds, taken in rounds, so that what else the machine does falls on all of them."""
    times: dict[str, list[float]] = {}
    repeats: dict[str, int] = {}
    for rival in rivals:
        first = rival.times(1)
        if first[0] > _SLOW:
            times[rival.name] = first  # long enough that warming up does not count
            repeats[rival.name] = 0
        else:
            times[rival.name] = []
            repeats[rival.name] = max(1, min(_MOST, round(_ROUND_SECONDS / max(rival.times(1)[0], 1e-4))))
    for _ in range(ROUNDS):
        for rival in rivals:
            if repeats[rival.name]:
                times[rival.name] += rival.times(repeats[rival.name])
    return times


def _row(
    case: Case,
    library: str,
    device: str,
    times: list[float],
    memory: float | None,
    note: str,
    base: float | None = None,
) -> Row:
    median = statistics.median(times) if times else None
    quartiles = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
    return {
        "axis": case.axis,
        "scene": case.scene,
        "triangles": case.mesh().num_faces,
        "resolution": case.resolution,
        "cameras": case.cameras,
        "threads": case.threads or torch.get_num_threads(),
        "what": case.what,
        "library": library,
        "device": device,
        "seconds": median,
        "low": quartiles[0] if times else None,
        "high": quartiles[2] if times else None,
        "repeats": len(times),
        "memory_mib": memory,
        "times": median / base if median is not None and base else None,
        "note": note,
    }


def headline(rows: Iterable[Row]) -> Row | None:
    """PyTorch3D's row of the headline's step at the smallest size, if there is one with seconds."""
    found = [
        row
        for row in rows
        if row["axis"] == "headline" and row["what"] == "step" and row["library"] == "pytorch3d" and row["seconds"]
    ]
    return min(found, key=lambda row: row["resolution"], default=None)
