"""The reference's process: what it says when something is wrong, and what arrives. Needs no PyTorch3D."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from tvdrnet_nv.benchmarks.reference import Reference, ReferenceError_, client, find_reference
from tvdrnet_nv.errors import InputError

# A child that keeps the protocol without PyTorch3D: it echoes arrays, complains, fails, dies or talks nonsense.
ECHO = """
import json, os, sys
import numpy
print("noise of a library", file=sys.stderr, flush=True)
info = {"device": sys.argv[1], "threads": sys.argv[2], "pytorch3d": "none", "torch": "none"}
print(json.dumps({"ok": True, "info": info}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    command = request["command"]
    if command == "die":
        print("Segmentation fault, it seems", file=sys.stderr, flush=True)
        os._exit(3)
    if command == "babble":
        print("this is no JSON", flush=True)
        continue
    if command == "fail":
        print(json.dumps({"ok": False, "error": "ValueError: no such luck", "trace": "Traceback"}), flush=True)
        continue
    if command == "overflow":
        print("Bin size was too small in the coarse rasterization phase.", file=sys.stderr, flush=True)
    arrays = dict(numpy.load(request["arrays"])) if request["arrays"] else {}
    numpy.savez(request["reply"], **arrays, **{n: numpy.array(v) for n, v in request["options"].items()})
    print(json.dumps({"ok": True}), flush=True)
"""


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    child = tmp_path / "echo.py"
    child.write_text(ECHO)
    monkeypatch.setattr(client, "CHILD", child)
    with Reference(sys.executable, threads=3) as reference:
        yield reference


def test_arrays_and_options_arrive_and_come_back(echo: Reference):
    assert echo.info["device"] == "cpu"
    assert echo.info["threads"] == "3"
    image = np.arange(6, dtype=np.float32).reshape(2, 3)
    answer = echo.call("echo", {"image": image}, height=4, name="box")
    np.testing.assert_array_equal(answer["image"], image)
    assert answer["image"].dtype == np.float32
    assert (int(answer["height"]), str(answer["name"])) == (4, "box")
    assert echo.call("echo") == {}


def test_a_failure_carries_the_childs_message_and_the_child_lives_on(echo: Reference):
    with pytest.raises(ReferenceError_, match="the reference's fail failed: ValueError: no such luck") as caught:
        echo.call("fail")
    assert caught.value.trace == "Traceback"
    assert int(echo.call("echo", x=1)["x"]) == 1


def test_overflowed_bins_are_noticed_for_that_call_alone(echo: Reference):
    echo.call("overflow")
    assert echo.overflowed
    echo.call("echo")
    assert not echo.overflowed


def test_a_child_that_dies_says_how(echo: Reference):
    with pytest.raises(
        ReferenceError_, match=r"ended with exit code 3, in die \(it said: Segmentation fault, it seems\)"
    ):
        echo.call("die")
    with pytest.raises(ReferenceError_, match="exit code 3, in echo"):
        echo.call("echo")


def test_a_killed_child_says_so(echo: Reference):
    os.kill(echo._process.pid, signal.SIGKILL)
    echo._process.wait()
    with pytest.raises(ReferenceError_, match="was killed by signal 9, in echo"):
        echo.call("echo")


def test_nonsense_is_not_an_answer(echo: Reference):
    with pytest.raises(ReferenceError_, match="stopped answering during babble"):
        echo.call("babble")


def test_closing_ends_the_child_and_removes_its_files(echo: Reference):
    folder = Path(echo._folder.name)
    assert folder.is_dir()
    echo.close()
    assert echo._process.returncode == 0
    assert not folder.exists()
    echo.close()


def test_no_such_interpreter():
    with pytest.raises(InputError, match=r"/no/such/python: there is none; run `make reference`"):
        Reference("/no/such/python")


def test_a_file_that_cannot_be_run(tmp_path: Path):
    text = tmp_path / "python"
    text.write_text("hello")
    with pytest.raises(InputError, match="Permission denied"):
        Reference(text)


def test_a_program_that_is_no_python(tmp_path: Path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho I am no Python >&2\n")
    program.chmod(0o755)
    with pytest.raises(InputError, match=r"does not run as a Python \(it said: I am no Python\); run `make reference`"):
        Reference(program)


def test_an_interpreter_without_pytorch3d(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    # This interpreter may well have PyTorch3D: one that cannot be imported stands before it.
    shadow = tmp_path / "pytorch3d"
    shadow.mkdir()
    (shadow / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'pytorch3d'\")")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(InputError, match=r"has no PyTorch3D \(.*No module named 'pytorch3d'\); run `make reference`"):
        Reference(sys.executable)


def test_a_child_that_fails_to_start_for_another_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    child = tmp_path / "broken.py"
    child.write_text('print(\'{"ok": false, "error": "RuntimeError: no CUDA device", "trace": ""}\')')
    monkeypatch.setattr(client, "CHILD", child)
    with pytest.raises(InputError, match=r"does not start under .*: RuntimeError: no CUDA device"):
        Reference(sys.executable)


def test_find_reference(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert find_reference("/some/python") == Path("/some/python")
    monkeypatch.setattr(client, "__file__", str(tmp_path / "package" / "client.py"))
    monkeypatch.chdir(tmp_path)
    assert find_reference(None) is None
    checkout = tmp_path / "checkout"
    for folder in (tmp_path / ".reference" / "bin", checkout / ".reference" / "bin"):
        folder.mkdir(parents=True)
        (folder / "python").touch()
    assert find_reference(None) == tmp_path / ".reference" / "bin" / "python"
    # A checkout is known by its pyproject.toml.
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(client, "__file__", str(checkout / "benchmarks" / "reference" / "client.py"))
    assert find_reference(None) is None
    (checkout / "pyproject.toml").touch()
    assert find_reference(None) == checkout / ".reference" / "bin" / "python"


def test_the_childs_files_never_import_this_package():
    for path in client.CHILD.parent.glob("*.py"):
        if path.name not in ("__init__.py", "client.py", "network.py"):  # the parent's
            imports = [line for line in path.read_text().splitlines() if line.strip().startswith(("import ", "from "))]
            assert imports
            assert not any("tvdrnet" in line for line in imports), path
