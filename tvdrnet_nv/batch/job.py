"""One job of a batch, and the names that jobs have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.names import distinct

_LONGEST = 120  # characters of a name; a file's name may have 255 bytes


@dataclass(frozen=True)
class BatchJob:
    """One job.

    Attributes:
        name: names the job and its folder; no other job of the batch has it.
        fields: of an `OptimizeJob`, but for `out`; values that JSON has. Paths are absolute.
        where: the place in the source, for messages: "line 3".
    """

    name: str
    fields: dict[str, Any]
    where: str = ""


def folder_name(text: str) -> str:
    """A text as the name of a folder: letters, digits and `._+-`."""
    return re.sub(r"[^\w.+-]+", "_", text).strip("._")[:_LONGEST]


def check_names(jobs: Iterable[BatchJob], source: str) -> None:
    """Raise InputError where two jobs have one name, or a name is no folder's."""
    places: dict[str, str] = {}
    for job in jobs:
        if not job.name or folder_name(job.name) != job.name:
            raise InputError(
                f"{source}: {job.where}: `name` {job.name!r}: wanted at most {_LONGEST} letters, digits and . _ + -, "
                "the first no dot"
            )
        if job.name in places:
            raise InputError(f"{source}: {job.where}: `name` {job.name} is also that of {places[job.name]}; rename one")
        places[job.name] = job.where


def folder_names(texts: Iterable[str]) -> list[str]:
    """Folder names for texts, all different."""
    return distinct(folder_name(text) or "job" for text in texts)
