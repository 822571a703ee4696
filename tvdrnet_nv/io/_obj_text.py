"""The text of OBJ files (Wavefront), as arrays. Both the loader of scenes and PyTorch3D's names read with it."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

import numpy as np

from tvdrnet_nv.io._find_file import decode_name

_BLOCK = 1 << 20  # bytes looked at together: they stay in the cache
_SPACE = np.zeros(256, dtype=bool)
_SPACE[[9, 10, 11, 12, 13, 32]] = True
_CONTINUED = re.compile(rb"\\[ \t]*\n")
_OLD_FACE = re.compile(rb"^([ \t]*)fo(?=[ \t])", re.MULTILINE)  # `f` in files of the first version
_MICROSOFT = re.compile(rb"([+-]?)1\.#(IND|QNAN|SNAN|INF)\w*")  # how old runtimes of Windows print what is not finite


class BadLine(ValueError):
    """A line that cannot be read; the message says which and why."""


@dataclass(frozen=True, eq=False)
class ObjText:
    """An OBJ file's contents.

    Attributes:
        points: the numbers of all `v` lines, [V, K] float64, K >= 3; NaN where a line has fewer than others.
        uvs: [T, 2] float64.
        normals: [N, 3] float64; empty where they were not asked for.
        corners: [C, 3] int64, for all faces' corners in a row the indices of vertex, texture coordinate and normal from
            0; -1 where there is none. They may be out of range.
        counts: [P] int64, the faces' numbers of corners.
        face_lines: [P] int64, the faces' lines from 0.
        face_materials: [P] int64, rows of `materials`; -1 before the first `usemtl`.
        materials: names in the order of first use.
        libraries: the rest of each `mtllib` line.
        others: how many lines of each other kind there are, such as `l`; also of normals that were not asked for.
    """

    points: np.ndarray
    uvs: np.ndarray
    normals: np.ndarray
    corners: np.ndarray
    counts: np.ndarray
    face_lines: np.ndarray
    face_materials: np.ndarray
    materials: list[str]
    libraries: list[str]
    others: dict[str, int]


def parse_obj_text(data: bytes, with_normals: bool = False) -> ObjText:
    """Read an OBJ file's bytes.

    Raises:
        BadLine: a line of vertices, texture coordinates, wanted normals or faces cannot be read.
    """
    lines = _Lines(_plain(data))
    points = lines.numbers(_V, 3, None)
    uvs = lines.numbers(_VT, 1, 2)
    if uvs.shape[1] == 1:
        uvs = np.concatenate([uvs, np.zeros_like(uvs)], axis=1)
    uvs[np.isnan(uvs[:, 1]) & ~np.isnan(uvs[:, 0]), 1] = 0  # of one dimension
    normals = lines.numbers(_VN, 3, 3) if with_normals else np.zeros((0, 3))
    unread = 0 if with_normals else lines.count(_VN)
    corners, counts, face_lines = lines.faces()
    materials: dict[str, int] = {}
    libraries: list[str] = []
    others: dict[str, int] = {"vn": unread} if unread else {}
    switch_lines, switches = [-1], [-1]
    for number, keyword, rest in lines.words():
        if keyword == "usemtl":
            switch_lines.append(number)
            switches.append(materials.setdefault(rest, len(materials)))
        elif keyword == "mtllib":
            libraries.append(rest)
        else:
            others[keyword] = others.get(keyword, 0) + 1
    of_face = np.array(switches)[np.searchsorted(np.array(switch_lines), face_lines) - 1]
    return ObjText(points, uvs, normals, corners, counts, face_lines, of_face, list(materials), libraries, others)


def _plain(data: bytes) -> bytes:
    """UTF-8 without a mark in front, lines that end with a newline and are not continued."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", errors="replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\\" in data:
        data = _CONTINUED.sub(b" ", data)
    if b".#" in data:
        data = _MICROSOFT.sub(lambda match: match[1] + (b"inf" if match[2] == b"INF" else b"nan"), data)
    if b"fo" in data:
        data = _OLD_FACE.sub(rb"\1f", data)
    return data if data.endswith(b"\n") else data + b"\n"


_OTHER, _V, _VT, _VN, _F = range(5)
_KEYWORDS = {_V: "v", _VT: "vt", _VN: "vn", _F: "f"}


