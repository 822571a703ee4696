"""The grammar's words: which phrases are relations, which words are sizes, ordinals and fillers."""

from __future__ import annotations

from tvdrnet_nv.grounding.vocabulary import plain

_PHRASES = {
    "on top": "on top of, on the top of, at the top of, atop",
    "on": "on, upon, onto, hanging from, hangs from, hung from, suspended from",
    "in": "inside of, inside, within, in",
    "under": "underneath, under, beneath, below",
    "above": "above, over",
    "near": "next to, close to, near to, near, beside, besides, adjacent to, alongside, along, nearby, surrounded by, "
    "by, at, around, "
    "to the side of, on the side of, at the side of, not far from",
    "left": "to the left of, to the left side of, on the left side of, on the left hand side of, on the left of, "
    "at the left of, left of, left from, to left of",
    "right": "to the right of, to the right side of, on the right side of, on the right hand side of, on the right of, "
    "at the right of, right of, right from, to right of",
    "front": "in front of, before, facing, in the front of",
    "behind": "behind, in back of, at the back of, in the back of",
    "opposite": "opposite to, opposite of, opposite from, opposite, across the room from, across from, "
    "on the other side of the room from",
    "between": "in between, between, in the middle of, amid, among",
    "against": "up against, against, attached to, mounted on",
    "far": "far away from, far from, away from",
    "closest": "closest to, nearest to, closer to, nearer to, nearest, closest",
    "farthest": "farthest away from, furthest away from, farthest from, furthest from, farthest, furthest, "
    "farther away from, further away from, farther from, further from",
    "with": "along with, with, without, that has, that have, which has, which have, that holds, having, holding, "
    "carrying, that contains, containing",
    "end": "at the end of, at one end of, at the far end of, at either end of, on the end of, at the head of, "
    "at the foot of, by the foot of, near the foot of, near the end of",
    "same wall": "on the same wall as, along the same wall as, at the same wall as, against the same wall as",
    "corner": "in the corner of the room, in the corner, in a corner, in the room's corner",
    "middle": "in the middle of the room, in the center of the room, in the centre of the room, "
    "in the middle of the floor, in the center of the floor, in the centre of the floor",
}  # fmt: skip
# "face" alone is a part of a body; before an article it is a verb.
_LOOKS = ("faces", "face", "facing", "looks at", "looks towards", "looks toward", "is turned to", "is turned towards")
ARTICLES = frozenset(
    (
        "the",
        "a",
        "an",
        "my",
        "our",
        "your",
        "his",
        "her",
        "their",
        "this",
        "these",
        "those",
        "some",
        "any",
        "both",
        "all",
    )
)
"""Words that a noun must follow."""

# "The chair for the desk" stands there; "for" alone begins what something is for.
_PHRASES["near"] += "".join(f", for {article}, round {article}" for article in sorted(ARTICLES))
_PHRASES["front"] += "".join(f", {verb} {article}" for verb in _LOOKS for article in sorted(ARTICLES))
RELATION_PHRASES: dict[tuple[str, ...], str] = {
    tuple(plain(phrase).split()): kind for kind, phrases in _PHRASES.items() for phrase in phrases.split(",")
}
"""The kind of relation by its words."""

LONGEST_RELATION = max(map(len, RELATION_PHRASES))

SIZE_WORDS = {
    **dict.fromkeys(("large", "big", "huge", "giant", "great"), "large"),
    **dict.fromkeys(("small", "little", "tiny"), "small"),
    **dict.fromkeys(("tall", "high"), "tall"),
    **dict.fromkeys(("low", "short"), "low"),
    "long": "long",
    **dict.fromkeys(("wide", "broad"), "wide"),
    **dict.fromkeys(("narrow", "slim", "thin"), "narrow"),
}
"""Adjectives of size."""

SUPERLATIVES = {
    **dict.fromkeys(("largest", "biggest", "larger", "bigger"), "large"),
    **dict.fromkeys(("smallest", "smaller", "littlest", "tiniest"), "small"),
    **dict.fromkeys(("tallest", "taller"), "tall"),
    **dict.fromkeys(("shortest", "shorter"), "low"),
    **dict.fromkeys(("longest", "longer"), "long"),
    **dict.fromkeys(("widest", "wider", "broadest"), "wide"),
    **dict.fromkeys(("narrowest", "narrower", "thinnest", "slimmest"), "narrow"),
    **dict.fromkeys(("highest", "higher", "upper", "uppermost", "topmost", "top"), "high"),
    **dict.fromkeys(("lowest", "lower", "bottom", "lowermost", "bottommost"), "deep"),
    **dict.fromkeys(("leftmost", "left"), "left"),
    **dict.fromkeys(("rightmost", "right"), "right"),
    **dict.fromkeys(("middle", "central", "center", "centre"), "middle"),
}
"""Superlatives, comparatives, and adjectives of place that choose one of several."""

