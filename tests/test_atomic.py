"""Output folders and files that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.report import check_writable, staged_folder


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    with staged_folder(out) as folder:
        (folder / "x.txt").write_text("x")
        assert not out.exists()
    assert (out / "x.txt").read_text() == "x"
    assert [path.name for path in out.parent.iterdir()] == ["b"]


def test_an_existing_folder_keeps_its_other_files(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "x.txt").write_text("before")
    with staged_folder(tmp_path) as folder:
        (folder / "x.txt").write_text("after")
        assert (tmp_path / "x.txt").read_text() == "before"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"old.txt": "old", "x.txt": "after"}


@pytest.mark.parametrize("exists", [False, True])
def test_a_failure_midway_leaves_everything_as_it_was(tmp_path: Path, exists: bool) -> None:
    out = tmp_path / "out"
    if exists:
        out.mkdir()
        (out / "x.txt").write_text("before")
    with pytest.raises(KeyboardInterrupt), staged_folder(out) as folder:  # noqa: PT012
        (folder / "x.txt").write_text("half")
        raise KeyboardInterrupt
    assert out.exists() == exists
    assert [path.name for path in tmp_path.rglob("*")] == (["out", "x.txt"] if exists else [])
    if exists:
        assert (out / "x.txt").read_text() == "before"


def test_a_full_disk_is_one_line_that_names_the_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"output folder .*out: cannot be written: no space left"), staged_folder(out):
        raise OSError(28, "No space left on device", "/somewhere/else")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("use", [check_writable, lambda out: staged_folder(out).__enter__()])
def test_an_output_folder_that_is_a_file_or_lies_under_one_is_refused(tmp_path: Path, use) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="a file of this name exists"):
        use(tmp_path / "file")
    with pytest.raises(InputError, match=r"cannot be written: (not a directory|file exists)"):
        use(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "x"


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def _write_three(folder: Path) -> None:
    with staged_folder(folder) as staging:
        for name in ("a.txt", "b.txt", "z.txt"):
            (staging / name).write_text("new")


def test_an_existing_folder_gets_all_the_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "z.txt").mkdir()
    with pytest.raises(InputError, match=r"z\.txt is a folder there"):
        _write_three(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "z.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_folder_of_a_files_name_is_found_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "loss.png").mkdir()
    with pytest.raises(InputError, match=r"holds a folder named loss\.png"):
        check_writable(tmp_path, ["optimized_params.json", "loss.png"])


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
