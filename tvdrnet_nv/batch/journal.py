"""What became of a batch's jobs: files of lines to which nothing is ever written but at the end.

A line is an event, the job's number, how often the job was tried, and a row as JSON, with tabs between them:

    done    12  1  {"name": "000012", …}    the job is done
    failed  13  3  {"name": "000013", …}    it is given up
    again   14  1  {"reason": …}            an attempt failed, and it is tried again
    retry   13  0  {}                       a job that was given up is wanted again

Each run of a driver has a file of its own, so that no line is ever written behind one that was cut off. Which jobs are
done is read from the first two columns, without a look at the rows.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

DONE, FAILED, AGAIN, RETRY = "done", "failed", "again", "retry"
PENDING, IS_DONE, IS_FAILED = 0, 1, 2

_STATES = {b"done": IS_DONE, b"failed": IS_FAILED, b"again": PENDING, b"retry": PENDING}
_PLACE_BITS = 44  # of 64: 16 TiB a file, and a million files


class Journal:
    """The state of each job, and where its row stands.

    It takes 11 bytes a job, whatever the rows hold.

    Attributes:
        states: uint8 [N]: PENDING, IS_DONE or IS_FAILED.
        attempts: uint16 [N]: how often each job was tried.
        damaged: how many lines could not be read.
    """

    def __init__(self, folder: Path, count: int) -> None:
        """Read the journal's files.

        Args:
            folder: of the files.
            count: N, how many jobs there are.
        """
        self.states = np.zeros(count, np.uint8)
        self.attempts = np.zeros(count, np.uint16)
        self.damaged = 0
        self._rows = np.full(count, -1, np.int64)
        self._files = sorted(folder.glob("*.log"))
        for place, file in enumerate(self._files):
            with _mapped(file) as content:
                self._read(place, content)

    def _read(self, file: int, content: mmap.mmap | bytes) -> None:
        start, end = 0, content.rfind(b"\n") + 1  # what stands behind was cut off
        while start < end:
            stop = content.find(b"\n", start)
            parts = content[start : min(stop, start + 64)].split(b"\t", 3)
            try:
                state, number, tried = _STATES[parts[0]], int(parts[1]), int(parts[2])
                if number < 0 or len(parts) < 4:
                    raise ValueError
                self.states[number], self.attempts[number] = state, tried
            except (KeyError, ValueError, IndexError, OverflowError):
                self.damaged += 1  # after a power failure: its job is found done, or is done again
            else:
                self._rows[number] = file << _PLACE_BITS | start if state else -1
            start = stop + 1

    def rows(self, state: int | None = None) -> Iterator[dict[str, Any]]:
        """The rows of the jobs that have ended, in the jobs' order; or of those in one state."""
        wanted = self._rows >= 0 if state is None else (self._rows >= 0) & (self.states == state)
        with ExitStack() as stack:
            maps: dict[int, mmap.mmap | bytes] = {}
            for place in self._rows[wanted].tolist():
                file, start = place >> _PLACE_BITS, place & ((1 << _PLACE_BITS) - 1)
                if file not in maps:
                    maps[file] = stack.enter_context(_mapped(self._files[file]))
                content = maps[file]
                parts = content[start : content.find(b"\n", start)].split(b"\t", 3)
                yield {**json.loads(parts[3]), "attempts": int(parts[2])}


@contextmanager
def _mapped(file: Path) -> Iterator[mmap.mmap | bytes]:
    """A file's content, which is not read as a whole."""
    with file.open("rb") as stream:
        if not file.stat().st_size:  # which no map may have
            yield b""
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


class JournalWriter:
    """A new file of the journal. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> JournalWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        last = max((int(file.stem) for file in self._folder.glob("*.log") if file.stem.isdecimal()), default=0)
        self._file = (self._folder / f"{last + 1:05d}.log").open("xb", buffering=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, event: str, number: int, attempts: int, row: dict[str, Any]) -> None:
        """Write a line, in one piece.

        Raises:
            OSError: it cannot be written, as on a full disk; then the file ends with the line before.
        """
        text = json.dumps(row, ensure_ascii=True, separators=(",", ":"))
        line = f"{event}\t{number}\t{attempts}\t{text}\n".encode("ascii")
        start = self._file.tell()
        try:
            while line:
                line = line[self._file.write(line) or 0 :]
        except OSError:
            self._file.truncate(start)
            self._file.seek(start)
            raise
