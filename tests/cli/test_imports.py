"""What `tvdr-nv optimize` imports: what its options ask for, and no more, as it waits for each module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tvdrnet_nv.io import save_ply
from tvdrnet_nv.scenes import room

MOST = 325  # modules of ours, where nothing special is asked for; they were 364 when sentences were always loaded
SCRIPT = """
import sys
from tvdrnet_nv.cli import run
code = run(sys.argv[1:])
print(*sorted(name for name in sys.modules if name.startswith(("tvdrnet_nv", "matplotlib"))))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "room.ply"
    save_ply(room(5000), path)
    return path


def imported(scene: Path, *options: str) -> set[str]:
    command = ["optimize", str(scene), "--iters", "1", "--image-size", "16", "--quiet", "--no-pictures"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *command, "--out", str(scene.parent / "out"), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def packages(modules: set[str]) -> set[str]:
    return {".".join(name.split(".")[:2]) for name in modules}


def test_a_plain_run_loads_neither_sentences_nor_mappings_nor_plots(scene: Path) -> None:
    found = imported(scene)
    for_others = ("grounding", "language", "mapping", "evaluation", "lifting", "segmentation", "benchmarks", "batch")
    assert not packages(found) & {f"tvdrnet_nv.{name}" for name in for_others}
    assert not any(name.startswith("matplotlib") for name in found)
    ours = {name for name in found if name.startswith("tvdrnet_nv")}
    assert len(ours) <= MOST, sorted(ours)


def test_what_is_asked_for_is_loaded(scene: Path) -> None:
    """So that the names above are the right ones."""
    found = packages(imported(scene, "--query", "the sofa", "--mapping", "default", "--objective", "view"))
    assert {"tvdrnet_nv.grounding", "tvdrnet_nv.language", "tvdrnet_nv.mapping"} <= found
