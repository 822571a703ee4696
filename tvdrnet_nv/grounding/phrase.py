"""What a sentence says, as a tree: a noun phrase with its attributes, and its relations to other noun phrases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.colors import WORDS as COLOR_WORDS

RELATIONS = (
    "on", "on top", "in", "under", "above", "near", "left", "right", "front", "behind", "opposite", "between",
    "against", "far", "closest", "farthest", "has on it", "with", "end", "same wall",
    "of", "corner", "middle",
)  # fmt: skip
"""What a relation may be; "corner" and "middle" (of the room) have no anchors, "between" has two or one plural."""

SIZES = ("large", "small", "tall", "low", "long", "wide", "narrow", "high", "deep", "left", "right", "middle")
"""What an attribute or a superlative may be: "high" and "deep" are places, the others sizes or sides."""

_SIDES = ("left", "right", "middle")


@dataclass(frozen=True)
class Relation:
    """How a thing lies to others.

    Attributes:
        kind: one of `RELATIONS`.
        anchors: the other things.
        negated: whether it is said not to lie so.
        rank: for "closest" and "farthest": 1 for the first.
    """

    kind: str
    anchors: tuple[NounPhrase, ...] = ()
    negated: bool = False
    rank: int = 1


@dataclass(frozen=True)
class NounPhrase:
    """A thing as a sentence names it.

    Attributes:
        name: the noun and the words before it that are no attributes, such as "coffee table"; empty for any thing.
        use: where no thing is named: what is to be done with it, such as "wash my hands".
        colors: words for colours.
        sizes: of `SIZES`, as adjectives: a large one.
        superlatives: of `SIZES` with a rank: ("tall", 2) is the second tallest.
        relations: to other things.
        plural: whether several are meant.
        count: how many, where a plural has a number; 0 where it has none.
        also: the other things of "the sofa, the desk and the rug".
        but: the things that are not meant, such as the sofa of "anything but the sofa".
    """

    name: str = ""
    use: str = ""
    colors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    superlatives: tuple[tuple[str, int], ...] = ()
    relations: tuple[Relation, ...] = field(default=())
    plural: bool = False
    count: int = 0
    also: tuple[NounPhrase, ...] = ()
    but: tuple[NounPhrase, ...] = ()

    @property
    def says_nothing(self) -> bool:
        """Whether it could be any thing: "the left one" without the things among which it is."""
        sizes = self.sizes or any(word not in _SIDES for word, _ in self.superlatives)
        return not (self.name or self.use or self.colors or sizes or self.relations)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, in the form that `phrase_from_dict` reads; what is empty is left out."""
        return _without_defaults(asdict(self))


def phrase_from_dict(data: Any, where: str = "phrase") -> NounPhrase:
    """A noun phrase from plain values: the fields of `NounPhrase` and `Relation`, all of them optional but `kind`.

    Raises:
        InputError: something else stands there; the message names the place.
    """
    known = set(NounPhrase.__dataclass_fields__)
    if not isinstance(data, Mapping) or not set(data) <= known:
        raise InputError(f"{where}: wanted an object with some of {', '.join(sorted(known))}; got {_short(data)}")
    if not any(data.get(key) for key in ("name", "use", "colors", "sizes", "superlatives", "relations", "but")):
        raise InputError(f"{where}: names no thing, no use, no attribute and no relation; wanted one of them")
    count = data.get("count", 0)
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InputError(f"{where}.count: wanted a whole number of 0 or more; got {_short(count)}")
    for key in ("name", "use"):
        if not isinstance(data.get(key, ""), str):
            raise InputError(f"{where}.{key}: wanted a text; got {_short(data[key])}")
    for key, choices in (("colors", COLOR_WORDS), ("sizes", SIZES)):
        values = data.get(key, [])
        if not isinstance(values, list | tuple) or not all(value in choices for value in values):
            raise InputError(f"{where}.{key}: wanted a list of some of {', '.join(choices)}; got {_short(values)}")
    superlatives = data.get("superlatives", [])
    if not isinstance(superlatives, list | tuple) or not all(_is_superlative(item) for item in superlatives):
        raise InputError(f'{where}.superlatives: wanted a list such as [["tall", 1]]; got {_short(superlatives)}')
    relations = data.get("relations", [])
    if not isinstance(relations, list | tuple):
        raise InputError(f"{where}.relations: wanted a list; got {_short(relations)}")
    return NounPhrase(
        name=data.get("name", ""),
        use=data.get("use", ""),
        colors=tuple(data.get("colors", ())),
        sizes=tuple(data.get("sizes", ())),
        superlatives=tuple((word, rank) for word, rank in superlatives),
        relations=tuple(_relation(item, f"{where}.relations[{i}]") for i, item in enumerate(relations)),
        plural=bool(data.get("plural", False)),
        count=count,
        also=_several(data, "also", where),
        but=_several(data, "but", where),
    )


def _several(data: Mapping[str, Any], key: str, where: str) -> tuple[NounPhrase, ...]:
    values = data.get(key, [])
    if not isinstance(values, list | tuple):
        raise InputError(f"{where}.{key}: wanted a list of phrases; got {_short(values)}")
    return tuple(phrase_from_dict(item, f"{where}.{key}[{i}]") for i, item in enumerate(values))


def _relation(data: Any, where: str) -> Relation:
    if not isinstance(data, Mapping) or data.get("kind") not in RELATIONS:
        raise InputError(f"{where}.kind: wanted one of {', '.join(RELATIONS)}; got {_short(data)}")
    anchors, rank = data.get("anchors", []), data.get("rank", 1)
    if not isinstance(anchors, list | tuple):
        raise InputError(f"{where}.anchors: wanted a list; got {_short(anchors)}")
    if not anchors and data["kind"] not in ("corner", "middle"):
        raise InputError(f"{where}.anchors: {data['kind']} needs a thing that it is said of")
    if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
        raise InputError(f"{where}.rank: wanted a whole number of 1 or more; got {_short(rank)}")
    read = tuple(phrase_from_dict(item, f"{where}.anchors[{i}]") for i, item in enumerate(anchors))
    return Relation(data["kind"], read, bool(data.get("negated", False)), rank)


def _is_superlative(item: Any) -> bool:
    return (
        isinstance(item, list | tuple)
        and len(item) == 2
        and item[0] in SIZES
        and isinstance(item[1], int)
        and not isinstance(item[1], bool)
        and item[1] >= 1
    )


def _without_defaults(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_defaults(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ("", [], False) and (key, item) != ("rank", 1)}
    return [_without_defaults(item) for item in value] if isinstance(value, list | tuple) else value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
