"""`tvdr-nv render --path`: films through the cameras of a run or of a file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from tests.cli.runs import FAST, pixels, refused
from tvdrnet_nv.cli import run


def film(path: Path, height: int, width: int) -> tuple[np.ndarray, str]:
    """The frames, uint8 [N, H, W, 3], and what ffmpeg says of the file."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3), done.stderr.decode()


@pytest.fixture
def found(box: Path, here: Path) -> Path:
    """A run's folder."""
    look = ["--light", "none", "--background", "grey", "--azimuth", "10"]
    assert run(["optimize", str(box), *FAST, *look, "--no-search", "--out", "found", "--quiet"]) == 0
    return here / "found"


def test_from_start_to_found(box: Path, here: Path, found: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "--camera", "found", "--path", "start,found", "--out", "film"]) == 0
    assert capsys.readouterr().out.splitlines() == ["film/path.mp4"]
    frames, said = film(here / "film" / "path.mp4", 24, 24)
    assert "30 fps" in said
    assert len(frames) == 90
    # It begins and ends at the run's own pictures.
    pictures = ["--format", "png", "--num-views", "3", "--out", "frames", "--quiet"]
    assert run(["render", "--camera", "found", "--path", "start,found", *pictures]) == 0
    assert run(["render", "--camera", "found:start", "--out", "start", "--quiet"]) == 0
    first, middle, last = (pixels(path).astype(int) for path in sorted((here / "frames").iterdir()))
    assert np.abs(first - pixels(here / "start" / "single_view.png")).max() <= 2
    assert np.abs(last - pixels(found / "optimized_view.png")).max() <= 2
    assert np.abs(first - last).max() > 20
    assert np.abs(first - middle).max() > 5


def test_a_tour_of_several_cameras_as_pictures(box: Path, here: Path) -> None:
    lens = {"K": [[20, 0, 8], [0, 20, 8], [0, 0, 1]], "R": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}
    cameras = [
        {"name": name, "opencv": {**lens, "t": [x, 3.0, 3.0]}, "image_size": {"width": 16, "height": 16}}
        for name, x in (("a.jpg", -4.5), ("b.jpg", -5.0), ("c.jpg", -5.5))
    ]
    (here / "cameras.json").write_text(json.dumps({"cameras": cameras}))
    command = ["render", str(box), "--camera", "cameras.json", "--quiet", "--out"]
    assert run([*command, "each"]) == 0
    assert run([*command, "tour", "--path", "all", "--format", "png", "--num-views", "5"]) == 0
    frames = [pixels(path) for path in sorted((here / "tour").iterdir())]
    assert len(frames) == 5
    for frame, name in ((frames[0], "a.png"), (frames[4], "c.png")):
        assert np.abs(frame.astype(int) - pixels(here / "each" / name)).max() <= 2
    assert run([*command, "gif", "--path", "c,a", "--format", "gif", "--num-views", "3"]) == 0
    assert [path.name for path in (here / "gif").iterdir()] == ["path.gif"]


def test_a_turntable_in_mp4_moves_smoothly(box: Path, here: Path) -> None:
    command = ["render", str(box), "--mode", "turntable", "--format", "mp4", "--image-size", "16", "--quiet", "--out"]
    assert run([*command, "a"]) == 0
    frames, said = film(here / "a" / "turntable.mp4", 16, 16)
    assert "30 fps" in said
    assert len(frames) == 120
    assert run([*command, "b", "--fps", "24", "--num-views", "10"]) == 0
    frames, said = film(here / "b" / "turntable.mp4", 16, 16)
    assert "24 fps" in said
    assert len(frames) == 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--path", "start,found"], "--path start,found: names cameras of a file; add it with --camera"),
        (["--camera", "found", "--path", "start"], "--path start: wanted all, or two names or more"),
        (["--camera", "found", "--path", "start,end"], "has no camera end; it has start, found"),
        (["--camera", "found:start", "--path", "all"], "--path names the cameras; leave :start out"),
        (["--camera", "found", "--path", "all", "--mode", "grid"], "--path and --mode grid exclude each other"),
        (["--camera", "found", "--path", "all", "--fps", "0"], "--fps 0: wanted 1 to 240"),
        (["--camera", "found", "--path", "all", "--background", "transparent"], "--background transparent: needs"),
    ],
)
def test_what_makes_no_film_is_refused(
    arguments: list[str], says: str, box: Path, found: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(["render", str(box), *arguments, "--out", "film"], capsys)


def test_without_a_scene_the_runs_own_is_drawn(here: Path, found: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "--camera", "found", "--out", "again", "--quiet"]) == 0
    np.testing.assert_array_equal(pixels(here / "again" / "single_view.png"), pixels(found / "optimized_view.png"))
    assert "no scene given" in refused(["render", "--camera", "nothing.json", "--out", "b"], capsys)
