"""How well a noun names each thing of a scene, and which things a use asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tvdrnet_nv.grounding.embeddings import Embeddings
from tvdrnet_nv.grounding.spelling import corrected
from tvdrnet_nv.grounding.things import Things
from tvdrnet_nv.grounding.vocabulary import categories, entries, key, other_uses, other_words, places
from tvdrnet_nv.grounding.words import PLACING
from tvdrnet_nv.language import TextEncoder

EXACT, SYNONYM, COVERED, LOOSE = 1.0, 0.95, 0.9, 0.8
"""The scores of a thing's own name, of another name, and of a noun that covers one of these: "lamp" a floor lamp."""

_SPREAD = 0.05  # cosine: how far above the nearest other word or wish a name or use must lie to be sure
_LEAST, _SURE = 0.35, 0.6  # cosine: below the first, words have nothing in common; above the second, much
_COMPOUND = 0.1  # cosine: how much nearer to another word "traffic light" must be to be no light
_MODIFIED = 0.15  # what words before a noun that are no name may take from its score
_PLACED = 0.08  # cosine: what agreeing that something is put somewhere counts
_BESIDE = 0.5  # the score of a name that covers a thing loosely where it is another thing's own name
_LIKE_OTHERS = 0.25  # cosine: how much nearer a wish may lie to a use of what the scene lacks: many things are sat on
_PARTS = ("piece", "pieces", "kind", "sort", "type", "item", "bit", "set", "group", "row", "number")
_LEAST_USE = 0.3  # cosine of a wish and a use that have nothing in common


@dataclass(frozen=True)
class NameScore:
    """How well a noun or a use fits one thing.

    Attributes:
        score: 0..1.
        why: in words, such as "its name" or "like 'wash my hands' (0.81)".
    """

    score: float
    why: str


_NONE = NameScore(0.0, "")


