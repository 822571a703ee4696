"""The grammar: what a sentence becomes."""

from __future__ import annotations

from typing import Any

import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.parse import parse_phrase
from tvdrnet_nv.grounding.phrase import phrase_from_dict
from tvdrnet_nv.grounding.sentence import read_sentence

SOFA = {"name": "sofa"}


def near(kind: str, *names: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "anchors": [{"name": name} for name in names], **more}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("the sofa", SOFA),
        ("a big red chair", {"name": "chair", "colors": ["red"], "sizes": ["large"]}),
        ("the wooden big table", {"name": "wooden table", "sizes": ["large"]}),
        ("the low table", {"name": "low table"}),  # a name, not an attribute
        ("the second tallest shelf", {"name": "shelf", "superlatives": [["tall", 2]]}),
        ("the chair on the left", {"name": "chair", "superlatives": [["left", 1]]}),
        ("the lamp on top of the desk", {"name": "lamp", "relations": [near("on top", "desk")]}),
        ("the chair closest to the door", {"name": "chair", "relations": [near("closest", "door")]}),
        ("the nearest chair to the door", {"name": "chair", "relations": [near("closest", "door")]}),
        ("the second picture from the door", {"name": "picture", "relations": [near("closest", "door", rank=2)]}),
        ("the cup between the bowl and the box", {"name": "cup", "relations": [near("between", "bowl", "box")]}),
        ("the ball that is not on the desk", {"name": "ball", "relations": [near("on", "desk", negated=True)]}),
        ("the table with a vase on it", {"name": "table", "relations": [near("has on it", "vase")]}),
        ("the plant in the corner of the room", {"name": "plant", "relations": [{"kind": "corner"}]}),
        ("the thing on the desk", {"relations": [near("on", "desk")]}),
        ("two chairs", {"name": "chairs", "plural": True, "count": 2}),
        ("the shelf without a bowl", {"name": "shelf", "relations": [near("with", "bowl", negated=True)]}),
        ("the curtain with the smallest width", {"name": "curtain", "superlatives": [["narrow", 1]]}),
        (
            "the chair on the left next to the bed",
            {"name": "chair", "superlatives": [["left", 1]], "relations": [near("near", "bed")]},
        ),
        (
            "the box at the bottom of the shelf",
            {"name": "box", "superlatives": [["deep", 1]], "relations": [near("in", "shelf")]},
        ),
        ("the cup on the floor by the bed", {"name": "cup", "relations": [near("on", "floor"), near("near", "bed")]}),
        ("the window on the left when you face the sofa", {"name": "window", "superlatives": [["left", 1]]}),
        ("the black and white picture", {"name": "picture", "colors": ["black", "white"]}),
        ("the sofa that is red", {"name": "sofa", "colors": ["red"]}),
        ("the sofa, the desk and the rug", {"name": "sofa", "also": [{"name": "desk"}, {"name": "rug"}]}),
        ("the table and chairs", {"name": "table", "also": [{"name": "chairs", "plural": True}]}),
        (
            "the lamp near the sofa and the desk",
            {"name": "lamp", "relations": [near("near", "sofa"), near("near", "desk")]},
        ),
        ("the chair that doesn't face the desk", {"name": "chair", "relations": [near("front", "desk", negated=True)]}),
        ("my face", {"name": "face"}),
        ("anything but the sofa", {"but": [SOFA]}),
        ("neither the sofa nor the desk", {"but": [SOFA, {"name": "desk"}]}),
        ("the sofa but not on the rug", {"name": "sofa", "relations": [near("on", "rug", negated=True)]}),
        ("the chair at the end of the table", {"name": "chair", "relations": [near("end", "table")]}),
        (
            "the picture on the same wall as the door, to the right of it",
            {"name": "picture", "relations": [near("same wall", "door"), near("right", "door")]},
        ),
        (
            "the picture left of the one above the desk",
            {
                "name": "picture",
                "relations": [
                    {"kind": "left", "anchors": [{"name": "picture", "relations": [near("above", "desk")]}]},
                ],
            },
        ),
        (
            "the mug near the one that is red",
            {"name": "mug", "relations": [{"kind": "near", "anchors": [{"name": "mug", "colors": ["red"]}]}]},
        ),
        ("the window that's got a sofa under it", {"name": "window", "relations": [near("above", "sofa")]}),
        ("the shelf with a bowl on top", {"name": "shelf", "relations": [near("has on it", "bowl")]}),
        ("the table with a chair next to it", {"name": "table", "relations": [near("near", "chair")]}),
        ("the cushions of the sofa", {"name": "cushions", "plural": True, "relations": [near("of", "sofa")]}),
        ("the table closer to the sofa than to the bed", {"name": "table", "relations": [near("closest", "sofa")]}),
        ("the table larger than the one by the sofa", {"name": "table", "superlatives": [["large", 1]]}),
        ("the lamp, when it is dark, on the desk", {"name": "lamp", "relations": [near("on", "desk")]}),
        ("the shelf that is taller", {"name": "shelf", "superlatives": [["tall", 1]]}),
        ("the white porcelain thing", {"colors": ["white"]}),
        (
            "the box that is neither pink nor green",
            {"name": "box", "but": [{"colors": ["pink"]}, {"colors": ["green"]}]},
        ),
        ("the bin that's behind the desk", {"name": "bin", "relations": [near("behind", "desk")]}),
        ("the lamp standing next to the sofa", {"name": "lamp", "relations": [near("near", "sofa")]}),
    ],
)
def test_noun_phrases(text: str, meaning: dict[str, Any]) -> None:
    lists = {"colors", "sizes", "superlatives", "relations"}
    found = parse_phrase(text).to_dict()
    assert found == {key: value for key, value in meaning.items() if key not in lists or value}


