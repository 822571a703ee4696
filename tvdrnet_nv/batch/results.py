"""The table of results, as Parquet."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.batch.folder import BatchFolder
from tvdrnet_nv.batch.journal import Journal
from tvdrnet_nv.batch.packages import needed
from tvdrnet_nv.batch.rows import schema
from tvdrnet_nv.errors import InputError

_ROW_GROUP = 8192


def write_results(batch: BatchFolder, journal: Journal) -> Path:
    """Write a row for each job that has ended into results.parquet, in the jobs' order.

    Raises:
        InputError: the file cannot be written; an earlier one stays.
    """
    _write(batch.results, _rows(batch, journal), schema())
    return batch.results


def merge_results(folders: Sequence[Path], out: Path) -> int:
    """Write the results of several batches into one table, with a column `batch`, the folder. Returns the rows' count.

    Raises:
        InputError: a folder holds no batch, or the file cannot be written.
    """
    arrow: Any = needed("pyarrow", "pyarrow", "batch", "a batch")
    opened = [BatchFolder(folder) for folder in folders]
    rows = (
        {**row, "batch": str(batch.path)}
        for batch in opened
        for row in _rows(batch, Journal(batch.journal, len(batch)))
    )
    return _write(out, rows, schema().insert(0, arrow.field("batch", arrow.string())))


def _rows(batch: BatchFolder, journal: Journal) -> Iterator[dict[str, Any]]:
    """The journal's rows, with what the list of jobs says of them."""
    for row in journal.rows():
        place = batch.place(row["number"])
        yield {**row, "name": place.name, "scene": batch.scene(row["number"]), "fields": place.fields}


def _write(path: Path, rows: Iterable[dict[str, Any]], columns: Any) -> int:
    """Write rows, some thousands at a time."""
    arrow: Any = needed("pyarrow", "pyarrow", "batch", "a batch")
    parquet: Any = needed("pyarrow.parquet", "pyarrow", "batch", "a batch")
    given, count = iter(rows), 0
    try:
        with atomic_path(path) as file, parquet.ParquetWriter(file, columns, compression="zstd") as writer:
            while group := list(itertools.islice(given, _ROW_GROUP)):
                writer.write_table(arrow.Table.from_pylist(group, schema=columns))
                count += len(group)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    return count
