"""The elements of a PLY file as arrays: the header by plyfile, the rows in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from plyfile import PlyData, PlyElement, PlyListProperty, PlyParseError, PlyProperty

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._ply_rows import Columns, PlyRowsError, Ragged, least_row_bytes, read_binary
from tvdrnet_nv.io._ply_text import TextBody
from tvdrnet_nv.io._sniff import other_kind
from tvdrnet_nv.io.wording import counted

_END = re.compile(rb"(?:^|[\r\n])[ \t]*end_header[ \t]*(\r\n|\n|\r)")
_KEYWORDS = ("ply", "format", "comment", "obj_info", "element", "property", "end_header")
_COUNT = re.compile(r"^element (\S+) (\d+)$")


@dataclass
class Element:
    """One element of a file: its properties as the header has them, and their values.

    Attributes:
        header: plyfile's, without rows.
        count: how many rows there are.
    """

    header: PlyElement
    count: int
    _columns: Columns
    _where: str

    @property
    def name(self) -> str:
        return self.header.name

    @property
    def properties(self) -> tuple[PlyProperty, ...]:
        """The properties, in the file's order."""
        return tuple(self.header.properties)

    def ply_property(self, name: str) -> PlyProperty:
        """One property as the header has it; a `PlyListProperty` for a list."""
        return self.header.ply_property(name)

    def is_list(self, name: str) -> bool:
        """Whether a property is a list."""
        return isinstance(self.ply_property(name), PlyListProperty)

    def __contains__(self, name: object) -> bool:
        return any(p.name == name for p in self.header.properties)

    def __getitem__(self, name: str) -> np.ndarray:
        """[count]: the numbers of a property; of a list, an array of arrays, where `lists` is faster.

        Floats of a text file have all their digits: float64.

        Raises:
            InputError: a whole number is none, or too large for its type.
        """
        values = self._columns[name]
        if isinstance(values, np.ndarray):
            return self._in_type(name, values)
        arrays = np.empty(self.count, dtype=object)
        arrays[:] = list(self.lists(name))
        return arrays

    def lists(self, name: str) -> Ragged:
        """The lists of a property that is one.

        Raises:
            InputError: as `__getitem__`.
        """
        found = self._columns[name]
        assert isinstance(found, Ragged)
        return Ragged(found.counts, self._in_type(name, found.values))

    def _in_type(self, name: str, values: np.ndarray) -> np.ndarray:
        """A text file's numbers in the property's type, where that is one of whole numbers."""
        kind = np.dtype(self.ply_property(name).val_dtype)
        if kind.kind == "f" or values.dtype.kind != "f":
            return values
        limits = np.iinfo(kind.name)
        good = (values == np.floor(values)) & (values >= limits.min) & (values <= limits.max)
        if not good.all():
            row = int(np.flatnonzero(~good)[0])
            raise broken(self._where, f"{self.name}, {name}: {values[row]:g} is no {kind.name}")
        return values.astype(kind)


