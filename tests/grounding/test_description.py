"""Descriptions of several sentences, and those with a viewpoint."""

from __future__ import annotations

from typing import Any

import pytest

from tvdrnet_nv.grounding.sentence import read_sentence


def near(kind: str, name: str) -> dict[str, Any]:
    return {"kind": kind, "anchors": [{"name": name}]}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (
            "This is a brown cabinet. It is to the right of the desk.",
            {"name": "cabinet", "colors": ["brown"], "relations": [near("right", "desk")]},
        ),
        ("The table is in the room. It's white.", {"name": "table", "colors": ["white"]}),
        (
            "There is a bowl. It's blue, and on the table.",
            {"name": "bowl", "colors": ["blue"], "relations": [near("on", "table")]},
        ),
        ("There is a desk. There is a lamp on it.", {"name": "desk", "relations": [near("has on it", "lamp")]}),
        ("a chair. there is a bag behind it", {"name": "chair", "relations": [near("front", "bag")]}),
        ("a shelf; it has a clock on it", {"name": "shelf", "relations": [near("has on it", "clock")]}),
        ("facing the bed, the nightstand on the left", {"name": "nightstand", "relations": [near("left", "bed")]}),
        ("when you face the sofa, it's the lamp on the right", {"name": "lamp", "relations": [near("right", "sofa")]}),
        ("the bin? no, the one by the desk", {"name": "bin", "relations": [near("near", "desk")]}),
        ("There are two bins. Choose the taller one.", {"name": "bins", "superlatives": [["tall", 1]]}),
        ("choose the bin by the desk", {"name": "bin", "relations": [near("near", "desk")]}),
        ("the sofa. The weather is nice.", {"name": "sofa"}),
        ("the lamp on the right when you face the sofa", {"name": "lamp", "relations": [near("right", "sofa")]}),
        ("the lamp on the right when lying in the bed", {"name": "lamp", "relations": [near("left", "bed")]}),
        ("the lamp to the left of the bed if you lie in it", {"name": "lamp", "relations": [near("right", "bed")]}),
        ("the lamp while I sit at the desk", {"name": "lamp"}),
        (
            "There is a stool. It is at the end of the desk, right under the window.",
            {"name": "stool", "relations": [near("end", "desk"), near("under", "window")]},
        ),
    ],
)
def test_further_sentences_say_more_of_the_same_thing(text: str, meaning: dict[str, Any]) -> None:
    found = read_sentence(text, lambda noun: False)[0].to_dict()
    assert {key: value for key, value in found.items() if key != "use"} == meaning
