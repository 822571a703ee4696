"""Words that only ask to see something."""

from __future__ import annotations

import pytest

from tvdrnet_nv.grounding.requests import without_courtesy, without_request


@pytest.mark.parametrize(
    ("asked", "thing"),
    [
        ("show me the sofa", "the sofa"),
        ("i'd like to have a look at the sofa", "the sofa"),
        ("could you please point the camera at a sofa", "a sofa"),
        ("would you mind showing the sofa to me", "the sofa"),
        ("do you know where the sofa is", "the sofa"),
        ("what does the sofa look like", "the sofa"),
        ("is there a sofa somewhere", "sofa"),
        ("take me over to the sofa", "the sofa"),
        ("get us a better picture of the sofa", "the sofa"),
        ("there is a sofa in here, could you bring it up", "there is a sofa"),
        ("the picture of a boat", "the picture of a boat"),
        ("give me the biggest picture", "the biggest picture"),
    ],
)
def test_the_thing_remains(asked: str, thing: str) -> None:
    assert without_request(asked) == thing


@pytest.mark.parametrize(
    "wish", ["i want to sleep", "where can i sit", "where do i keep the milk cold", "i have the flu", "i like the sofa"]
)
def test_a_wish_is_no_request(wish: str) -> None:
    assert without_request(wish) == wish


def test_something_remains() -> None:
    assert without_courtesy("please") == "please"
    assert without_request("show me") == "show me"
    assert without_courtesy("um, hello, the sofa in this room, thanks") == "the sofa"
