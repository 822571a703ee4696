"""Options of a short run, and what a run left on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.cli import run

FAST = ["--iters", "4", "--image-size", "24"]


def params_of(out: Path) -> dict[str, Any]:
    return json.loads((out / "optimized_params.json").read_text(encoding="utf-8"))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def refused(command: list[str], capsys: pytest.CaptureFixture[str], code: int = 2) -> str:
    """The one line of a command that writes nothing."""
    out = Path(command[command.index("--out") + 1])
    assert run(command) == code
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("error: ")
    assert not out.exists()
    return line


def noted_room(path: Path, shift: tuple[float, float, float] = (458_000.0, 5_428_000.0, 100.0)) -> None:
    """Writes the floor and two walls of a room, 4 × 3 × 2.5 m, at map coordinates, with normals and a property that
    nothing reads."""
    x, y, z = shift
    corners = [(0, 0, 0), (4, 0, 0), (4, 3, 0), (0, 3, 0), (0, 0, 2.5), (4, 0, 2.5), (0, 3, 2.5)]
    rows = [
        f"{a + x} {b + y} {c + z} 0 0 1 {60 + 40 * (k % 4)} {200 - 30 * k} 90 0.5"
        for k, (a, b, c) in enumerate(corners)
    ]
    names = "double x,double y,double z,float nx,float ny,float nz,uchar red,uchar green,uchar blue,float confidence"
    head = ["ply", "format ascii 1.0", "element vertex 7", *(f"property {name}" for name in names.split(","))]
    head += ["element face 3", "property list uchar int vertex_indices", "end_header"]
    path.write_text("\n".join([*head, *rows, "4 0 1 2 3", "4 0 1 5 4", "4 0 3 6 4"]) + "\n", encoding="utf-8")
