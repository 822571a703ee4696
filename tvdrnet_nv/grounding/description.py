"""Descriptions of several sentences, as in ScanRefer, and sentences with a viewpoint, as in Nr3D.

"This is a brown cabinet. It is right of the desk." says of one thing what "the brown cabinet right of the desk" does.
"Facing the bed, the nightstand on the left" is the nightstand left of the bed.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tvdrnet_nv.grounding.colors import WORDS as COLOR_WORDS
from tvdrnet_nv.grounding.coordination import relation_at
from tvdrnet_nv.grounding.parse import parse_phrase, words_of
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.vocabulary import plain
from tvdrnet_nv.grounding.words import DETERMINERS, ORDINALS, SIZE_WORDS, SUPERLATIVES

_THIS_IS = re.compile(
    r"^(?:(?:this|that|it|there|these|they|here)(?: is|'s| are)|(?:please )?(?:choose|pick|select|click on|point at)"
    r"|(?:the )?(?:correct|right|target) (?:one|object|\w+) is|you want|we want|i mean|i want)\b *",
    re.IGNORECASE,
)
_IT_IS = re.compile(
    r"^(?:it|this|that|they|these|the \w+(?: \w+)?)(?: is|'s| are| sits| stands| lies| hangs| can be found)\b *"
)
_CHOOSE = re.compile(r"^(?:please )?(?:choose|pick|select|take|find|show|i mean|i want|you want|it is)(?: me)?\b *")
_IT_HAS = re.compile(r"^(?:it|this|they|the \w+) (?:has|have)\b *")
_HOW = (
    "on|above|over|under|below|beneath|next to|beside|near|in front of|behind|to the left of|to the right of|left of"
    "|right of"
)
_THERE_IS = re.compile(rf"^there(?: is|'s| are) (?P<thing>.+?) (?P<how>{_HOW})(?: top of)? (?:it|them)$")
_CONVERSE = {
    "on": "has on it", "above": "under", "over": "under", "under": "above", "below": "above", "beneath": "above",
    "in front of": "behind", "behind": "front", "to the left of": "right", "left of": "right",
    "to the right of": "left", "right of": "left",
}  # fmt: skip
_NO = re.compile(
    r"^(?P<wrong>[^?.,;!]+)[?.,;!]+ (?:oh )?(?:no|nope|wait|rather|sorry)\b[,.]* (?:i mean )?(?P<right>.+)$"
)
_FACING = re.compile(
    r"^(?:when|if|while|as)?(?: ?(?:you|we|i)(?:'re|'m| are| am)?)? ?"
    r"(?:facing|looking at|face|look at|standing in front of) (?P<anchor>[\w' ]+?) ?, ?"
    r"(?:it'?s? (?:is )?|choose |pick |select )?(?P<rest>.+)$"
)
_FACING_LAST = re.compile(
    r"^(?P<rest>.+?),? (?:when|if|while|as)(?: (?:you|we|i|one|someone))?(?:'re|'m| are| am| is)? "
    r"(?:facing|looking at|face|faces|look at|looks at|standing in front of|stand in front of) (?P<anchor>the [\w' ]+)$"
)
_FROM_IT = re.compile(
    r",? (?:when|if|while|as)(?: (?:you|we|i|one|someone))?(?:'re|'m| are| am| is)? "
    r"(?:lying|lie|lies|sitting|sit|sits|seated|sleeping|sleep) (?:down )?(?:in|on|at) (?P<anchor>it|the \w+)\b"
)
_OTHER_SIDE = {"left": "right", "right": "left"}


def corrected_by_speaker(text: str) -> tuple[str, str]:
    """What a sentence says after a correction, and what was corrected: "the bin by the desk? no, the one by the bed".

    The second is empty where nothing is corrected.
    """
    match = _NO.match(text.strip().lower())
    return (text, "") if match is None else (match["right"], match["wrong"])


def split_description(text: str) -> tuple[str, list[str]]:
    """The sentence that names the thing, and those that say more about it, in lower case."""
    parts = [part.strip().lower() for part in re.split(r"[.;!]+(?:\s+|$)|\?(?:\s+|$)", text.replace("’", "'"))]
    parts = [part for part in parts if plain(part)]
    if not parts:
        return "", []
    first = _THIS_IS.sub("", parts[0]) or parts[0]
    if re.match(r"it(?: is|'s)\b", parts[0]) and not _names_something(words_of(first)):
        first = parts[0]  # "it is dark, find the lamp"
    return first, parts[1:]


def _names_something(words: list[str]) -> bool:
    """Whether words begin as a noun phrase does: with an article, an attribute of a noun, or a relation."""
    attribute = words[0] in COLOR_WORDS or words[0] in SIZE_WORDS or words[0] in SUPERLATIVES or words[0] in ORDINALS
    return words[0] in DETERMINERS or (attribute and words[1:2] != [","]) or relation_at(words, 0) is not None


def from_viewpoint(text: str) -> tuple[str, NounPhrase | None, bool]:
    """A sentence without the words about where one looks; the thing that is looked at; whether from the thing instead.

    Who lies in a bed has its left where who faces it has its right.
    """
    given = text.strip().lower()
    inside = _FROM_IT.search(given)
    if inside is not None and re.search(r"\b(?:left|right)\b", given):
        rest = given[: inside.start()] + given[inside.end() :]
        return rest, None if inside["anchor"] == "it" else parse_phrase(inside["anchor"]), True
    match = _FACING.match(given) or _FACING_LAST.match(given)
    return (text, None, False) if match is None else (match["rest"], parse_phrase(match["anchor"]), False)


def seen_facing(phrase: NounPhrase, anchor: NounPhrase | None, *, inside: bool) -> NounPhrase:
    """A phrase whose left and right are those of someone who faces a thing, or is in it."""
    if inside:
        turned = [replace(item, kind=_OTHER_SIDE.get(item.kind, item.kind)) for item in phrase.relations]
        phrase = replace(phrase, relations=tuple(turned))
    if anchor is None:
        return phrase
    sides = [word for word, _ in phrase.superlatives if word in _OTHER_SIDE]
    kept = tuple(item for item in phrase.superlatives if item[0] not in _OTHER_SIDE)
    relations = tuple(Relation(_OTHER_SIDE[side] if inside else side, (anchor,)) for side in sides)
    return replace(phrase, superlatives=kept, relations=(*phrase.relations, *relations))


def with_facts(phrase: NounPhrase, more: list[str]) -> NounPhrase:
    """A phrase with what further sentences say of the same thing; what they say of others is left out."""
    for part in more:
        words = " ".join(words_of(part)).replace(" , ", ", ")
        there = _THERE_IS.match(words)
        if there is not None:
            other = parse_phrase(there["thing"])
            kind = _CONVERSE.get(there["how"], "near")
            phrase = replace(phrase, relations=(*phrase.relations, Relation(kind, (other,))))
        elif _CHOOSE.match(words) and not parse_phrase(_CHOOSE.sub("", words)).name:
            phrase = replace(_with(phrase, _CHOOSE.sub("", words)), plural=False, count=0)
        elif _IT_HAS.match(words):
            phrase = _with(phrase, "thing with " + _IT_HAS.sub("", words))
        elif _IT_IS.match(words):
            said = _IT_IS.sub("", words)
            phrase = _with(phrase, f"thing {said}")
            tokens = said.replace(",", "").split()[:4]
            phrase = replace(
                phrase,
                colors=(*phrase.colors, *(word for word in tokens if word in COLOR_WORDS and not phrase.colors)),
                sizes=(*phrase.sizes, *(SIZE_WORDS[word] for word in tokens if word in SIZE_WORDS)),
            )
    return phrase


def _with(phrase: NounPhrase, description: str) -> NounPhrase:
    """The phrase with the relations and superlatives of another description."""
    other = parse_phrase(description)
    superlatives = (*phrase.superlatives, *other.superlatives)
    return replace(phrase, relations=(*phrase.relations, *other.relations), superlatives=superlatives)
