"""Misspelled names."""

from __future__ import annotations

from tvdrnet_nv.grounding.spelling import corrected

NAMES = ["dining table", "guitar", "plant", "cushion", "sideboard", "bed"]


def test_a_wrong_letter_is_mended() -> None:
    assert corrected("guittar", NAMES) == "guitar"
    assert corrected("dinning tabel", NAMES) == "dining table"
    assert corrected("cushons", NAMES) == "cushion"


def test_another_word_is_not_taken_for_a_name() -> None:
    for word in ("planet", "skateboard", "bad", "elephant", "surfboard"):
        assert corrected(word, NAMES) == word
