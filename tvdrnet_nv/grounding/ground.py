"""From a sentence to the things of a scene that it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tvdrnet_nv.grounding.doubts import doubts
from tvdrnet_nv.grounding.names import Names
from tvdrnet_nv.grounding.phrase import NounPhrase
from tvdrnet_nv.grounding.scores import LEAST, Scorer, Scores
from tvdrnet_nv.grounding.sentence import read_sentence
from tvdrnet_nv.grounding.things import Thing, Things
from tvdrnet_nv.grounding.wording import of_phrase, why_nothing
from tvdrnet_nv.language import TextEncoder

LEAST_USE = 0.26
"""The score of a use below which nothing of the scene is meant; docs/text.md says why."""

NOTHING = "nothing of the scene is meant"
_ALIKE = 0.85  # of the best score: what fits as well
_READ = 0.9  # of the best reading's name score: an earlier reading that fits so well is taken
_HOISTED = 1.5  # how much better a sentence must fit where a relation is said of the first noun, not the last
_FAILS = 0.1  # the relation's score that no thing reaches: the first noun's relations were read in a wrong way
_LISTED = 8


@dataclass(frozen=True)
class Candidate:
    """How well a sentence fits one thing; all in 0..1.

    Attributes:
        thing: the thing.
        score: name · attributes · relation.
        name: how well the noun, or the use, fits.
        attributes: how well colours, sizes and superlatives do.
        relation: how well the relations do.
        why: in words, what the name's score is from.
    """

    thing: Thing
    score: float
    name: float
    attributes: float
    relation: float
    why: str


@dataclass(frozen=True)
class Grounding:
    """What a sentence means in a scene.

    Attributes:
        sentence: as it was given.
        phrase: what was understood.
        scored: all things with their scores, the best first.
        chosen: the things that are meant: the best, or all that fit alike where the sentence has a plural; none where
            nothing of the scene is meant.
        alike: things that are not chosen and fit nearly as well.
        notes: what the sentence says and does not hold of what is chosen.
        reason: why nothing is meant; empty where something is.
    """

    sentence: str
    phrase: NounPhrase
    scored: tuple[Candidate, ...] = ()
    chosen: tuple[Thing, ...] = ()
    alike: tuple[Thing, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The best, at most 8."""
        return self.scored[:_LISTED]


