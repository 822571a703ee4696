"""Phrases and relations in words again, for notes."""

from __future__ import annotations

from tvdrnet_nv.grounding.phrase import NounPhrase, Relation

_WORDS = {
    "on top": "on top of",
    "near": "next to",
    "left": "left of",
    "right": "right of",
    "front": "in front of",
    "far": "far from",
    "end": "at the end of",
    "same wall": "on the same wall as",
    "closest": "closest to",
    "farthest": "farthest from",
    "corner": "in the corner of the room",
    "middle": "in the middle of the room",
}


def of_phrase(phrase: NounPhrase) -> str:
    """The noun with its colours, such as "the red chair"; or the use."""
    if phrase.use and not phrase.name:
        return phrase.use
    return " ".join(("the", *phrase.colors, phrase.name or "thing"))


def of_relation(relation: Relation) -> str:
    """Such as "under the table"."""
    anchors = " and ".join(map(of_phrase, relation.anchors))
    before = "not " if relation.negated else ""
    if relation.kind == "has on it":
        return f"{before}with {anchors} on it"
    return f"{before}{_WORDS.get(relation.kind, relation.kind)} {anchors}".strip()


def why_nothing(phrase: NounPhrase) -> str:
    """Why a phrase that `says_nothing` means nothing."""
    return "it says only what is not meant; name what is" if phrase.but else "it names no thing; say which"
