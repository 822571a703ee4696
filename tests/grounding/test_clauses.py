"""Noun phrases with a second name, with a choice, and with a clause about what is on the thing."""

from __future__ import annotations

from typing import Any

import pytest

from tvdrnet_nv.grounding.clauses import noun_phrase


def on(kind: str, *names: str) -> dict[str, Any]:
    return {"kind": kind, "anchors": [{"name": name} for name in names]}


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("the appliance on the oven, a microwave", {"name": "microwave", "relations": [on("on", "oven")]}),
        ("the one with wheels and arms, an office chair i think", {"name": "office chair"}),
        ("of the two cushions, pick the one near the lamp", {"name": "cushions", "relations": [on("near", "lamp")]}),
        ("among the bins, the bigger one", {"name": "bins", "superlatives": [["large", 1]]}),
        (
            "the bin near the door, the grey one",
            {"name": "bin", "colors": ["grey"], "relations": [on("near", "door")]},
        ),
        ("the counter where the kettle is standing", {"name": "counter", "relations": [on("has on it", "kettle")]}),
        ("a purple thing to sit on", {"colors": ["purple"], "use": "sit on"}),
        ("the mug, not the one on the desk but the red one", {"name": "mug", "colors": ["red"]}),
        ("not the desk lamp, the other one", {"name": "lamp", "but": [{"name": "desk lamp"}]}),
        ("not the red mug, the blue mug", {"name": "mug", "colors": ["blue"]}),
        ("on the desk there is a lamp", {"name": "lamp", "relations": [on("on", "desk")]}),
        ("the sofa, a bed or a chair", {"name": "sofa"}),
    ],
)
def test_what_is_said(words: str, meaning: dict[str, Any]) -> None:
    found = noun_phrase(words, lambda noun: noun in ("microwave", "office chair", "chair")).to_dict()
    assert {key: found.get(key) for key in meaning} == meaning
