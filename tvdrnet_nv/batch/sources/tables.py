"""Jobs from a table: a row for each, a column for each option."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.fields import checked_job, job_fields
from tvdrnet_nv.batch.job import BatchJob, check_names
from tvdrnet_nv.batch.packages import needed
from tvdrnet_nv.errors import InputError

NAME = "name"
_ENDINGS = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")

Row = tuple[str, Mapping[str, Any]]


def read_jobs(path: Path, common: Mapping[str, Any] | None = None) -> list[BatchJob]:
    """The jobs of a JSONL, CSV, TSV or Parquet file.

    A row has the options of `tvdr-nv optimize` by their names, and perhaps a `name`; without one it is the row's
    number from 0, with six digits. Empty values are left out. Relative paths start from the file's folder.

    Args:
        path: the file; its ending tells the format.
        common: fields of all jobs; a row's own come first.

    Raises:
        InputError: the file cannot be read, or a row cannot be used; the message names it.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise InputError(f"{path}: wanted a file that ends in {', '.join(_ENDINGS)}; --scenes is for a referral file")
    text = path.suffix.lower() in (".csv", ".tsv")
    base = path.absolute().parent
    jobs = []
    for number, (where, given) in enumerate(_rows(path)):
        name = given.get(NAME)
        own = {key: value for key, value in given.items() if key != NAME}
        try:
            found = {**(common or {}), **job_fields(own, base, text=text)}
            checked_job(found)
        except InputError as error:
            raise InputError(f"{path}: {where}: {error}") from None
        jobs.append(BatchJob(f"{number:06d}" if name in (None, "") else str(name), found, where))
    if not jobs:
        raise InputError(f"{path}: has no jobs; wanted a row for each")
    check_names(jobs, str(path))
    return jobs


def _rows(path: Path) -> Iterator[Row]:
    """Where each row stands, and its values."""
    kind = path.suffix.lower()
    try:
        if kind == ".parquet":
            yield from _of_parquet(path)
        elif kind in (".csv", ".tsv"):
            yield from _of_csv(path, "\t" if kind == ".tsv" else ",")
        else:
            yield from _of_jsonl(path)
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is no text in UTF-8; save it as UTF-8") from None


def _of_jsonl(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}: line {number} is no JSON: {error}; wanted one object in each line") from None
            if not isinstance(row, dict):
                raise InputError(f'{path}: line {number} is no JSON object; wanted one such as {{"scene": …}}')
            yield f"line {number}", row


def _of_csv(path: Path, delimiter: str) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if None in row or None in row.values():
                    raise InputError(
                        f"{path}: line {reader.line_num} has not as many values as the first line has names"
                    )
                yield f"line {reader.line_num}", row
        except csv.Error as error:
            raise InputError(f"{path}: line {reader.line_num}: {error}") from None


def _of_parquet(path: Path) -> Iterator[Row]:
    parquet: Any = needed("pyarrow.parquet", "pyarrow", "batch", f"{path}: reading Parquet")
    arrow: Any = needed("pyarrow", "pyarrow", "batch", f"{path}: reading Parquet")
    try:
        with parquet.ParquetFile(path) as file:
            start = 0
            for batch in file.iter_batches():
                for number, row in enumerate(batch.to_pylist(), start=start):
                    yield f"row {number}", row
                start += batch.num_rows
    except arrow.ArrowException as error:
        raise InputError(f"{path}: is no Parquet file: {' '.join(str(error).split())}") from None
