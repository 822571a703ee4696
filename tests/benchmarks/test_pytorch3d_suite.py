"""The run of PyTorch3D's own tests, on two tests of ours in their form."""

from __future__ import annotations

import json

import pytest

from tvdrnet_nv.benchmarks.pytorch3d_suite.__main__ import main

TESTS = """
import unittest
from pytorch3d.transforms import hat, no_such_name
from pytorch3d.no_such_module import another

class TestNames(unittest.TestCase):
    def test_there(self):
        hat

    def test_missing(self):
        no_such_name(1)

    def test_wrong(self):
        self.assertEqual(1, 2)
"""


def test_a_missing_name_fails_only_the_test_that_uses_it(tmp_path, capsys) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "common_testing.py").touch()
    (folder / "test_names.py").write_text(TESTS)
    assert main([str(folder), "--write", str(tmp_path / "found.json")]) == 0
    found = json.loads((tmp_path / "found.json").read_text())["test_names.py"]
    assert {name.partition("::")[2]: kind for name, (kind, _) in found.items()} == {
        "test_there": "passed",
        "test_missing": "missing",
        "test_wrong": "failed",
    }
    assert found["TestNames::test_missing"][1] == "pytorch3d.transforms.no_such_name"
    assert "test_names.py" in capsys.readouterr().out


def test_another_folder_is_refused(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path)])
    assert ended.value.code == 2
    assert "not PyTorch3D's folder 'tests'" in capsys.readouterr().err
