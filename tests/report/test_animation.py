"""GIF and MP4 files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.report import write_gif, write_mp4


def _frames(count: int, height: int, width: int) -> list[np.ndarray]:
    return [np.full((height, width, 3), (20 * i, 100, 250 - 20 * i), dtype=np.uint8) for i in range(count)]


@pytest.mark.parametrize(("height", "width"), [(31, 33), (1, 1), (20, 24)])
def test_gif(tmp_path: Path, height: int, width: int) -> None:
    write_gif(tmp_path / "a.gif", _frames(7, height, width), frame_ms=120, last_ms=900)
    durations = []
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.size == (width, height)
        assert gif.info["loop"] == 0
        for i in range(gif.n_frames):
            gif.seek(i)
            durations.append(gif.info["duration"])
            assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - _frames(7, 1, 1)[i]).max() <= 4
    assert durations == [120] * 6 + [900]


def test_what_stands_beside_the_frames_stands_still(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (40, 50, 3), dtype=np.uint8) for _ in range(3)]
    still = np.linspace(0, 255, 40 * 30 * 3).reshape(40, 30, 3).astype(np.uint8)
    write_gif(tmp_path / "a.gif", frames, frame_ms=[100, 200, 300], last_ms=900, beside=still)
    durations, rights = [], []
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.size == (80, 40)
        for i in range(gif.n_frames):
            gif.seek(i)
            durations.append(gif.info["duration"])
            rights.append(np.asarray(gif.convert("RGB"))[:, 50:])
    assert durations == [100, 200, 900]
    assert (rights[0] == rights[1]).all()
    assert (rights[0] == rights[2]).all()
    assert np.abs(rights[0].astype(int) - still).mean() < 20


def test_a_small_thing_keeps_its_colour_in_a_gif(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = rng.integers(180, 256, (200, 200, 1), dtype=np.uint8).repeat(3, axis=2)
    frame[90:96, 90:96] = (120, 20, 160)
    write_gif(tmp_path / "a.gif", [frame, frame[::-1]], frame_ms=100)
    with Image.open(tmp_path / "a.gif") as gif:
        shown = np.asarray(gif.convert("RGB"))[90:96, 90:96].reshape(-1, 3).mean(axis=0)
    assert np.abs(shown - (120, 20, 160)).max() < 8


@pytest.mark.parametrize(("height", "width"), [(31, 33), (1, 1), (64, 48)])
def test_mp4(tmp_path: Path, height: int, width: int) -> None:
    path = tmp_path / "a.mp4"
    write_mp4(path, iter(_frames(6, height, width)), fps=5)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    size = width + width % 2, height + height % 2
    assert f"{size[0]}x{size[1]}" in done.stderr.decode()
    assert "5 fps" in done.stderr.decode()
    shown = np.frombuffer(done.stdout, np.uint8).reshape(6, *size[::-1], 3)
    for frame, expected in zip(shown, _frames(6, 1, 1), strict=True):
        assert np.abs(frame.astype(int) - expected).mean() < 12


def test_ffmpegs_complaint_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"ffmpeg could not write a\.mp4: .*No such file"):
        write_mp4(tmp_path / "absent" / "a.mp4", _frames(3, 16, 16), fps=10)
