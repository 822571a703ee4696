"""What a benchmark run found: sections of rows, with the environment that they hold for; as JSON and CSV."""

from __future__ import annotations

import csv
import json
import math
import re
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError

Row = dict[str, Any]
FORMAT = 1
NAME = "results.json"


@dataclass
class Results:
    """A run's rows.

    Attributes:
        environment: names and values of the machine and the versions.
        reference: the same of PyTorch3D's process or of the golden files, or empty.
        command: the command line.
        sections: rows by the part of the benchmark that made them, in the order in which they ran.
        interrupted: whether the run was ended before it was through; its sections hold what there was.
        failure: what ended the run before it was through, in a sentence, or "".
        format: of the file.
    """

    environment: dict[str, str]
    reference: dict[str, str]
    command: list[str]
    sections: dict[str, list[Row]] = field(default_factory=dict)
    interrupted: bool = False
    failure: str = ""
    format: int = FORMAT

    def judged(self) -> list[tuple[str, Row]]:
        """The rows that have a bar, with their section."""
        return [(name, row) for name, rows in self.sections.items() for row in rows if row.get("limit") is not None]

    def failures(self) -> list[tuple[str, Row]]:
        """The rows that miss their bar, with their section."""
        return [(name, row) for name, rows in self.sections.items() for row in rows if row.get("passed") is False]

    def verdict(self) -> list[str]:
        """What came out, a sentence a line."""
        lines = []
        checked = len(self.judged())
        failures = self.failures()
        if checked:
            lines.append(f"{checked - len(failures):,} of {checked:,} checked results are within their limits.")
        bars = [row for row in self.sections.get("bars", []) if row["met"] is not None]
        if bars:
            met = sum(row["met"] for row in bars)
            lines.append(f"{met} of {len(bars)} speed targets are met (for information: speed depends on the machine).")
        bars = [row for row in self.sections.get("photos_bars", []) if row["met"] is not None]
        if bars:
            lines.append(f"{sum(row['met'] for row in bars)} of {len(bars)} targets for photographs are met.")
        if self.interrupted:
            lines.append("Interrupted: the results are incomplete.")
        if self.failure:
            lines.append(f"The results are incomplete: {self.failure}.")
        return lines

    def to_json(self) -> str:
        """The whole of it, a row a line."""
        text = json.dumps(_plain(asdict(self)), indent=1, allow_nan=False, ensure_ascii=False)
        return re.sub(r"\{\n {4}(?:[^{}]|\n)*?\n {3}\}", _on_one_line, text) + "\n"

    def write(self, folder: Path) -> list[Path]:
        """Write results.json, and a CSV for each section."""
        path = folder / NAME
        path.write_text(self.to_json(), "utf-8", errors="replace")
        written = [path]
        for name, rows in self.sections.items():
            path = folder / f"{name}.csv"
            columns = list(dict.fromkeys(key for row in rows for key in row))
            with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
            written.append(path)
        return written

    @classmethod
    def read(cls, path: Path) -> Results:
        """What `write` wrote.

        Raises:
            InputError: the file cannot be read, or is none of ours.
        """
        try:
            content = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read as benchmark results: {error}") from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise InputError(f"{path}: no benchmark results of format {FORMAT}; run tvdr-nv bench again")
        return cls(**content)


class Keeper:
    """Keeps results.json up to date while a run goes on, so that a run that is killed has not been for nothing.

    Args:
        folder: where; made when there is something to keep.
        every: seconds between two times of writing.
    """

    def __init__(self, folder: Path, every: float = 30.0) -> None:
        self._folder, self._every, self._last = folder, every, time.monotonic()

    def __call__(self, results: Results) -> None:
        if time.monotonic() - self._last < self._every:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(self._folder / NAME) as path:
            path.write_text(results.to_json(), "utf-8", errors="replace")
        self._last = time.monotonic()


def _on_one_line(found: re.Match[str]) -> str:
    return json.dumps(json.loads(found[0]), allow_nan=False, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Without what JSON lacks: infinities and NaN become words."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value