class Names:
    """The names and uses of a scene's things, compared with a sentence's words.

    Args:
        things: the scene's.
        encoder: of words; each text is encoded once.
    """

    def __init__(self, things: Things, encoder: TextEncoder) -> None:
        self._things, self._embed = things, Embeddings(encoder)
        self._by_name = {item.name: item.entry for item in things.items}
        self._aliases = {
            name: tuple(dict.fromkeys([name, *(entry.names if entry else ())])) for name, entry in self._by_name.items()
        }
        self._keys = {name: {key(alias) for alias in aliases} for name, aliases in self._aliases.items()}
        self._wider = {
            name: {key(word) for word in (entry.covers if entry else ())} for name, entry in self._by_name.items()
        }

    def is_known(self, noun: str) -> bool:
        """Whether a noun is a name, or another name, of a thing of the scene."""
        return self._is_name(noun) or self._is_name(self._corrected(noun))

    def _is_name(self, noun: str) -> bool:
        return any(key(noun) in keys for table in (self._keys, self._wider) for keys in table.values())

    def _corrected(self, noun: str) -> str:
        return corrected(noun, (alias for aliases in self._aliases.values() for alias in aliases))

    def of_noun(self, noun: str) -> list[NameScore]:
        """For each thing, how well a noun names it.

        Its own name, another name, or a noun that covers it count without the encoder. So does a noun with words
        before it that are no name: "wooden table"; but the encoder must not find "traffic light" closer to other
        words. Anything else is compared by the encoder with all names, and with other words: `other_words`.
        """
        exact = self._of_key(noun)
        if not exact:
            noun = self._corrected(noun)
            exact = self._of_key(noun)
        if not exact:
            words = noun.split()
            for first in range(1, len(words)):
                shorter = self._of_key(" ".join(words[first:]))
                if shorter:
                    exact = self._kept(noun, words[:first], shorter)
                    break
            else:
                if "of" in words[1:]:  # "piece of furniture", "box of chocolates"
                    at = words.index("of")
                    last = " ".join(words[at + 1 :])
                    exact = (self._of_key(last) if words[0] in _PARTS else {}) or self._of_key(" ".join(words[:at]))
        if not exact:
            exact = self._alike(noun)
        return [exact.get(item.name, _NONE) for item in self._things.items]

    def of_use(self, use: str) -> list[NameScore]:
        """For each thing, how well its uses answer a wish.

        A wish that lies closer to one of `other_uses`, such as to go swimming, or much closer to a use of what the
        scene lacks, is answered by nothing.
        """
        # Of "put my feet up and have a nap" and "sleep, I am tired", a thing may answer each part.
        parts = [part for part in re.split(r", | and ", use) if part]
        found = self._of_wish(use)
        if len(parts) > 1:
            each = [self._of_wish(part) for part in parts]
            for i, whole in enumerate(found):
                mean = float(np.mean([scores[i].score for scores in each]))
                if mean > whole.score:
                    best = max(each, key=lambda scores: scores[i].score)[i]
                    found[i] = NameScore(mean, best.why)
        return found

    def _of_wish(self, use: str) -> list[NameScore]:
        """The same for a wish of one part."""
        texts, owners = [], []
        for name, entry in self._by_name.items():
            for text in entry.uses if entry else ():
                texts.append(text)
                owners.append(name)
        found: dict[str, NameScore] = {}
        if not texts:
            return [_NONE for _ in self._things.items]
        wish = self._embed([use])[0]
        cosines = (self._embed(texts) @ wish).numpy()
        beside = max(
            float((self._embed(other_uses()) @ wish).max()),
            float((self._embed(self._absent_uses()) @ wish).max()) - _LIKE_OTHERS,
        )
        if use.split()[0] in PLACING:  # "put my cup" asks for a place, not for a cup
            kind = PLACING[use.split()[0]]
            cosines = cosines + [_PLACED if PLACING.get(text.split()[0]) == kind else -_PLACED for text in texts]
        for name in dict.fromkeys(owners):
            rows = [i for i, owner in enumerate(owners) if owner == name]
            best = max(rows, key=lambda i: cosines[i])
            score = float(np.clip((cosines[best] - _LEAST_USE) / (1 - _LEAST_USE), 0, 1))
            score *= _ahead(cosines[best] - beside)
            found[name] = NameScore(score, f"like '{texts[best]}' ({cosines[best]:.2f})")
        return [found.get(item.name, _NONE) for item in self._things.items]

    def _absent_uses(self) -> tuple[str, ...]:
        """The uses of kinds of things that the scene lacks."""
        here = {text for entry in self._by_name.values() for text in (entry.uses if entry else ())}
        return tuple(text for entry in entries().values() for text in entry.uses if text not in here)

    def _of_key(self, noun: str) -> dict[str, NameScore]:
        """The scores of the names that a noun is, or covers; empty where there are none."""
        wanted, found = key(noun), {}
        own = entries().get(wanted)
        wider = {key(other) for other in own.others} if own else set()
        members = categories().get(wanted, frozenset())
        here = any(key(name) == wanted for name in self._aliases)  # where a floor lamp is, a lamp is none
        for name, aliases in self._aliases.items():
            if key(name) == wanted:
                found[name] = NameScore(EXACT, "its name")
            elif wanted in self._keys[name] or (key(name) in wider and not (here and wanted.endswith(key(name)))):
                found[name] = NameScore(SYNONYM, f"{name} by another name")
            elif _last(name) == wanted or key(name) in members:
                found[name] = NameScore(COVERED, f"{name} is a kind of {noun}")
            elif wanted in self._wider[name] or any(_last(alias) == wanted for alias in aliases):
                found[name] = NameScore(LOOSE, f"{name} is a kind of {noun} by another name")
        if any(item.score == EXACT for item in found.values()):  # who says "table" where tables are means one of them
            return {name: item if item.score > LOOSE else replace(item, score=_BESIDE) for name, item in found.items()}
        return found

    def _kept(self, noun: str, before: Sequence[str], found: dict[str, NameScore]) -> dict[str, NameScore]:
        """The names found for a noun's last words, unless its first words make it another thing."""
        if all(word in places() for word in before):
            return found
        own = {alias for name in found for alias in self._aliases[name]}
        others = [word for word in other_words() if key(word) not in set(map(key, own)) and key(word) != key(noun)]
        vector = self._embed([noun])[0]
        near = float((self._embed(sorted(own)) @ vector).max())
        if near < float((self._embed(others) @ vector).max()) - _COMPOUND:
            return {}
        # "The swivel seat" is rather the office chair than a chair.
        fits = {name: float((self._embed(self._aliases[name]) @ vector).max()) for name in found}
        best = max(fits.values())
        less = {name: 1 - min(_MODIFIED, (best - fit) / 2) for name, fit in fits.items()}
        return {name: NameScore(item.score * less[name], item.why) for name, item in found.items()}

    def _alike(self, noun: str) -> dict[str, NameScore]:
        """The scores of all names by the encoder."""
        vector = self._embed([noun])[0]
        keys = {name for keys in self._keys.values() for name in keys}
        others = [word for word in other_words() if key(word) not in keys]
        # A "skateboard" is rather a blackboard, which the scene lacks, than a sideboard.
        absent = [name for item in entries().values() if keys.isdisjoint(map(key, item.names)) for name in item.names]
        beside = float((self._embed([*others, *absent]) @ vector).max())
        found = {}
        for name, aliases in self._aliases.items():
            cosines = self._embed(aliases) @ vector
            best = int(cosines.argmax())
            cosine = float(cosines[best])
            strength = float(np.clip((cosine - _LEAST) / (_SURE - _LEAST), 0, 1))
            found[name] = NameScore(0.9 * _ahead(cosine - beside) * strength, f"like '{aliases[best]}' ({cosine:.2f})")
        return found


def _ahead(margin: float) -> float:
    """In 0..1: how surely words mean what they are nearest to, which is so much nearer than the nearest other."""
    return float(1 / (1 + np.exp(-margin / _SPREAD)))


def _last(name: str) -> str:
    """The key of the last of several words; empty for one word."""
    words = name.split()
    return key(words[-1]) if len(words) > 1 and "of" not in words else ""
