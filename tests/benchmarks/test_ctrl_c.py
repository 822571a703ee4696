"""How runs that were interrupted are judged, and one of them."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tvdrnet_nv.benchmarks.ctrl_c import Try, attempt, report
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import textured_box

LINE = "interrupted: nothing was saved\n"
WHOLE = tuple(f"out/{k}" for k in range(7))


@pytest.mark.parametrize(
    ("code", "err", "left", "after", "fault"),
    [
        (130, LINE, (), 1.0, None),
        (130, "interrupted: kept the best of 9 iterations\n", WHOLE, 1.0, None),
        (-signal.SIGINT, "Traceback\nKeyboardInterrupt\n", (), 0.01, None),
        (-signal.SIGINT, "", (), 1.0, "ended by Python"),
        (1, '  File "/x/site.py"\n    tvdrnet_nv/cli\nKeyboardInterrupt\n', (), 0.01, None),
        (1, '  File "/x/tvdrnet_nv/cli/info.py"\nKeyboardInterrupt\n', (), 0.01, "exit code 1"),
        (None, "", (), 1.0, "ignored"),
        (1, LINE, (), 1.0, "exit code 1"),
        (130, LINE * 2, (), 1.0, "2 lines"),
        (130, "", (), 1.0, "0 lines"),
        (130, LINE + "Traceback", (), 1.0, "a traceback"),
        (130, LINE, WHOLE[:3], 1.0, "3 files of 7"),
        (130, LINE, (".out.12.partial",), 1.0, "half written"),
    ],
)
def test_what_is_wrong_with_a_run(code, err, left, after, fault) -> None:
    found = Try(after, code, 0.1, "", err, left).faults
    assert not found if fault is None else any(fault in text for text in found)


def test_a_run_that_is_interrupted(tmp_path: Path) -> None:
    save_ply(textured_box(2), tmp_path / "box.ply")
    said: list[str] = []
    assert report([attempt(tmp_path / "box.ply", 0.5, 0.0)], said.append) == 0, said
    assert said[-1] == "1 of 1 runs ended as they must"
