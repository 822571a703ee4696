"""The folders of the CPU kernels stand in the order that kernels/cpu/README.md writes, and no include runs upward."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CPU = Path(__file__).resolve().parents[2] / "kernels" / "cpu"

# A line of the table: the folder, and those that it may include beside itself.
LINE = re.compile(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", re.MULTILINE)
MAY_INCLUDE = {folder: re.findall(r"\w+", below) for folder, below in LINE.findall((CPU / "README.md").read_text())}
OWN_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def upward_includes(root: Path) -> list[str]:
    """The includes that the order forbids, or that are not written relative to `root`, one sentence each."""
    problems = []
    for file in sorted(p for p in root.rglob("*") if p.suffix in (".cpp", ".hpp")):
        name, folder = file.relative_to(root).as_posix(), file.relative_to(root).parts[0]
        if folder not in MAY_INCLUDE:
            problems.append(f"{name} stands in no folder of the order")
            continue
        for included in OWN_INCLUDE.findall(file.read_text()):
            if not (root / included).is_file():
                problems.append(f'{name} includes "{included}", which is no path relative to kernels/cpu')
            elif included.split("/")[0] not in (folder, *MAY_INCLUDE[folder]):
                problems.append(f'{name} includes "{included}", which stands above it')
    return problems


def test_no_include_runs_upward() -> None:
    assert upward_includes(CPU) == []


def test_the_order_has_no_cycle_and_no_missing_folder() -> None:
    assert {p.name for p in CPU.iterdir() if p.is_dir()} == set(MAY_INCLUDE)
    above: list[str] = []
    for folder, below in MAY_INCLUDE.items():
        assert set(below) <= set(above), f"{folder} may include a folder that comes after it"
        above.append(folder)


@pytest.mark.parametrize(
    ("file", "include", "problem"),
    [
        ("core/geometry.hpp", "raster/tile.hpp", "stands above it"),
        ("antialias/antialias.cpp", "render/render.hpp", "stands above it"),
        ("raster/binning.cpp", "screen.hpp", "is no path relative to kernels/cpu"),
    ],
)
def test_an_include_that_runs_upward_is_found(tmp_path: Path, file: str, include: str, problem: str) -> None:
    for path in (file, "raster/tile.hpp", "raster/screen.hpp", "render/render.hpp"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / file).write_text(f'#include <cmath>\n#include "{include}"\n')
    assert upward_includes(tmp_path) == [f'{file} includes "{include}", which {problem}']
