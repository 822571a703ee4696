"""python pack.py FOLDER OUT: what gpu_check.sh has found so far, in three files, as few come back from some machines.

OUT gets `summary.txt`, `results.json` (versions, summary, and each JSON of FOLDER by its name) and `logs.tar.gz` (all
of FOLDER). Each is whole at any time. Needs nothing but Python.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any


def pack(folder: Path, out: Path) -> None:
    """Write the three files."""
    summary = folder / "summary.txt"
    results: dict[str, Any] = {
        name: (folder / f"{name}.txt").read_text("utf-8").splitlines() for name in ("versions", "summary")
    }
    for file in sorted(folder.rglob("*.json")):
        results[str(file.relative_to(folder).with_suffix(""))] = _content(file)
    parts = [out / f".{name}" for name in ("summary.txt", "results.json", "logs.tar.gz")]
    parts[0].write_bytes(summary.read_bytes())
    parts[1].write_text(json.dumps(results, indent=1), "utf-8")
    with tarfile.open(parts[2], "w:gz") as archive:
        archive.add(folder, arcname="logs")
    for part in parts:
        part.rename(part.with_name(part.name[1:]))


def _content(file: Path) -> Any:
    """A file's JSON, or the end of what it has where its command was ended within."""
    text = file.read_text("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return {"not whole": text[-2000:]}


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
