"""The lists of sentences beside this file, and how many of them are understood."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from pathlib import Path

from tvdrnet_nv.grounding import Grounder, Thing

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the objects that are right: their ids, or their titles with * for any number; none for none."""

    kind: str
    text: str
    answers: tuple[str, ...]

    def accepts(self, thing: Thing) -> bool:
        return any(fnmatch.fnmatchcase(thing.title, answer) or str(thing.id) == answer for answer in self.answers)


def read_sentences(name: str) -> list[Sentence]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    rows = [[part.strip() for part in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]
    return [Sentence(kind, text, tuple(answers.split())) for kind, text, answers in rows]


def read_lines(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def misunderstood(grounder: Grounder, sentences: list[Sentence]) -> list[str]:
    """The sentences that are not grounded to right objects alone."""
    wrong = []
    for sentence in sentences:
        chosen = grounder(sentence.text).chosen
        if not chosen or not all(map(sentence.accepts, chosen)):
            wrong.append(f"{sentence.text}: {', '.join(thing.title for thing in chosen) or 'nothing'}")
    return wrong
