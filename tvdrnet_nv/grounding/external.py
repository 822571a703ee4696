"""A parser of the user's own, such as a language model behind a command: JSON in, JSON out.

On stdin it gets {"sentence": …, "objects": [{"id", "name", "center", "size", "colors"}, …], "relations": […],
"sizes": […]}. On stdout it writes either {"object_ids": [3]}, the answer itself, or {"phrase": {…}}, what the sentence
says: the fields of `NounPhrase` (`phrase_from_dict` reads it), which is then looked for in the scene.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from contextlib import suppress
from subprocess import PIPE
from threading import Thread
from typing import IO, Any

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.colors import main_colors
from tvdrnet_nv.grounding.phrase import RELATIONS, SIZES, NounPhrase, phrase_from_dict
from tvdrnet_nv.grounding.things import Thing, Things

SECONDS = 120.0
"""How long a parser may take."""

_LONGEST = 2**24  # bytes that a parser may write


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
        code, out, err = _run(words, json.dumps(_question(sentence, things)).encode(), seconds)
    except OSError as error:
        raise InputError(f"{where}: cannot be run ({(error.strerror or str(error)).lower()})") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{where}: gave no answer within {seconds:g} s; leave `parser` out, or make it faster"
        ) from error
    if len(out) > _LONGEST:
        raise InputError(f"{where}: wrote more than {_LONGEST:,} bytes; wanted an object with object_ids or phrase")
    if code:
        said = (err.decode(errors="replace").strip().splitlines() or ["nothing on stderr"])[-1]
        raise InputError(f"{where}: ended with exit code {code} ({said})")
    try:
        answer = json.loads(out)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: wrote no JSON; wanted an object with object_ids or phrase") from None
    return _answer(where, answer, things)


def _run(words: list[str], question: bytes, seconds: float) -> tuple[int, bytes, bytes]:
    """The exit code, stdout and stderr of a program, which is stopped with all that it started.

    Of what it writes, no more than one byte above `_LONGEST` is kept; a program that writes more is stopped.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it has not ended in time.
    """
    process = subprocess.Popen(words, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True)
    written = {}

    def stop() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def read(pipe: IO[bytes]) -> None:
        written[pipe] = pipe.read(_LONGEST + 1)
        if len(written[pipe]) > _LONGEST:
            stop()

    def ask(pipe: IO[bytes]) -> None:
        with suppress(BrokenPipeError), pipe:
            pipe.write(question)

    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None
    tasks = [
        Thread(target=ask, args=(stdin,)),
        Thread(target=read, args=(stdout,)),
        Thread(target=read, args=(stderr,)),
    ]
    for task in tasks:
        task.start()
    try:
        code = process.wait(seconds)
    finally:
        stop()
        process.wait()
        for task in tasks:
            task.join()
        stdout.close()
        stderr.close()
    return code, written[stdout], written[stderr]


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
    unknown = [number for number in answer["object_ids"] if type(number) is not int or number not in by_id]
    if unknown:
        raise InputError(f"{where}: object_ids has {unknown[0]!r}, and no object of the scene has this id")
    return tuple(by_id[number] for number in dict.fromkeys(answer["object_ids"]))
