"""`tvdr-nv view`: bad input, and Ctrl-C. tests/viewer has the page itself."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.runs import refused
from tvdrnet_nv.cli import run


@pytest.fixture(autouse=True)
def _viser() -> None:
    pytest.importorskip("viser", reason="viser is not installed; pip install 'tvdrnet_nv[view]'")


def test_what_cannot_be_shown_is_one_line(box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "out")]
    assert "none.ply" in refused(["view", str(tmp_path / "none.ply"), "--port", "0", *out], capsys)
    assert "--run" in refused(["view", str(box), "--run", str(tmp_path / "none"), "--port", "0", *out], capsys)
    assert "optimized_params.json" in refused(["view", str(box), "--run", str(tmp_path), "--port", "0", *out], capsys)
    assert "--port 99999" in refused(["view", str(box), "--port", "99999", *out], capsys)
    assert "--host 192.0.2.1" in refused(["view", str(box), "--host", "192.0.2.1", *out], capsys)
    assert "no scene given" in refused(["view", *out], capsys)
    (tmp_path / "file").write_text("")
    assert run(["view", str(box), "--port", "0", "--out", str(tmp_path / "file")]) == 2
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        assert f"--port {port}: is in use" in refused(["view", str(box), "--port", port, *out], capsys)


def test_ctrl_c_ends_it_cleanly(box: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from tvdrnet_nv.cli import main; main()", "view", str(box), "--port", "0"]
    command += ["--json", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            text = "".join(process.stdout.readline() for _ in range(3))
            with urllib.request.urlopen(json.loads(text)["url"], timeout=10) as answer:
                assert answer.status == 200
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert out == ""
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()