class Grounder:
    """Finds what sentences mean in one scene; keeps what it has computed for the next sentence.

    Args:
        things: the scene's; an attribute as well.
        encoder: of the sentences' words.
    """

    def __init__(self, things: Things, encoder: TextEncoder) -> None:
        self.things = things
        self._names = Names(things, encoder)
        self._scores = Scorer(things, self._names)

    def __call__(self, sentence: str) -> Grounding:
        """What a sentence means: by the first of its readings that fits nearly as well as any."""
        found = [self.of_phrase(sentence, phrase) for phrase in read_sentence(sentence, self._names.is_known)]
        if not found:
            return Grounding(sentence, NounPhrase(), reason="it has no words that name a thing")
        fits = [item.candidates[0].name if item.chosen else 0.0 for item in found]
        return next(item for item, fit in zip(found, fits, strict=True) if fit >= _READ * max(fits))

    def of_phrase(self, sentence: str, phrase: NounPhrase) -> Grounding:
        """What a phrase means that was understood elsewhere; see `phrase_from_dict`."""
        found = self._single(sentence, phrase)
        others = [self._single(sentence, other) for other in phrase.also]
        return joined(found, others) if others else found

    def _single(self, sentence: str, phrase: NounPhrase) -> Grounding:
        """What a phrase means without those that it is joined with by "and"."""
        if phrase.says_nothing:
            return Grounding(sentence, phrase, reason=why_nothing(phrase))
        scores = self._scores(phrase)
        other = _hoisted(phrase)
        if other is not None:  # "the cabinet by the fridge above the oven": the cabinet may be above it
            lifted = self._scores(other)
            fails = scores.relation.max(initial=0.0) < _FAILS
            if fails or lifted.total.max(initial=0.0) > _HOISTED * scores.total.max(initial=0.0):
                phrase, scores = other, lifted
        excluded = self._excluded(sentence, phrase)
        order = [int(i) for i in np.argsort(-scores.total, kind="stable") if self.things.items[i] not in excluded]
        found = tuple(self._candidate(scores, i) for i in order)
        least = LEAST_USE if phrase.use and not phrase.name else LEAST
        if not found or found[0].name < least:
            return Grounding(sentence, phrase, found, reason=NOTHING)
        fit = tuple(item.thing for item in found[:_LISTED] if item.score >= _ALIKE * found[0].score)
        count = min(len(fit), phrase.count or len(fit)) if phrase.plural else 1
        notes = doubts(phrase, scores.claims, order[0], fit[:count])
        if notes and not phrase.name and not phrase.use:  # nothing else says what is meant
            return Grounding(sentence, phrase, found, reason="; ".join(notes))
        return Grounding(sentence, phrase, found, fit[:count], fit[count:], notes)

    def _excluded(self, sentence: str, phrase: NounPhrase) -> set[Thing]:
        """The things of "but the sofa"; "the chairs but the red one" is of a chair."""
        named = []
        for item in phrase.but:
            if not item.name and not item.use:  # "that is not red": none that is red
                every = phrase.plural or not (item.superlatives or item.relations)
                item = replace(item, name=phrase.name, plural=every)
            named.append(item)
        found = [self._single(sentence, item) for item in named]
        excluded = [thing for item in found if not item.notes for thing in item.chosen]
        if self._alike(phrase) <= set(excluded):  # "the curtain that is not grey", where each is: the one that is less
            excluded = [item.chosen[0] for item in found if not item.notes and item.chosen]
        return set(excluded)

    def _alike(self, phrase: NounPhrase) -> set[Thing]:
        """The things that a phrase's noun names."""
        scores = [item.score for item in self._names.of_noun(phrase.name)] if phrase.name else []
        items = zip(self.things.items, scores, strict=False)
        return {thing for thing, score in items if score >= max(LEAST, _ALIKE * max(scores))}

    def _candidate(self, scores: Scores, i: int) -> Candidate:
        parts = (float(values[i]) for values in (scores.total, scores.name, scores.attributes, scores.relation))
        return Candidate(self.things.items[i], *parts, why=scores.why[i])


def joined(first: Grounding, others: Sequence[Grounding]) -> Grounding:
    """What "the sofa and the desk" means, from what each of the two does."""
    parts = [first, *others]
    best: dict[int, Candidate] = {}
    for item in sorted((item for part in parts for item in part.scored), key=lambda item: -item.score):
        best.setdefault(item.thing.id, item)
    chosen = tuple(dict.fromkeys(thing for part in parts for thing in part.chosen))
    alike = tuple(dict.fromkeys(thing for part in parts for thing in part.alike if thing not in chosen))
    lacking = [f'"{of_phrase(part.phrase)}" is left out: {part.reason}' for part in parts if not part.chosen]
    notes = [*lacking, *(note for part in parts for note in part.notes)]
    if not chosen:
        return replace(first, scored=tuple(best.values()))
    return Grounding(first.sentence, first.phrase, tuple(best.values()), chosen, alike, tuple(notes))


def _hoisted(phrase: NounPhrase) -> NounPhrase | None:
    """The phrase whose last anchor's relations are its own instead; None where the anchor has none."""
    if not phrase.relations or not phrase.relations[-1].anchors:
        return None
    *before, last = phrase.relations
    *anchors, anchor = last.anchors
    if not anchor.relations:
        return None
    bare = replace(last, anchors=(*anchors, replace(anchor, relations=())))
    return replace(phrase, relations=(*before, bare, *anchor.relations))
