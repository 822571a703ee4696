"""Small jobs on rooms made by code, and what two runs of them must have in common."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PARTS = ("everything", "label=office_chair", "label=chair_2")


def write_jobs(folder: Path, jobs: int, rooms: int, size: int) -> Path:
    """Rooms, and a file of small jobs on them: views of the whole room and of a chair, begun from all around."""
    from tvdrnet_nv.io import Labels, labels_beside, save_labels, save_ply
    from tvdrnet_nv.scenes import make_room

    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(rooms):
        path = folder / f"room{seed:03d}.ply"
        if not path.exists():
            room = make_room(6000, seed)
            names = dict(enumerate(room.names, start=1))
            save_ply(room.mesh, path)
            save_labels(room.mesh, Labels(room.labels.numpy().astype("int64") + 1, names), labels_beside(path))
    rows = [
        {
            "name": f"job{number:06d}",
            "scene": f"room{number % rooms:03d}.ply",
            "focus": PARTS[number // rooms % len(PARTS)],
            "azimuth": round(360 * number / jobs - 180, 3),
            "image_size": size,
            "search": False,
            "pictures": False,
        }
        for number in range(jobs)
    ]
    table = folder / "jobs.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return table


def results_of(out: Path) -> dict[str, dict[str, Any]]:
    """The rows of a batch by name, without what differs from run to run."""
    import pyarrow.parquet as parquet

    rows = parquet.read_table(out / "results.parquet").to_pylist()
    return {row["name"]: {k: v for k, v in row.items() if k not in ("attempts", "seconds")} for row in rows}


def files_of(out: Path) -> dict[str, dict[str, Any]]:
    """The JSON files of all jobs by name, likewise."""
    found = {}
    for file in out.glob("jobs/*/*/optimized_params.json"):
        facts = json.loads(file.read_text(encoding="utf-8"))
        found[file.parent.name] = {k: v for k, v in facts.items() if k not in ("seconds", "created", "command")}
    return found


def recorded_twice(out: Path) -> int:
    """How many jobs the journal has as ended more than once."""
    ended = [
        line.split("\t", 2)[1]
        for file in out.glob("journal/*.log")
        for line in file.read_text().splitlines()
        if line.startswith(("done", "failed"))
    ]
    return len(ended) - len(set(ended))


def half_done(out: Path) -> int:
    """How many folders are not whole."""
    folders = [folder for shard in (out / "jobs").iterdir() for folder in shard.iterdir()]
    return sum(folder.name.startswith(".") or not (folder / "result.json").exists() for folder in folders)