NEARNESS = {
    **dict.fromkeys(("closest", "nearest", "closer", "nearer"), "closest"),
    **dict.fromkeys(("farthest", "furthest", "farther", "further"), "farthest"),
}

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
ORDINALS = {
    **{word: i + 1 for i, word in enumerate(_ORDINALS)},
    **dict(zip(("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th"), range(1, 9), strict=True)),
}

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {word: i + 1 for i, word in enumerate(_NUMBERS)}
NUMBERS |= {"both": 2, "pair": 2, "couple": 2}
"""Words that say how many."""

SHORT_FORMS = {
    **{f"{verb}n't": ("not",) for verb in ("do", "does", "did")},
    **{f"{verb}n't": (verb, "not") for verb in ("is", "are", "was", "has", "have")},
    **{f"{word}'s": (word, "is") for word in ("that", "which", "who", "what", "where", "there", "here", "it")},
    **{f"{word}s": (word, "is") for word in ("that", "what", "where", "there")},
    **{f"{verb}nt": ("not",) for verb in ("do", "does", "did")},
    **{f"{verb}nt": (verb, "not") for verb in ("is", "are", "was", "has", "have")},
}
"""Several words in one, also without the apostrophe that is often left out."""

NEGATIONS = (("not",), ("no",), ("none", "of"))
"""What a phrase begins with that names only what is not meant."""

EXCEPTIONS = (
    ("except", "for"), ("except",), ("excluding",), ("other", "than"), ("apart", "from"), ("aside", "from"),
    ("but", "not"), ("but",), ("and", "not"), ("that", "is", "not"), ("that", "are", "not"), ("which", "is", "not"),
    ("which", "are", "not"), ("is", "not"), ("are", "not"), ("that", "is", "neither"), ("that", "are", "neither"),
    ("which", "is", "neither"), ("which", "are", "neither"), ("is", "neither"), ("are", "neither"),
)  # fmt: skip
"""What comes before things that are not meant."""

DETERMINERS = frozenset(
    [
        "the",
        "a",
        "an",
        "my",
        "our",
        "your",
        "his",
        "her",
        "their",
        "its",
        "this",
        "that",
        "these",
        "those",
        "some",
        "any",
        "one",
        "each",
        "every",
        "both",
        "all",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "several",
        "of",
        "please",
        "there",
        "other",
        "another",
        "same",
        "only",
        "single",
        "pair",
        "couple",
    ]
)
"""Words that a noun phrase may begin with and that say nothing here."""

FILLERS = frozenset(
    [
        "is",
        "are",
        "was",
        "be",
        "being",
        "that",
        "which",
        "who",
        "hanging",
        "hung",
        "hangs",
        "standing",
        "stands",
        "stood",
        "lying",
        "lies",
        "sitting",
        "sits",
        "seated",
        "leaning",
        "leans",
        "placed",
        "located",
        "positioned",
        "resting",
        "rests",
        "situated",
        "mounted",
        "fixed",
        "put",
        "stored",
        "kept",
        "found",
        "directly",
        "right",
        "just",
        "immediately",
        "somewhere",
        "up",
        "down",
        "it",
        "'s",
        "there",
        "does",
        "do",
        "tucked",
        "pushed",
        "propped",
        "parked",
        "stacked",
        "stuck",
        "pinned",
        "attached",
        "laid",
        "dropped",
        "spread",
        "counting",
        "counted",
        "seen",
    ]
)
"""Words before a relation that say nothing here."""

SHELL = ("floor", "ground", "wall", "ceiling", "room")
"""What the room itself is made of."""

PLACING = {
    **dict.fromkeys(("put", "place", "set", "lay", "leave", "store", "keep"), "put"),
    "hang": "hang",
}
"""Verbs of a wish for a place, with their kind: what takes a coat that is put may have no hook."""

MAKES = frozenset(
    (
        *("wooden", "wood", "metal", "metallic", "steel", "plastic", "glass", "porcelain", "ceramic", "leather"),
        *("fabric", "woven", "paper", "cardboard", "stone", "marble", "round", "square", "rectangular", "oval"),
        *("cubic", "flat", "curved", "boxy", "shiny", "soft", "fluffy", "old", "new", "modern", "nice", "pretty"),
    )
)
"""What things are made of, how they are shaped and how they look: it says nothing here."""

ANYTHING = frozenset(
    ["thing", "things", "object", "objects", "item", "items", "something", "anything", "stuff", "one", "ones"]
)
"""Nouns that mean any thing."""
