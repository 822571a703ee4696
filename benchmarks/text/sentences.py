"""Lists of sentences with the objects that are right.

A line is "kind | sentence | answers": the objects' ids, or their titles with * for any number. Lines that begin with
# say something about the list.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, replace
from pathlib import Path

from tvdrnet_nv.datasets import load_referrals
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding import Thing, Things

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sentence:
    """A sentence, its kind ("name", "relation", "question"), and the objects that are right."""

    kind: str
    text: str
    answers: tuple[str, ...]

    def accepts(self, thing: Thing) -> bool:
        """Whether an object is right."""
        return any(fnmatch.fnmatchcase(thing.title, answer) or str(thing.id) == answer for answer in self.answers)


def read_sentences(file: Path) -> list[Sentence]:
    """A list of sentences.

    Raises:
        InputError: the file is missing, or a line is no sentence.
    """
    found = []
    for line in read_lines(file):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts):
            raise InputError(f"{file}: '{line}' is no sentence; wanted: kind | sentence | ids or names")
        found.append(Sentence(parts[0], parts[1], tuple(parts[2].split())))
    return found


def read_lines(file: Path) -> list[str]:
    """The lines of a file that say something.

    Raises:
        InputError: the file is missing.
    """
    if not file.is_file():
        raise InputError(f"{file}: no such file; wanted a list of sentences")
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def sentences_about(file: Path, scene: str) -> list[Sentence]:
    """The sentences of a list, or those of a referral file that are about a scene.

    Raises:
        InputError: the file cannot be used, or has no sentence about the scene.
    """
    lines = read_lines(file)
    if lines and lines[0].count("|") == 2:
        return read_sentences(file)
    found = [
        Sentence(item.source, item.text, tuple(map(str, item.object_ids)))
        for item in load_referrals(file)
        if item.scene == scene and item.object_ids
    ]
    if not found:
        raise InputError(f"{file}: has no sentence about an object of {scene}")
    return found


def check_answers(file: Path, scene: str, sentences: list[Sentence], things: Things) -> None:
    """Refuse a list whose answers are of other objects than the scene's.

    Raises:
        InputError: an answer names no object of the scene; the message has the line.
    """
    for sentence in sentences:
        for answer in sentence.answers:
            if not any(replace(sentence, answers=(answer,)).accepts(thing) for thing in things.items):
                line = " | ".join((sentence.kind, sentence.text, " ".join(sentence.answers)))
                raise InputError(f"{file}: '{line}': {scene} has no object {answer}; mend the line, or name its scene")
