"""A small grammar of noun phrases: attributes before the noun, relations after it.

    PHRASE   = DETERMINERS ATTRIBUTES NOUN RELATION*
    RELATION = [not] WORDS PHRASE

A relation belongs to the noun before it: in "the picture right of the window behind the sofa" it is the window that is
behind the sofa. After "and", "that is", "which is" or a comma, it belongs to the first noun again.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tvdrnet_nv.grounding.coordination import relation_at, split_exceptions, split_list
from tvdrnet_nv.grounding.noun import noun_of
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.usual_words import is_owned, usual
from tvdrnet_nv.grounding.vocabulary import plain
from tvdrnet_nv.grounding.words import (
    ANYTHING,
    DETERMINERS,
    FILLERS,
    NEARNESS,
    ORDINALS,
    SHELL,
    SHORT_FORMS,
    SUPERLATIVES,
)

_JOINTS = ("and", ",", "that", "which", "but", "who")
_SIDES: dict[tuple[str, ...], str] = {
    ("on", "the", "left"): "left",
    ("on", "the", "right"): "right",
    ("in", "the", "middle"): "center",
    ("at", "the", "top"): "high",
    ("at", "the", "bottom"): "deep",
}
_MEASURES = {
    ("height", True): "tall",
    ("height", False): "low",
    ("width", True): "wide",
    ("width", False): "narrow",
    ("length", True): "long",
    ("length", False): "narrow",
    ("size", True): "large",
    ("size", False): "small",
}
_CLAUSES = ("when", "if", "as", "while", "where", "because", "so", "than")
_OF_IT = {"on": "has on it", "on top": "has on it", "in": "has on it", "under": "above", "above": "under",
          "near": "near", "front": "behind", "behind": "front"}  # fmt: skip
_IT = (["it"], ["them"], ["itself"])


def parse_phrase(text: str) -> NounPhrase:
    """What a noun phrase says, such as "the second picture from the door"."""
    words = words_of(text)
    meant, not_meant = split_exceptions(_without_clauses(words))
    first, *others = [_parse(part) for part in split_list(meant)]
    excluded = [_parse(part) for words in not_meant for part in split_list(words)]
    return replace(first, also=tuple(others), but=tuple(excluded))


def _without_clauses(words: list[str]) -> list[str]:
    """The words without clauses, each of which ends at a comma: "when it is dark", "than the bed"."""
    kept = list(words)
    for i in range(len(words) - 2, 0, -1):
        if _is_clause(words, i):
            end = next((k for k in range(i, len(kept)) if kept[k] == ","), len(kept))
            kept = [*kept[:i], *kept[end:]]
    return kept


def _is_clause(words: list[str], i: int) -> bool:
    """Whether a clause begins at a word; "the same wall as the window" and "other than the sofa" have none."""
    if words[i] == "as":
        return "same" not in words[:i]
    return words[i] in _CLAUSES and words[i - 1 : i + 1] != ["other", "than"]


def words_of(text: str) -> list[str]:
    """The text's words in lower case; each comma is a word of its own. "Very" is left out."""
    text = re.sub(r"\s-+\s|[;–—]", ", ", text).replace("-", " ")
    words: list[str] = []
    for part in filter(None, (plain(part).split() for part in text.split(","))):
        words += [",", *part] if words else part
    return usual([word for given in words for word in SHORT_FORMS.get(given, (given,)) if word != "very"])


def _parse(words: list[str]) -> NounPhrase:
    segments = _segments(words)
    head, tail = _head_and_tail(segments[0])
    phrase, pending = noun_of(head)
    relations = _relations(tail, pending, phrase.name)
    for segment in segments[1:]:
        relations += _relations(segment, {}, phrase.name)
    relations = _without_pronouns(relations)
    superlatives = phrase.superlatives
    if pending.get("rank") and not any(item.kind in ("closest", "farthest") for item in relations):
        superlatives = tuple((word, pending["rank"]) for word, _ in superlatives)
    sides = tuple(
        ("middle" if item.kind == "center" else item.kind, 1)
        for item in relations
        if not item.anchors and item.kind not in ("corner", "middle")
    )
    kept = tuple(item for item in relations if item.anchors or item.kind in ("corner", "middle"))
    plural = phrase.plural and not any(word in ("high", "deep") for word, _ in sides)
    return replace(phrase, relations=kept, superlatives=(*superlatives, *sides), plural=plural)


def _segments(words: list[str]) -> list[list[str]]:
    """The words, cut where a relation belongs to the first noun again; all but the first begin with a relation."""
    cuts = [0]
    for i, word in enumerate(words):
        if word not in _JOINTS or i == 0:
            continue
        start = _skip_fillers(words, i + 1)
        if word in ("that", "which") and words[i - 1] in ANYTHING:  # "the one that stands on the desk"
            continue
        after_noun = any(relation_at(words, k) for k in range(cuts[-1], i))
        if (relation_at(words, start) or words[start : start + 1] == ["not"]) and (word != "that" or after_noun):
            cuts.append(i)
    parts = [words[a:b] for a, b in zip(cuts, [*cuts[1:], len(words)], strict=True)]
    return [parts[0], *(part[1:] for part in parts[1:])]


