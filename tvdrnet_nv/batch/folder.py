"""The folder of a batch: its jobs, its journal, a folder for each job, the results.

batch.json          how many jobs there are, where they come from
jobs.parquet        the jobs: name, scene, fields as JSON; written once
journal/00001.log   what became of them: a file for each run, to which its driver appends
jobs/00000/NAME/    a job's files, a thousand jobs in each folder; it appears whole, with result.json in it
logs/NAME.txt       why a job ended badly, where there is more to say than a line
results.parquet     a row for each job that has ended
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import tvdrnet_nv
from tvdrnet_nv.atomic import atomic_path, check_writable
from tvdrnet_nv.batch.fields import to_json
from tvdrnet_nv.batch.job import BatchJob
from tvdrnet_nv.batch.packages import needed
from tvdrnet_nv.errors import InputError

BATCH_FILE = "batch.json"
JOBS_FILE = "jobs.parquet"
RESULTS_FILE = "results.parquet"
RESULT_FILE = "result.json"
PARTIAL = ".partial"
FORMAT = 1

_PER_FOLDER = 1000
_ROW_GROUP = 16_384


@dataclass(frozen=True)
class JobPlace:
    """A job and where its files go.

    Attributes:
        number: its place in the source, from 0.
        name: see `BatchJob`.
        fields: of an `OptimizeJob`, as JSON.
        folder: for its files.
        log: for what ended it badly.
    """

    number: int
    name: str
    fields: str
    folder: Path
    log: Path

    @property
    def stamp(self) -> str:
        """Changes with the job's fields."""
        return hashlib.sha256(self.fields.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def staging(self) -> Path:
        """A new place for the files while they are written: a process that was lost may still write to another."""
        return self.folder.with_name(f".{self.name}.{secrets.token_hex(4)}{PARTIAL}")

    def finished(self) -> dict[str, Any] | None:
        """The row of a job that is done; None where it is not, or was with other fields."""
        try:
            found = json.loads((self.folder / RESULT_FILE).read_text(encoding="utf-8"))
            return found["row"] if found["stamp"] == self.stamp else None
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or cut off by a power failure: the job is done again


class BatchFolder:
    """The jobs of a batch that was made before.

    Attributes:
        path: the folder.
        facts: what batch.json holds.
        names: of the jobs, in the source's order; an Arrow array.
        scenes: of the jobs; an Arrow dictionary array.
    """

    def __init__(self, path: Path) -> None:
        """Open the folder.

        Raises:
            InputError: it holds no batch.
        """
        self.path = path.absolute()
        parquet: Any = needed("pyarrow.parquet", "pyarrow", "batch", "a batch")
        try:
            self.facts: dict[str, Any] = json.loads((path / BATCH_FILE).read_text(encoding="utf-8"))
            known = self.facts["format"] == FORMAT
        except OSError:
            raise InputError(f"{path}: holds no batch; start one with `tvdr-nv batch JOBS --out {path}`") from None
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path / BATCH_FILE}: is damaged; start the batch anew in another folder") from None
        if not known:
            raise InputError(f"{path / BATCH_FILE}: was written by another version of tvdrnet_nv; use that one")
        try:
            table = parquet.read_table(path / JOBS_FILE, read_dictionary=["scene"]).combine_chunks()
        except (OSError, ValueError) as error:
            raise InputError(f"{path / JOBS_FILE}: cannot be read: {' '.join(str(error).split())}") from None
        columns = (table.column(name).combine_chunks() for name in ("name", "scene", "fields"))
        self.names, self.scenes, self._fields = columns

    def __len__(self) -> int:
        return len(self.names)

    def place(self, number: int) -> JobPlace:
        """A job by its number."""
        name = self.names[number].as_py()
        folder = self.path / "jobs" / f"{number // _PER_FOLDER:05d}" / name
        return JobPlace(number, name, self._fields[number].as_py(), folder, self.path / "logs" / f"{name}.txt")

    def scene(self, number: int) -> str:
        """The scene of a job."""
        return self.scenes[number].as_py()

    @property
    def journal(self) -> Path:
        """The folder of the journal's files."""
        return self.path / "journal"

    @property
    def results(self) -> Path:
        """The table of results."""
        return self.path / RESULTS_FILE


def make_batch(path: Path, jobs: Sequence[BatchJob], *, source: str, stamp: str | None) -> BatchFolder:
    """Make the folder of a new batch.

    Args:
        path: the folder; it may be there already, with other files.
        jobs: in order.
        source: where they come from, for messages.
        stamp: of the source; see `Source.stamp`.

    Raises:
        InputError: the folder cannot be written.
    """
    arrow: Any = needed("pyarrow", "pyarrow", "batch", "a batch")
    parquet: Any = needed("pyarrow.parquet", "pyarrow", "batch", "a batch")
    check_writable(path)
    fields = [to_json(job.fields) for job in jobs]
    columns = {
        "name": arrow.array([job.name for job in jobs], arrow.string()),
        "scene": arrow.array([str(job.fields["scene"]) for job in jobs], arrow.string()).dictionary_encode(),
        "fields": arrow.array(fields, arrow.string()),
    }
    facts = {
        "format": FORMAT,
        "jobs": len(jobs),
        "source": source,
        "source_stamp": stamp,
        "digest": digest_of(jobs),
        "version": tvdrnet_nv.__version__,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    try:
        for folder in (path, path / "journal", path / "jobs", path / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(path / JOBS_FILE) as file:
            parquet.write_table(arrow.table(columns), file, row_group_size=_ROW_GROUP, compression="zstd")
        # Last: with it, the folder is a batch.
        with atomic_path(path / BATCH_FILE) as file:
            file.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"output folder {path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    return BatchFolder(path)


def digest_of(jobs: Sequence[BatchJob]) -> str:
    """A text that changes with the jobs."""
    digest = hashlib.sha256()
    for job in jobs:
        digest.update(f"{job.name}\n{to_json(job.fields)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def remove_partial(batch: BatchFolder) -> None:
    """Remove what attempts that were cut off have left. No worker may be at work."""
    for folder in (batch.path / "jobs").iterdir():
        for entry in os.scandir(folder):
            if entry.name.startswith(".") and entry.name.endswith(PARTIAL):
                shutil.rmtree(entry.path, ignore_errors=True)
