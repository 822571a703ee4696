"""From a whole sentence to noun phrases: what it asks to see, or what somebody wants to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tvdrnet_nv.grounding.clauses import noun_phrase
from tvdrnet_nv.grounding.description import (
    corrected_by_speaker,
    from_viewpoint,
    seen_facing,
    split_description,
    with_facts,
)
from tvdrnet_nv.grounding.parse import parse_phrase, words_of
from tvdrnet_nv.grounding.phrase import NounPhrase, Relation
from tvdrnet_nv.grounding.requests import MODAL, WHO, without_courtesy, without_request
from tvdrnet_nv.grounding.words import DETERMINERS, RELATION_PHRASES

_SOMEWHERE = (
    "(?:something|anything|somewhere|anywhere|someplace|someone|a thing"
    "|(?:(?:a|the|any|some|no|another) )?(?:(?:good|nice|quiet|comfy|comfortable|better) )?(?:place|spot))"
    "(?: (?:in |around )?here| nearby)?"
)
_USES = (
    f"(?:where|how|what|which \\w+|on what|in what|with what) {MODAL} {WHO}",
    f"(?:where|what|which \\w+) {MODAL}(?= (?:the|a|my|our|all|dirty|old|clean|these|those)\\b)",
    "what (?:can|could|should|would|might) be used (?:to|for)",
    "what (?:can|could|should|would|might|will)",
    "what (?:needs|has|wants|helps|tells|gives|lets|makes|keeps)(?: to be)?",
    f"(?:is there )?{_SOMEWHERE} (?:to(?! the)|for|where(?: {WHO} {MODAL})?|(?:(?:that|which) )?{WHO} {MODAL})",
    f"{WHO}(?: would|'d)? (?:want|wish|need|have|like|love|plan|am about|am going|must|should)(?: to)?",
    "(?:i've|we've)(?: got)?(?: to)?",
    "(?:time|help me|let me|let us|let's)(?: to)?",
    f"(?:can|could|may|might|should|do) {WHO}",
)
"""What comes before what somebody wants to do."""

_WANTS = re.compile(rf"^(?:{'|'.join(_USES)})\b *")
_BEFORE_VERB = re.compile(rf"\b(?:to|{MODAL} {WHO})$")
_WHAT_LIES = re.compile(
    r"^(?:what|which thing|which object)(?:'s| is| are| stands| hangs| lies| sits)\b *"
    r"|^what (?:can|do|could) (?:i|you|we) (?:see|find|spot)\b *"
)
_WHICH_THING = re.compile(r"^which (?:thing|object|item|piece of furniture|furniture)\b")
_WHICH = re.compile(r"^(?:which|what|whose)\b *")
_UNWANTED = re.compile(
    "^(?:(?:do )?not|never) "
    "(?:show|find|give|bring|look at|look for|focus on|point at|zoom in on|go to|view)(?: (?:me|us))?\\b *"
)
_NEEDS = re.compile("^what (?:needs|has|wants|helps|tells|gives|lets|makes|keeps) ")
_HAPPENS = re.compile(r"^where .*\b\w+ (?!\w*(?:thing|ceiling|painting)\b)\w+ing\b(?: \w+)?$")
_WHY_ASK = re.compile(
    r"^(?P<why>.+?), (?:so |and |but )?"
    r"(?P<ask>(?:where|what|which|how|is there|(?:can|could) (?:i|we)|show|find|(?:i|we)(?:'d| would|'ll| will)? "
    r"(?:love|like|need|want|have)(?: to)?|i'm looking|let me) .+)$"
)
_POSTURES = ("while", "when", "sitting", "standing", "lying", "i", "am", "i'm")
_MEANWHILE = re.compile(r"^(?P<use>.+?) (?:while|whilst|when) (?P<where>.+)$")
_SET_DOWN = re.compile(
    r"^(?:rest|stash|stick|pop|drop|stow|set down|put down|leave) "
    r"(?=(?:my|our|the|an?|this|these|some)\b(?! (?:\w+ )?(?:head|feet|foot|legs?|eyes|arms?|back|bones|room|house)\b))"
)
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
    text, wrong = corrected_by_speaker(text)
    first, more = split_description(text)
    first, faced, inside = from_viewpoint(first)
    readings = _read(first, is_known)
    if not readings or not (readings[0].name or readings[0].relations):
        return readings
    best = with_facts(readings[0], more)
    if wrong and not best.name:  # "no, the one by the bed" is of what was named before
        best = replace(best, name=next((item.name for item in _read(wrong, is_known) if item.name), ""))
    return seen_facing(best, faced, inside=inside), *readings[1:]


def wanted(sentence: str) -> str:
    """What somebody wants to do, from its verb on: "read" of "a place to read"; empty where no verb is told."""
    words = _plain(sentence)
    match = _WANTS.match(words)
    return words[match.end() :] if match is not None and _BEFORE_VERB.search(match[0].strip()) else ""


def _plain(text: str) -> str:
    """In lower case, with no stops, no courtesy, and each comma after a word."""
    words = " ".join(words_of(re.sub(r"[?!.:\"“”]", " ", text))).replace(" , ", ", ")
    return without_courtesy(words)


def _read(text: str, is_known: Callable[[str], bool]) -> tuple[NounPhrase, ...]:
    """The readings of a single sentence; see `read_sentence`."""
    words = _plain(text)
    if not words:
        return ()
    words = _WHICH_THING.sub("what", words)
    if _WHAT_LIES.match(words) and _begins_relation(_WHAT_LIES.sub("", words)):
        return (parse_phrase("thing " + _WHAT_LIES.sub("", words)),)
    if _UNWANTED.match(words):
        return (NounPhrase(but=_sought(_UNWANTED.sub("", words), is_known)),)
    asked = _WHY_ASK.match(words)
    if asked is not None and (_WANTS.match(asked["ask"]) or _STATES.match(asked["ask"]) or _says(asked["why"])):
        found = _read(asked["ask"], is_known)
        if found and is_known(found[0].name) and _says(asked["why"]):
            return found  # "I am hungry, show me the fridge"
        if found and found[0].use:  # "I am tired, where can I sleep?"
            why = _WANTS.sub("", asked["why"]) or asked["why"]
            return (replace(found[0], use=f"{found[0].use}, {why}"), *found[1:])
    wishes = _wishes(_WANTS.sub("", words, count=1) or words, is_known) if _WANTS.match(words) else ()
    if _NEEDS.match(words):
        wishes = *wishes, NounPhrase(use=words)
    sought = without_request(words)
    if sought != words and _WHAT_LIES.match(sought) and _begins_relation(_WHAT_LIES.sub("", sought)):
        return (parse_phrase("thing " + _WHAT_LIES.sub("", sought)),)
    if sought != words:
        kept = (NounPhrase(use=sought),) if words.startswith("where") and _KEPT.search(words) else ()
        happens = (NounPhrase(use=sought),) if _HAPPENS.match(words) else ()
        return *kept, *_sought(sought, is_known), *happens, *wishes
    if wishes:
        return wishes
    noun = _WHICH.sub("", words)
    if noun != words and _is_noun(noun, is_known, certain=words.startswith("which")):
        return (parse_phrase(re.sub(r"^(\w+(?: \w+)?) (?:is|are) ", r"\1 ", noun)),)
    if _STATES.match(words):
        return _wishes(words, is_known)
    phrase = noun_phrase(words, is_known)
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


def _sought(words: str, is_known: Callable[[str], bool]) -> tuple[NounPhrase, ...]:
    """Of "a book to read", the thing, and what it is for."""
    if re.match(rf"{_SOMEWHERE}\b", words):
        return (NounPhrase(use=_WANTS.sub("", words) or words),)
    noun, to, _ = words.partition(" to ")
    tokens = words_of(words)
    if to and not any(_relation_at(tokens, i) for i in range(1, len(tokens))):
        return noun_phrase(noun, is_known), NounPhrase(use=words)
    return (noun_phrase(words, is_known),)


def _wishes(words: str, is_known: Callable[[str], bool]) -> tuple[NounPhrase, ...]:
    """What is wanted and where, such as "read" near the sofa of "read while sitting on the sofa"; and all as it is."""
    words = _SET_DOWN.sub("put ", words)
    tokens = words_of(words)
    whole = NounPhrase(use=words)
    match = _MEANWHILE.match(words)
    if match is not None:
        last = [word for word in match["where"].split() if word not in DETERMINERS]
        known = next((name for n in (3, 2, 1) if is_known(name := " ".join(last[-n:]))), "")
        if known:
            return NounPhrase(use=match["use"], relations=(Relation("near", (NounPhrase(name=known),)),)), whole
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
