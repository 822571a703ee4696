"""Ctrl-C: the best so far is kept, and a second one ends at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.runs import params_of
from tvdrnet_nv.jobs.interrupt import Interruptible


def test_ctrl_c_keeps_the_best_so_far(box: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from tvdrnet_nv.cli import main; main()", "optimize", str(box)]
    command += ["--iters", "1000000", "--image-size", "24", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "1/1000000" in line:
                break
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, err
    assert "interrupted: kept the best of" in err
    assert "Traceback" not in err
    assert "Best camera" in out
    params = params_of(tmp_path / "out")
    assert params["status"] == "stopped"
    assert 1 <= params["iterations"] < 1000000
    assert len(list((tmp_path / "out").iterdir())) == 5


def test_the_first_ctrl_c_waits_for_its_moment_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruptible() as interruptible:
        interruptible.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interruptible.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_that_is_switched_off_stays_off() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruptible() as interruptible:
            signal.raise_signal(signal.SIGINT)
            interruptible.check()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
