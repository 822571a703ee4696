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
    assert len(list((tmp_path / "out").iterdir())) == 7


LOADING = """
import importlib.abc, os, signal, sys

class Pressed(importlib.abc.MetaPathFinder):
    # Ctrl-C while numpy loads.
    def find_spec(self, name, path, target=None):
        if name == "numpy.linalg":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Pressed())
from tvdrnet_nv.cli import main
main()
"""


def test_ctrl_c_while_modules_load_ends_at_once(box: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOADING, "optimize", str(box), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 130
    assert done.stderr == "interrupted: nothing was saved\n"
    assert not (tmp_path / "out").exists()


WRITING = """
import os, signal
from pathlib import Path
from tvdrnet_nv.atomic import atomic_path, staged_folder
from tvdrnet_nv.cli._interrupt import end_at_once_on_ctrl_c

end_at_once_on_ctrl_c()
with staged_folder(Path("out")) as folder, atomic_path(Path("file.txt")) as file:
    (folder / "half").write_text("half")
    file.write_text("half")
    os.kill(os.getpid(), signal.SIGINT)
"""


def test_what_is_half_written_goes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITING]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert done.returncode == 130, done.stderr
    assert done.stderr == "interrupted: nothing was saved\n"
    assert list(tmp_path.iterdir()) == []
