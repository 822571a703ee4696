"""A segmenter of the user's own behind a command: a picture and a sentence in, a mask out."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError

SECONDS = 120.0
"""How long a command may take for a picture."""

_PLACES = ("{image}", "{text}", "{out}", "{npy}")


class CommandSegmenter:
    """Runs a command line for each picture; see `Segmenter`.

    The line is split as a shell does, and no shell runs it. In its words, {image} becomes the name of a PNG file,
    {text} the sentence, and {out} the name of the PNG file that the command is to write: grey, of 8 or 16 bits, or
    black and white, of the picture's size, where white is what the sentence means. With {npy} in place of {out}, it
    writes an array [H, W] of floats in [0, 1] there, as numpy's `save` does.

    Args:
        command: such as "python segment.py {image} {text} {out}".
        seconds: after which the command, and what it has started, is ended.

    Raises:
        InputError: the line is no command line, or lacks {image}, or has not one of {out} and {npy}.
    """

    def __init__(self, command: str, seconds: float = SECONDS) -> None:
        self.name = command
        self._where, self._seconds = f"`segmenter` {command}", seconds
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise InputError(f"{self._where}: {error}; wanted a command line") from None
        if not self._words:
            raise InputError("`segmenter`: is empty; wanted a model or a command line")
        has = {place: any(place in word for word in self._words) for place in _PLACES}
        if not has["{image}"] or has["{out}"] == has["{npy}"]:
            raise InputError(
                f"{self._where}: wanted a command line with {{image}}, {{text}} and {{out}}, such as "
                "'segment {image} {text} {out}'"
            )
        self._suffix = ".png" if has["{out}"] else ".npy"

    def segment(self, picture: Tensor, sentence: str) -> Tensor:
        """See `Segmenter`.

        Raises:
            InputError: the command cannot be run, fails, takes too long, or writes no mask of the picture's size.
        """
        from PIL import Image

        with tempfile.TemporaryDirectory(prefix="tvdr-nv-") as folder:
            image, out = Path(folder) / "image.png", Path(folder) / f"mask{self._suffix}"
            Image.fromarray((picture.clamp(0, 1) * 255).round().byte().cpu().numpy()).save(image)
            self._run({"{image}": str(image), "{text}": sentence, "{out}": str(out), "{npy}": str(out)})
            if not out.is_file():
                raise InputError(f"{self._where}: ended without writing its mask; wanted one in {{out}} or {{npy}}")
            read = self._read_png if self._suffix == ".png" else self._read_array
            return torch.from_numpy(read(out)).to(picture.device)

    def _run(self, values: dict[str, str]) -> None:
        words = [_filled(word, values) for word in self._words]
        try:
            # In a session of its own, so that what the command starts can be ended with it.
            running = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(f"{self._where}: cannot be run ({(error.strerror or str(error)).lower()})") from error
        try:
            _, said = running.communicate(timeout=self._seconds)
        except subprocess.TimeoutExpired:
            raise InputError(
                f"{self._where}: wrote no mask within {self._seconds:g} s; give it longer with `timeout`, or make it "
                "faster"
            ) from None
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.communicate()
        if running.returncode:
            last = (said.decode(errors="replace").strip().splitlines() or ["nothing on stderr"])[-1]
            raise InputError(f"{self._where}: ended with exit code {running.returncode} ({last})")

    def _read_png(self, file: Path) -> np.ndarray:
        from PIL import Image

        try:
            with Image.open(file) as picture:
                picture.load()
                mode, values = picture.mode, np.asarray(picture)
        except (OSError, SyntaxError, ValueError) as error:
            raise InputError(f"{self._where}: what it wrote is no picture; wanted a PNG file") from error
        if mode not in ("1", "L", "I;16", "I"):
            raise InputError(f"{self._where}: wrote a picture of the mode {mode}; wanted a grey one of 8 or 16 bits")
        return values.astype(np.float32) / {"1": 1, "L": 255}.get(mode, 65535)

    def _read_array(self, file: Path) -> np.ndarray:
        try:
            values = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError, MemoryError, OverflowError) as error:
            raise InputError(f"{self._where}: what it wrote is no array; wanted one that numpy saved") from error
        if not np.issubdtype(values.dtype, np.floating):
            raise InputError(f"{self._where}: wrote an array of {values.dtype}; wanted floats from 0 to 1")
        return values.astype(np.float32)


def _filled(word: str, values: dict[str, str]) -> str:
    """A word of the command with its places filled; what fills one is not looked at again."""
    found, rest = "", word
    while rest:
        at, place = min(((i, p) for p in values if (i := rest.find(p)) >= 0), default=(len(rest), ""))
        found += rest[:at] + values.get(place, "")
        rest = rest[at + len(place) :]
    return found
