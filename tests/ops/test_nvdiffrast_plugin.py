"""How nvdiffrast 0.3's plugin is compiled and found again; a toy extension stands in for it."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.nvdiffrast import plugin

# What 0.3 asks of torch, in its order: what an earlier process compiled, else compile; then import by name.
TOY_PACKAGE = """
import importlib
from pathlib import Path
from torch.utils import cpp_extension

_NAME = "a_toy_plugin"


def get_log_level():
    folder = cpp_extension._get_build_directory(_NAME, False)
    try:
        cpp_extension._import_module_from_library(_NAME, folder, True)
        route = "found"
    except ImportError:
        cpp_extension.load(name=_NAME, sources=[str(Path(__file__).with_name("toy.cpp"))])
        route = "compiled"
    print(route, importlib.import_module(_NAME).answer)
    return 1
"""
# Initialised in two phases, as pybind11 does since torch 2.11: Python puts such a module nowhere by itself.
TOY_EXTENSION = """
#include <Python.h>
static int fill(PyObject* module) { return PyModule_AddIntConstant(module, "answer", 42); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, reinterpret_cast<void*>(fill)}, {0, nullptr}};
static PyModuleDef toy = {PyModuleDef_HEAD_INIT, "a_toy_plugin", nullptr, 0, nullptr, slots};
PyMODINIT_FUNC PyInit_a_toy_plugin() { return PyModuleDef_Init(&toy); }
"""


@pytest.mark.skipif(shutil.which("c++") is None or shutil.which("ninja") is None, reason="needs c++ and ninja")
def test_a_plugin_is_compiled_by_the_first_process_and_found_by_the_second(tmp_path: Path) -> None:
    package = tmp_path / "nvdiffrast" / "torch"
    package.mkdir(parents=True)
    (tmp_path / "nvdiffrast" / "__init__.py").touch()
    (package / "__init__.py").write_text(TOY_PACKAGE, "utf-8")
    (package / "toy.cpp").write_text(TOY_EXTENSION, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "TORCH_EXTENSIONS_DIR": str(tmp_path / "built")}
    command = [sys.executable, "-W", "error", "-c", "from tvdrnet_nv.ops import nvdiffrast; nvdiffrast.load()"]
    for route in ("compiled", "found"):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{route} 42\n"


def tool(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n", "utf-8")
    (folder / name).chmod(0o755)


def test_ninja_of_an_environment_that_is_not_activated_is_found(tmp_path, monkeypatch):
    tool(tmp_path / "environment", "ninja")
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / "environment"))
    for path in (str(tmp_path), ""):
        monkeypatch.setenv("PATH", path)
        with plugin.building():
            assert shutil.which("ninja") == str(tmp_path / "environment" / "ninja")
        assert os.environ["PATH"] == path
    monkeypatch.delenv("PATH")
    with plugin.building():
        pass
    assert "PATH" not in os.environ


def test_a_warning_of_torch_about_its_own_imports_is_no_error(monkeypatch):
    # As torch 2.5 gives it, by the packages that its cpp_extension imports.
    class Warning25:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "torch.utils.cpp_extension":
                warnings.warn("pkg_resources is deprecated as an API", DeprecationWarning, stacklevel=1)

    cpp_extension = importlib.import_module("torch.utils.cpp_extension")
    monkeypatch.setattr("torch.utils.cpp_extension", cpp_extension)  # to be put back
    monkeypatch.delitem(sys.modules, "torch.utils.cpp_extension")
    monkeypatch.setattr(sys, "meta_path", [Warning25(), *sys.meta_path])
    with pytest.raises(DeprecationWarning):
        importlib.import_module("torch.utils.cpp_extension")
    with plugin.building():
        assert importlib.import_module("torch.utils.cpp_extension")._import_module_from_library._registers


def test_torch_is_patched_once():
    from torch.utils import cpp_extension

    with plugin.building():
        once = cpp_extension._import_module_from_library
    with plugin.building():
        assert cpp_extension._import_module_from_library is once


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A machine with all that the compilation needs: its folder of tools."""
    for name in ("c++", "ninja", "nvcc"):
        tool(tmp_path / "bin", name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("torch.utils.cpp_extension.CUDA_HOME", str(tmp_path))
    monkeypatch.setattr("torch.version.cuda", "13.0")
    return tmp_path / "bin"


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("nvcc", "there is no nvcc; install the CUDA toolkit 13.0, set CUDA_HOME to it, or install nvdiffrast 0.4"),
        ("c++", r"there is no C\+\+ compiler c\+\+; install g\+\+, or install nvdiffrast 0.4"),
        ("ninja", "there is no ninja; pip install ninja, or install nvdiffrast 0.4"),
    ],
)
def test_a_missing_tool_is_named(tools, missing, sentence):
    (tools / missing).unlink()
    said = plugin.why_not_built(OSError("CUDA_HOME environment variable is not set. Please set it"))
    assert re.search(sentence, said), said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("raised", "line"),
    [
        ("Error building extension\n[1/2] nvcc\nx.cu(3): error: no such type\n1 error", "x.cu(3): error: no such type"),
        (
            "\nThe detected CUDA version (12.4) mismatches the version that was used to compile\nPyTorch (13.0).",
            "The detected CUDA version (12.4) mismatches the version that was used to compile",
        ),
        ("something else\nmore", "something else"),
        ("", "RuntimeError"),
    ],
)
def test_what_a_compilation_says_is_passed_on_in_a_line(tools, raised, line):
    assert plugin.why_not_built(RuntimeError(raised)).startswith(f"nvdiffrast could not compile its plugin ({line});")


def test_a_compilation_that_fails_is_not_tried_again(tmp_path, monkeypatch, tools):
    (tmp_path / "nvdiffrast" / "torch").mkdir(parents=True)
    (tmp_path / "nvdiffrast" / "__init__.py").touch()
    (tmp_path / "nvdiffrast" / "torch" / "__init__.py").write_text(
        "tries = []\ndef get_log_level():\n    tries.append(1)\n    raise RuntimeError('a.cu: error: no')\n", "utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(nvdiffrast, "_loaded", None)
    monkeypatch.setattr(nvdiffrast, "_failure", None)
    try:
        for _ in range(2):
            with pytest.raises(RuntimeError, match=r"could not compile its plugin \(a.cu: error: no\)"):
                nvdiffrast.load()
        assert sys.modules["nvdiffrast.torch"].tries == [1]
    finally:
        for name in ("nvdiffrast", "nvdiffrast.torch"):
            sys.modules.pop(name, None)