def test_a_relation_belongs_to_the_noun_before_it_and_after_and_to_the_first() -> None:
    inner = parse_phrase("the picture right of the window behind the sofa").to_dict()
    assert inner["relations"] == [
        {"kind": "right", "anchors": [{"name": "window", "relations": [near("behind", "sofa")]}]}
    ]
    outer = parse_phrase("the picture right of the window and above the plant").to_dict()
    assert outer["relations"] == [near("right", "window"), near("above", "plant")]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Where is the sofa?", SOFA),
        ("Can you show me the sofa, please", SOFA),
        ("I am looking for the sofa", SOFA),
        ("I'd like to see the sofa.", SOFA),
        ("What is on the sofa?", {"relations": [near("on", "sofa")]}),
        ("Where can I wash my hands?", {"use": "wash my hands"}),
        ("something to drink coffee from", {"use": "drink coffee from"}),
        ("I am tired", {"use": "i am tired"}),
        ("I'd like to see what's on the sofa", {"relations": [near("on", "sofa")]}),
        ("my back hurts, I'd love to stretch out for a while", {"use": "stretch out, my back hurts"}),
        ("I am hungry, show me the desk", {"name": "desk"}),
        ("it's dark, find the sofa", SOFA),
        ("the sofa, I want to see it", SOFA),
        ("is there anything my kids could kick?", {"use": "kick"}),
        ("where could four friends sit?", {"use": "sit"}),
        ("where could my brother and I play cards?", {"use": "play cards"}),
        (
            "where can I rest my cup while I sit on the sofa?",
            {"use": "put my cup", "relations": [near("near", "sofa")]},
        ),
        ("where can I rest my head?", {"use": "rest my head"}),
        ("what could I turn on to read on the sofa?", {"use": "turn on to read", "relations": [near("near", "sofa")]}),
    ],
)
def test_sentences(text: str, meaning: dict[str, Any]) -> None:
    assert read_sentence(text, lambda noun: noun in ("sofa", "desk"))[0].to_dict() == meaning


def test_a_wish_with_a_place_is_also_read_as_a_whole() -> None:
    readings = read_sentence("where can I work on the desk?", lambda noun: noun == "desk")
    assert [item.use for item in readings] == ["work", "work on the desk"]
    assert not read_sentence(" ?! ", lambda noun: True)


def test_a_phrase_survives_as_json() -> None:
    for text in (
        "the second biggest red chair between the table and the window that is not on the rug",
        "two chairs and the desk but not the white one",
    ):
        phrase = parse_phrase(text)
        assert phrase_from_dict(phrase.to_dict()) == phrase


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "wanted an object"),
        ({}, "names no thing"),
        ({"name": 3}, "phrase.name: wanted a text"),
        ({"name": "chair", "color": "red"}, "wanted an object with some of"),
        ({"name": "chair", "count": -1}, "phrase.count: wanted a whole number"),
        ({"name": "chair", "also": 3}, "phrase.also: wanted a list of phrases"),
        ({"name": "chair", "also": [{}]}, "phrase.also\\[0\\]: names no thing"),
        ({"name": "chair", "colors": ["loud"]}, "phrase.colors: wanted a list"),
        ({"name": "chair", "relations": [{"kind": "atop"}]}, r"relations\[0\].kind: wanted one of"),
        ({"name": "chair", "relations": [{"kind": "on"}]}, r"relations\[0\].anchors: on needs a thing"),
        ({"name": "chair", "relations": [near("on", "")]}, r"anchors\[0\]: names no thing"),
        ({"name": "chair", "relations": [near("closest", "door", rank=0)]}, "rank: wanted a whole number"),
        ({"name": "chair", "superlatives": [["tall"]]}, "phrase.superlatives"),
    ],
)
def test_other_json_is_refused_with_its_place(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        phrase_from_dict(data)
