"""The queries of a referral file: each with a key of its own, and the groups in which it is reported."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tvdrnet_nv.datasets import Referral
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation.classes import CLASS_LISTS
from tvdrnet_nv.io.cameras.files import read_text

_VIEW_WORDS = frozenset(
    {"facing", "looking", "front", "behind", "back", "right", "left", "leftmost", "rightmost", "across"}
)
_EASY = 2  # objects of the class, the target included
_OTHERS = 39  # NYU40's "otherfurniture": ScanRefer puts all objects that are not of its 17 named classes together
_NAMED = frozenset(CLASS_LISTS["scannet"].things) - {_OTHERS}


@dataclass(frozen=True)
class Query:
    """A sentence to evaluate.

    Attributes:
        key: names it: "SCENE-OBJECT-NUMBER"; see `query_key`.
        referral: what it says and means.
        groups: in which it is reported besides in all: "unique", "hard", "view-dependent" and so on.
    """

    key: str
    referral: Referral
    groups: tuple[str, ...] = ()


def query_key(referral: Referral, place: int) -> str:
    """The key SCENE-OBJECT-NUMBER: the objects' ids, joined by "_" if there are several, and the sentence's number.

    The number is ScanRefer's `ann_id` and Nr3D's `assignmentid`, in other files the entry's place, counted from 0.
    Reason3D's keys have no object: "SCENE-NUMBER".
    """
    ids = "_".join(map(str, referral.object_ids))
    number = str(place) if referral.number is None else referral.number
    return "-".join(part for part in (referral.scene, ids, number) if part)


def queries_of(file: Path, referrals: Sequence[Referral], table: Path | None = None) -> list[Query]:
    """The queries of a file's referrals, in order.

    ScanRefer: "unique" where no other object of the file has the object's class in its scene, else "multiple". The
    class is one of ScanNet's 17, or all others together, by `table`; without it, there are no such groups.
    Nr3D and Sr3D: "easy" with at most two objects of the class in the scene, else "hard"; "view-dependent" where the
    sentence has a word such as "left" or "facing", else "view-independent"; "class named" where the file says that the
    sentence names the object's class: ReferIt3D's own figures are of these.

    Args:
        file: the referrals' file, for messages.
        referrals: as `load_referrals` gives them.
        table: scannetv2-labels.combined.tsv.

    Raises:
        InputError: two referrals have one key, or the table is none.
    """
    keys = [query_key(referral, place) for place, referral in enumerate(referrals)]
    twice = next((key for key, count in Counter(keys).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{file}: has two entries of {twice}; an object's sentences need numbers that differ")
    alone = _alone(referrals, {} if table is None else _class_numbers(table))
    return [
        Query(key, referral, _groups(referral, None if table is None else alone[place]))
        for place, (key, referral) in enumerate(zip(keys, referrals, strict=True))
    ]


def _groups(referral: Referral, alone: bool | None) -> tuple[str, ...]:
    if referral.source == "scanrefer" and alone is not None:
        return ("unique" if alone else "multiple",)
    if referral.source not in ("nr3d", "sr3d"):
        return ()
    words = referral.words or re.findall(r"\w+", referral.text.lower())
    groups = ["view-independent" if _VIEW_WORDS.isdisjoint(words) else "view-dependent"]
    if referral.alike is not None:
        groups.insert(0, "easy" if referral.alike <= _EASY else "hard")
    if referral.names_class:
        groups.append("class named")
    return tuple(groups)


def _alone(referrals: Sequence[Referral], class_numbers: dict[str, int]) -> list[bool]:
    """Of each referral, whether its object is the only one of its class among those that the file has of its scene."""

    def numbered(referral: Referral) -> tuple[str, int]:
        found = class_numbers.get(referral.object_name or "", _OTHERS)
        return referral.scene, found if found in _NAMED else _OTHERS

    objects = {(referral.scene, referral.object_ids): numbered(referral) for referral in reversed(referrals)}
    counts = Counter(objects.values())
    return [counts[objects[referral.scene, referral.object_ids]] == 1 for referral in referrals]


def _class_numbers(table: Path) -> dict[str, int]:
    """NYU40's number of each of ScanNet's names."""
    rows = csv.DictReader(read_text(table).splitlines(), delimiter="\t")
    try:
        return {row["raw_category"]: int(row["nyu40id"] or 0) for row in rows}
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise InputError(f"{table}: is no table with columns raw_category and nyu40id; download it again") from error
