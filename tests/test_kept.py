"""What is kept on disk: taken where it is whole, made where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.kept import kept, kept_folder

CONTENT = bytes(range(100))


class Maker:
    """Makes the content, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> bytes:
        self.made += 1
        return CONTENT


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maker:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Maker()


def test_it_is_made_once(maker: Maker, tmp_path: Path) -> None:
    assert [kept("things", "a.bin", maker) for _ in range(3)] == [CONTENT] * 3
    assert maker.made == 1
    assert [path.name for path in (tmp_path / "cache" / "tvdrnet_nv" / "things").iterdir()] == ["a.bin"]
    assert kept("things", "b.bin", maker) == CONTENT
    assert maker.made == 2


@pytest.mark.parametrize("damage", [lambda held: held[:-1], lambda held: held[:40] + b"?" + held[41:], lambda _: b""])
def test_a_file_that_is_not_whole_is_made_again(maker: Maker, damage) -> None:
    kept("things", "a.bin", maker)
    path = kept_folder("things") / "a.bin"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert kept("things", "a.bin", maker) == CONTENT
    assert maker.made == 2
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_said_and_does_no_harm(maker: Maker, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match=r"things cannot be kept \(.*/file/tvdrnet_nv/things: Not a directory\)"):
        assert kept("things", "a.bin", maker) == CONTENT
