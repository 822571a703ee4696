"""The table of results."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from tests.batch.conftest import JOBS
from tvdrnet_nv.batch import merge_results
from tvdrnet_nv.batch.rows import schema
from tvdrnet_nv.errors import InputError


def test_a_row_for_each_job(undisturbed: Path, box: Path) -> None:
    table = parquet.read_table(undisturbed / "results.parquet")
    assert table.schema.equals(schema())
    rows = table.to_pylist()
    assert [row["number"] for row in rows] == list(range(JOBS))
    assert {row["scene"] for row in rows} == {str(box)}
    assert all(row["found"] and row["state"] == "done" and row["reason"] is None for row in rows)
    assert all((undisturbed / row["folder"] / row["files"][0]).is_file() for row in rows)


def test_several_batches_in_one_table(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.parquet"
    assert merge_results([undisturbed, undisturbed], out) == 2 * JOBS
    rows = parquet.read_table(out).to_pylist()
    assert {row["batch"] for row in rows} == {str(undisturbed)}
    with pytest.raises(InputError, match="holds no batch"):
        merge_results([tmp_path], out)
