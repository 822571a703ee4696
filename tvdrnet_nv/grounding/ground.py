"""From a sentence to the things of a scene that it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tvdrnet_nv.grounding.attributes import chosen, color_factor, size_factor
from tvdrnet_nv.grounding.names import Names, NameScore
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.relations import Places
from tvdrnet_nv.grounding.sentence import read_sentence
from tvdrnet_nv.grounding.things import Thing, Things
from tvdrnet_nv.grounding.vocabulary import places
from tvdrnet_nv.language import TextEncoder

LEAST, LEAST_USE = 0.5, 0.26
"""The scores of a noun and of a use below which nothing of the scene is meant; docs/text.md says why."""

_ANY = 0.6  # the name's score of each thing, where the sentence names none
_FLOOR = 0.05  # of a factor: what does not hold at all does not rule a thing out
_ALIKE = 0.85  # of the best score: what fits as well
_READ = 0.9  # of the best reading's name score: an earlier reading that fits so well is taken
_HOISTED = 1.5  # how much better a sentence must fit where a relation is said of the first noun, not the last
_ANCHORS, _ENDS = 16, 8  # how many things an anchor, and an end of "between", may be at most
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
    """

    sentence: str
    phrase: NounPhrase
    scored: tuple[Candidate, ...]
    chosen: tuple[Thing, ...]
    alike: tuple[Thing, ...]

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The best, at most 8."""
        return self.scored[:_LISTED]


class Grounder:
    """Finds what sentences mean in one scene; keeps what it has computed for the next sentence.

    Args:
        things: the scene's.
        encoder: of the sentences' words.
    """

    def __init__(self, things: Things, encoder: TextEncoder) -> None:
        self._things = things
        self._names = Names(things, encoder)
        self._places = Places(things)

    def __call__(self, sentence: str) -> Grounding:
        """What a sentence means: by the first of its readings that fits nearly as well as any."""
        found = [self.of_phrase(sentence, phrase) for phrase in read_sentence(sentence, self._names.is_known)]
        if not found:
            return Grounding(sentence, NounPhrase(), (), (), ())
        fits = [item.candidates[0].name if item.chosen else 0.0 for item in found]
        return next(item for item, fit in zip(found, fits, strict=True) if fit >= _READ * max(fits))

    def of_phrase(self, sentence: str, phrase: NounPhrase) -> Grounding:
        """What a phrase means that was understood elsewhere; see `phrase_from_dict`."""
        scores = self._scores(phrase)
        other = _hoisted(phrase)
        if other is not None:  # "the cabinet by the fridge above the oven": the cabinet may be above it
            lifted = self._scores(other)
            if lifted.total.max(initial=0.0) > _HOISTED * scores.total.max(initial=0.0):
                phrase, scores = other, lifted
        order = np.argsort(-scores.total, kind="stable")
        found = [self._candidate(scores, int(i)) for i in order]
        least = LEAST_USE if phrase.use and not phrase.name else LEAST
        if not found or found[0].name < least:
            return Grounding(sentence, phrase, tuple(found), (), ())
        fit = tuple(item.thing for item in found[:_LISTED] if item.score >= _ALIKE * found[0].score)
        count = len(fit) if phrase.plural else 1
        return Grounding(sentence, phrase, tuple(found), fit[:count], fit[count:])

    def _candidate(self, scores: _Scores, i: int) -> Candidate:
        parts = (float(values[i]) for values in (scores.total, scores.name, scores.attributes, scores.relation))
        return Candidate(self._things.items[i], *parts, why=scores.why[i])

    def _scores(self, phrase: NounPhrase) -> _Scores:
        items = self._things.items
        if phrase.name:
            named = self._names.of_noun(phrase.name)
        elif phrase.use:
            named = self._names.of_use(phrase.use)
        else:
            named = [NameScore(0.0 if item.is_shell else _ANY, "any thing") for item in items]
        name = np.array([item.score for item in named])
        attributes = np.ones(len(items))
        for word in phrase.colors:
            attributes *= [color_factor(item.shares, word) for item in items]
        for word in phrase.sizes:
            attributes *= size_factor(word, items, name)
        for place in set(phrase.name.split()[:-1]) & places():
            attributes *= self._in_place(place)
        relation = np.ones(len(items))
        late = []
        for item in phrase.relations:
            if item.kind in ("closest", "farthest"):
                late.append(item)
            else:
                relation *= self._relation(item, name * attributes)
        for item in late:
            relation *= self._nearest(item, _named_best(name) * attributes * relation)
        for word, rank in phrase.superlatives:
            attributes *= chosen(word, rank, items, _named_best(name) * attributes * relation, self._places)
        return _Scores(name * attributes * relation, name, attributes, relation, [item.why for item in named])

    def _relation(self, relation: Relation, so_far: np.ndarray) -> np.ndarray:
        """[N], a factor for each thing."""
        count = len(self._things.items)
        live = np.flatnonzero(so_far >= 0.2 * so_far.max(initial=0.0))
        values = np.zeros(count)
        if relation.kind in ("corner", "middle"):
            measure = self._places.in_corner if relation.kind == "corner" else self._places.in_middle
            values[live] = [measure(int(i)) for i in live]
            return _factor(values, relation.negated)
        anchors = [self._scores(anchor) for anchor in relation.anchors]
        if any(scores.name.max(initial=0.0) < LEAST for scores in anchors):
            return self._without_anchor(relation, live)
        totals = [scores.total for scores in anchors]
        if relation.kind == "between":
            values[live] = [self._between(int(i), totals) for i in live]
        else:
            weights = totals[0] / totals[0].max()
            near = _likeliest(weights, 0.3, _ANCHORS)
            for i in live:
                pairs = [weights[j] * self._places.score(relation.kind, int(i), int(j)) for j in near if j != i]
                if relation.kind == "against" and relation.anchors[0].name == "wall":
                    pairs.append(self._places.at_wall(int(i)))
                values[i] = max(pairs, default=0.0)
        factor = _factor(values, relation.negated)
        return 0.5 + 0.5 * factor if relation.kind == "with" else factor

    def _without_anchor(self, relation: Relation, live: np.ndarray) -> np.ndarray:
        """The factor of a relation to what the scene does not have: a room's kind has its things around it."""
        words = relation.anchors[0].name.split()
        place = _place_in(relation.anchors[0].name)
        if place is not None:
            return self._in_place(place)
        if words == ["wall"] and relation.kind in ("on", "against", "near"):
            values = np.zeros(len(self._things.items))
            values[live] = [self._places.at_wall(int(i)) for i in live]
            return _factor(values, relation.negated)
        return np.full(len(self._things.items), 0.5)

    def _in_place(self, place: str) -> np.ndarray:
        """[N]: how near things are to those that belong to a kind of room, besides themselves."""
        items = self._things.items
        members = self._members(place)
        values = np.full(len(items), 0.5)
        for i in range(len(items)):
            gaps = sorted(self._places.distance(i, j) for j in members if j != i)[:3]
            if gaps:
                values[i] = 1 / (1 + (float(np.mean(gaps)) / 1.5) ** 2)
            if i in members:
                values[i] = max(values[i], 0.9)
        return _factor(values, False)

    def _members(self, words: str) -> list[int]:
        """The things that belong to the kind of room that words name; none where they name none."""
        place = _place_in(words)
        items = enumerate(self._things.items)
        return [i for i, item in items if place is not None and item.entry is not None and item.entry.place == place]

    def _between(self, i: int, totals: Sequence[np.ndarray]) -> float:
        """For two anchors, or two of one plural anchor."""
        first, second = totals[0], totals[-1]
        best = 0.0
        for j in _likeliest(first, 0.5 * first.max(), _ENDS):
            for k in _likeliest(second, 0.5 * second.max(), _ENDS):
                if len({i, int(j), int(k)}) == 3 and (len(totals) > 1 or j < k):
                    weight = first[j] / first.max() * second[k] / second.max()
                    best = max(best, weight * self._places.between(i, int(j), int(k)))
        return best

    def _nearest(self, relation: Relation, so_far: np.ndarray) -> np.ndarray:
        """[N], a factor for "closest to" and "farthest from": by rank among the things that fit so far."""
        anchor = self._scores(relation.anchors[0])
        near = _likeliest(anchor.total, 0.6 * anchor.total.max(), _ANCHORS)
        if anchor.name.max(initial=0.0) < LEAST:
            near = self._members(relation.anchors[0].name)
            if not len(near):
                return np.full(len(self._things.items), 0.5)
        live = np.flatnonzero(so_far >= 0.5 * so_far.max(initial=0.0))
        gaps = {
            int(i): min((self._places.distance(int(i), int(j)) for j in near if j != i), default=np.inf) for i in live
        }
        order = sorted(gaps, key=lambda i: gaps[i] if relation.kind == "closest" else -gaps[i])
        values = np.full(len(self._things.items), _FLOOR)
        for place, i in enumerate(order):
            values[i] = 0.7 ** abs(place + 1 - relation.rank) if place + 1 != relation.rank else 1.0
        return values


@dataclass(frozen=True)
class _Scores:
    """For each thing, [N]: the parts of its score."""

    total: np.ndarray
    name: np.ndarray
    attributes: np.ndarray
    relation: np.ndarray
    why: list[str]


def _place_in(words: str) -> str | None:
    """The kind of room that words name, such as "the kitchen"."""
    given = set(words.split())
    return next((place for place in sorted(places()) if set(place.split()) <= given), None)


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


def _likeliest(values: np.ndarray, least: float, count: int) -> np.ndarray:
    """The places of the highest values, no more than `count`, none below `least`."""
    order = np.argsort(-values, kind="stable")[:count]
    return order[values[order] >= least]


def _named_best(name: np.ndarray) -> np.ndarray:
    """[N]: the names' scores without those that fit clearly less: the smallest cabinet is no bedside cabinet."""
    return np.where(name >= 0.88 * name.max(initial=0.0), name, 0.0)


def _factor(values: np.ndarray, negated: bool) -> np.ndarray:
    values = np.clip(1 - values if negated else values, 0, 1)
    return _FLOOR + (1 - _FLOOR) * values
