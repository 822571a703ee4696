"""One job: its folder whole or not at all, and why it failed."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
import torch

from tests.batch.examples import new_batch
from tvdrnet_nv.batch.folder import RESULT_FILE
from tvdrnet_nv.batch.one_job import run_one, why
from tvdrnet_nv.errors import InputError


def test_a_job_is_done_once(box: Path, tmp_path: Path) -> None:
    place = new_batch(tmp_path / "out", [{"scene": str(box), "name": "a", "optimize": "pose"}], pictures=True).place(0)
    row = run_one(place)
    assert row["state"] == "done"
    assert row["folder"] == "jobs/00000/a"
    assert {file.name for file in place.folder.iterdir()} == {*row["files"], RESULT_FILE}
    assert {"optimized_params.json", "optimized_view.png"} < set(row["files"])
    params = place.folder / "optimized_params.json"
    facts = json.loads(params.read_text())
    assert f"--camera {params}" in facts["render_command"]  # where the file stands, not where it was written
    assert json.loads(facts["command"])["out"] == str(place.folder)
    assert row["camera_to_world"] == [[value for line in facts["matrices"]["camera_to_world"] for value in line]]
    before = params.stat().st_mtime_ns
    assert run_one(place) == row
    assert params.stat().st_mtime_ns == before


def test_several_views_are_one_row(box: Path, tmp_path: Path) -> None:
    place = new_batch(tmp_path / "out", [{"scene": str(box), "views": 2}]).place(0)
    row = run_one(place)
    assert row["found"]
    assert [len(matrix) for matrix in row["camera_to_world"]] == [16, 16]
    assert row["files"] == ["views.json"]
    assert "distance" not in row


def test_a_folder_that_a_power_failure_cut_off_is_done_again(box: Path, tmp_path: Path) -> None:
    place = new_batch(tmp_path / "out", [{"scene": str(box)}]).place(0)
    place.folder.mkdir(parents=True)
    (place.folder / RESULT_FILE).touch()
    (place.folder / "stray").touch()
    assert run_one(place)["state"] == "done"
    assert {file.name for file in place.folder.iterdir()} == {"optimized_params.json", RESULT_FILE}


def test_what_fails_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "bad.ply").write_text("ply\nno")
    place = new_batch(tmp_path / "out", [{"scene": str(tmp_path / "bad.ply")}]).place(0)
    row = run_one(place)
    assert (row["state"], row["kind"]) == ("failed", "input")
    assert "bad.ply" in row["reason"]
    assert list(place.folder.parent.iterdir()) == []


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as found:
        return found


def test_kinds_of_failures() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert why(raised(InputError("output folder x: cannot be written"), full))[0] == "disk"
    assert why(InputError("`fov` 3: wanted"))[0] == "input"
    assert why(raised(InputError("x.ply: cannot be read"), MemoryError()))[0] == "memory"
    assert why(MemoryError()) == ("memory", "not enough memory")
    assert why(IndexError("4\n5")) == ("error", "IndexError: 4 5")
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert why(caught.value)[0] == "memory"
