"""The examples of every command's help run as printed, where `make snippets` asks for it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.docs.inputs import make_inputs
from tests.docs.test_snippets import ALL
from tvdrnet_nv.cli import COMMANDS, run

NOT_RUN = {"bench": "its examples take minutes; README's `tvdr-nv bench --quick` is run"}
EXAMPLES = [(name, command) for name, module in COMMANDS.items() for _, command in module.EXAMPLES]


@pytest.mark.skipif(not ALL, reason="`make snippets` runs the examples of --help")
@pytest.mark.parametrize(("name", "command"), EXAMPLES, ids=[command for _, command in EXAMPLES])
def test_example(name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in NOT_RUN:
        pytest.skip(f"not run: {NOT_RUN[name]}")
    monkeypatch.chdir(tmp_path)
    make_inputs(tmp_path, command)
    assert run(shlex.split(command)[1:]) == 0
