"""Completion by the tab key, in a real bash and as the other shells ask for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("tvdr-nv")

# What bash does at the tab key, for the words of a line: it calls the function that `complete -F` named.
ASK = r"""
eval "$(tvdr-nv --show-completion)"
COMP_WORDS=({line}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
$(complete -p tvdr-nv | sed 's/.*-F \([^ ]*\).*/\1/') tvdr-nv
printf '%s\n' "${{COMPREPLY[@]}}"
"""


def in_bash(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script in bash, with a home of its own and tvdr-nv in its path."""
    path = os.pathsep.join([str(PROGRAM.parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "HOME": str(home), "SHELL": "/bin/bash"}
    return subprocess.run(
        ["bash", "--norc", "-c", script], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("tvdr-nv rend", {"render"}),
        ("tvdr-nv optimize --ma", {"--mask", "--mapping"}),
        ("tvdr-nv optimize --method ''", {"auto", "lm", "adam", "tvdrnet"}),
        ("tvdr-nv optimize roo", {""}),  # bash then completes names of files itself
    ],
)
def test_bash_gets_commands_options_and_choices(line: str, answers: set[str], tmp_path: Path) -> None:
    done = in_bash(ASK.format(line=line), tmp_path)
    assert done.stderr == ""
    assert set(done.stdout.splitlines()) == answers


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_it_is_installed_for_the_shell_that_asks(tmp_path: Path) -> None:
    # A command after it keeps bash from becoming tvdr-nv, whose shell is looked for.
    done = in_bash("tvdr-nv --install-completion; exit $?", tmp_path)
    assert done.returncode == 0, done.stderr
    script = tmp_path / ".bash_completions" / "tvdr-nv.sh"
    assert f"source '{script}'" in (tmp_path / ".bashrc").read_text()
    asked = in_bash(f"source '{script}'; complete -p tvdr-nv", tmp_path)
    assert "complete -o default" in asked.stdout


@pytest.mark.parametrize(("shell", "answer"), [("zsh", '"render"'), ("fish", "render\t")])
def test_other_shells_are_answered(shell: str, answer: str) -> None:
    ask = {"_TVDR_NV_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "tvdr-nv rend"}
    ask["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
    done = subprocess.run([PROGRAM], env=os.environ | ask, capture_output=True, text=True, check=True)
    assert answer in done.stdout
