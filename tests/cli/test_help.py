"""`--help` and `--version`, and that what they say is so."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from tvdrnet_nv import __version__
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.choices import MethodName, Robust
from tvdrnet_nv.cli import COMMANDS, run
from tvdrnet_nv.cli._options import TVDRNET_NAMES
from tvdrnet_nv.jobs import parameters
from tvdrnet_nv.objectives import robust
from tvdrnet_nv.optimization import METHODS, PARAMETERS, POSE_PARAMETERS, optimize


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)])
def test_help_needs_none_of_the_heavy_packages(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom tvdrnet_nv.cli import run\ncode = run(sys.argv[1:])\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'PIL', 'DracoPy', 'pydantic', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    assert (__version__ if "--version" in arguments else "Usage: tvdr-nv") in done.stdout


def test_help_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    assert run(["optimize", "-h"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Input:", "Search:", "Camera:", "Rendering:", "Output:", "Other:", "Examples:"]


def test_the_console_script_is_installed() -> None:
    script = Path(sys.executable).with_name("tvdr-nv")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tvdr-nv {__version__}\n"


def test_choices_and_defaults_are_the_librarys() -> None:
    assert parameters.parse_parameters(PARAMETERS) == PARAMETERS
    assert parameters.parse_parameters(POSE_PARAMETERS) == POSE_PARAMETERS
    assert tuple(kind.value for kind in Robust) == ("none", *robust.KINDS)
    assert [method.value for method in MethodName] == list(METHODS)
    defaults = inspect.signature(optimize).parameters
    assert defaults["method"].default == "auto"  # --help says so
    orbit = Orbit.create(1.0, 0.0, 0.0)
    assert parameters.parse_parameters("distance,elevation,azimuth") == orbit.moves_by_default
    assert parameters.parse_parameters("pose") == orbit.camera().moves_by_default


def test_every_tvdrnet_name_stands_for_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    run(["optimize", "--help"])
    page = capsys.readouterr().out.replace("-\n  ", "-")
    for theirs, ours in TVDRNET_NAMES.items():
        assert f"--{theirs}" in page
        assert f"  --{ours} " in page