class PlyFile:
    """A PLY file's elements by name, each read when it is asked for.

    Args:
        path: the file. It is read, not mapped into memory, so that another process may write it meanwhile.

    Attributes:
        comments: the header's comments and `obj_info` lines, without these words. Bytes that are not UTF-8 are taken as
            Latin-1.
        strange: the header's lines that are none of the format; some programs write comments without that word.

    Raises:
        InputError: it is no PLY file, or its header is broken.
    """

    def __init__(self, path: Path) -> None:
        self._where = str(path)
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        if data[:3].lower() != b"ply":
            why = f"it is {other}" if (other := other_kind(data)) else "it does not start with 'ply'"
            raise InputError(f"{path}: not a PLY file ({why}); check the file or its suffix")
        if data[:3] != b"ply":
            data = b"ply" + data[3:]
        end = _END.search(data)
        if end is None:
            raise broken(self._where, "the header has no end")
        lines = re.split(r"\r\n|\n|\r", _decoded(data[: end.start(1)]))
        self.comments = [
            line.split(None, 1)[1].strip() for line in lines if _is_comment(line) and len(line.split()) > 1
        ]
        self.strange = [line.strip() for line in lines if line.split() and line.split()[0] not in _KEYWORDS]
        self._counts, self._headers, byte_order = _parse_header([*lines, ""], self._where)
        body = end.end()
        if end[1] == b"\r\n" and byte_order is not None and b"\n" not in data[: end.start(1)]:
            body -= 1  # every line ends with \r alone, and the first byte of the numbers is 10
        self._bytes, self._offset, self._order = data, body, byte_order
        self._text: TextBody | None = None
        self._read: dict[str, Element] = {}

    @property
    def names(self) -> list[str]:
        """The elements' names, in the file's order."""
        return list(self._counts)

    def count(self, name: str) -> int:
        """How many rows the header promises of an element; 0 where it has none of that name."""
        return self._counts.get(name, 0)

    def header(self, name: str) -> PlyElement:
        """An element's properties, without reading its rows."""
        return self._headers[name]

    @property
    def surplus(self) -> str:
        """What follows the elements, in words; empty where nothing does, or a binary file was not read to its end."""
        if self._text is not None:
            lines = self._text.surplus
            return counted(lines, "line") if lines else ""
        if len(self._read) < len(self.names):
            return ""
        left = len(self._bytes[self._offset :].strip())
        return counted(left, "byte") if left else ""

    def __contains__(self, name: object) -> bool:
        return name in self._counts

    def __getitem__(self, name: str) -> Element:
        """An element; those before it are read as well.

        Raises:
            InputError: the file ends too early, or holds what is no number.
        """
        for other in self.names:
            if name in self._read:
                break
            if other not in self._read:
                self._read[other] = self._next(other)
        return self._read[name]

    def _next(self, name: str) -> Element:
        header, count = self._headers[name], self._counts[name]
        try:
            if self._order is None:
                if self._text is None:
                    rows = [(other, self._counts[other], self._headers[other].properties) for other in self.names]
                    self._text = TextBody(self._bytes[self._offset :], rows)
                    self._bytes = b""
                columns = self._text.read(name)
            else:
                left = len(self._bytes) - self._offset
                if count * least_row_bytes(header.properties) > left:
                    raise PlyRowsError(f"{count} rows do not fit into {left} bytes")
                columns, self._offset = read_binary(self._bytes, self._offset, header.properties, count, self._order)
        except PlyRowsError as error:
            raise broken(self._where, f"{name}: {error}") from error
        return Element(header, count, columns, self._where)


def broken(where: str, why: str) -> InputError:
    """What is said of a broken file."""
    return InputError(f"{where}: the PLY is truncated or broken ({why}); export or download it again")


def _decoded(header: bytes) -> str:
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _is_comment(line: str) -> bool:
    return line.split(None, 1)[:1] in (["comment"], ["obj_info"])


def _parse_header(lines: list[str], where: str) -> tuple[dict[str, int], dict[str, PlyElement], str | None]:
    """The elements' counts and properties, and the byte order, None for text. plyfile checks all but the counts."""
    counts: dict[str, int] = {}
    empty, seen = [], set[str]()
    for line in _headed(lines):
        line = line.encode("ascii", "backslashreplace").decode("ascii")  # plyfile knows no other names
        found = _COUNT.match(line)
        if found:
            name = found[1].lower()  # some programs write Vertex and Face
            if name in counts:
                raise InputError(f"{where}: the PLY has two elements {name}; join them, or export the mesh again")
            counts[name] = int(found[2][:20])  # no file has 10^20 rows
            line, seen = f"element {name} 0", set[str]()
        elif re.match(r"element \S+ -\d+$", line):
            raise broken(where, f"{line.split()[2]} rows of {line.split()[1]}")
        elif line.startswith("property "):
            own = line.rpartition(" ")[2]
            if own in seen:
                element = next(reversed(counts), "none")
                raise InputError(f"{where}: the PLY's element {element} has two properties {own}; rename or remove one")
            seen.add(own)
        empty.append(line)
    text = "\n".join([*empty, "end_header", ""])
    try:
        parsed = PlyData.read(BytesIO(text.encode("ascii")))
    except (PlyParseError, ValueError) as error:
        raise broken(where, str(error)) from error
    return counts, {element.name: element for element in parsed}, None if parsed.text else parsed.byte_order


def _headed(lines: list[str]) -> Iterator[str]:
    """The header's lines that count, with single blanks."""
    for line in lines:
        words = line.split()
        if words and words[0] in ("ply", "format", "element", "property"):
            yield " ".join(words)
