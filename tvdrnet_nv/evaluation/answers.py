"""Predictions for queries: a folder of mask files, or a JSON file of boxes, masks or object ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation.mask_files import MASK_SUFFIXES, read_mask
from tvdrnet_nv.evaluation.overlap import box_corners, box_of_points
from tvdrnet_nv.evaluation.queries import Query
from tvdrnet_nv.evaluation.run_lengths import decode_runs
from tvdrnet_nv.io.cameras.files import read_json, read_text

_KINDS = ("mask", "bbox", "object_ids")


@dataclass(frozen=True, eq=False)
class Answer:
    """What is predicted for a query: a mask, a box, or objects and then perhaps their mask.

    Attributes:
        mask: bool [V], of the vertices of the scene's file.
        box: float64 [2, 3], axis-aligned, in the data set's aligned coordinates: the least and the greatest corner.
        object_ids: the scene's objects, for benchmarks in which the objects are given.
    """

    mask: np.ndarray | None = None
    box: np.ndarray | None = None
    object_ids: tuple[int, ...] | None = None


class Answers(Protocol):
    """Predictions by the queries' keys, read when they are asked for."""

    @property
    def keys(self) -> Collection[str]:
        """The keys that there are."""
        ...

    def stamp(self, key: str) -> str:
        """Changes when the prediction changes."""
        ...

    def load(self, key: str, num_vertices: int, threshold: float) -> Answer:
        """The prediction.

        Raises:
            InputError: it cannot be used.
        """
        ...


def open_answers(path: Path, queries: Iterable[Query]) -> Answers:
    """The predictions at a path; docs/evaluation.md describes the formats.

    Args:
        path: a folder with KEY.npy, KEY.npz, KEY.json, KEY.txt or KEY/mask.npy, or a file of entries, `.json` or
            `.jsonl`.
        queries: those of the data set.

    Raises:
        InputError: there is none, or one is of a query that the data set does not have.
    """
    known = {query.key for query in queries}
    found: Answers = MaskFolder(path) if path.is_dir() else EntryFile(path, known)
    stray = next((key for key in found.keys if key not in known), None)
    if stray is not None:
        example = min(known, default="none")
        raise InputError(f"{path}: has a prediction for {stray}, which is no query of the data set, such as {example}")
    if not found.keys:
        raise InputError(f"{path}: has no predictions; wanted files named by queries, such as {min(known)}.npy")
    return found


class MaskFolder:
    """A folder of masks, KEY.npy and so on, or KEY/mask.npy.

    Raises:
        InputError: two files are of one query.
    """

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, Path] = {}
        for entry in sorted(folder.iterdir()):
            file = entry / "mask.npy" if entry.is_dir() else entry
            if entry.name.startswith(".") or file.suffix.lower() not in MASK_SUFFIXES or not file.is_file():
                continue
            key = entry.name if entry.is_dir() else entry.stem
            if key in self._files:
                raise InputError(f"{file} and {self._files[key].name}: two predictions for {key}; remove one")
            self._files[key] = file

    @property
    def keys(self) -> Collection[str]:
        """See `Answers`."""
        return self._files.keys()

    def stamp(self, key: str) -> str:
        """The file's name, size and time of change; see `Answers`."""
        return file_stamp(self._files[key])

    def load(self, key: str, num_vertices: int, threshold: float) -> Answer:
        """See `Answers`."""
        return Answer(mask=read_mask(self._files[key], num_vertices, threshold))


