"""The noun of a phrase with the attributes before and after it."""

from __future__ import annotations

from tvdrnet_nv.grounding.colors import WORDS as COLOR_WORDS
from tvdrnet_nv.grounding.phrase import NounPhrase
from tvdrnet_nv.grounding.vocabulary import entry_of, places, singular
from tvdrnet_nv.grounding.words import (
    ANYTHING,
    DETERMINERS,
    FILLERS,
    MAKES,
    NEARNESS,
    NUMBERS,
    ORDINALS,
    SIZE_WORDS,
    SUPERLATIVES,
)

_DEGREES = ("very", "quite", "rather", "really", "so", "and", ",")


def noun_of(words: list[str]) -> tuple[NounPhrase, dict[str, object]]:
    """The noun with its attributes; an ordinal and "nearest", which wait for what comes after the noun."""
    words = [word for word in words if word not in (",", "and", "not")]
    count = 0
    while words and (words[0] in DETERMINERS or (len(words) > 1 and number_of(words[0]))):
        if words[0] == "one" and words[1:2] and words[1] in FILLERS:  # "the one that is red"
            break
        count, words = number_of(words[0]) or count, words[1:]
    words = _without_make(_with_predicate_first(words))
    colors: list[str] = []
    sizes: list[str] = []
    superlatives: list[str] = []
    pending: dict[str, object] = {}
    name: list[str] = []
    for i, word in enumerate(words):
        rest = words[i:]
        if name or is_name(rest):
            name.append(word)
        elif word in COLOR_WORDS and len(rest) > 1:
            colors.append(word)
        elif word in ORDINALS:
            pending["rank"] = ORDINALS[word]
        elif word in NEARNESS and len(rest) > 1:
            pending["nearness"] = NEARNESS[word]
        elif word in SUPERLATIVES and len(rest) > 1:
            superlatives.append(SUPERLATIVES[word])
        elif word in SIZE_WORDS and len(rest) > 1:
            sizes.append(SIZE_WORDS[word])
        elif word not in DETERMINERS:
            name.append(word)
    # Attributes may stand behind a word that is none: "the wooden big table".
    kept: list[str] = []
    for i, word in enumerate(name):
        if i == len(name) - 1 or is_name(name[i:]) or not (word in COLOR_WORDS or word in SIZE_WORDS):
            kept.append(word)
        elif word in COLOR_WORDS:
            colors.append(word)
        else:
            sizes.append(SIZE_WORDS[word])
    while len(kept) > 1 and kept[-1] in SUPERLATIVES and not is_name(kept[-2:]):  # "the table larger than the desk"
        superlatives.append(SUPERLATIVES[kept.pop()])
    last = kept[-1] if kept else ""
    anything = last in ANYTHING and len(kept) == 1
    rank = int(str(pending.get("rank") or 1))
    plural = singular(last) != last and not superlatives and not anything
    phrase = NounPhrase(
        name="" if anything else " ".join(kept),
        colors=tuple(colors),
        sizes=tuple(sizes),
        superlatives=tuple((word, rank) for word in superlatives),
        plural=plural,
        count=count if plural else 0,
    )
    return phrase, pending


def is_name(words: list[str]) -> bool:
    """Whether words together are a name that begins with what looks like an attribute, such as "low table"."""
    return len(words) > 1 and words[0] not in places() and entry_of(" ".join(words)) is not None


def number_of(word: str) -> int:
    """The number that a word says, such as "two"; 0 where it says none."""
    return NUMBERS.get(word, 0) or (int(word) if word.isdecimal() and len(word) < 4 else 0)


def _with_predicate_first(words: list[str]) -> list[str]:
    """The words of "sofa that is red", and of "something red", with the attributes before the noun."""
    for i in range(1, len(words)):
        if words[i] in FILLERS or (i == 1 and words[0] in ANYTHING):
            said = [word for word in words[i:] if word not in FILLERS and word not in _DEGREES]
            if said and all(word in COLOR_WORDS or word in SIZE_WORDS or word in SUPERLATIVES for word in said):
                return [*said, *words[:i]]
            return words
    return words


def _without_make(words: list[str]) -> list[str]:
    """The words of "a white porcelain thing" without what it is made of and how it is shaped, which is not known."""
    if words[-1:] and words[-1] in ANYTHING:
        return [word for word in words if word not in MAKES]
    return words
