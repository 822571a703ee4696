"""Programs written for nvdiffrast, run unchanged on our ops."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tvdrnet_nv import ops
from tvdrnet_nv.compat.nvdiffrast import read_script, run
from tvdrnet_nv.compat.stand_in import PUBLIC, provided, standing_in_for_nvdiffrast
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops import nvdiffrast as cuda_backend

PROGRAMS = Path(__file__).parents[2] / "examples" / "nvdiffrast"
RUNNER = ("-m", "tvdrnet_nv.compat.nvdiffrast")


def python(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # No GPU, so that the tests are the same everywhere; one thread, since the machine may have other work.
    env = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


def write(path: Path, source: str) -> Path:
    path.write_text(source)
    return path


@pytest.fixture
def given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What running a script in this process leaves changed."""
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


# --- programs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "arguments", "times_smaller"),
    [
        ("cube", ("--iterations", "80"), 5),
        ("pose", ("--iterations", "100", "--resolution", "32"), 30),
        ("earth", ("--iterations", "70", "--resolution", "40"), 4),
        ("envphong", ("--iterations", "100", "--resolution", "32"), 4),
    ],
)
def test_programs_in_the_manner_of_nvdiffrasts_samples_converge(program, arguments, times_smaller, tmp_path):
    if program in ("earth", "envphong") and not hasattr(ops, "texture"):
        pytest.skip("tvdrnet_nv.ops has no texture yet, which this program needs")
    done = python(*RUNNER, PROGRAMS / f"{program}.py", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"error (\S+) -> (\S+) .*, converged", done.stdout)
    assert found, done.stdout
    first, last = map(float, found.groups())
    assert 0 <= last < first / times_smaller


@pytest.mark.parametrize(("converged", "status", "says"), [(True, 0, "us, converged"), (False, 1, "NOT converged")])
def test_a_program_that_does_not_converge_says_so_and_fails(converged, status, says, monkeypatch, capsys):
    monkeypatch.syspath_prepend(PROGRAMS)
    common = importlib.import_module("common")
    monkeypatch.delitem(sys.modules, "common")
    assert common.report("this", 2.0, 1.0, "us", converged) == status
    assert says in capsys.readouterr().out


# --- as if run directly ----------------------------------------------------------------------------------------------

PROBE = """
import json, os, pickle, sys
import beside

class Point:
    x = 3

if "nvdiffrast" in sys.argv:
    import nvdiffrast
    import nvdiffrast.torch as dr
    import torch
    assert nvdiffrast.torch is dr and nvdiffrast.__version__
    pos = torch.tensor([[[-1, -1, 0, 1], [3, -1, 0, 1], [-1, 3, 0, 1.0]]], device="cuda")
    tri = torch.tensor([[0, 1, 2]], dtype=torch.int32).cuda()
    rast, _ = dr.rasterize(dr.RasterizeCudaContext(device="cuda"), pos, tri, resolution=[4, 4])
    assert (rast[..., 3] == 1).all()

print(json.dumps({
    "argv": sys.argv,
    "path": sys.path[0],
    "name": __name__,
    "file": __file__,
    "package": __package__,
    "spec": __spec__ is None,
    "doc": __doc__,
    "main": sys.modules["__main__"].Point is Point,
    "pickled": pickle.loads(pickle.dumps(Point())).x,
    "beside": beside.WHERE,
    "cwd": os.getcwd(),
}))
sys.exit(7)
"""


def test_a_script_sees_what_it_sees_when_run_directly(tmp_path):
    folder = tmp_path / "programs"
    folder.mkdir()
    write(folder / "beside.py", "WHERE = __file__")
    write(folder / "probe.py", PROBE)
    script, arguments = "programs/probe.py", ("one", "--cpu", "--no-cpu", "-h", "")
    directly = python(script, "something", *arguments, cwd=tmp_path)
    through_us = python(*RUNNER, script, "nvdiffrast", *arguments, cwd=tmp_path)
    assert directly.returncode == through_us.returncode == 7, through_us.stderr
    want, have = json.loads(directly.stdout), json.loads(through_us.stdout)
    assert want["argv"].pop(1) == "something"
    assert have["argv"].pop(1) == "nvdiffrast"
    assert have == want
    assert len(through_us.stderr.splitlines()) == 1
    assert "'cuda' means the CPU" in through_us.stderr


@pytest.mark.usefixtures("given_back")
def test_what_the_script_raises_comes_out(tmp_path):
    script = write(
        tmp_path / "fails.py",
        "def fail():\n    raise InputError('mine')\n\nclass InputError(ValueError): ...\nfail()\n",
    )
    with pytest.raises(ValueError, match="mine") as raised:
        run(read_script(str(script)), [str(script)], cpu=True)
    assert [entry.path for entry in raised.traceback][-1] == script
    assert raised.traceback[-1].lineno == 1  # counted from 0
    assert "nvdiffrast" not in sys.modules or not hasattr(sys.modules["nvdiffrast"], cuda_backend.STAND_IN)


@pytest.mark.usefixtures("given_back")
def test_devices_are_left_alone_without_cpu(tmp_path):
    script = write(tmp_path / "devices.py", "import torch\nfound = torch.device('cuda').type\n")
    for cpu, want in ((False, "cuda"), (True, "cpu")):
        run(read_script(str(script)), [str(script)], cpu=cpu)
        assert sys.modules["__main__"].found == want


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "SCRIPT"),
        (("nowhere.py",), "nowhere.py"),
        ((".",), "is a folder"),
        (("--quick", "nowhere.py"), "--quick"),
    ],
)
def test_bad_usage_is_one_clear_line(arguments, says, tmp_path):
    done = python(*RUNNER, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert says in line


def test_a_script_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=re.escape(f"{tmp_path}/none.py")):
        read_script(f"{tmp_path}/none.py")


