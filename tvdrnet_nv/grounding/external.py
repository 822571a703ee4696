"""A parser of the user's own, such as a language model behind a command: JSON in, JSON out.

On stdin it gets {"sentence": …, "objects": [{"id", "name", "center", "size", "colors"}, …], "relations": […],
"sizes": […]}. On stdout it writes either {"object_ids": [3]}, the answer itself, or {"phrase": {…}}, what the sentence
says: the fields of `NounPhrase` (`phrase_from_dict` reads it), which is then looked for in the scene.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.colors import main_colors
from tvdrnet_nv.grounding.phrase import RELATIONS, SIZES, NounPhrase, phrase_from_dict
from tvdrnet_nv.grounding.things import Thing, Things

SECONDS = 120.0
"""How long a parser may take."""


def ask_parser(command: str, sentence: str, things: Things, seconds: float = SECONDS) -> NounPhrase | tuple[Thing, ...]:
    """What a command makes of a sentence: a phrase, or the things themselves.

    Args:
        command: a command line, split as a shell does; no shell runs it.
        sentence: the sentence.
        things: the scene's.
        seconds: after which it is stopped.

    Raises:
        InputError: the command cannot be run, fails, takes too long, or writes something else.
    """
    where = f"`parser` {command}"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"{where}: {error}; wanted a command line") from None
    if not words:
        raise InputError("`parser`: is empty; wanted a command line")
    try:
        done = subprocess.run(
            words, input=json.dumps(_question(sentence, things)), capture_output=True, text=True, timeout=seconds
        )
    except OSError as error:
        raise InputError(f"{where}: cannot be run ({(error.strerror or str(error)).lower()})") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{where}: gave no answer within {seconds:g} s; leave `parser` out, or make it faster"
        ) from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        raise InputError(f"{where}: ended with exit code {done.returncode} ({said})")
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise InputError(f"{where}: wrote no JSON; wanted an object with object_ids or phrase") from None
    return _answer(where, answer, things)


def _question(sentence: str, things: Things) -> dict[str, Any]:
    objects = [
        {
            "id": item.id,
            "name": item.name,
            "center": [round(float(x), 3) for x in item.center],
            "size": [round(float(x), 3) for x in item.size],
            "colors": list(main_colors(item.shares)),
        }
        for item in things.items
    ]
    return {"sentence": sentence, "objects": objects, "relations": list(RELATIONS), "sizes": list(SIZES)}


def _answer(where: str, answer: Any, things: Things) -> NounPhrase | tuple[Thing, ...]:
    if isinstance(answer, dict) and set(answer) == {"phrase"}:
        return phrase_from_dict(answer["phrase"], f"{where}: phrase")
    if not isinstance(answer, dict) or not isinstance(answer.get("object_ids"), list):
        raise InputError(f"{where}: wrote other JSON; wanted an object with object_ids or phrase")
    by_id = {item.id: item for item in things.items}
    unknown = [number for number in answer["object_ids"] if not isinstance(number, int) or number not in by_id]
    if unknown:
        raise InputError(f"{where}: object_ids has {unknown[0]!r}, and no object of the scene has this id")
    return tuple(by_id[number] for number in answer["object_ids"])
