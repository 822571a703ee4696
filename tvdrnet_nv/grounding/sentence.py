"""From a whole sentence to a noun phrase: what it asks to see, or what somebody wants to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tvdrnet_nv.grounding.parse import parse_phrase, words_of
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.words import DETERMINERS, RELATION_PHRASES

_COURTESY = r"(?:hi|hello|hey|please|okay|ok|now|then|well|so|sorry|excuse me)\b[ ,]*"
_MODAL = "(?:can|could|should|shall|may|might|do|does|would|must|will|did)"
_WHO = "(?:i|we|you|one|someone|somebody|people|kids|children|the kids|the children|guests|my guests|our guests|they|he|she)"
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
    "what (?:needs|has|wants|helps|tells|gives|lets|makes|keeps)(?: to be)?",
    "(?:is there )?"
    "(?:something|anything|somewhere|someplace|someone|(?:a |an |the )?(?:place|spot|thing|things|object))"
    f"(?: (?:to|for|where|that|which)(?: {_WHO} {_MODAL})?)",
    f"{_WHO}(?: would|'d)? (?:want|wish|need|have|like|love|plan|am about|am going|must|should)(?: to)?",
    "(?:i've|we've)(?: got)?(?: to)?",
    "(?:time|help me|let me|let us|let's)(?: to)?",
)
"""What comes before what somebody wants to do."""

_SEEKS = re.compile(rf"^(?:{'|'.join(_ASKING)})\b *")
_WANTS = re.compile(rf"^(?:{'|'.join(_USES)})\b *")
_WHAT_LIES = re.compile(r"^(?:what|which thing|which object)(?:'s| is| are| stands| hangs| lies| sits| do you see)\b *")
_WHICH = re.compile(r"^(?:which|what|whose)\b *")
_STATES = re.compile(
    r"^(?:i|we|my|our|it|it's|i'm|we're|he|she|they|how|why|who|whom|when|where|what|there's|make|let|is it)\b"
)


def parse_sentence(text: str, is_known: Callable[[str], bool]) -> NounPhrase:
    """What a sentence asks for. A wish or a question gives a phrase with `use` and no name.

    Args:
        text: the sentence.
        is_known: whether a noun names a thing of the scene; such things after "on the" or "near the" in a wish are
            where it is to happen.
    """
    words = " ".join(words_of(text.replace("’", "'").replace("?", " ").replace("!", " ").replace(".", " ")))
    words = words.replace(" , ", ", ")
    words = re.sub(rf"^(?:{_COURTESY})+", "", words)
    if not words:
        return NounPhrase()
    if _WHAT_LIES.match(words) and _begins_relation(_WHAT_LIES.sub("", words)):
        return parse_phrase("thing " + _WHAT_LIES.sub("", words))
    sought = words
    while _SEEKS.match(sought) and _SEEKS.sub("", sought):
        sought = _SEEKS.sub("", sought, count=1)
    if sought != words and not _WANTS.match(words):
        return _sought(sought, is_known)
    if _WANTS.match(words):
        wanted = _WANTS.sub("", words, count=1)
        return _wish(wanted or words, is_known)
    if _WHICH.match(words) and not _STATES.match(_WHICH.sub("", words)) and _is_noun(words, is_known):
        return parse_phrase(re.sub(r"^(\w+(?: \w+)?) (?:is|are) ", r"\1 ", _WHICH.sub("", words)))
    if _STATES.match(words):
        return _wish(words, is_known)
    return parse_phrase(words)


def _sought(words: str, is_known: Callable[[str], bool]) -> NounPhrase:
    """Of "where can I find a book to read", the thing: what is after "to" says no more."""
    if re.match(r"(?:something|somewhere|a place|a spot)\b", words):
        return _wish(_WANTS.sub("", words), is_known)
    if " to " in words:
        noun = words.split(" to ", 1)[0]
        found = parse_phrase(noun)
        if not any(_relation_at(words_of(words), i) for i in range(1, len(words_of(words)))):
            return replace(found, use=words)
    return parse_phrase(words)


def _wish(words: str, is_known: Callable[[str], bool]) -> NounPhrase:
    """What is wanted, and where: "read" near the sofa, of "read while sitting on the sofa"."""
    tokens = words_of(words)
    for i in range(1, len(tokens)):
        length = _relation_at(tokens, i)
        if not length:
            continue
        rest = [word for word in tokens[i + length :] if word not in DETERMINERS]
        if rest and len(rest) <= 3 and is_known(" ".join(rest)):
            before = tokens[:i]
            while len(before) > 1 and before[-1] in ("while", "when", "sitting", "standing", "lying", "i", "am", "i'm"):
                before = before[:-1]
            anchor = NounPhrase(name=" ".join(rest))
            return NounPhrase(use=" ".join(before), relations=(Relation("near", (anchor,)),), name="")
    return NounPhrase(use=words)


def _begins_relation(words: str) -> bool:
    tokens = [word for word in words_of(words) if word not in ("hanging", "standing", "lying", "sitting", "there")]
    return bool(tokens) and bool(_relation_at(tokens, 0))


def _relation_at(tokens: list[str], i: int) -> int:
    """How many words the relation at a place has; 0 where there is none."""
    return next((n for n in range(6, 0, -1) if tuple(tokens[i : i + n]) in RELATION_PHRASES), 0)


def _is_noun(words: str, is_known: Callable[[str], bool]) -> bool:
    tokens = _WHICH.sub("", words).split()
    return any(is_known(" ".join(tokens[:n])) for n in (1, 2, 3))
