"""GIF and MP4 files from frames."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from tvdrnet_nv.report.pictures import PAPER

_MANY = 4096  # colours, from which on a palette of the nearest ones is as good


def write_gif(
    path: Path,
    frames: Sequence[np.ndarray],
    *,
    frame_ms: int | Sequence[int],
    last_ms: int | None = None,
    beside: np.ndarray | None = None,
) -> None:
    """Writes an endless GIF.

    All frames share one palette, so that still parts of the picture do not flicker.

    Args:
        path: the file.
        frames: `uint8 [H, W, 3]`, of one size, at least one.
        frame_ms: how long a frame stands, in milliseconds (GIF counts in hundredths of a second); one number, or one
            for each frame.
        last_ms: how long the last frame stands; `frame_ms` by default.
        beside: `uint8 [H, W', 3]`, which stands still at the right of every frame.
    """
    still = [] if beside is None else [beside]
    palette = _common_palette(frames, still)
    pages = [_in_palette(frame, palette) for frame in frames]
    if beside is not None:
        # By itself: in one picture with the frame, the dithering of the frame would run into it.
        right = _in_palette(beside, palette)
        pages = [_joined(page, right) for page in pages]
    durations = [frame_ms] * len(pages) if isinstance(frame_ms, int) else list(frame_ms)
    durations[-1] = last_ms or durations[-1]
    pages[0].save(path, format="GIF", save_all=True, append_images=pages[1:], duration=durations, loop=0)


def write_mp4(path: Path, frames: Iterable[np.ndarray], *, fps: float) -> None:
    """Writes an H.264 MP4 that plays everywhere (yuv420p); odd sides are padded by repeating the last row or column.

    Args:
        path: the file.
        frames: `uint8 [H, W, 3]`, of one size, at least one; taken one by one.
        fps: how many are shown in a second.

    Raises:
        RuntimeError: ffmpeg refuses; the message is its own.
    """
    frames = iter(frames)
    first = next(frames)
    height, width = first.shape[:2]
    padding = ((0, height % 2), (0, width % 2), (0, 0))
    size = f"{width + width % 2}x{height + height % 2}"
    source = f"-f rawvideo -pix_fmt rgb24 -s {size} -r {fps:.6f} -i -".split()
    target = ["-an", "-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *source, *target, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as ffmpeg:
        assert ffmpeg.stdin is not None
        # A broken pipe means that ffmpeg has given up and says why below.
        with suppress(BrokenPipeError):
            for frame in chain([first], frames):
                ffmpeg.stdin.write(np.pad(frame, padding, mode="edge").tobytes())
        _, complaint = ffmpeg.communicate()
    if ffmpeg.returncode:
        raise RuntimeError(f"ffmpeg could not write {path.name}: {complaint.decode(errors='replace').strip()}")


def _in_palette(frame: np.ndarray, palette: Image.Image) -> Image.Image:
    return Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _joined(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures of one palette and height, side by side."""
    page = Image.new("P", (left.width + right.width, left.height))
    page.putpalette(left.getpalette() or [])
    page.paste(left, (0, 0))
    page.paste(right, (left.width, 0))
    return page


def _common_palette(frames: Sequence[np.ndarray], others: Sequence[np.ndarray] = ()) -> Image.Image:
    chosen = [frames[i] for i in np.unique(np.linspace(0, len(frames) - 1, 12).round().astype(int))]
    chosen += others
    samples = [Image.fromarray(frame) for frame in chosen]
    for sample in samples:
        sample.thumbnail((96, 96), Image.Resampling.NEAREST)
    sheet = np.concatenate([np.asarray(sample).reshape(-1, 1, 3) for sample in samples])
    if len(np.unique(sheet.astype(np.int32) @ (1, 256, 65536))) > _MANY:
        sheet = (sheet & 0xFC) | (sheet >> 6)  # in steps of four levels, as Pillow matches colours; ten times as fast
    # Maximum coverage keeps small things of a colour of their own, which median cut gives to the large surfaces.
    reduced = Image.fromarray(sheet).quantize(colors=254, method=Image.Quantize.MAXCOVERAGE)
    colors = np.array(reduced.getpalette(), dtype=np.uint8).reshape(-1, 3)[:254]
    # The background is white and must stay so. Pillow matches colours in steps of four levels, so that one next to
    # white could be taken for it: there shall be none. So it is with the paper of captions.
    colors[colors.min(axis=1) >= 243] = 255
    palette = Image.new("P", (1, 1))
    palette.putpalette([*colors.flatten().tolist(), *PAPER, 255, 255, 255])
    return palette
