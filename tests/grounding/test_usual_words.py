"""Words in the forms that the grammar has."""

from __future__ import annotations

import pytest

from tvdrnet_nv.grounding.parse import words_of
from tvdrnet_nv.grounding.usual_words import is_owned


@pytest.mark.parametrize(
    ("said", "usual"),
    [
        ("the dark blue sofa", "the blue sofa"),
        ("a cream-coloured lamp", "a cream lamp"),
        ("a box, red in colour", "a box , red"),
        ("the window that's got the sofa under it", "the window that has the sofa under it"),
        ("a plant whose pot stands on the floor", "a plant that stands on the floor"),
        ("the sofa's left cushion", "the left cushion of the sofa"),
        ("the coffee table's mug on the left", "the mug of the coffee table on the left"),
        ("the bathroom's window", "the window of the bathroom"),
        ("the stool number two from the window", "the second stool from the window"),
        ("the chair on the window side of the table", "the chair at the table , near the window"),
        ("the bin that is neither on the desk nor by the bed", "the bin that is not on the desk and not by the bed"),
        ("the box - the red one", "the box , the red one"),
        ("the lamp, hmm, the one with a shade", "the lamp , the one with a shade"),
        ("the sofa's next to the door", "the sofa's next to the door"),
        ("the left side of the sofa", "the left side of the sofa"),
        ("the lamp by the light wall", "the lamp by the light wall"),
    ],
)
def test_words_get_usual_forms_and_stay_in_them(said: str, usual: str) -> None:
    found = words_of(said)
    assert " ".join(found) == usual
    assert words_of(usual) == found


@pytest.mark.parametrize(
    ("words", "owned"),
    [
        ("the cushions of the sofa", True),
        ("the top of the sofa", False),
        ("one of the sofas", False),
        ("a box of tissues", False),
        ("the sofa of", False),
    ],
)
def test_of_says_to_what_a_thing_belongs(words: str, owned: bool) -> None:
    split = words.split()
    assert is_owned(split, split.index("of")) is owned
