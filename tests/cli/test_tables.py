"""Tables in terminals that are wide, narrow, or know only ASCII."""

from __future__ import annotations

import io
import time

import pytest
from rich.cells import cell_len

from tvdrnet_nv.cli._console import Lines, working
from tvdrnet_nv.cli._tables import Facts, Grid

HEADINGS = ("view", "why", "turned", "share of the surface")
ROWS = [("1", "next to the window, behind the table", "12.5°", "40%"), ("2", "under it", "−0.2°", "7%")]


def shown(table: object, width: int, encoding: str = "utf-8") -> list[str]:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    Lines(file=file, width=width).print(table)
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize("width", [200, 80, 60, 40, 24])
def test_a_table_fits_without_blanks_at_the_ends(width: int) -> None:
    lines = shown(Grid(HEADINGS, ROWS, words=2, title="Two views", note="Seen at once."), width)
    assert max(map(cell_len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
    text = " ".join(" ".join(lines).split())
    for value in ("Two views", "12.5°", "−0.2°", "40%", "7%", "Seen at once."):
        assert value in text


def test_a_wide_terminal_gets_columns_and_a_narrow_one_a_list() -> None:
    assert shown(Grid(HEADINGS, ROWS, words=2), 80) == [
        "view  why                                   turned  share of the surface",
        "1     next to the window, behind the table   12.5°                   40%",
        "2     under it                               −0.2°                    7%",
    ]
    lines = shown(Grid(HEADINGS, ROWS, words=2), 30)
    assert lines[:2] == ["view 1", "  why            next to the"]
    assert lines[lines.index("view 2") :][:2] == ["view 2", "  why            under it"]


def test_a_list_leaves_out_empty_cells() -> None:
    rows = [("step, 256×256", "", "19.6 ms", "NOT MET"), ("import torch", "", "2.93 s", "")]
    assert shown(Grid(("what", "scene", "measured", ""), rows), 20) == [
        "what step, 256×256",
        "  measured  19.6 ms",
        "            NOT MET",
        "what import torch",
        "  measured  2.93 s",
    ]


def test_words_give_way_before_numbers() -> None:
    lines = shown(Grid(("name", "length"), [("a long name of many words", "1,234,567.8")], words=1), 30)
    assert lines == ["name                    length", "a long name of     1,234,567.8", "many words"]


def test_ascii_is_as_wide_as_it_is_spelled() -> None:
    lines = shown(Grid(("angle", "size"), [("1°", "2×3"), ("100°", "20×30")], words=0), 80, "ascii")
    assert lines == ["  angle   size", "  1 deg    2x3", "100 deg  20x30"]
    assert shown(Facts([("±", "–0.5 → 1…")]), 80, "ascii") == ["  +-  -0.5 -> 1..."]


def test_what_takes_longer_than_a_second_is_said_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tvdrnet_nv.cli._console._SILENT", 0.0)
    said = _Said()
    with working(Lines(file=said), "reading"):
        for _ in range(1000):
            time.sleep(0.01)
            if said.getvalue():
                break
    assert said.getvalue() == "reading …\n"
    quiet = io.StringIO()
    with working(Lines(file=quiet, quiet=True), "reading"):
        pass
    assert quiet.getvalue() == ""


class _Said(io.StringIO):
    encoding = "utf-8"
