"""PyTorch3D and nvdiffrast at once: the runner, the library call and the pytest plugin."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from contextlib import nullcontext
from pathlib import Path

import pytest

from tvdrnet_nv.compat import install
from tvdrnet_nv.compat.__main__ import _stand_in
from tvdrnet_nv.compat.modules import mark
from tvdrnet_nv.compat.script import run_module

PROBE = """
import json, sys
import nvdiffrast.torch as dr
import pytorch3d.structures
from pytorch3d.renderer import MeshRasterizer
found = [dr.rasterize.__module__, MeshRasterizer.__module__]
print(json.dumps({"argv": sys.argv, "path": sys.path[0], "name": __name__, "package": __package__,
                  "spec": getattr(__spec__, "name", None), "file": __file__, "found": found}))
"""


def python(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


@pytest.fixture
def given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What running a program in this process leaves changed."""
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "part.py").write_text(PROBE)
    (tmp_path / "package" / "__main__.py").write_text("from package import part\n")
    return tmp_path


def test_a_module_sees_what_python_shows_it(package):
    through_us = python("-m", "tvdrnet_nv.compat", "-m", "package.part", "-m", "--cpu", cwd=package)
    assert through_us.returncode == 0, through_us.stderr
    have = json.loads(through_us.stdout)
    ours = have.pop("found")
    (package / "package" / "part.py").write_text(
        PROBE.replace("import nvdiffrast.torch as dr\nimport pytorch3d.structures\n", "")
        .replace("from pytorch3d.renderer import MeshRasterizer\n", "")
        .replace("[dr.rasterize.__module__, MeshRasterizer.__module__]", "None")
    )
    directly = json.loads(python("-m", "package.part", "-m", "--cpu", cwd=package).stdout)
    assert directly.pop("found") is None
    assert have == directly
    assert all(module.startswith("tvdrnet_nv.") for module in ours)


def test_a_program_that_installs_ends_without_a_word(tmp_path):
    (tmp_path / "program.py").write_text(
        "import tvdrnet_nv.compat\nundo = tvdrnet_nv.compat.install()\nundo()\ntvdrnet_nv.compat.install()\n"
        "import pytorch3d, nvdiffrast.torch\n"
    )
    done = python("program.py", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("options", [(), ("--pytorch3d",), ("--nvdiffrast",), ("--pytorch3d", "--nvdiffrast")])
def test_one_library_or_both(options):
    given = Namespace(pytorch3d="--pytorch3d" in options, nvdiffrast="--nvdiffrast" in options)
    with _stand_in(given)():
        found = {name for name in ("pytorch3d", "nvdiffrast") if hasattr(sys.modules.get(name), mark(name))}
    assert found == ({option[2:] for option in options} or {"pytorch3d", "nvdiffrast"})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "SCRIPT, or -m MODULE"),
        (("-m",), "SCRIPT, or -m MODULE"),
        (("--cpu", "-m", "no.such.module"), "no module named no.such.module"),
        (("--quick", "nowhere.py"), "--quick"),
    ],
)
def test_bad_usage_is_one_clear_line(arguments, says, tmp_path):
    done = python("-m", "tvdrnet_nv.compat", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert says in line


def test_help_can_be_printed_in_ascii(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = python("-m", "tvdrnet_nv.compat", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "SCRIPT|-m MODULE ARGS..." in done.stdout
    assert done.stderr == ""


@pytest.mark.usefixtures("given_back")
def test_a_package_runs_its_main_and_its_errors_are_its_own(package, monkeypatch):
    (package / "package" / "part.py").write_text("import nothing_of_that_name\n")
    monkeypatch.chdir(package)
    with pytest.raises(ModuleNotFoundError, match="No module named 'nothing_of_that_name'"):
        run_module("package", [], nullcontext, cpu=False)
    assert sys.argv == [str(package / "package" / "__main__.py")]


def test_installed_until_it_is_undone():
    names = ("pytorch3d", "nvdiffrast", "nvdiffrast.torch")
    before = [sys.modules.get(name) for name in names]
    uninstall = install()
    try:
        import nvdiffrast.torch as dr
        import pytorch3d.structures as structures

        from tvdrnet_nv import ops
        from tvdrnet_nv.compat.pytorch3d.structures import Meshes

        assert dr.rasterize is ops.rasterize
        assert structures.Meshes is Meshes
    finally:
        uninstall()
    assert [sys.modules.get(name) for name in names] == before


def test_a_program_of_both_is_resumed(tmp_path):
    """PyTorch3D's losses on nvdiffrast's ops; twice half as many iterations, from a file in between."""
    program = Path(__file__).parents[2] / "examples" / "pytorch3d" / "both.py"
    errors = []
    for options in ((), ("--pytorch3d", "--nvdiffrast")):
        done = python("-m", "tvdrnet_nv.compat", *options, program, "--iterations", "40", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        found = re.fullmatch(r"both, (\d+) iterations: error (\S+) -> (\S+) .*, converged\n", done.stdout)
        assert found, done.stdout
        errors.append((int(found[1]), float(found[2]), float(found[3])))
    (half, first, between), (whole, same, last) = errors
    assert (half, whole, same) == (40, 80, first)
    assert last < between < first / 50


def test_pytests_plugin_provides_both_before_the_first_conftest(tmp_path):
    (tmp_path / "conftest.py").write_text("import pytorch3d.structures, nvdiffrast.torch\n")
    (tmp_path / "test_it.py").write_text(
        "import torch\n\ndef test_it():\n    assert torch.zeros(1, device='cuda').device.type == 'cpu'\n"
    )
    done = python("-m", "pytest", "-q", "-p", "tvdrnet_nv.compat.pytest", "-p", "no:cacheprovider", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
