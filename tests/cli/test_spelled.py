"""What an encoding lacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tvdrnet_nv.cli._spelled import in_c_locale, spelled


@pytest.mark.parametrize(
    ("encoding", "want"),
    [("ascii", "2x3, 5 deg +- 0.1: ok ?"), ("latin-1", "2×3, 5° ± 0.1: ok ?"), ("utf-8", "2×3, 5° ± 0.1: ✓ 室")],
)
def test_signs_are_spelled_where_the_encoding_lacks_them(encoding: str, want: str) -> None:
    assert spelled("2×3, 5° ± 0.1: ✓ 室", encoding) == want


@pytest.mark.parametrize(
    ("surroundings", "is_c"),
    [
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "C"}, False),
        ({"LC_CTYPE": "de_DE.UTF-8", "LANG": "C"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "C", "PYTHONIOENCODING": "utf-8"}, False),
        ({"LANG": "C", "PYTHONUTF8": "1"}, False),
    ],
)
def test_the_locale_c_is_one_that_somebody_chose(surroundings, is_c) -> None:
    assert in_c_locale(surroundings) == is_c


@pytest.mark.parametrize("chosen", [{"LANG": "C"}, {"LC_ALL": "C"}])
def test_in_the_locale_c_signs_are_ascii_and_names_keep_their_bytes(tmp_path: Path, chosen: dict[str, str]) -> None:
    locale = ("LC_ALL", "LC_CTYPE", "LANG", "PYTHONIOENCODING", "PYTHONUTF8")
    surroundings = {name: value for name, value in os.environ.items() if name not in locale} | chosen
    command = [sys.executable, "-c", "from tvdrnet_nv.cli import main; main()", "camera", "list", "bóx – 3×4"]
    done = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, check=False)
    assert done.returncode == 2
    assert "bóx - 3x4".encode() in done.stderr
