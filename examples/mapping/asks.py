"""What the mapping is asked: words for kinds of things, from the package's table; which of them are kept for tests."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rooms import THINGS

from tvdrnet_nv.grounding.vocabulary import entry_of

KINDS = (*THINGS, "chair", "office_chair", "monitor", "keyboard", "cushion", "picture", "window", "door", "lamp")
"""As the rooms' labels name them; the first eight are those of rooms.py."""
TOGETHER = ("shelf", "cushion")
"""Kinds of which a room has several side by side, that are shown together."""

NAMED = (
    *("{}", "the {}", "a {}", "show me the {}", "where is the {}?", "look at the {}", "I am looking for the {}"),
    *("find the {}", "focus on the {}", "I would like to see the {}", "is there a {} here?", "a view of the {}"),
)
NAMED_OTHERWISE = (
    "could you point the camera at the {}, please?",
    "take a photograph of the {}",
    "turn to the {} in this room",
)
USED = (
    *("{}", "where can I {}?", "I want to {}", "a place to {}", "something to {}", "I would like to {}"),
    *("where do people {}?", "what can I use to {}?", "somewhere to {}", "let me {}"),
)
USED_OTHERWISE = ("is there anything here to {}?", "I need to {}")
_WHOLE = {"i", "it", "what", "who", "something", "am", "is", "how", "a", "the", "when", "children"}
"""A use that begins so is no verb's phrase, and stands alone."""


@dataclass(frozen=True)
class HeldOut:
    """Of a kind, what it is tested with."""

    names: tuple[str, ...]
    uses: tuple[str, ...]
    wishes: tuple[str, ...]


def _parts(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _held_out() -> dict[str, HeldOut]:
    lines = Path(__file__).with_name("held_out.txt").read_text("utf-8").splitlines()
    rows = [[part.strip() for part in line.split("|")] for line in lines if not line.startswith("#")]
    return {
        kind: HeldOut(_parts(names, ","), _parts(uses, ";"), _parts(wishes, ";")) for kind, names, uses, wishes in rows
    }


HELD_OUT = _held_out()


def name_of(kind: str) -> str:
    """The name that the kind goes by: the desk's lamp is a lamp as the floor lamp is, and so is called a table lamp."""
    return "table lamp" if kind == "lamp" else kind.replace("_", " ")


def named(name: str, templates: Iterable[str] = NAMED) -> list[str]:
    """A name in sentences."""
    return [template.format(name) for template in templates]


def used(use: str, templates: Iterable[str] = USED) -> list[str]:
    """A use in sentences."""
    whole = use.split()[0].lower() in _WHOLE
    return [use] if whole else [template.format(use) for template in templates]


def asks(kinds: Iterable[str] = KINDS) -> dict[tuple[tuple[str, ...], str], list[str]]:
    """The sentences to learn from, by the kinds that they mean and by "name" or "use".

    Words that several kinds share mean any of them, unless they are the very name of one.
    """
    kinds = tuple(kinds)
    kept_names = {name for held in HELD_OUT.values() for name in held.names}
    kept_uses = {use for held in HELD_OUT.values() for use in held.uses}
    own = {name_of(kind) for kind in kinds}
    meant: dict[tuple[str, str], list[str]] = {}
    for kind in kinds:
        entry = entry_of(kind.replace("_", " "))
        assert entry is not None, kind
        others = [name for name in entry.others if name not in own and name not in kept_names]
        for name in dict.fromkeys([name_of(kind), *others]):
            meant.setdefault(("name", name), []).append(kind)
        for use in entry.uses:
            if use not in kept_uses:
                meant.setdefault(("use", use), []).append(kind)
    found: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (sort, words), which in meant.items():
        found.setdefault((tuple(which), sort), []).extend(named(words) if sort == "name" else used(words))
    return found


def tests_of(kind: str) -> dict[str, list[str]]:
    """The sentences that a kind is tested with."""
    held = HELD_OUT[kind]
    return {
        "the NAME": [f"the {name_of(kind)}"],
        "other phrasings": named(name_of(kind), NAMED_OTHERWISE),
        "other names": [f"the {name}" for name in held.names],
        "other uses": [sentence for use in held.uses for sentence in used(use, USED_OTHERWISE)],
        "wishes": list(held.wishes),
    }
