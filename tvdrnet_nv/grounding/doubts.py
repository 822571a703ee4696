"""What a sentence says and does not hold of the things that are chosen for it."""

from __future__ import annotations

from collections.abc import Sequence

from tvdrnet_nv.grounding.colors import WORDS as COLOR_WORDS
from tvdrnet_nv.grounding.colors import main_colors
from tvdrnet_nv.grounding.phrase import NounPhrase
from tvdrnet_nv.grounding.scores import Claim
from tvdrnet_nv.grounding.things import Thing
from tvdrnet_nv.grounding.vocabulary import singular


def doubts(phrase: NounPhrase, claims: Sequence[Claim], best: int, chosen: Sequence[Thing]) -> tuple[str, ...]:
    """Lines about colours and relations that do not hold, anchors that the scene lacks, and a wrong number.

    Args:
        phrase: what was understood.
        claims: what it says of the thing.
        best: the place of the best thing.
        chosen: all that are chosen, the best first.
    """
    *before, last = (phrase.name or "thing").split()
    noun = " ".join([*before, singular(last)])
    found = []
    for claim in claims:
        if claim.values is None:
            found.append(f'the scene has no {claim.missing.removeprefix("the ")}, so "{claim.text}" says nothing here')
        elif not claim.holds(best):
            is_color = claim.text in COLOR_WORDS
            colors = " and ".join(main_colors(chosen[0].shares)) if is_color else ""
            why = f"; the best is {colors}" if colors else ", as far as the boxes tell"
            found.append(f"no {noun} is {claim.text}{'' if is_color and not colors else why}")
    if phrase.plural and phrase.count > len(chosen):
        found.append(f"{phrase.count} are asked for, and only {len(chosen)} fit")
    return tuple(found)