class EntryFile:
    """A JSON file of entries, or one entry a line. An entry names its query, and has `bbox`, `mask` or `object_ids`.

    Raises:
        InputError: the file is missing or broken, or an entry cannot be used.
    """

    def __init__(self, path: Path, known: Collection[str]) -> None:
        self._path = path
        self._entries: dict[str, tuple[str, dict[str, Any]]] = {}
        for where, entry in _entries(path):
            key = _key_of(where, entry)
            if key not in known:
                raise InputError(f"{where}: is of {key}, which is no query of the data set")
            if key in self._entries:
                raise InputError(f"{where}: is a second prediction for {key}; give one for each query")
            given = [name for name in _KINDS if name in entry]
            if len(given) != 1:
                have = " and ".join(given) or "none of them"
                raise InputError(f"{where}: has {have}; wanted one of {', '.join(_KINDS)}")
            self._entries[key] = (where, entry)

    @property
    def keys(self) -> Collection[str]:
        """See `Answers`."""
        return self._entries.keys()

    def stamp(self, key: str) -> str:
        """A hash of the entry, and of its mask's file where it names one; see `Answers`."""
        _, entry = self._entries[key]
        text = json.dumps({name: entry[name] for name in _KINDS if name in entry}, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        file = self._mask_file(entry)
        return digest if file is None else f"{digest} {file_stamp(file)}"

    def load(self, key: str, num_vertices: int, threshold: float) -> Answer:
        """See `Answers`."""
        where, entry = self._entries[key]
        if "bbox" in entry:
            return Answer(box=_box(where, entry["bbox"]))
        if "object_ids" in entry:
            ids = entry["object_ids"]
            if not isinstance(ids, list) or not all(isinstance(n, int) and not isinstance(n, bool) for n in ids):
                raise InputError(f"{where}: object_ids is {ids!r}; wanted a list of the scene's object ids")
            return Answer(object_ids=tuple(ids))
        file = self._mask_file(entry)
        if file is not None:
            return Answer(mask=read_mask(file, num_vertices, threshold))
        return Answer(mask=decode_runs(f"{where}: mask", entry["mask"], num_vertices))

    def _mask_file(self, entry: Mapping[str, Any]) -> Path | None:
        """The file that `mask` names, relative to this one; None where it is the mask itself."""
        given = entry.get("mask")
        return self._path.parent / given if isinstance(given, str) else None


def scanrefer_entry(query: Query, box: np.ndarray) -> dict[str, Any]:
    """A box [2, 3] for a query as an entry of ScanRefer's benchmark: `bbox` has its eight corners."""
    referral = query.referral
    return {
        "scene_id": referral.scene,
        "object_id": "_".join(map(str, referral.object_ids)),
        "ann_id": referral.number or "0",
        "bbox": box_corners(box).tolist(),
        "unique_multiple": int("multiple" in query.groups),
        "others": 0,
    }


def write_entries(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write entries as `open_answers` reads them: `.jsonl` one a line, else one JSON list; whole or not at all."""
    rows = [json.dumps(entry, allow_nan=False, ensure_ascii=False) for entry in entries]
    text = "".join(f"{row}\n" for row in rows) if path.suffix == ".jsonl" else f"[{', '.join(rows)}]\n"
    with atomic_path(path) as temporary:
        temporary.write_text(text, "utf-8")


def file_stamp(file: Path) -> str:
    """A file's name, size and time of change; "missing" where there is none."""
    try:
        facts = file.stat()
    except OSError:
        return f"{file.name} missing"
    return f"{file.name} {facts.st_size} {facts.st_mtime_ns}"


def _entries(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """What a message about each entry begins with, and the entry."""
    if path.suffix == ".jsonl":
        lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
        found = []
        for number, line in lines:
            try:
                found.append((f"{path}: line {number}", json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise InputError(f"{path}: line {number} is not JSON") from error
    else:
        data = read_json(path)
        if not isinstance(data, list):
            raise InputError(f"{path}: is no list of predictions; wanted a JSON list, or a folder of masks")
        found = [(f"{path}: entry {place}", entry) for place, entry in enumerate(data)]
    for where, entry in found:
        if not isinstance(entry, dict):
            raise InputError(f"{where} is no JSON object; wanted one with its query and {', '.join(_KINDS)}")
    return found


def _key_of(where: str, entry: Mapping[str, Any]) -> str:
    """The key of an entry's query: `query`, or ScanRefer's three fields."""
    if "query" in entry:
        return str(entry["query"])
    missing = [name for name in ("scene_id", "object_id", "ann_id") if name not in entry]
    if missing:
        raise InputError(f"{where}: has no {', '.join(missing)}; wanted these, as ScanRefer has them, or query")
    return f"{entry['scene_id']}-{entry['object_id']}-{entry['ann_id']}"


def _box(where: str, value: Any) -> np.ndarray:
    """float64 [2, 3] of eight corners in any order."""
    try:
        corners = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        corners = np.empty(0)
    if corners.shape != (8, 3) or not np.isfinite(corners).all():
        why = "has a number that is not finite" if corners.shape == (8, 3) else "is no list of 8 corners"
        raise InputError(f"{where}: bbox {why}; wanted 8 corners of x, y, z in the aligned coordinates")
    box = box_of_points(corners)
    assert box is not None  # there are eight
    return box
