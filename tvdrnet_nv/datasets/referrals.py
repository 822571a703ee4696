"""Files of sentences that refer to objects of scenes: ScanRefer, Nr3D and Sr3D, Reason3D, Instruct3D.

ScanRefer (JSON): `scene_id`, `object_id` as a text of digits, `object_name`, `ann_id`, `description`.
Nr3D and Sr3D (CSV, ReferIt3D): `scan_id`, `target_id`, `instance_type`, `utterance`; perhaps `assignmentid`,
`stimulus_id`, `tokens`, `mentions_target_class`.
Reason3D (JSON): `scene_name`, `question`, and an `object_id` that is a class, not an object.
Instruct3D (JSON): `scene_id`, `object_id` as a list of ScanNet++'s object ids, `object_name`, `description`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tvdrnet_nv.datasets.files import whole
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import read_json, read_text

_CSV_COLUMNS = ("scan_id", "target_id", "utterance")


@dataclass(frozen=True)
class Referral:
    """A sentence and what it refers to.

    Attributes:
        scene: the scene's name, such as "scene0000_00".
        object_ids: the objects, as the scene's annotation numbers them: `SceneObject.id`. Empty where the file names
            a class only.
        text: the sentence.
        source: "scanrefer", "nr3d", "sr3d", "reason3d" or "instruct3d".
        object_name: what the file calls the object, or None.
        class_id: the number of the class in Reason3D's semantic labels, which are those of its own preprocessing;
            None in other files.
        number: the file's own number of the sentence: ScanRefer's `ann_id`, which counts an object's sentences, and
            Nr3D's `assignmentid`; None in other files.
        alike: how many objects of the object's class the scene has, itself among them, as ReferIt3D's `stimulus_id`
            says; None in other files.
        words: the sentence's words, as ReferIt3D's `tokens` has them; empty in other files.
        names_class: whether the sentence says the object's class, as ReferIt3D's `mentions_target_class` has it; None
            in other files.
    """

    scene: str
    object_ids: tuple[int, ...]
    text: str
    source: str
    object_name: str | None = None
    class_id: int | None = None
    number: str | None = None
    alike: int | None = None
    words: tuple[str, ...] = ()
    names_class: bool | None = None


def load_referrals(path: Path, faults: list[InputError] | None = None) -> list[Referral]:
    """Read a file of referrals; its content tells the format.

    Args:
        path: the file.
        faults: takes what is wrong with entries, which are then left out: for one who looks for a sentence. Without
            it, an entry that cannot be read is an error: figures count every sentence, and entries without a number of
            their own are known by their place.

    Raises:
        InputError: the file is missing or broken, or of none of the formats, or an entry cannot be read; the message
            names the first such entry, and says how many there are.
    """
    text = read_text(path)
    if text.lstrip()[:1] in ("[", "{"):
        data = read_json(path)
        if not isinstance(data, list) or not data:
            raise InputError(f"{path}: is no list of referrals; wanted a file of ScanRefer, Reason3D or Instruct3D")
        entries: Iterable[Callable[[], Referral]] = (partial(_of_json, path, *item) for item in enumerate(data))
    else:
        entries = _of_csv(path, text)
    found: list[Referral] = []
    unread: list[InputError] = []
    for read in entries:
        try:
            found.append(read())
        except InputError as fault:
            unread.append(fault)
    if faults is not None:
        faults += unread
    elif unread:
        count = len(found) + len(unread)
        raise InputError(
            f"{unread[0]}; {len(unread)} of {count} entries cannot be read; mend them, as figures count every sentence"
        )
    return found


def _of_json(path: Path, place: int, item: Any) -> Referral:
    where = f"entry {place}"
    if not isinstance(item, dict):
        raise InputError(f"{path}: {where} is no JSON object; wanted a file of ScanRefer, Reason3D or Instruct3D")
    if "question" in item and "scene_name" in item:
        number = whole(path, f"{where}: object_id", item.get("object_id"))
        scene, text = _text(path, where, item, "scene_name"), _text(path, where, item, "question")
        return Referral(scene, (), text, "reason3d", class_id=number)
    scene, text = _text(path, where, item, "scene_id"), _text(path, where, item, "description")
    given = item.get("object_id")
    several = given if isinstance(given, list) else [given]
    ids = tuple(dict.fromkeys(whole(path, f"{where}: object_id", value) for value in several))
    if not ids:
        raise InputError(f"{path}: {where}: object_id is an empty list; wanted the ids of objects")
    name = item.get("object_name")
    source = "instruct3d" if isinstance(given, list) else "scanrefer"
    number = str(item["ann_id"]) if source == "scanrefer" and "ann_id" in item else None
    # ScanRefer writes "office_chair" for "office chair".
    name = None if name is None else str(name).replace("_", " ")
    return Referral(scene, ids, text, source, name, number=number)


def _of_csv(path: Path, text: str) -> Iterator[Callable[[], Referral]]:
    """A function for each line, which reads it."""
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    count = 0
    try:
        missing = [name for name in _CSV_COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise InputError(
                f"{path}: is no JSON, and its first line has no columns {', '.join(missing)}; wanted a file of "
                "ScanRefer, Nr3D, Sr3D, Reason3D or Instruct3D"
            )
        for row in rows:
            count += 1
            yield partial(_of_row, path, f"line {rows.line_num}", row)
    except csv.Error as error:
        raise InputError(f"{path}: line {rows.line_num}: {error}; download the file again") from error
    if not count:
        raise InputError(f"{path}: has no referrals, only its first line")


def _of_row(path: Path, where: str, row: dict[str, Any]) -> Referral:
    scene, said = _text(path, where, row, "scan_id"), _text(path, where, row, "utterance")
    target = whole(path, f"{where}: target_id", row["target_id"])
    given = (row.get("dataset") or "").strip().lower()
    source = given if given in ("nr3d", "sr3d") else "sr3d" if row.get("reference_type") else "nr3d"
    return Referral(
        scene,
        (target,),
        said,
        source,
        row.get("instance_type") or None,
        number=(row.get("assignmentid") or "").strip() or None,
        alike=_alike(row.get("stimulus_id") or ""),
        words=tuple(re.findall(r"\w+", (row.get("tokens") or "").lower())),
        names_class={"true": True, "false": False}.get((row.get("mentions_target_class") or "").lower()),
    )


def _alike(stimulus: str) -> int | None:
    """The third part of SCENE-CLASS-COUNT-TARGET-DISTRACTOR-…; None where there is none."""
    parts = stimulus.split("-")
    return int(parts[2]) if len(parts) > 3 and re.fullmatch(r"[0-9]{1,6}", parts[2]) else None


def _text(path: Path, where: str, item: dict[str, Any], key: str) -> str:
    found = item.get(key)
    if not isinstance(found, str) or not found.strip():
        raise InputError(f"{path}: {where}: '{key}' is {found!r}; wanted a text")
    return found.strip()
