"""Makes the golden files from a live PyTorch3D."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tvdrnet_nv.benchmarks.parity.images import parity_rows
from tvdrnet_nv.benchmarks.parity.source import GOLDEN, Arrays, Live, write_golden
from tvdrnet_nv.benchmarks.parity.trajectory import trajectory_rows
from tvdrnet_nv.benchmarks.parity.truth import truth_rows
from tvdrnet_nv.benchmarks.reference import Reference


def make_golden(
    reference: Reference, folder: str | Path = GOLDEN, *, progress: Callable[[str], None] = lambda _: None
) -> list[dict[str, Any]]:
    """Ask the reference all that the quick cases need, and write the answers to `folder`, one file per scene.

    The files hold scenes made by code, PyTorch3D's answers, and its versions.

    Returns:
        The rows of the comparison that was made on the way.
    """
    record: dict[str, Arrays] = {}
    live = Live(reference, record)
    rows = [
        row for kind in (parity_rows, trajectory_rows, truth_rows) for row in kind(live, quick=True, progress=progress)
    ]
    for path in write_golden(record, reference.info, Path(folder)):
        progress(f"wrote {path} ({path.stat().st_size / 1024:.0f} KiB)")
    return rows
