"""From a whole sentence to noun phrases: what it asks to see, or what somebody wants to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from tvdrnet_nv.grounding.description import from_viewpoint, seen_facing, split_description, with_facts
from tvdrnet_nv.grounding.parse import parse_phrase, words_of
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.words import DETERMINERS, RELATION_PHRASES

_COURTESY = r"(?:hi|hello|hey|please|okay|ok|now|then|well|so|sorry|excuse me)\b[ ,]*"
_MODAL = "(?:can|could|should|shall|may|might|do|does|would|must|will|did)"
_WHO = "(?:i|we|you|one|someone|somebody|people|(?:the |my |our )?(?:kids|children|guests)|they|he|she)"
_ASKING = (
    "(?:can|could|would|will) you (?:please )?"
    "(?:show|find|locate|point out|point at|look at|focus on|give|bring up|see)(?: me| us)?",
    "(?:show|find|give|get|bring) (?:me|us)",
    "show|locate|focus on|zoom in on|look at|go to|find|view|point (?:to|at|out)",
    "take (?:me|us|a look) (?:to|at)",
    "let(?: me|'s| us) (?:see|look at|go to)",
    "(?:i|we)(?: am| are|'m|'re) (?:looking for|searching for|trying to find|interested in)",
    "(?:i|we)(?: would|'d)? (?:want|wish|need|like|love) to (?:see|look at|view|find|know where)",
    "do you (?:see|have|know where)",
    "where(?:'s| is| are| was| were)",
    f"where {_MODAL} {_WHO} (?:find|see|spot)",
    "(?:is|are) there(?: any| a| an)?",
    "(?:what|which)(?:'s| is| are)(?= (?:the|my|our)\\b)",
    "(?:a |the )?(?:best |good |closer |close )?(?:view|look|close up|shot) (?:of|at)",
)
"""What comes before the thing that somebody wants to see."""

_USES = (
    f"(?:where|how|what|which \\w+|on what|in what|with what) {_MODAL} {_WHO}",
    f"(?:where|what|which \\w+) {_MODAL}(?= (?:the|a|my|our|all|dirty|old|clean|these|those)\\b)",
    "what (?:can|could|should|would|might) be used (?:to|for)",
    "what (?:can|could|should|would|might|will)",
    "what (?:needs|has|wants|helps|tells|gives|lets|makes|keeps)(?: to be)?",
    "(?:is there )?(?:something|anything|somewhere|someplace|someone|a thing|(?:a |the )?(?:place|spot))"
    f" (?:to(?! the)|for|where(?: {_WHO} {_MODAL})?|(?:that|which) {_WHO} {_MODAL})",
    f"{_WHO}(?: would|'d)? (?:want|wish|need|have|like|love|plan|am about|am going|must|should)(?: to)?",
    "(?:i've|we've)(?: got)?(?: to)?",
    "(?:time|help me|let me|let us|let's)(?: to)?",
    f"(?:can|could|may|might|should|do) {_WHO}",
)
"""What comes before what somebody wants to do."""

_SEEKS = re.compile(rf"^(?:{'|'.join(_ASKING)})\b *")
_WANTS = re.compile(rf"^(?:{'|'.join(_USES)})\b *")
_WHAT_LIES = re.compile(
    r"^(?:what|which thing|which object)(?:'s| is| are| stands| hangs| lies| sits)\b *"
    r"|^what (?:can|do|could) (?:i|you|we) (?:see|find|spot)\b *"
)
_WHICH = re.compile(r"^(?:which|what|whose)\b *")
_UNWANTED = re.compile(
    "^(?:(?:do )?not|never) "
    "(?:show|find|give|bring|look at|look for|focus on|point at|zoom in on|go to|view)(?: (?:me|us))?\\b *"
)
_POSTURES = ("while", "when", "sitting", "standing", "lying", "i", "am", "i'm")
_KEPT = re.compile(r"\b(?:\w+ed|\w+en|kept|put|made|hung|found)(?: \w+)?$")
_VERBS = ("is", "are", "was", "am", "has", "have", "needs", "need", "feels", "feel", "looks", "hurts", "smells")
_STATES = re.compile(
    r"^(?:i|we|it|it's|i'm|we're|he|she|they|how|why|who|whom|when|where|what|there's|make|let|is it)\b"
)


def read_sentence(text: str, is_known: Callable[[str], bool]) -> tuple[NounPhrase, ...]:
    """What a sentence may ask for, the likeliest first: a thing, or what somebody wants to do, a phrase with `use`.

    Args:
        text: the sentence.
        is_known: whether a noun names a thing of the scene; such things after "on the" or "near the" in a wish are
            where it is to happen.
    """
    first, more = split_description(text)
    first, faced = from_viewpoint(first)
    readings = _read(first, is_known)
    if not readings or not (readings[0].name or readings[0].relations):
        return readings
    best = with_facts(readings[0], more)
    return best if faced is None else seen_facing(best, faced), *readings[1:]


def _read(text: str, is_known: Callable[[str], bool]) -> tuple[NounPhrase, ...]:
    """The readings of a single sentence; see `read_sentence`."""
    words = " ".join(words_of(re.sub(r"[?!.:\"“”]", " ", text))).replace(" , ", ", ")
    words = re.sub(rf"^(?:{_COURTESY})+|(?:[, ]+\b(?:please|thanks|thank you|now|then))+$", "", words)
    if not words:
        return ()
    if _WHAT_LIES.match(words) and _begins_relation(_WHAT_LIES.sub("", words)):
        return (parse_phrase("thing " + _WHAT_LIES.sub("", words)),)
    if _UNWANTED.match(words):
        return (NounPhrase(but=_sought(_UNWANTED.sub("", words))),)
    wishes = _wishes(_WANTS.sub("", words, count=1) or words, is_known) if _WANTS.match(words) else ()
    sought = words
    while _SEEKS.match(sought) and _SEEKS.sub("", sought):
        sought = _SEEKS.sub("", sought, count=1)
    if sought != words:
        kept = (NounPhrase(use=sought),) if words.startswith("where") and _KEPT.search(words) else ()
        return *kept, *_sought(sought), *wishes
    if wishes:
        return wishes
    noun = _WHICH.sub("", words)
    if noun != words and _is_noun(noun, is_known, certain=words.startswith("which")):
        return (parse_phrase(re.sub(r"^(\w+(?: \w+)?) (?:is|are) ", r"\1 ", noun)),)
    if _STATES.match(words):
        return _wishes(words, is_known)
    phrase = parse_phrase(words)
    is_noun = words.split()[0] in DETERMINERS and not _says(words)
    return phrase, *(() if is_noun or _is_complete(phrase, words, is_known) else (NounPhrase(use=words),))


def _is_complete(phrase: NounPhrase, words: str, is_known: Callable[[str], bool]) -> bool:
    """Whether words say nothing beyond a phrase without a thing: "next to", "not the sofa"; "not well" is a state."""
    if not phrase.says_nothing:
        return False
    return words.split()[0] not in ("not", "no") or any(is_known(item.name) for item in phrase.but)


def _says(words: str) -> bool:
    """Whether words have a verb of their own, such as "my nose is running": not before a relation, nor after "that"."""
    tokens = words_of(words)
    return any(
        token in _VERBS
        and tokens[i - 1] not in ("that", "which", "who")
        and not _begins_relation(" ".join(tokens[i + 1 :]))
        for i, token in enumerate(tokens)
        if i
    )


def _sought(words: str) -> tuple[NounPhrase, ...]:
    """Of "a book to read", the thing, and what it is for."""
    if re.match(r"(?:something|somewhere|anything|a place|a spot|a thing)\b", words):
        return (NounPhrase(use=_WANTS.sub("", words) or words),)
    noun, to, _ = words.partition(" to ")
    tokens = words_of(words)
    if to and not any(_relation_at(tokens, i) for i in range(1, len(tokens))):
        return parse_phrase(noun), NounPhrase(use=words)
    return (parse_phrase(words),)


def _wishes(words: str, is_known: Callable[[str], bool]) -> tuple[NounPhrase, ...]:
    """What is wanted and where, such as "read" near the sofa of "read while sitting on the sofa"; and all as it is."""
    tokens = words_of(words)
    whole = NounPhrase(use=words)
    for i in range(1, len(tokens)):
        length = _relation_at(tokens, i)
        rest = [word for word in tokens[i + length :] if word not in DETERMINERS]
        if length and rest and len(rest) <= 3 and is_known(" ".join(rest)):
            before = tokens[:i]
            while len(before) > 1 and before[-1] in _POSTURES:
                before = before[:-1]
            relation = Relation("near", (NounPhrase(name=" ".join(rest)),))
            return NounPhrase(use=" ".join(before), relations=(relation,)), whole
    return (whole,)


def _begins_relation(words: str) -> bool:
    tokens = [word for word in words_of(words) if word not in ("hanging", "standing", "lying", "sitting", "there")]
    return bool(tokens) and bool(_relation_at(tokens, 0))


def _relation_at(tokens: list[str], i: int) -> int:
    """How many words the relation at a place has; 0 where there is none."""
    return next((n for n in range(6, 0, -1) if tuple(tokens[i : i + n]) in RELATION_PHRASES), 0)


def _is_noun(words: str, is_known: Callable[[str], bool], *, certain: bool) -> bool:
    """Whether the words begin with a thing of the scene; unless `certain`, "is" must follow: "what lights up the desk"
    is no light."""
    tokens = words.split()
    return any(
        is_known(" ".join(tokens[:n])) and (certain or tokens[n : n + 1] in (["is"], ["are"])) for n in (1, 2, 3)
    )
