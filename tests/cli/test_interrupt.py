"""Ctrl-C: the best so far is kept, and a second one ends at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.runs import params_of


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
