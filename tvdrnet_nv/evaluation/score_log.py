"""Scores that outlast an interruption: a line of JSON for each, written as soon as it is known."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

from tvdrnet_nv.errors import InputError


class ScoreLog:
    """A file of lines {"key": …, "stamp": …, "score": …}; of several lines with one key, the last counts.

    A line that an interruption cut off is removed. Use it as a context manager, which opens the file to append.

    Args:
        path: the file; it is made where it is missing.

    Raises:
        InputError: the file holds something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, tuple[str, Any]] = {}
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                data = json.loads(line)
                self._found[data["key"]] = (data["stamp"], data["score"])
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path}: line {number} is no earlier run's score; choose another folder") from error
        if len(whole) < len(content):
            with path.open("r+b") as file:
                file.truncate(len(whole))

    def __enter__(self) -> ScoreLog:
        self._file = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def find(self, key: str, stamp: str) -> Any:
        """The score that an earlier run found for the same stamp; else None."""
        found = self._found.get(key)
        return found[1] if found is not None and found[0] == stamp else None

    def add(self, key: str, stamp: str, score: Any) -> None:
        """Write a score."""
        line = json.dumps({"key": key, "stamp": stamp, "score": score}, allow_nan=False, ensure_ascii=False)
        self._file.write(f"{line}\n")
        self._file.flush()
        self._found[key] = (stamp, score)
