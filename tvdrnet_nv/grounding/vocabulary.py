"""What is known of the words for indoor things: their other names, their uses, the room they belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_IRREGULAR = {
    "shelves": "shelf",
    "bookshelves": "bookshelf",
    "knives": "knife",
    "loaves": "loaf",
    "people": "person",
    "children": "child",
}
_SAME = {"glasses", "clothes", "stairs", "blinds", "headphones", "scissors", "news", "gas", "bus", "lens", "canvas"}


@dataclass(frozen=True)
class Entry:
    """A kind of thing.

    Attributes:
        name: as data sets name it.
        others: its other names.
        covers: words that cover it and other things as well.
        uses: what people do with it, in short.
        place: the room that it belongs to; empty where it may be anywhere.
    """

    name: str
    others: tuple[str, ...]
    covers: tuple[str, ...]
    uses: tuple[str, ...]
    place: str

    @property
    def names(self) -> tuple[str, ...]:
        """All its names, its own first."""
        return self.name, *self.others


@cache
def entries() -> dict[str, Entry]:
    """The kinds of things, by `key` of their names."""
    found = {}
    for line in _lines("things.txt"):
        name, others, uses, place = (part.strip() for part in line.split("|"))
        words = _split(others, ",")
        same, wider = ([word for word in words if word.startswith("*") == starred] for starred in (False, True))
        covers = tuple(word.removeprefix("*") for word in wider)
        found[key(name)] = Entry(name, tuple(same), covers, _split(uses, ";"), place)
    return found


@cache
def entry_of(name: str) -> Entry | None:
    """The kind of thing that a data set's name means: its own entry, or the first of which it is another name."""
    wanted = key(name)
    own = entries().get(wanted)
    return own or next((item for item in entries().values() if wanted in map(key, item.others)), None)


@cache
def categories() -> dict[str, frozenset[str]]:
    """Words for many kinds of things, such as "furniture": the keys of these kinds' names, by the word's key."""
    rows = [line.split("|") for line in _lines("categories.txt")]
    return {key(word): frozenset(map(key, _split(names, ","))) for word, names in rows}


@cache
def other_words() -> tuple[str, ...]:
    """Words for beings, places, matters and things of all kinds; see data/other_words.txt."""
    return tuple(dict.fromkeys(word for line in _lines("other_words.txt") for word in _split(line, ",")))


@cache
def other_uses() -> tuple[str, ...]:
    """Wishes that no thing of a room answers; see data/other_uses.txt."""
    return tuple(dict.fromkeys(use for line in _lines("other_uses.txt") for use in _split(line, ",")))


@cache
def places() -> frozenset[str]:
    """The kinds of rooms that things belong to."""
    return frozenset(item.place for item in entries().values() if item.place)


def plain(text: str) -> str:
    """Lower case, words of letters, digits and apostrophes, one space between them."""
    return " ".join(re.findall(r"[\w']+", text.lower().replace("_", " ").replace("’", "'")))


def singular(word: str) -> str:
    """A noun's singular, as far as its ending tells."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _SAME or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses")) else word[:-1]


@cache
def key(name: str) -> str:
    """The same for all spellings of a name: no case, no spaces, the last word in the singular.

    "Trash Cans" and "trashcan" are alike, and so are "box of tissues" and "tissue box".
    """
    words = plain(name).replace("-", " ").split()
    if "of" in words[1:-1]:
        at = words.index("of")
        words = [singular(word) for word in words[at + 1 :]] + words[:at]
    return "".join([*words[:-1], singular(words[-1])]) if words else ""


def _lines(name: str) -> list[str]:
    text = (files("tvdrnet_nv.grounding") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