# --- the modules -----------------------------------------------------------------------------------------------------


@pytest.fixture
def stand_in() -> Iterator[object]:
    with standing_in_for_nvdiffrast():
        yield importlib.import_module("nvdiffrast.torch")


def test_the_module_is_our_ops(stand_in):
    import nvdiffrast
    from nvdiffrast.torch import DepthPeeler, rasterize

    assert rasterize is ops.rasterize
    assert DepthPeeler is ops.DepthPeeler
    assert sys.modules["nvdiffrast"] is nvdiffrast
    assert nvdiffrast.torch is stand_in
    assert [int(n) for n in nvdiffrast.__version__.split(".")] >= [0, 3, 3]
    assert set(stand_in.__all__) == set(provided()) <= set(ops.__all__)
    assert "shade" not in dir(stand_in)  # ours, and not nvdiffrast's
    star: dict[str, object] = {}
    exec("from nvdiffrast.torch import *", star)
    assert set(provided()) <= set(star)


def test_all_that_nvdiffrast_exports_is_there():
    if not hasattr(ops, "texture"):
        pytest.skip("tvdrnet_nv.ops has no texture and texture_construct_mip yet")
    assert provided() == PUBLIC


@pytest.mark.parametrize(
    "statement",
    [
        "import nvdiffrast.torch as dr; dr.texture",
        "from nvdiffrast.torch import texture",
        "import nvdiffrast.tensorflow",
        "import nvdiffrast; nvdiffrast.tensorflow",
        "import nvdiffrast.torch.ops",
        "from nvdiffrast.torch import _get_plugin",
    ],
)
def test_what_is_missing_is_named(statement, monkeypatch):
    monkeypatch.delattr(ops, "texture", raising=False)
    missing = re.split(r"[ .]", statement)[-1]
    kind = ImportError if statement.startswith("from") or ";" not in statement else AttributeError
    with (
        standing_in_for_nvdiffrast(),
        pytest.raises(kind, match=rf"^nvdiffrast\.(torch\.)?{missing} is not provided by"),
    ):
        exec(statement, {})


def test_afterwards_the_modules_are_as_before():
    before = {name for name in sys.modules if name.startswith("nvdiffrast")}
    finders = list(sys.meta_path)
    with standing_in_for_nvdiffrast():
        importlib.import_module("nvdiffrast.torch")
    assert {name for name in sys.modules if name.startswith("nvdiffrast")} == before
    assert sys.meta_path == finders


@pytest.fixture
def installed_nvdiffrast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package of that name on the path, not imported yet, whose import imports itself as NVIDIA's does."""
    (tmp_path / "nvdiffrast" / "torch").mkdir(parents=True)
    write(tmp_path / "nvdiffrast" / "__init__.py", "__version__ = 'theirs'\n")
    write(tmp_path / "nvdiffrast" / "torch" / "__init__.py", "from .ops import get_log_level, levels, set_log_level\n")
    write(
        tmp_path / "nvdiffrast" / "torch" / "ops.py",
        "import nvdiffrast\nassert nvdiffrast.__version__ == 'theirs'\nlevels = []\nset_log_level = levels.append\n"
        "def get_log_level():\n    return 1\n",
    )
    for name in [n for n in sys.modules if n.partition(".")[0] == "nvdiffrast"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(cuda_backend, "_loaded", None)
    level = ops.get_log_level()
    yield
    monkeypatch.setattr(cuda_backend, "_loaded", None)
    ops.set_log_level(level)
    for name in [n for n in sys.modules if n.partition(".")[0] == "nvdiffrast"]:
        del sys.modules[name]


@pytest.mark.usefixtures("installed_nvdiffrast")
def test_cuda_tensors_still_go_to_the_installed_nvdiffrast():
    with standing_in_for_nvdiffrast():
        ours = importlib.import_module("nvdiffrast.torch")
        ops.set_log_level(0)
        theirs = cuda_backend.load()
        assert theirs is not ours
        assert theirs.levels == [0]
        ops.set_log_level(2)
        assert theirs.levels == [0, 2]
        assert cuda_backend.load() is theirs
        assert importlib.import_module("nvdiffrast.torch") is ours
        assert sys.modules["nvdiffrast"].__version__ != "theirs"


def test_without_it_cuda_tensors_are_refused_even_where_we_stand_in(monkeypatch):
    monkeypatch.setattr(cuda_backend, "_loaded", None)
    monkeypatch.setattr(sys, "path", [])
    with standing_in_for_nvdiffrast():
        ours = importlib.import_module("nvdiffrast.torch")
        with pytest.raises(RuntimeError, match="nvdiffrast is not installed"):
            cuda_backend.load()
        assert sys.modules["nvdiffrast.torch"] is ours


def test_our_modules_work_on_cpu_tensors(stand_in):
    peeler = stand_in.DepthPeeler(
        stand_in.RasterizeGLContext(), torch.eye(4)[None, :3], torch.tensor([[0, 1, 2]], dtype=torch.int32), [4, 4]
    )
    with peeler:
        rast, _ = peeler.rasterize_next_layer()
    assert rast.shape == (1, 4, 4, 4)
