"""The rows of a PLY file in text."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

import numpy as np
from plyfile import PlyListProperty, PlyProperty

from tvdrnet_nv.io._ply_rows import Columns, PlyRowsError, read_rows
from tvdrnet_nv.io.wording import counted

Rows = tuple[str, int, Sequence[PlyProperty]]  # an element's name, how many rows it has, its properties

_BLANK = re.compile(rb"\n[ \t\v\f]*(?=\n)")
_MICROSOFT = (b"#QNAN", b"#SNAN", b"#IND", b"#INF")  # 1.#QNAN is how older C libraries write "nan"


class TextBody:
    """The elements of a text file after its header.

    A row is a line, whatever ends it. Where the lines do not have as many numbers as the header says, but all of them
    together do, a row may go over several lines.

    Args:
        data: the bytes after the header.
        elements: in the file's order.
    """

    def __init__(self, data: bytes, elements: Sequence[Rows]) -> None:
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        data = _BLANK.sub(b"", b"\n" + data)[1:].lstrip()
        if not data.endswith(b"\n"):
            data += b"\n"
        self._data, self._elements = data, elements
        self._ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
        self._columns: dict[str, Columns] = {}
        self._is_stream = False

    def read(self, name: str) -> Columns:
        """The columns of an element.

        Raises:
            PlyRowsError: there are fewer rows, or a row has not as many numbers as its lists and properties need.
        """
        if name not in self._columns:
            try:
                self._columns[name] = self._by_lines(name)
            except PlyRowsError as error:
                whole = self._as_stream()
                if whole is None:
                    raise error
                self._columns, self._is_stream = whole, True
        return self._columns[name]

    @property
    def surplus(self) -> int:
        """How many lines follow those that the header promises; 0 where rows go over several lines."""
        promised = sum(count for _, count, properties in self._elements if properties)
        return 0 if self._is_stream else max(0, len(self._ends) - promised)

    def _by_lines(self, name: str) -> Columns:
        first = 0
        for other, count, properties in self._elements:
            if other == name:
                break
            first += count if properties else 0
        else:
            raise KeyError(name)
        if count > len(self._ends) - first or not properties:
            if not properties or count == 0:
                return _empty(properties)
            raise PlyRowsError(f"{max(0, len(self._ends) - first)} rows, but {count} in the header")
        if count == 0:
            return _empty(properties)
        begin = int(self._ends[first - 1]) + 1 if first else 0
        numbers = _numbers(self._data[begin : int(self._ends[first + count - 1])])
        source = _Numbers(numbers, properties)
        columns = read_rows(source, properties, count)
        if source.offset != len(numbers):
            raise PlyRowsError(
                f"{counted(len(numbers), 'number')} in {counted(count, 'row')}, but {source.offset} by the header"
            )
        return columns

    def _as_stream(self) -> dict[str, Columns] | None:
        """All elements from one stream of numbers; None where these are too few or too many."""
        try:
            numbers = _numbers(self._data)
            source, offset, found = None, 0, {}
            for name, count, properties in self._elements:
                source = _Numbers(numbers, properties, offset)
                found[name] = read_rows(source, properties, count) if properties and count else _empty(properties)
                offset = source.offset
        except PlyRowsError:
            return None
        return found if offset == len(numbers) else None


class _Numbers:
    """Rows in a stream of numbers."""

    def __init__(self, numbers: np.ndarray, properties: Sequence[PlyProperty], offset: int = 0) -> None:
        self.offset = offset
        self._numbers = numbers
        self._lists = [isinstance(p, PlyListProperty) for p in properties]

    def lengths(self) -> tuple[int, ...]:
        at, found = self.offset, []
        for is_list in self._lists:
            if is_list:
                if at >= len(self._numbers):
                    raise PlyRowsError("early end of file")
                length = self._numbers[at]
                if not (length >= 0 and float(length).is_integer() and at + length < len(self._numbers)):
                    raise PlyRowsError(f"a list of {length:g} numbers")
                found.append(int(length))
                at += int(length)
            at += 1
        return tuple(found)

    def rows(self, lengths: tuple[int, ...], most: int) -> list[np.ndarray]:
        width = len(self._lists) + sum(lengths)
        count = min(most, (len(self._numbers) - self.offset) // width)
        if count == 0:
            raise PlyRowsError("early end of file")
        rows = self._numbers[self.offset : self.offset + count * width].reshape(count, width)
        columns, left, at = [], list(lengths), 0
        alike = np.ones(count, dtype=bool)
        for is_list in self._lists:
            if is_list:
                length = left.pop(0)
                alike &= rows[:, at] == length
                columns.append(rows[:, at + 1 : at + 1 + length])
                at += length
            else:
                columns.append(rows[:, at])
            at += 1
        taken = count if alike.all() else int(np.argmin(alike))
        self.offset += taken * width
        return [column[:taken] for column in columns]


def _empty(properties: Sequence[PlyProperty]) -> Columns:
    return read_rows(_Numbers(np.empty(0), properties), properties, 0)


def _numbers(text: bytes) -> np.ndarray:
    """The numbers in a text, float64; NaN for words such as `-nan(ind)`.

    Raises:
        PlyRowsError: a word is no number.
    """
    if b"#" in text:
        for word in _MICROSOFT:
            text = re.sub(rb"\S*" + word + rb"\S*", b"inf" if word == b"#INF" else b"nan", text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what is said of a word that is no number
        try:
            return np.fromstring(text, dtype=np.float64, sep=" ")  # pyright: ignore[reportCallIssue]
        except (DeprecationWarning, ValueError):
            pass
    return np.array([_number(word) for word in text.split()], dtype=np.float64)


def _number(word: bytes) -> float:
    try:
        return float(word)
    except ValueError:
        if b"nan" in word.lower() or b"inf" in word.lower():
            return float("nan")
        comma = ": numbers need a point, not a comma" if b"," in word else ""
        raise PlyRowsError(f"{word[:40].decode('latin-1')!r} is no number{comma}") from None
