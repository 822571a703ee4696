"""Words put in the order, and in the forms, that the grammar of `parse` has.

the dark blue sofa, a cream-coloured lamp     the blue sofa, a cream lamp
the window that's got the sofa under it       the window that has the sofa under it
the sofa's left cushion                       the left cushion of the sofa
stool number two from the window              the second stool from the window
the chair on the window side of the table     the chair at the table, near the window
"""

from __future__ import annotations

import re

from tvdrnet_nv.grounding.colors import WORDS as COLOR_WORDS
from tvdrnet_nv.grounding.coordination import relation_at
from tvdrnet_nv.grounding.vocabulary import categories, entry_of, key, places
from tvdrnet_nv.grounding.words import ARTICLES, DETERMINERS, FILLERS, NUMBERS, ORDINALS, SUPERLATIVES

_SHADES = frozenset(("dark", "light", "pale", "bright", "deep", "pastel", "off", "vivid", "faded"))
_COLORED = frozenset(("coloured", "colored", "colour", "color", "ish"))
_HESITATION = re.compile("h+m+|u+[hm]+|e+r+m*|ah+|oh+")
_WHICH = ("that", "which", "who")
_OWNERS = ("the", "my", "our", "your", "that", "this")
_RANKS = {number: word for word, number in ORDINALS.items() if word.isalpha()}


def usual(words: list[str]) -> list[str]:
    """The words in usual forms; words that are in them already stay as they are."""
    words = [word for word in words if not _HESITATION.fullmatch(word)]
    words = [word for i, word in enumerate(words) if word != "," or words[i - 1 : i] != [","]]
    return _sides_of(_numbered(_owned(_neither(_having(_colors(words))))))


def is_owned(words: list[str], i: int) -> bool:
    """Whether "of" says to what the thing before it belongs: "the cushions of the sofa", not "the top of the sofa"."""
    if words[i] != "of" or i == 0 or words[i + 1 : i + 2] == [] or words[i + 1] not in _OWNERS:
        return False
    return any(_is_thing(words[k:i]) for k in range(max(0, i - 3), i))


def _is_thing(words: list[str]) -> bool:
    name = " ".join(words)
    return bool(words) and (entry_of(name) is not None or key(name) in categories() or name in places())


def _colors(words: list[str]) -> list[str]:
    """Without what is said of a colour: "dark" in "dark blue", "coloured" in "cream coloured"."""
    found: list[str] = []
    for i, word in enumerate(words):
        if word in _SHADES and words[i + 1 : i + 2] and words[i + 1] in COLOR_WORDS:
            continue
        if word in _COLORED and found and found[-1] in COLOR_WORDS:
            continue
        if word == "in" and found and found[-1] in COLOR_WORDS and words[i + 1 : i + 2] in (["colour"], ["color"]):
            continue
        found.append(word)
    return found


def _having(words: list[str]) -> list[str]:
    """ "That is got" and "that has got" as "that has"; "whose pot stands on" as "that stands on"."""
    found: list[str] = []
    for i, word in enumerate(words):
        if word == "whose" and i and words[i + 2 : i + 3] and words[i + 2] in FILLERS:
            found.append("that")
        elif i > 1 and words[i - 1] == "whose" and found[-1] == "that":
            continue
        elif word == "got" and i > 1 and words[i - 2] in _WHICH and words[i - 1] in ("is", "has", "have"):
            found[-1] = "has"
        else:
            found.append(word)
    return found


def _neither(words: list[str]) -> list[str]:
    """ "Neither on the desk nor by the door" as "not on the desk and not by the door"."""
    if "neither" not in words:
        return words
    at = words.index("neither")
    if at == 0 or at + 1 >= len(words) or not relation_at(words, at + 1):
        return words
    rest = [part for word in words[at + 1 :] for part in (("and", "not") if word == "nor" else (word,))]
    return [*words[:at], "not", *rest]


def _owned(words: list[str]) -> list[str]:
    """ "The sofa's left cushion" as "the left cushion of the sofa"."""
    for i, word in enumerate(words):
        owned_by = [*words[:i], word.removesuffix("'s")]
        first = next((k for k in range(max(0, i - 2), i + 1) if _is_thing(owned_by[k:])), None)
        if not word.endswith("'s") or first is None:
            continue
        end = i + 1
        while end < len(words) and not (relation_at(words, end) or words[end] in (",", "and", "or", *FILLERS)):
            end += 1
        if end > i + 1:
            return [*words[:first], *words[i + 1 : end], "of", "the", *owned_by[first:], *words[end:]]
    return words


def _numbered(words: list[str]) -> list[str]:
    """ "Stool number two" as "second stool"."""
    for i in range(1, len(words) - 1):
        rank = NUMBERS.get(words[i + 1]) or (int(words[i + 1]) if words[i + 1].isdecimal() else 0)
        if words[i] == "number" and rank in _RANKS:
            first = max((k + 1 for k in range(i) if words[k] in DETERMINERS or words[k] == ","), default=0)
            return [*words[:first], _RANKS[rank], *words[first:i], *words[i + 2 :]]
    return words


def _sides_of(words: list[str]) -> list[str]:
    """ "On the window side of the table" as "at the table, near the window"."""
    for i in range(len(words) - 4):
        before, after = words[i : i + 2], words[i + 3 : i + 5]
        side = words[i + 2]
        if before != ["on", "the"] or after != ["side", "of"] or side in SUPERLATIVES or not _is_thing([side]):
            continue
        end = next((k for k in range(i + 5, len(words)) if words[k] == ","), len(words))
        anchor = words[i + 5 : end]
        if anchor and anchor[0] in ARTICLES:
            return [*words[:i], "at", *anchor, ",", "near", "the", side, *words[end:]]
    return words
