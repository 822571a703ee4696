"""The examples of every command's help run as printed, where `make snippets` asks for it."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.inputs import make_inputs
from tests.docs.test_snippets import ALL
from tvdrnet_nv.cli import COMMANDS, run

NOT_RUN = {"bench": "its examples take minutes; README's `tvdr-nv bench --quick` is run"}
SERVES = {"view"}
EXAMPLES = [(name, command) for name, module in COMMANDS.items() for _, command in module.EXAMPLES]


@pytest.mark.skipif(not ALL, reason="`make snippets` runs the examples of --help")
@pytest.mark.parametrize(("name", "command"), EXAMPLES, ids=[command for _, command in EXAMPLES])
def test_example(name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in NOT_RUN:
        pytest.skip(f"not run: {NOT_RUN[name]}")
    monkeypatch.chdir(tmp_path)
    make_inputs(tmp_path, command)
    words = shlex.split(command)[1:]
    assert (until_ctrl_c(words) if name in SERVES else run(words)) == 0


def until_ctrl_c(words: list[str]) -> int:
    """Run a command that serves until Ctrl-C, which it gets when it has said where; returns its exit code."""
    program = [sys.executable, "-c", "from tvdrnet_nv.cli import main; main()", *words]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("http://")
            process.send_signal(signal.SIGINT)
            return process.wait(60)
        finally:
            process.kill()
