"""The rows of a PLY element, many at once where their lists have the same lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from plyfile import PlyListProperty, PlyProperty

_FIRST_BLOCK = 64  # rows that are tried at once; four times as many each time that all of them are alike


class PlyRowsError(ValueError):
    """The rows are not what the header says."""


@dataclass
class Ragged:
    """Lists of different lengths.

    Attributes:
        counts: [N] int64, the lengths.
        values: [sum of counts], all lists, one after the other.
    """

    counts: np.ndarray
    values: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """[N] int64: where in `values` each list begins."""
        return np.cumsum(self.counts) - self.counts

    def __len__(self) -> int:
        return len(self.counts)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(np.split(self.values, np.cumsum(self.counts)[:-1]) if len(self.counts) else [])


Columns = dict[str, np.ndarray | Ragged]


class Source(Protocol):
    """Rows that have not been read yet."""

    def lengths(self) -> tuple[int, ...]:
        """The lengths of the next row's lists."""
        ...

    def rows(self, lengths: tuple[int, ...], most: int) -> list[np.ndarray]:
        """The columns of up to `most` next rows whose lists have these lengths, and step over them.

        One array [n] for a number; one [n, length] for a list.
        """
        ...


def least_row_bytes(properties: Sequence[PlyProperty]) -> int:
    """How many bytes a row of a binary file has at the least."""
    return sum(np.dtype(_count_type(p) if isinstance(p, PlyListProperty) else p.val_dtype).itemsize for p in properties)


def read_rows(source: Source, properties: Sequence[PlyProperty], count: int) -> Columns:
    """All columns of `count` rows.

    Raises:
        PlyRowsError: there are fewer.
    """
    lists = [p.name for p in properties if isinstance(p, PlyListProperty)]
    pieces: list[list[np.ndarray]] = []
    row, block = 0, _FIRST_BLOCK
    while row < count:
        try:
            columns = source.rows(source.lengths(), min(block, count - row))
        except PlyRowsError as error:
            raise PlyRowsError(f"row {row} of {count}: {error}") from None
        pieces.append(columns)
        taken = len(columns[0])
        row += taken
        block = 4 * block if taken == block else _FIRST_BLOCK
    result: Columns = {}
    for i, p in enumerate(properties):
        parts = [piece[i] for piece in pieces]
        if p.name in lists:
            lengths = np.array([part.shape[1] for part in parts], dtype=np.int64)
            counts = np.repeat(lengths, [len(part) for part in parts]) if parts else lengths
            result[p.name] = Ragged(counts, _joined([part.reshape(-1) for part in parts], p))
        else:
            result[p.name] = _joined(parts, p)
    return result


def read_binary(
    data: bytes, offset: int, properties: Sequence[PlyProperty], count: int, order: str
) -> tuple[Columns, int]:
    """The columns of a binary element whose rows begin at `offset`, and where they end.

    Raises:
        PlyRowsError: the data end too early.
    """
    if not properties:
        return {}, offset
    source = _Binary(data, offset, properties, order)
    return read_rows(source, properties, count), source.offset


class _Binary:
    """Rows of bytes."""

    def __init__(self, data: bytes, offset: int, properties: Sequence[PlyProperty], order: str) -> None:
        self.offset = offset
        self._data, self._order, self._properties = data, order, properties
        self._layouts: dict[tuple[int, ...], np.dtype] = {}
        self._lists = [i for i, p in enumerate(properties) if isinstance(p, PlyListProperty)]

    def lengths(self) -> tuple[int, ...]:
        if not self._lists:
            return ()
        at, found = self.offset, []
        for p in self._properties:
            kind = self._kind(p.val_dtype)
            if not isinstance(p, PlyListProperty):
                at += kind.itemsize
                continue
            counted = self._kind(_count_type(p))
            if at + counted.itemsize > len(self._data):
                raise PlyRowsError("early end of file")
            length = int(np.frombuffer(self._data, counted, 1, at)[0])
            if length < 0:
                raise PlyRowsError(f"a list of {length} numbers")
            found.append(length)
            at += counted.itemsize + length * kind.itemsize
            if at > len(self._data):
                raise PlyRowsError("early end of file")
        return tuple(found)

    def rows(self, lengths: tuple[int, ...], most: int) -> list[np.ndarray]:
        layout = self._layouts.get(lengths)
        if layout is None:
            layout = self._layouts[lengths] = self._layout(lengths)
        count = min(most, (len(self._data) - self.offset) // layout.itemsize)
        if count == 0:
            raise PlyRowsError("early end of file")
        rows = np.frombuffer(self._data, layout, count, self.offset)
        alike = np.ones(count, dtype=bool)
        for i, length in zip(self._lists, lengths, strict=True):
            alike &= rows[f"n{i}"] == length
        if not alike.all():
            rows = rows[: int(np.argmin(alike))]
        self.offset += len(rows) * layout.itemsize
        return [rows[f"v{i}"] for i in range(len(self._properties))]

    def _layout(self, lengths: tuple[int, ...]) -> np.dtype:
        fields: list[Any] = []
        left = list(lengths)
        for i, p in enumerate(self._properties):
            if isinstance(p, PlyListProperty):
                fields.append((f"n{i}", self._kind(_count_type(p))))
                fields.append((f"v{i}", self._kind(p.val_dtype), (left.pop(0),)))
            else:
                fields.append((f"v{i}", self._kind(p.val_dtype)))
        return np.dtype(fields)

    def _kind(self, name: str) -> np.dtype:
        return np.dtype(self._order + name)


def _count_type(p: PlyListProperty) -> str:
    return p.len_dtype


def _joined(parts: list[np.ndarray], p: PlyProperty) -> np.ndarray:
    """The parts in the machine's byte order."""
    if not parts:
        return np.empty(0, dtype=np.dtype(p.val_dtype))
    whole = np.concatenate(parts) if len(parts) > 1 else np.ascontiguousarray(parts[0])
    return whole.astype(whole.dtype.newbyteorder("="), copy=False)