def _head_and_tail(words: list[str]) -> tuple[list[str], list[str]]:
    """The noun with its attributes, and what comes from the first relation on."""
    for i in range(len(words)):
        if relation_at(words, i) or tuple(words[i : i + 3]) in _SIDES:
            head = words[:i]
            if not head and NEARNESS.get(words[0]):  # "nearest chair to the door"
                continue
            if _is_attribute(words, i):
                continue
            start = i
            while head and (head[-1] in FILLERS or head[-1] == "not"):
                start -= 1
                head = head[:-1]
            return head, words[start:]
        if is_owned(words, i):
            return words[:i], words[i:]
        if words[i] in ("from", "to") and any(w in ORDINALS or w in NEARNESS or w in SUPERLATIVES for w in words[:i]):
            return words[:i], words[i:]
    return words, []


def _is_attribute(words: list[str], i: int) -> bool:
    """Whether "nearest" at a place is before its noun: "the nearest chair to the door"."""
    if words[i] not in NEARNESS or (relation_at(words, i) or ("", 0))[1] > 1:
        return False
    rest = words[i + 1 :]
    before = any(word not in DETERMINERS and word not in ORDINALS for word in words[:i])
    return not before and bool(rest) and rest[0] not in DETERMINERS


def _relations(words: list[str], pending: dict[str, object], noun: str) -> list[Relation]:
    """The relations of one noun, from words that begin with one: its anchor takes the rest along."""
    i = _skip_fillers(words, 0)
    negated = False
    while i < len(words) and words[i] == "not":
        negated, i = True, _skip_fillers(words, i + 1)
    if i >= len(words):
        return []
    side = _SIDES.get(tuple(words[i : i + 3]))
    found = relation_at(words, i)
    rank = int(str(pending.get("rank") or 1))
    if words[i] == "of":
        found = "of", 1
    if words[i] in ("from", "to") and not found:
        found = str(pending.get("nearness") or "closest"), 1
    if side and (found is None or found[1] <= 2):
        after = words[i + 3 :]
        inside = after[:1] == ["of"] and len(after) > 1
        further = [Relation("in", (_parse(after[1:]),))] if inside else _relations(after, {}, noun)
        return [Relation(side), *further]
    if found is None:
        return []
    kind, length = found
    negated ^= words[i] == "without"
    rest = words[i + length :]
    if kind in ("corner", "middle"):
        return [Relation(kind, (), negated), *_relations(rest, {}, noun)] if rest else [Relation(kind, (), negated)]
    if kind in ("closest", "farthest") and rest[:1] in (["to"], ["from"]):
        rest = rest[1:]
    if kind == "with":
        measured = _measured(rest)
        if measured:
            return [Relation(measured)]
        kind, rest = _of_it(rest)
    if not [word for word in rest if word not in DETERMINERS] or (rest[-1:] == ["room"] and len(rest) <= 2):
        return []
    if rest == ["nothing"]:
        negated, rest = not negated, ["anything"]
    parts = split_list(rest)
    if kind != "between" and len(parts) > 1:  # "next to the sofa and the desk": next to both
        which = rank if kind in ("closest", "farthest") else 1
        return [Relation(kind, (_anchor(part, noun),), negated, which) for part in parts]
    anchors: tuple[NounPhrase, ...]
    own: tuple[Relation, ...] = ()
    if kind == "between" and "and" in rest:
        at = rest.index("and")
        anchors = _anchor(rest[:at], noun), _anchor(rest[at + 1 :], noun)
    else:
        anchor = _anchor(rest, noun)
        if anchor.name in SHELL and anchor.relations:  # "on the floor next to the desk": not the floor is next to it
            own, anchor = anchor.relations, replace(anchor, relations=())
        anchors = (anchor,)
    return [Relation(kind, anchors, negated, rank if kind in ("closest", "farthest") else 1), *own]


def _anchor(words: list[str], noun: str) -> NounPhrase:
    """What a relation is to; "the one above the desk" is of the noun before: "the picture right of the one …"."""
    anchor = _parse(words)
    head = _head_and_tail(_segments(words)[0])[0]
    return anchor if anchor.name or not {"one", "ones"} & set(head) else replace(anchor, name=noun)


def _of_it(words: list[str]) -> tuple[str, list[str]]:
    """The relation of "with a bowl on it" or "with the sofa under it", seen from the other side, and the bowl."""
    for i in range(1, len(words)):
        found = relation_at(words, i)
        if found is None or found[0] not in _OF_IT:
            continue
        after, before = words[i + found[1] :], words[:i]
        if after not in _IT and words[i:] != ["on", "top"]:
            continue
        while len(before) > 1 and before[-1] in FILLERS:
            before = before[:-1]
        return _OF_IT[found[0]], before
    return "with", words


def _without_pronouns(relations: list[Relation]) -> list[Relation]:
    """The relations with "it" as an anchor meaning the anchor before: "next to the sink, to the left of it"."""
    found: list[Relation] = []
    for item in relations:
        if any(anchor.name in ("it", "them") for anchor in item.anchors):
            if not found or not found[-1].anchors:
                continue
            item = replace(item, anchors=found[-1].anchors[-1:])
        found.append(item)
    return found


def _measured(words: list[str]) -> str | None:
    """The superlative of "with the smallest width"; None for anything else."""
    kept = [word for word in words if word not in DETERMINERS]
    if len(kept) != 2 or kept[0] not in SUPERLATIVES:
        return None
    return _MEASURES.get((kept[1], SUPERLATIVES[kept[0]] in ("large", "tall", "high", "long", "wide")))


def _skip_fillers(words: list[str], i: int) -> int:
    """The first word from a place on that is no filler, where a relation follows; else the place itself."""
    k = i
    while k < len(words) and words[k] in FILLERS and not relation_at(words, k):
        k += 1
    return k
