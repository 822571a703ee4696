"""A scene at map coordinates: drawn as at the origin, and every camera in the coordinates of its file."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.runs import noted_room
from tvdrnet_nv.cli import run
from tvdrnet_nv.jobs import Optimized, OptimizeJob, RenderJob

# Eighths of a metre, so that both files hold the same room, to the bit.
SHIFT = np.array([458_203.625, 5_428_107.125, 100.0])


@pytest.fixture
def rooms(tmp_path: Path) -> tuple[Path, Path]:
    """The same room at the origin, and at UTM coordinates."""
    noted_room(tmp_path / "near.ply", (0.0, 0.0, 0.0))
    noted_room(tmp_path / "utm.ply", (SHIFT[0], SHIFT[1], SHIFT[2]))
    return tmp_path / "near.ply", tmp_path / "utm.ply"


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path)).astype(int)


def test_it_renders_as_at_the_origin(rooms: tuple[Path, Path], tmp_path: Path) -> None:
    near, far = (
        RenderJob(scene=scene, image_size=48, elevation=35, azimuth=60, out=tmp_path / scene.stem).run()
        for scene in rooms
    )
    assert (pixels(near.files[0]) != 255).any()
    assert np.abs(pixels(near.files[0]) - pixels(far.files[0])).max() <= 1
    moved = np.array(far.viewpoint.to_dict()["at"]) - np.array(near.viewpoint.to_dict()["at"])
    np.testing.assert_allclose(moved, SHIFT, rtol=0, atol=1e-5)
    at = [str(part) for part in SHIFT + np.array([2.0, 1.5, 0.5])]
    given = RenderJob(scene=rooms[1], image_size=48, at=",".join(at), out=tmp_path / "given").run()
    base = RenderJob(scene=rooms[0], image_size=48, at="2,1.5,0.5", out=tmp_path / "base").run()
    assert np.abs(pixels(given.files[0]) - pixels(base.files[0])).max() <= 1


def test_a_camera_found_there_is_the_one_found_at_the_origin(rooms: tuple[Path, Path], tmp_path: Path) -> None:
    """Optimise, and read the camera back through --camera and through the command that renders it again."""
    facts = []
    for scene in rooms:
        out = tmp_path / scene.stem
        job = OptimizeJob(scene=scene, image_size=32, up="z", iterations=3, search=False, near=0.1, far=50.0, out=out)
        outcome = job.run()
        assert isinstance(outcome, Optimized)
        facts.append(json.loads(outcome.files[0].read_text(encoding="utf-8")))
        seen = pixels(out / "optimized_view.png")
        again = RenderJob(scene=scene, camera=outcome.files[0], out=tmp_path / "again").run()
        np.testing.assert_array_equal(pixels(again.files[0]), seen)
        command = [*shlex.split(facts[-1]["render_command"])[1:], "--out", str(tmp_path / "command"), "--quiet"]
        assert run(command) == 0
        np.testing.assert_array_equal(pixels(tmp_path / "command" / "single_view.png"), seen)
    near, far = facts
    assert near["origin"] == [0.0, 0.0, 0.0]
    assert any(far["origin"])
    for name in ("distance", "elevation", "azimuth"):
        assert far[name] == pytest.approx(near[name], abs=1e-3)
    np.testing.assert_allclose(np.subtract(far["at"], near["at"]), SHIFT, rtol=0, atol=1e-4)
    poses = [np.array(values["matrices"]["camera_to_world"]) for values in facts]
    np.testing.assert_allclose(poses[1][:3, 3] - poses[0][:3, 3], SHIFT, rtol=0, atol=2e-3)
    np.testing.assert_allclose(poses[1][:3, :3], poses[0][:3, :3], rtol=0, atol=1e-3)
    # OpenCV's matrices see a corner of the file's room at the same pixel as the origin's see the same corner.
    corner = np.array([4.0, 3.0, 0.0])
    points = []
    for values, place in zip(facts, (corner, corner + SHIFT), strict=True):
        opencv = values["matrices"]["opencv"]
        x, y, z = np.array(opencv["K"]) @ (np.array(opencv["R"]) @ place + np.array(opencv["t"]))
        points.append((x / z, y / z))
    np.testing.assert_allclose(points[1], points[0], rtol=0, atol=0.02)