class _Lines:
    """Where an OBJ file's lines are, and what kind each is."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._bytes = np.frombuffer(data, dtype=np.uint8)
        self._ends = np.flatnonzero(self._bytes == 10)  # the newlines
        self._starts = np.concatenate([[0], self._ends[:-1] + 1])
        self._first = self._skip_space()
        padded = np.concatenate([self._bytes, np.full(3, 10, dtype=np.uint8)])
        a, b, c = (padded[self._first + i] for i in range(3))
        kinds = np.zeros(len(self._ends), dtype=np.int8)
        kinds[(a == ord("v")) & _SPACE[b]] = _V
        kinds[(a == ord("v")) & (b == ord("t")) & _SPACE[c]] = _VT
        kinds[(a == ord("v")) & (b == ord("n")) & _SPACE[c]] = _VN
        kinds[(a == ord("f")) & _SPACE[b]] = _F
        self._kinds = kinds
        silent = (self._first == self._ends) | (a == ord("#"))
        for letter in b"gos":
            silent |= (a == letter) & _SPACE[b]
        self._worded = np.flatnonzero((kinds == _OTHER) & ~silent)

    def _skip_space(self) -> np.ndarray:
        first = self._starts.copy()
        for _ in range(32):
            on = np.flatnonzero(_SPACE[self._bytes[first]] & (first < self._ends))
            if not len(on):
                return first
            first[on] += 1
        for i in np.flatnonzero(_SPACE[self._bytes[first]] & (first < self._ends)):
            line = self._data[first[i] : self._ends[i]]
            first[i] += len(line) - len(line.lstrip())
        return first

    def words(self) -> list[tuple[int, str, str]]:
        """The line's number from 0, first word and rest, of lines that are neither numbers, groups nor comments."""
        found = []
        for i in self._worded:
            line = self._data[self._first[i] : self._ends[i]]
            line = re.split(rb"(?:^|\s)#", line, maxsplit=1)[0]
            keyword, _, rest = line.replace(b"\t", b" ").partition(b" ")
            found.append((int(i), decode_name(keyword), decode_name(rest).strip()))
        return found

    def _text(self, kind: int, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lines `chosen` of a kind as one text [N] uint8 without their keywords, and where each begins [L]."""
        breaks = np.flatnonzero(np.diff(chosen) != 1)
        runs_first = chosen[np.concatenate([[0], breaks + 1])] if len(chosen) else chosen
        runs_last = chosen[np.concatenate([breaks, [len(chosen) - 1]])] if len(chosen) else chosen
        begins, ends = self._starts[runs_first].tolist(), (self._ends[runs_last] + 1).tolist()
        view = memoryview(self._data)
        text = np.frombuffer(bytearray().join([view[a:b] for a, b in zip(begins, ends, strict=True)]), dtype=np.uint8)
        lengths = self._ends[chosen] + 1 - self._starts[chosen]
        offsets = np.cumsum(lengths) - lengths
        keyword = offsets + self._first[chosen] - self._starts[chosen]
        for i in range(len(_KEYWORDS[kind])):
            text[keyword + i] = 32
        if len(text) and (text == ord("#")).any():
            hashes = np.flatnonzero(text == ord("#"))
            of_line = np.searchsorted(offsets, hashes, side="right") - 1
            _, first = np.unique(of_line, return_index=True)
            for begin, line in zip(hashes[first].tolist(), of_line[first].tolist(), strict=True):
                text[begin : offsets[line] + lengths[line] - 1] = 32
        return text, offsets

    def count(self, kind: int) -> int:
        """How many lines of a kind there are."""
        return int((self._kinds == kind).sum())

    def numbers(self, kind: int, least: int, most: int | None) -> np.ndarray:
        """[L, K] float64: the first numbers of each line of a kind."""
        chosen = np.flatnonzero(self._kinds == kind)
        if not len(chosen):
            return np.zeros((0, most or least))
        blocks = [self._some_numbers(kind, block, least) for block in _blocks(chosen, self._starts)]
        width = max(block.shape[1] for block in blocks)
        rows = np.full((len(chosen), width), np.nan)
        at = 0
        for block in blocks:
            rows[at : at + len(block), : block.shape[1]] = block
            at += len(block)
        return rows[:, :most] if most else rows

    def _some_numbers(self, kind: int, chosen: np.ndarray, least: int) -> np.ndarray:
        text, offsets = self._text(kind, chosen)
        space = _SPACE[text]
        begins = np.flatnonzero(~space & np.concatenate([[True], space[:-1]]))
        counts = np.diff(np.searchsorted(begins, np.append(offsets, len(text))))
        if counts.min() < least:
            i = int(counts.argmin())
            raise self._bad(kind, chosen[i], f"'{_KEYWORDS[kind]}' has {counts[i]} numbers and needs {least}")
        flat = _parse(text, np.float64)
        if flat is None or len(flat) != counts.sum():
            flat = self._parse_each(kind, chosen, least)
            counts = np.array([len(row) for row in flat])
            flat = np.concatenate(flat)
        if (counts == counts[0]).all():
            return flat.reshape(len(chosen), counts[0])
        rows = np.full((len(chosen), min(int(counts.max()), 8)), np.nan)
        starts = np.cumsum(counts) - counts
        for column in range(rows.shape[1]):
            has = counts > column
            rows[has, column] = flat[starts[has] + column]
        return rows

    def _parse_each(self, kind: int, chosen: np.ndarray, least: int) -> list[np.ndarray]:
        """The numbers that each line begins with; a line whose needed ones cannot be read is named."""
        rows = []
        for i in chosen:
            words = self._data[self._first[i] : self._ends[i]].split(b"#")[0].split()[1:9]
            row: list[float] = []
            for word in words:
                try:
                    row.append(float(word))
                except ValueError:
                    text = word.lower()
                    if b"nan" in text or b"inf" in text:
                        row.append(np.nan)
                        continue
                    if len(row) >= least:
                        break
                    what = f"{decode_name(word)[:40]!r} is no number"
                    raise self._bad(kind, i, what) from None
            rows.append(np.array(row))
        return rows

    def faces(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Corners [C, 3], counts [P], and the faces' lines [P]."""
        chosen = np.flatnonzero(self._kinds == _F)
        if not len(chosen):
            return np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64), chosen
        parts = [self._some_faces(block) for block in _blocks(chosen, self._starts)]
        corners, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
        owner = np.repeat(chosen, counts)
        for column, kind in enumerate((_V, _VT, _VN)):
            values = corners[:, column]
            relative = values < 0
            if relative.any():
                seen = np.searchsorted(np.flatnonzero(self._kinds == kind), owner[relative])
                below = seen + values[relative] < 0
                if below.any():
                    at = np.flatnonzero(relative)[int(below.argmax())]
                    raise self._bad(_F, int(owner[at]), f"the index {values[at]} reaches before the first one")
                values[relative] = seen + values[relative]
            values[~relative] -= 1
        return corners, counts, chosen

    def _some_faces(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Corners [C, 3] as they stand in the file, 0 where there is no number, and counts [P]."""
        text, offsets = self._text(_F, chosen)
        space, slash = _SPACE[text], text == ord("/")
        before = np.concatenate([[True], space[:-1]])
        words = np.flatnonzero(~space & before)
        counts = np.diff(np.searchsorted(words, np.append(offsets, len(text))))
        numbers = np.flatnonzero(~space & ~slash & (before | np.concatenate([[False], slash[:-1]])))
        word_of = np.searchsorted(words, numbers, side="right") - 1
        slashes = np.flatnonzero(slash)
        column = np.searchsorted(slashes, numbers) - np.searchsorted(slashes, words)[word_of]
        text[slash] = 32
        values = _parse(text, np.int64)
        corners = np.zeros((len(words), 3), dtype=np.int64)
        if values is None or len(values) != len(numbers) or (len(column) and column.max() > 2) or (values == 0).any():
            raise self._bad_face(chosen)
        corners[word_of, column] = values
        if (corners[:, 0] == 0).any():
            raise self._bad_face(chosen)
        return corners, counts

    def _bad_face(self, chosen: np.ndarray) -> BadLine:
        for i in chosen:
            for word in self._data[self._first[i] : self._ends[i]].split(b"#")[0].split()[1:]:
                if not re.fullmatch(rb"[+-]?0*[1-9]\d*(/([+-]?0*[1-9]\d*)?){0,2}", word):
                    return self._bad(_F, i, f"{decode_name(word)[:40]!r} is no corner: indices count from 1")
        return self._bad(_F, chosen[0], "a face near it has a number that is too large")

    def _bad(self, kind: int, line: int, why: str) -> BadLine:
        return BadLine(f"line {int(line) + 1} cannot be read ({why})")


def _blocks(chosen: np.ndarray, starts: np.ndarray) -> list[np.ndarray]:
    """`chosen` in pieces whose text is not much longer than a block."""
    cuts = np.flatnonzero(np.diff(starts[chosen] // _BLOCK)) + 1
    return np.split(chosen, cuts)


def _parse(text: np.ndarray, dtype: type) -> np.ndarray | None:
    """The numbers of a text; None where a word is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # numpy's, about text that is no number
        try:
            return np.fromstring(text.tobytes(), dtype=dtype, sep=" ")
        except (DeprecationWarning, ValueError):
            return None
