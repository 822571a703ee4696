"""Small batches, and what must be the same in two of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from tvdrnet_nv.batch import BatchFolder, Source, open_batch

QUICK = {"image_size": 24, "iterations": 3, "pictures": False}


def write_jobs(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A JSONL file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def new_batch(folder: Path, rows: Sequence[Mapping[str, Any]], **common: Any) -> BatchFolder:
    """The batch of these rows in a folder."""
    table = write_jobs(folder.with_suffix(".jsonl"), rows)
    return open_batch(Source(table=table, common={**QUICK, **common}), folder)


def box_jobs(box: Path, count: int) -> list[dict[str, Any]]:
    """Views of the box from all around."""
    return [{"scene": str(box), "azimuth": 360.0 * k / count - 180} for k in range(count)]


def table_of(folder: Path) -> list[dict[str, Any]]:
    """The results, without what differs from run to run."""
    rows = parquet.read_table(folder / "results.parquet").to_pylist()
    return [{name: value for name, value in row.items() if name not in ("attempts", "seconds")} for row in rows]


def done_of(folder: Path) -> dict[str, dict[str, Any]]:
    """The JSON files of all jobs, by name, without what differs from run to run."""
    found = {}
    for file in sorted(folder.glob("jobs/*/*/optimized_params.json")):
        facts = json.loads(file.read_text(encoding="utf-8"))
        found[file.parent.name] = {k: v for k, v in facts.items() if k not in ("seconds", "created", "command")}
    return found


def attempts_of(folder: Path) -> dict[str, int]:
    """How often each job was tried."""
    rows = parquet.read_table(folder / "results.parquet", columns=["name", "attempts"]).to_pylist()
    return {row["name"]: row["attempts"] for row in rows}


def nothing_half_done(folder: Path) -> None:
    """Every job's folder is whole, and nothing else lies there."""
    for shard in (folder / "jobs").iterdir():
        for job in shard.iterdir():
            assert not job.name.startswith("."), job
            assert (job / "result.json").is_file(), job
            assert (job / "optimized_params.json").is_file(), job


def recorded_once(folder: Path) -> None:
    """No job is recorded as ended twice."""
    lines = [line for file in sorted((folder / "journal").glob("*.log")) for line in file.read_text().splitlines()]
    ended = [line.split("\t")[1] for line in lines if line.split("\t")[0] in ("done", "failed")]
    assert len(ended) == len(set(ended))
