"""The journal: what is read back, whatever cut it off."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tvdrnet_nv.batch.journal import IS_DONE, IS_FAILED, PENDING, Journal, JournalWriter


def write(folder: Path, *lines: tuple[str, int, int]) -> None:
    with JournalWriter(folder) as writer:
        for event, number, attempts in lines:
            writer.add(event, number, attempts, {"number": number, "event": event})


def test_states_attempts_and_rows(tmp_path: Path) -> None:
    write(tmp_path, ("done", 2, 1), ("again", 0, 1), ("failed", 1, 3))
    write(tmp_path, ("done", 0, 2))
    journal = Journal(tmp_path, 4)
    assert journal.states.tolist() == [IS_DONE, IS_FAILED, IS_DONE, PENDING]
    assert journal.attempts.tolist() == [2, 3, 1, 0]
    assert [(row["number"], row["attempts"]) for row in journal.rows()] == [(0, 2), (1, 3), (2, 1)]
    assert [row["number"] for row in journal.rows(IS_FAILED)] == [1]
    write(tmp_path, ("retry", 1, 0))
    again = Journal(tmp_path, 4)
    assert again.states[1] == PENDING
    assert [row["number"] for row in again.rows()] == [0, 2]


def test_a_line_that_was_cut_off_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, ("done", 0, 1), ("done", 1, 1))
    (file,) = tmp_path.glob("*.log")
    whole = file.read_bytes()
    first = whole.index(b"\n") + 1
    for size in range(first, len(whole)):
        file.write_bytes(whole[:size])
        journal = Journal(tmp_path, 2)
        assert journal.states.tolist() == [IS_DONE, PENDING]
        assert journal.damaged == 0
    write(tmp_path, ("done", 1, 1))  # in a file of its own
    assert Journal(tmp_path, 2).states.tolist() == [IS_DONE, IS_DONE]


@pytest.mark.parametrize("line", [b"\x00" * 40, b"done", b"done\t9\t1\t{}", b"done\t-1\t1\t{}", b"won\t0\t1\t{}", b""])
def test_damaged_lines_are_counted(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "00001.log").write_bytes(line + b'\ndone\t1\t1\t{"number":1}\n')
    journal = Journal(tmp_path, 2)
    assert journal.states.tolist() == [PENDING, IS_DONE]
    assert journal.damaged == 1


def test_an_empty_file_and_no_file(tmp_path: Path) -> None:
    assert Journal(tmp_path / "none", 1).states.tolist() == [PENDING]
    (tmp_path / "00001.log").touch()
    assert Journal(tmp_path, 1).states.tolist() == [PENDING]


def test_a_line_that_cannot_be_written_leaves_none(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with JournalWriter(tmp_path) as writer:
        writer.add("done", 0, 1, {"number": 0})
        (file,) = tmp_path.glob("*.log")
        size = file.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
        try:
            with pytest.raises(OSError, match="large"):
                writer.add("done", 1, 1, {"number": 1})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert file.stat().st_size == size
        writer.add("done", 1, 1, {"number": 1})
    assert Journal(tmp_path, 2).states.tolist() == [IS_DONE, IS_DONE]
