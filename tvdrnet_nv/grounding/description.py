"""Descriptions of several sentences, as in ScanRefer, and sentences with a viewpoint, as in Nr3D.

"This is a brown cabinet. It is right of the desk." says of one thing what "the brown cabinet right of the desk" does.
"Facing the bed, the nightstand on the left" is the nightstand left of the bed.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tvdrnet_nv.grounding.colors import WORDS as COLOR_WORDS
from tvdrnet_nv.grounding.parse import parse_phrase
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.vocabulary import plain
from tvdrnet_nv.grounding.words import SIZE_WORDS

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
    return _THIS_IS.sub("", parts[0]) or parts[0], parts[1:]


def from_viewpoint(text: str) -> tuple[str, NounPhrase | None]:
    """A sentence without the words about where one looks, and the thing that is looked at."""
    match = _FACING.match(text.strip().lower())
    return (text, None) if match is None else (match["rest"], parse_phrase(match["anchor"]))


def seen_facing(phrase: NounPhrase, anchor: NounPhrase) -> NounPhrase:
    """A phrase whose "on the left" and "on the right" are those of the thing that one faces."""
    sides = [word for word, _ in phrase.superlatives if word in ("left", "right")]
    kept = tuple(item for item in phrase.superlatives if item[0] not in ("left", "right"))
    relations = tuple(Relation(side, (anchor,)) for side in sides)
    return replace(phrase, superlatives=kept, relations=(*phrase.relations, *relations))


def with_facts(phrase: NounPhrase, more: list[str]) -> NounPhrase:
    """A phrase with what further sentences say of the same thing; what they say of others is left out."""
    for part in more:
        words = plain(part)
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
            tokens = said.split()[:4]
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
