"""Where a phrase names several things, or says which are not meant: "and", "or", "but", "not"."""

from __future__ import annotations

from tvdrnet_nv.grounding.colors import WORDS as COLOR_WORDS
from tvdrnet_nv.grounding.noun import noun_of, number_of
from tvdrnet_nv.grounding.vocabulary import categories, entry_of, key
from tvdrnet_nv.grounding.words import (
    ANYTHING,
    ARTICLES,
    EXCEPTIONS,
    LONGEST_RELATION,
    NEGATIONS,
    RELATION_PHRASES,
    SIZE_WORDS,
)

_ALL = ("everything", "anybody", "everybody", "all", *ANYTHING)


def split_exceptions(words: list[str]) -> tuple[list[str], list[list[str]]]:
    """What is meant, and what is not: of "anything but the sofa", "not the sofa", "neither the sofa nor the desk"."""
    if words[:1] == ["neither"]:
        return [], _at_words(words[1:], ("nor", "or"))
    if words[:2] == ["nothing", "but"]:
        return words[2:], []
    for negation in NEGATIONS:
        rest = words[len(negation) :]
        if tuple(words[: len(negation)]) == negation and rest and not relation_at(rest, 0):
            return [], _at_words(rest, ("nor",))
    for i in range(1, len(words)):
        for phrase in EXCEPTIONS:
            rest = words[i + len(phrase) :]
            if tuple(words[i : i + len(phrase)]) == phrase and rest and _says_which(rest):
                meant = words[:i]
                said = _at_words(rest, ("nor", "or"))
                if all(word in COLOR_WORDS or word in SIZE_WORDS for part in said for word in part):
                    rests = [[*part, "one"] for part in said]  # "the sofa that is neither red nor blue"
                else:
                    rests = said if "nor" in rest else [rest]
                return ([] if meant[-1] in _ALL and len(meant) == 1 else meant), rests
    return words, []


def split_list(words: list[str]) -> list[list[str]]:
    """The parts of "the sofa, the desk and the rug"; all words where they name one thing.

    After a relation, "and" joins what the relation is to: "the lamp next to the sofa and the desk" is one lamp.
    """
    if words[:1] in (["either"], ["both"]):
        parts = split_list(words[1:])
        return parts if len(parts) > 1 else [words]
    cuts: list[int] = []
    commas: list[int] = []
    for i in range(1, len(words) - 1):
        if relation_at(words, i) and words[i] not in ("and", "or"):
            break
        begin = (cuts[-1] + 1) if cuts else 0
        if words[i] == ",":
            commas.append(i)
        elif words[i] in ("and", "or", "nor") and _joins(words[begin:i], words[i + 1 :]):
            cuts += [*(place for place in commas if place >= begin), i]
    parts = [words[a + 1 : b] for a, b in zip([-1, *cuts], [*cuts, len(words)], strict=True)]
    kept = [part for part in parts if part]
    return kept or [words]


def relation_at(words: list[str], i: int) -> tuple[str, int] | None:
    """The relation that begins at a word, and how many words it has."""
    for length in range(min(LONGEST_RELATION, len(words) - i), 0, -1):
        kind = RELATION_PHRASES.get(tuple(words[i : i + length]))
        if kind is not None:
            return kind, length
    return None


def _joins(left: list[str], right: list[str]) -> bool:
    """Whether "and" between words joins two things: each has an article, or both are known names."""
    end = next((i for i in range(len(right)) if relation_at(right, i) or right[i] in ("and", "or", "nor", ",")), None)
    right = right[:end]
    if not _is_noun(left) or not _is_noun(right):
        return False
    if right[0] in ARTICLES or number_of(right[0]):
        return True
    return _is_known(left) and _is_known(right)


def _is_noun(words: list[str]) -> bool:
    """Whether words have a noun, not only attributes or a relation."""
    return bool(words) and not relation_at(words, 0) and bool(noun_of(words)[0].name)


def _says_which(words: list[str]) -> bool:
    """Whether words have a noun or attributes; a relation, which is said of the noun before, is neither."""
    words = words[words[:1] == ["not"] :]
    phrase = noun_of(words)[0]
    said = phrase.name or phrase.colors or phrase.sizes or phrase.superlatives
    return not relation_at(words, 0) and bool(said)


def _is_known(words: list[str]) -> bool:
    name = noun_of(words)[0].name
    return entry_of(name) is not None or key(name) in categories()


def _at_words(words: list[str], cuts: tuple[str, ...]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in cuts:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]
