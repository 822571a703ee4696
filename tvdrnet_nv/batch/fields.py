"""The columns of a file of jobs: the options of `tvdr-nv optimize` by their names, and what their values become."""

from __future__ import annotations

import difflib
import json
import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import OptimizeJob

OPTION_NAMES = {
    "iters": "iterations",
    "lr": "learning_rate",
    "optimize": "parameters",
    "object": "object_id",
    "free_exposure": "exposure",
    "light": "lighting",
    "light_pos": "light",
}
"""Options of the command whose name is not that of the job's field."""

JOB_FIELDS = tuple(field.name for field in fields(OptimizeJob) if field.name != "out")

_FILES = ("target", "labels", "mask", "depth", "features", "referral")
_PERHAPS_FILES = ("focus", "mapping", "query", "text_model", "image_text_model")
_SWITCHES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def field_of(name: str) -> str:
    """The job's field that a column fills: "iters", "--iters" and "iterations" are one.

    Raises:
        InputError: no option has this name.
    """
    plain = name.strip().lstrip("-").replace("-", "_").lower()
    found = OPTION_NAMES.get(plain, plain)
    if found in JOB_FIELDS:
        return found
    near = difflib.get_close_matches(plain, [*JOB_FIELDS, *OPTION_NAMES], n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `tvdr-nv optimize --help` lists them"
    raise InputError(f"{name} is no option of tvdr-nv optimize{hint}")


def job_fields(given: Mapping[str, Any], base: Path, *, text: bool) -> dict[str, Any]:
    """The fields of an `OptimizeJob` from one row: what is empty is left out, paths become absolute.

    Args:
        given: values by the columns' names.
        base: the folder that relative paths start from.
        text: whether all values are texts, as in a CSV file.

    Raises:
        InputError: a column is no option, two are the same one, or a text is no number or no switch.
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            continue
        field = field_of(name)
        if field in found:
            raise InputError(f"{name}: `{field}` is given twice; leave one of them out")
        found[field] = absolute(field, _parsed(field, str(value)) if text else _of_option(name, field, value), base)
    return found


def checked_job(given: Mapping[str, Any]) -> OptimizeJob:
    """The job of these fields.

    Raises:
        InputError: there is no scene, or a field cannot be used or does not go with another one.
    """
    if "scene" not in given:
        raise InputError("`scene` is missing; name it in each row, or with --scene for all")
    return OptimizeJob(**given)


def absolute(field: str, value: Any, base: Path) -> Any:
    """A field's value, in which a relative path is one from the root."""
    if not isinstance(value, (str, Path)):
        return value
    text = str(value)
    if field == "scene":
        prefix, colon, rest = text.partition(":")
        return f"{prefix}:{base / rest}" if colon and not _exists(str(base / text)) else str(base / text)
    if field == "camera":
        file, colon, name = text.rpartition(":")
        return f"{base / file}:{name}" if colon and not _exists(str(base / text)) else str(base / text)
    if field == "target" and text.startswith("frame:"):
        return text
    if field in _FILES or (field in _PERHAPS_FILES and len(text) < 4096 and _exists(str(base / text))):
        return str(base / text)
    return text


@cache
def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # such as a sentence, which is too long for a name
        return False


def _of_option(name: str, field: str, value: Any) -> Any:
    """What a value of JSON or Parquet means: --light takes a word, but the field of this name is a place."""
    if name == "light" and not isinstance(value, str):
        return _refuse(name, value, "one of auto, none, point and head; `light-pos` is the place of the light")
    if isinstance(value, float) and _kinds()[field] == {int, type(None)} and value == int(value):
        return int(value)  # a column of whole numbers with gaps is one of floats in Parquet
    return value


def _parsed(field: str, text: str) -> Any:
    """What the text of a CSV file means for a field."""
    kinds = _kinds()[field]
    if bool in kinds:
        found = _SWITCHES.get(text.strip().lower())
        return _refuse(field, text, "true or false") if found is None else found
    if str in kinds:
        return text
    parse: Callable[[str], Any] = int if kinds <= {int, type(None)} else float
    try:
        if kinds & {int, float}:
            return parse(text)
        return [float(part) for part in text.strip("[]() ").replace(",", " ").split()]
    except ValueError:
        return _refuse(field, text, "a number" if kinds & {int, float} else "numbers with blanks between them")


def _refuse(name: str, value: Any, wanted: str) -> Any:
    raise InputError(f"`{name}` {value}: wanted {wanted}")


@cache
def _kinds() -> dict[str, set[Any]]:
    """The types that each field takes."""
    hints = typing.get_type_hints(OptimizeJob)
    return {name: set(typing.get_args(hints[name]) or (hints[name],)) for name in JOB_FIELDS}


def to_json(given: Mapping[str, Any]) -> str:
    """A job's fields as one line, always the same for the same fields."""
    return json.dumps(given, sort_keys=True, ensure_ascii=False, default=str)
