"""Scenes whose coordinates float32 cannot hold: too small to draw, or with something far from the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.io.ply import write_ply
from tvdrnet_nv.starts import scene_orbit

TRIANGLE = "v {0} 0 0\nv {1} 0 0\nv {0} 1 0\n"


def write(folder: Path, text: str) -> Path:
    (folder / "a.obj").write_text(text)
    return folder / "a.obj"


def test_something_far_from_the_rest_is_noted(tmp_path: Path) -> None:
    near, far = TRIANGLE.format(0, 1), TRIANGLE.format(5_000_000, 5_000_001)
    faces = "f 1 2 3\nf 4 5 6\n"
    assert not load_mesh(write(tmp_path, near + TRIANGLE.format(20, 21) + faces)).notes
    assert not load_mesh(write(tmp_path, far + TRIANGLE.format(5_000_020, 5_000_021) + faces)).notes
    (note,) = load_mesh(write(tmp_path, near + far + faces)).notes
    assert note.startswith("50% of its faces lose their shape")


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_file_that_is_too_coarse_itself_is_noted(tmp_path: Path, kind: type) -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=np.float64)
    path = tmp_path / "a.ply"
    vertices = np.zeros(4, dtype=[(axis, kind) for axis in "xyz"])
    for i, axis in enumerate("xyz"):
        vertices[axis] = square[:, i] + 5_000_000.25
    write_ply(path, vertices, np.array([[0, 1, 2], [0, 2, 3]]))
    notes = load_mesh(path).notes
    assert bool(notes) == (kind is np.float32)
    assert all("rounded to 0.5: the file has coordinates so large in float32" in note for note in notes)


@pytest.mark.parametrize(("size", "drawn"), [(1e-11, True), (1e-30, False)])
def test_a_scene_too_small_for_float32(tmp_path: Path, size: float, drawn: bool) -> None:
    path = write(tmp_path, f"v 0 0 0\nv {size} 0 0\nv 0 {size} 0\nf 1 2 3\n")
    if drawn:
        assert float(scene_orbit(load_mesh(path)).distance) > 0
    else:
        with pytest.raises(InputError, match="the scene is 1e-30 across; scale the mesh"):
            load_mesh(path)
