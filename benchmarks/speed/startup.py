"""What comes before and after the loop: imports, reading, whole commands, each in a process of its own."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from tvdrnet_nv.benchmarks.environment import device_label
from tvdrnet_nv.benchmarks.processes import PYTHON
from tvdrnet_nv.benchmarks.speed.bars import Row, about_the_scans_size, bar_row
from tvdrnet_nv.io import load_mesh, save_ply
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import bumpy_sphere

ROUNDS = 3
OPTIMIZE_SECONDS, READ_SECONDS, MAIN_JOB_SECONDS = 3.0, 5.0, 8.0
_IMPORTS = ("import tvdrnet_nv", "import torch", "from tvdrnet_nv import optimize")
_TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
_COMMAND = [*PYTHON, "-c", "from tvdrnet_nv.cli import main; main()"]  # what tvdr-nv runs


def startup_rows(
    name: str, make: Callable[[], Mesh], device: torch.device, *, quick: bool, progress: Callable[[str], None]
) -> Iterator[Row]:
    """Time imports, `tvdr-nv --help`, TVDRNet's job with one iteration and with 256, and reading a large PLY.

    Args:
        name: the scene's.
        make: makes the scene; textures are left out.
        device: what the commands run on. The bars are for the CPU.
        quick: each once, and without the 256 iterations and the large PLY.
        progress: called with what is being timed.

    Yields:
        Rows as `tvdrnet_nv.benchmarks.speed.bars` makes them.
    """
    rounds = 1 if quick else ROUNDS
    for statement in _IMPORTS:
        progress(statement)
        yield _row(statement, "", lambda statement=statement: _import_seconds(statement), None, rounds)
    progress("tvdr-nv --help")
    yield _row("tvdr-nv --help", "", lambda: _command_seconds(["--help"]), None, rounds)
    mesh = make()
    judged = about_the_scans_size(mesh.num_faces) and device.type == "cpu"
    with tempfile.TemporaryDirectory() as folder:
        scene = Path(folder) / "scene.ply"
        save_ply(mesh, scene)
        for size, iterations, bar in ((256, 1, OPTIMIZE_SECONDS), (512, 256, MAIN_JOB_SECONDS)):
            what = f"tvdr-nv optimize --objective tvdrnet --iters {iterations}, {size}×{size}, files written"
            if quick and iterations > 1:
                continue
            progress(what)
            options = f"--objective tvdrnet --iters {iterations} --image-size {size} --quiet".split()
            options += ["--device", device_label(device)]
            command = ["optimize", str(scene), *options, "--out", str(Path(folder) / "out")]
            yield _row(what, name, lambda command=command: _command_seconds(command), bar if judged else None, rounds)
        if not quick:
            large = bumpy_sphere(1250, 2000)
            what = f"reading a binary PLY of {large.num_faces:,} triangles"
            progress(what)
            path = Path(folder) / "large.ply"
            save_ply(large, path)
            del large
            yield _row(what, "", lambda: _reading_seconds(path), READ_SECONDS, rounds)


def _row(what: str, scene: str, seconds: Callable[[], float], bar: float | None, rounds: int) -> Row:
    """Of the median; where there are several, a first time aside, which fills the system's caches."""
    try:
        if rounds > 1:
            seconds()
        value = statistics.median(seconds() for _ in range(rounds))
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        note = f"failed with {error.returncode}: {said[-1] if said else 'no error message'}"
        return bar_row(what, scene, None, "s", at_most=bar, note=note)
    return bar_row(what, scene, value, "s", at_most=bar)


def _import_seconds(statement: str) -> float:
    return float(_output([*PYTHON, "-c", _TIMED.format(statement)]))


def _command_seconds(arguments: list[str]) -> float:
    began = time.perf_counter()
    _output([*_COMMAND, *arguments])
    return time.perf_counter() - began


def _reading_seconds(path: Path) -> float:
    began = time.perf_counter()
    load_mesh(path)
    return time.perf_counter() - began


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
