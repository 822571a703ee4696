"""The source tree is the package: tvdrnet_nv/ has links to the folders at the top, for every tool alike."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.metadata import files
from importlib.util import find_spec
from pathlib import Path

import torch

from tvdrnet_nv.kernels import _cpu

TREE = Path(__file__).parents[1]
PACKAGE = TREE / "tvdrnet_nv"
LINKS = sorted(path.name for path in PACKAGE.iterdir() if path.is_symlink())


def python_files() -> list[Path]:
    """Every module of the tree, relative to it, through the links."""
    found = [Path(folder, name) for folder, _, names in os.walk(PACKAGE, followlinks=True) for name in names]
    return sorted(path.relative_to(TREE) for path in found if path.suffix == ".py")


def run_in_tree(statement: str, *path: Path) -> subprocess.CompletedProcess[str]:
    """Run a statement in the tree's folder as after a plain install: without an editable one's hook into imports."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    environment.pop("PYTHONSAFEPATH", None)
    command = [sys.executable, "-S", "-c", statement]
    return subprocess.run(command, cwd=TREE, env=environment, capture_output=True, text=True, check=False)


def test_the_links_lead_to_the_folders_at_the_top() -> None:
    assert LINKS == ["benchmarks", "cli", "kernels"]
    for name in LINKS:
        assert os.readlink(PACKAGE / name) == f"../{name}"
        assert (TREE / name / "__init__.py").is_file()


def test_packaging_and_type_checker_take_the_same_tree() -> None:
    tool = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))["tool"]
    assert tool["scikit-build"]["wheel"]["packages"] == ["tvdrnet_nv"]
    assert tool["scikit-build"]["sdist"]["resolve-symlinks"] == "none"
    assert set(tool["pyright"]["include"]) >= {"tvdrnet_nv", *(f"tvdrnet_nv/{name}" for name in LINKS)}


def test_every_module_of_the_tree_is_one_of_the_installed_package() -> None:
    installed = {Path(file) for file in files("tvdrnet_nv") or []}
    editable = not any(file.name == "renderer.py" for file in installed)
    tool = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))["tool"]
    left_out = tool["scikit-build"]["wheel"]["exclude"]
    for path in python_files():
        name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        if editable:
            spec = find_spec(name)
            assert spec is not None, f"{name} is not found; install again"
            assert spec.origin is not None
            assert Path(spec.origin).resolve() == (TREE / path).resolve()
        else:
            assert (path in installed) != (str(path) in left_out)


def test_the_tree_borrows_the_installed_kernels() -> None:
    imports = "import tvdrnet_nv.ops, tvdrnet_nv.cli, tvdrnet_nv.scenes, tvdrnet_nv.benchmarks.suite"
    borrowed = "from tvdrnet_nv.kernels import _cpu; print(tvdrnet_nv.__file__); print(_cpu.__file__)"
    installed, libraries = Path(_cpu.__file__).parents[2], Path(torch.__file__).parents[1]
    done = run_in_tree(f"{imports}; {borrowed}", installed, libraries)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(PACKAGE / "__init__.py"), _cpu.__file__]


def test_without_any_kernels_one_sentence_says_what_to_type() -> None:
    done = run_in_tree("import tvdrnet_nv.kernels")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: the kernels are not compiled: type `make` in {TREE} and use its .venv/bin/python, or "
        f"`pip install {TREE}`"
    )
