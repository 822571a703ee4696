"""What a mapping is asked, however a user asks it."""

from __future__ import annotations

import pytest

from tvdrnet_nv.grounding.short_form import short_form

HELD_OUT = (
    "I'd love a closer view of the {}",
    "would it be possible to see the {}?",
    "Please aim the camera at a {}.",
    "do you see the {} anywhere",
    "a photo of a {}, please",
    "hey, where did they put the {}",
    "Which one is the {}?",
    "move over to the {}",
    "what does the {} look like?",
    "any {}s around here?",
    "give us a good shot of the {}",
    "I'm trying to find the {}",
)
"""Written before the grammar of requests was."""


@pytest.mark.parametrize("phrasing", HELD_OUT)
def test_phrasings_that_were_held_out(phrasing: str) -> None:
    for name in ("sofa", "dining table", "floor lamp", "picture", "cushion"):
        assert short_form(phrasing.format(name)) == f"the {name}"


@pytest.mark.parametrize(
    "asked",
    [
        "the coffee table",
        "COFFEE TABLES",
        "Could you find the coffee table, please?",
        "I'd love a closer view of the big coffee tabel.",
        "where's the coffee table?",
    ],
)
def test_all_ask_for_the_thing(asked: str) -> None:
    assert short_form(asked) == "the coffee table"


@pytest.mark.parametrize(
    ("asked", "form"),
    [
        ("show me the chair that is nearest to the door", "the chair closest to the door"),
        ("is there a place to lie down?", "where can I lie down?"),
        ("I am tired", "I am tired"),
        ("what needs water?", "what needs water?"),
        ("find the zebra", "the zebra"),
        ("?", "?"),
    ],
)
def test_relations_and_wishes(asked: str, form: str) -> None:
    assert short_form(asked) == form
