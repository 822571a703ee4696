"""Misspelled names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache

from tvdrnet_nv.grounding.vocabulary import categories, entries, other_uses, other_words, plain, singular

_LEAST = 5  # letters of a word that may be misspelled
_ALIKE = 0.85  # difflib's ratio: one letter too many or too few of five, one wrong letter of seven
_SWAPPED = 0.75  # the same where two letters are swapped


def corrected(noun: str, names: Iterable[str]) -> str:
    """A noun with its misspelled words as in the names; the noun itself where all words are known, or none is alike.

    A word of the package's tables is never taken for another: a planet is no plant. The first letter must be right.
    """
    words = sorted({word for name in names for word in plain(name).split() if len(word) >= _LEAST})
    return " ".join(_corrected(word, words) for word in noun.split())


def _corrected(word: str, names: list[str]) -> str:
    bare = singular(word)
    if len(bare) < _LEAST or bare in _known() or word in _known():
        return word
    alike = [name for name in difflib.get_close_matches(bare, names, n=3, cutoff=_SWAPPED) if name[0] == bare[0]]
    for name in alike:
        ratio = difflib.SequenceMatcher(None, bare, name).ratio()
        if ratio >= _ALIKE or sorted(name) == sorted(bare):
            return name
    return word


@cache
def _known() -> frozenset[str]:
    names = [name for entry in entries().values() for name in (*entry.names, *entry.covers)]
    uses = [use for entry in entries().values() for use in entry.uses]
    texts = [*names, *uses, *other_words(), *other_uses(), *categories()]
    return frozenset(form for text in texts for word in plain(text).split() for form in (word, singular(word)))
