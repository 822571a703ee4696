"""`tvdr-nv info`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tvdrnet_nv.cli import run


def test_info(box: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", str(box)]) == 0
    said = capsys.readouterr()
    assert "192  (0 of zero area)" in said.out
    assert said.err == ""
    assert run(["info", "--mesh", str(box), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["faces"] == 192
    assert facts["center"] == pytest.approx([5.0, -3.0, 2.0], abs=1e-6)
    assert facts["start_distance"] == pytest.approx(2 * facts["radius"], abs=1e-4)
