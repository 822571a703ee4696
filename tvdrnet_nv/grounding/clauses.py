"""Noun phrases as people say them: with a second name for the thing, or with the things among which it is.

the appliance on the oven, a microwave          an apposition
of the two cushions, the one next to the lamp   a choice
the counter where the kettle stands             a clause about what is on it
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tvdrnet_nv.grounding.coordination import relation_at
from tvdrnet_nv.grounding.parse import parse_phrase
from tvdrnet_nv.grounding.phrase import NounPhrase

_HOLDS = re.compile(
    r"(?<=\w) (?:where|on which|upon which|in which) (?P<what>(?:the|a|an|my|some|that|two|three) [^,]+?)"
    r" (?:is|are|sits?|stands?|lies?|rests?|hangs?)(?: (?:standing|sitting|lying|resting|placed|kept|put))?(?=,|$)"
)
_CHOICE = re.compile(
    r"^(?:out )?(?:of|among|from) (?:the|these|those|all|both) (?P<among>[^,]+), "
    r"(?:(?:it is|i mean|i want|you want|that is|pick|choose|take|select) )*(?P<which>.+)$"
)
_ONE = re.compile(r"^(?P<among>[^,]+(?:, [^,]+)*), (?:(?:i mean|it is|that is) )*(?P<which>the (?:[\w' ]+ )?one\b.*)$")
_SECOND_NAME = re.compile(
    r"^(?P<first>.+), (?:(?:i mean|it is|that is|maybe|probably|perhaps) )*an? (?P<name>[\w' ]+?)"
    r"(?P<sure> (?:i|we) (?:think|guess|believe|suppose|mean))?$"
)
_NOT_BUT = re.compile(r"^(?P<first>.+?),? not (?P<wrong>(?:the|that) .+?),? but (?P<right>the .+)$")
_NOT_FIRST = re.compile(r"^not (?P<wrong>(?:the|that|an?) [^,]+?)(?:,| but)(?: but)? (?P<right>(?:the|that|an?) .+)$")
_PLACE_FIRST = re.compile(
    r"^(?P<where>.+?),? (?:there (?:is|are|stands?|lies?|hangs?)|you (?:can )?(?:see|find)|i (?:can )?see)"
    r" (?P<what>(?:a|an|the|some|my|two|three|several)\b.+)$"
)
_TO_DO = re.compile(
    r"^(?P<what>(?:[\w']+ )*?(?:thing|things|something|object|piece of furniture)) to (?P<use>(?!the\b).+)$"
)


def noun_phrase(words: str, is_known: Callable[[str], bool]) -> NounPhrase:
    """What a noun phrase says that may have clauses; see `parse_phrase`.

    Args:
        words: in lower case, each comma after a word.
        is_known: whether a noun names a thing of the scene.
    """
    match = _TO_DO.match(words)
    if match is not None:
        return replace(parse_phrase(match["what"]), name="", use=match["use"])
    match = _NOT_FIRST.match(words)
    if match is not None:
        right, wrong = parse_phrase(match["right"]), parse_phrase(match["wrong"])
        name = right.name or " ".join(wrong.name.split()[-1:])
        return replace(right, name=name, but=(wrong,))
    match = _PLACE_FIRST.match(words)
    if match is not None and relation_at(match["where"].split(), 0):
        words = f"{match['what']} {match['where']}"
    words = _HOLDS.sub(r" with \g<what> on it", words)
    words = _NOT_BUT.sub(r"\g<first>, \g<right>", words)
    for form in (_CHOICE, _ONE):
        match = form.match(words)
        if match is not None:
            among, which = parse_phrase(match["among"]), parse_phrase(match["which"])
            if among.name and not which.name:
                return _one_of(among, which)
    match = _SECOND_NAME.match(words)
    if match is not None and is_known(match["name"]):
        is_list = re.search(r"\b(?:and|or)\b", match["first"]) is not None
        if match["sure"] or not is_list:
            return replace(parse_phrase(match["first"]), name=match["name"], plural=False, count=0)
    return parse_phrase(words)


def _one_of(among: NounPhrase, which: NounPhrase) -> NounPhrase:
    """The thing of the first phrase's name of which both phrases hold."""
    return replace(
        which,
        name=among.name,
        colors=(*among.colors, *which.colors),
        sizes=(*among.sizes, *which.sizes),
        superlatives=(*among.superlatives, *which.superlatives),
        relations=(*among.relations, *which.relations),
    )
