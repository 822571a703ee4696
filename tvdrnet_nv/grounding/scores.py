"""How well a phrase fits each thing of a scene: by its name or use, its attributes and its relations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tvdrnet_nv.grounding.attributes import chosen, color_factor, size_factor
from tvdrnet_nv.grounding.names import Names, NameScore
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.relations import Places
from tvdrnet_nv.grounding.things import Things
from tvdrnet_nv.grounding.vocabulary import places
from tvdrnet_nv.grounding.wording import of_phrase, of_relation
from tvdrnet_nv.grounding.words import SHELL

LEAST = 0.5
"""The score of a noun below which nothing of the scene is meant; docs/text.md says why."""

_ANY = 0.6  # the name's score of each thing, where the sentence names none
_FLOOR = 0.05  # of a factor: what does not hold at all does not rule a thing out
_HAS_COLOR, _LIES = 0.2, 0.1  # the values of a colour and of a relation from which on they may hold
_ANCHORS, _ENDS = 16, 8  # how many things an anchor, and an end of "between", may be at most


@dataclass(frozen=True)
class Claim:
    """A colour or a relation that a phrase says of the thing.

    Attributes:
        text: in words.
        values: [N], how well it holds for each thing, 0.05..1; None where it is of something that the scene lacks.
        missing: what the scene lacks, in words.
        least: the value from which on it may hold.
    """

    text: str
    values: np.ndarray | None
    missing: str = ""
    least: float = _LIES

    def holds(self, i: int) -> bool:
        """Whether it holds for a thing at all, as far as can be told."""
        return self.values is not None and bool(self.values[i] > self.least)


@dataclass(frozen=True)
class Scores:
    """For each thing, [N]: the parts of its score; and what the phrase says of it."""

    total: np.ndarray
    name: np.ndarray
    attributes: np.ndarray
    relation: np.ndarray
    why: list[str]
    claims: tuple[Claim, ...]


class Scorer:
    """Gives the scores of phrases in one scene.

    Args:
        things: the scene's.
        names: how well nouns and uses fit them.
    """

    def __init__(self, things: Things, names: Names) -> None:
        self._things, self._names = things, names
        self._places = Places(things)

    def __call__(self, phrase: NounPhrase) -> Scores:
        """The scores of all things for one phrase, without those that it is joined with by "and"."""
        items = self._things.items
        if phrase.name:
            named = self._names.of_noun(phrase.name)
        elif phrase.use:
            named = self._names.of_use(phrase.use)
        else:
            named = [NameScore(0.0 if item.is_shell else _ANY, "any thing") for item in items]
        name = np.array([item.score for item in named])
        attributes = np.ones(len(items))
        claims = []
        for word in phrase.colors:
            colors = np.array([color_factor(item.shares, word) for item in items])
            claims.append(Claim(word, colors, least=_HAS_COLOR))
            attributes *= colors
        for word in phrase.sizes:
            attributes *= size_factor(word, items, name)
        for place in self._places_before(phrase.name):
            attributes *= self._in_place(place)
        owner = self._owner(phrase.name)
        if owner:  # "the sofa cushions"
            attributes *= 0.5 + 0.5 * self._relation(Relation("of", (NounPhrase(name=owner),)), name * attributes)[0]
        relation = np.ones(len(items))
        late = []
        for item in phrase.relations:
            if item.kind in ("closest", "farthest"):
                late.append(item)
            else:
                values, claim = self._relation(item, name * attributes)
                relation *= values
                claims.append(claim)
        for item in late:
            values, claim = self._nearest(item, _named_best(name) * attributes * relation)
            relation *= values
            claims.append(claim)
        for word, rank in phrase.superlatives:
            attributes *= chosen(word, rank, items, _named_best(name) * attributes * relation, self._places)
        total, why = name * attributes * relation, [item.why for item in named]
        return Scores(total, name, attributes, relation, why, tuple(claims))

    def _places_before(self, name: str) -> list[str]:
        """The kinds of rooms that a noun's first words name: "the bathroom window", "the dining chairs"."""
        words = name.split()[:-1]
        known = self._names.is_known(name)
        return [place for place in sorted(places()) if place in words or (not known and place.split()[0] in words)]

    def _owner(self, name: str) -> str:
        """What the words before a noun name, where they are no part of a name: the desk of "the desk bowl"."""
        words = name.split()
        if len(words) < 2 or "of" in words or self._names.is_known(name):
            return ""
        end = next((i for i in range(1, len(words)) if self._names.is_known(" ".join(words[i:]))), 0)
        return next((owner for i in range(end) if self._names.is_known(owner := " ".join(words[i:end]))), "")

    def _relation(self, relation: Relation, so_far: np.ndarray) -> tuple[np.ndarray, Claim]:
        """[N], a factor for each thing; and whether the relation holds."""
        anchors = [self(anchor) for anchor in relation.anchors]
        lacking = [item for item, scores in zip(relation.anchors, anchors, strict=True) if _is_absent(scores)]
        live = np.flatnonzero(so_far >= 0.2 * so_far.max(initial=0.0))
        if lacking:
            return self._without_anchor(relation, lacking[0], live)
        values = np.zeros(len(self._things.items))
        if relation.kind in ("corner", "middle"):
            measure = self._places.in_corner if relation.kind == "corner" else self._places.in_middle
            values[live] = [measure(int(i)) for i in live]
        elif relation.kind == "between":
            values[live] = [self._between(int(i), [scores.total for scores in anchors]) for i in live]
        else:
            weights = anchors[0].total / anchors[0].total.max()
            if _is_one(relation.anchors[0]):
                weights = weights**3  # "the books in the taller bookcase" are hardly in the other one
            near = _likeliest(weights, 0.3, _ANCHORS)
            for i in live:
                pairs = [weights[j] * self._places.score(relation.kind, int(i), int(j)) for j in near if j != i]
                if relation.kind == "against" and relation.anchors[0].name == "wall":
                    pairs.append(self._places.at_wall(int(i)))
                values[i] = max(pairs, default=0.0)
        factor = _factor(values, relation.negated)
        if relation.kind == "with":  # perhaps of a part of the thing, such as a door of a cupboard
            return 0.5 + 0.5 * factor, Claim(of_relation(relation), np.ones(len(factor)))
        return factor, Claim(of_relation(relation), factor)

    def _without_anchor(self, relation: Relation, lacking: NounPhrase, live: np.ndarray) -> tuple[np.ndarray, Claim]:
        """The factor of a relation to what the scene does not have: a room's kind has its things around it."""
        words, text = relation.anchors[0].name.split(), of_relation(relation)
        place = _place_in(relation.anchors[0].name)
        if place is not None:
            values = self._in_place(place)
            return values, Claim(text, values)
        count = len(self._things.items)
        if words == ["wall"] and relation.kind in ("on", "against", "near"):
            values = np.zeros(count)
            values[live] = [self._places.at_wall(int(i)) for i in live]
            values = _factor(values, relation.negated)
            return values, Claim(text, values)
        if words[-1:] and words[-1] in SHELL:  # every room has walls and a floor, though labels may leave them out
            return np.full(count, 0.5), Claim(text, np.ones(count))
        return np.full(count, 0.5), Claim(text, None, of_phrase(lacking))

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

    def _nearest(self, relation: Relation, so_far: np.ndarray) -> tuple[np.ndarray, Claim]:
        """[N], a factor for "closest to" and "farthest from": by rank among the things that fit so far."""
        anchor = self(relation.anchors[0])
        near = _likeliest(anchor.total, 0.6 * anchor.total.max(), _ANCHORS)
        if _is_absent(anchor):
            near = self._members(relation.anchors[0].name)
            if not len(near):
                missing = Claim(of_relation(relation), None, of_phrase(relation.anchors[0]))
                return np.full(len(self._things.items), 0.5), missing
        live = np.flatnonzero(so_far >= 0.5 * so_far.max(initial=0.0))
        gaps = {
            int(i): min((self._places.distance(int(i), int(j)) for j in near if j != i), default=np.inf) for i in live
        }
        order = sorted(gaps, key=lambda i: gaps[i] if relation.kind == "closest" else -gaps[i])
        values = np.full(len(self._things.items), _FLOOR)
        for place, i in enumerate(order):
            values[i] = 0.7 ** abs(place + 1 - relation.rank) if place + 1 != relation.rank else 1.0
        return values, Claim(of_relation(relation), np.ones(len(values)))  # one of several is always the closest


def _is_absent(anchor: Scores) -> bool:
    """Whether an anchor's noun names nothing of the scene."""
    return bool(anchor.name.max(initial=0.0) < LEAST)


def _is_one(anchor: NounPhrase) -> bool:
    """Whether a phrase chooses one of several things."""
    return bool(anchor.superlatives) or any(item.kind in ("closest", "farthest") for item in anchor.relations)


def _place_in(words: str) -> str | None:
    """The kind of room that words name, such as "the kitchen"."""
    given = set(words.split())
    return next((place for place in sorted(places()) if set(place.split()) <= given), None)


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
