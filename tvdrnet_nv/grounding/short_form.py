"""A sentence in few words: what a learned mapping is asked, however a user asks it."""

from __future__ import annotations

from tvdrnet_nv.grounding.phrase import NounPhrase
from tvdrnet_nv.grounding.requests import without_request
from tvdrnet_nv.grounding.sentence import read_sentence, wanted
from tvdrnet_nv.grounding.spelling import corrected
from tvdrnet_nv.grounding.vocabulary import categories, entries, entry_of, key, plain, singular
from tvdrnet_nv.grounding.wording import of_relation
from tvdrnet_nv.grounding.words import ARTICLES


def short_form(sentence: str) -> str:
    """Such as "the sofa", "the chair closest to the door" or "where can I sleep?".

    Words that only ask to see something are left out, and so are sizes, and words before a noun that is known without
    them: "would you show me the big comfy sofa, please?" asks for the sofa. A statement ("I am tired") and a sentence
    that names no thing stay as they are.
    """
    readings = [item for item in read_sentence(sentence, _is_known) if not item.says_nothing]
    if readings and _is_known(readings[0].name):
        return _thing(readings[0])
    verb = wanted(sentence)
    if verb:
        return f"where can I {verb}?"
    sought = without_request(plain(sentence))
    return sought if sought.split()[:1] and sought.split()[0] in ARTICLES else sentence.strip()


def _thing(phrase: NounPhrase) -> str:
    relations = [of_relation(item) for item in phrase.relations if item.kind not in ("with", "same wall")]
    return " ".join(("the", *phrase.colors, _noun(phrase.name), *relations[:1]))


def _noun(name: str) -> str:
    """In the singular, well spelled, and without the words before it that are not needed."""
    words = corrected(name, (other for item in entries().values() for other in item.names)).split()
    known = next((words[i:] for i in range(len(words)) if _is_entry(" ".join(words[i:]))), words)
    return " ".join([*known[:-1], singular(known[-1])])


def _is_entry(noun: str) -> bool:
    return entry_of(noun) is not None or key(noun) in categories()


def _is_known(noun: str) -> bool:
    return bool(noun) and _is_entry(_noun(noun))
