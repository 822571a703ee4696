"""How errors become one line and an exit code."""

from __future__ import annotations

import pytest

from tvdrnet_nv.cli._errors import exit_code
from tvdrnet_nv.errors import InputError


def test_a_lack_of_memory_is_one_line_and_a_bug_is_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    def call(error: BaseException) -> int:
        def fail() -> None:
            raise error

        return exit_code(fail)

    assert call(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried")) == 2
    assert call(MemoryError()) == 2
    assert capsys.readouterr().err.count("error: not enough memory") == 2
    assert call(KeyboardInterrupt()) == 130
    with pytest.raises(RuntimeError, match="a bug"):
        call(RuntimeError("a bug"))
    with pytest.raises(ValueError, match="a bug"):
        call(ValueError("a bug"))


def test_an_error_is_one_line_however_long_and_shows_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise InputError("[red]file[/red] " + "word " * 60 + "\nnext line")

    assert exit_code(fail) == 2
    text = capsys.readouterr().err
    assert text.startswith("error: [red]file[/red] word")
    assert text.count("\n") == 1


def test_what_a_terminal_would_obey_is_spelled(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise InputError("the \x1b[31msofa\x07\nis\r red")

    assert exit_code(fail) == 2
    assert capsys.readouterr().err == "error: the \\x1b[31msofa\\x07 is  red\n"
