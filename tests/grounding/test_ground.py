"""Sentences about two scenes: the right object is found, and nothing where nothing is meant."""

from __future__ import annotations

from collections import Counter

import pytest

from tvdrnet_nv.benchmarks.text.sentences import HERE, Sentence, read_lines, read_sentences
from tvdrnet_nv.grounding import Grounder, NounPhrase, Relation


def misunderstood(grounder: Grounder, sentences: list[Sentence]) -> list[str]:
    """The sentences that are not grounded to right objects alone."""
    wrong = []
    for sentence in sentences:
        chosen = grounder(sentence.text).chosen
        if not chosen or not all(map(sentence.accepts, chosen)):
            wrong.append(f"{sentence.text}: {', '.join(thing.title for thing in chosen) or 'nothing'}")
    return wrong


def test_the_lists_hold_what_they_are_to_hold() -> None:
    for name in ("room_sentences.txt", "scene0000_00_sentences.txt"):
        kinds = Counter(sentence.kind for sentence in read_sentences(HERE / name))
        assert kinds == {"name": 15, "relation": 30, "question": 15}
    absent = read_lines(HERE / "absent.txt")
    assert len(absent) == 60
    calibration = {line.partition("|")[2].strip() for line in read_lines(HERE / "calibration.txt")}
    assert not calibration & set(absent)


def test_nine_of_ten_sentences_about_the_room_find_the_right_object(room: Grounder) -> None:
    wrong = misunderstood(room, read_sentences(HERE / "room_sentences.txt"))
    assert len(wrong) <= 6, wrong


def test_eight_of_ten_sentences_about_the_scan_find_the_right_object(scan: Grounder) -> None:
    wrong = misunderstood(scan, read_sentences(HERE / "scene0000_00_sentences.txt"))
    assert len(wrong) <= 12, wrong


def test_nothing_is_meant_by_nine_of_ten_absent_things(room: Grounder) -> None:
    found = [text for text in read_lines(HERE / "absent.txt") if room(text).chosen]
    assert len(found) <= 6, found


def test_nothing_is_meant_in_the_scan_either(scan: Grounder) -> None:
    found = [text for text in read_lines(HERE / "absent.txt") if scan(text).chosen]
    assert len(found) <= 6, found


def test_the_candidates_come_with_the_parts_of_their_scores(room: Grounder) -> None:
    found = room("the lamp next to the sofa")
    best, second = found.candidates[:2]
    assert (best.thing.title, second.thing.title) == ("floor_lamp_0", "lamp_0")
    assert best.score == pytest.approx(best.name * best.attributes * best.relation)
    assert second.name > best.name  # "lamp" is the desk lamp's own name;
    assert best.relation > 2 * second.relation  # the relation decides
    assert [item.score for item in found.candidates] == sorted((c.score for c in found.candidates), reverse=True)


def test_a_plural_means_all_and_a_singular_names_the_others(room: Grounder) -> None:
    assert {thing.title for thing in room("the cushions").chosen} == {"cushion_0", "cushion_1"}
    found = room("the cushion")
    assert len(found.chosen) == len(found.alike) == 1


def test_what_is_negated_does_not_hold(room: Grounder) -> None:
    assert room("the ball that is not on the desk").chosen[0].title == "ball_1"
    assert room("the ball not on the floor").chosen[0].title == "ball_0"


def test_a_relation_may_belong_to_the_first_noun_after_all(room: Grounder) -> None:
    """No vase is above the sideboard as far as a picture is."""
    assert room("the picture near the vase above the sideboard").chosen[0].title == "picture_1"


def test_what_has_something_on_it_and_what_has_not(room: Grounder) -> None:
    assert room("the shelf with a bowl on it").chosen[0].title == "shelf_1"
    assert room("the shelf without the bowl").chosen[0].title == "shelf_0"
    assert room("the plant with nothing on it").candidates[0].relation > 0.9


def test_odd_sentences_mean_nothing_and_break_nothing(room: Grounder) -> None:
    for text in ("", "?!", "the", "between and", "on on on", "closest", "not the", "\n", "東京", "the chair " * 200):
        room(text)
    assert room("").chosen == room("?!").chosen == ()


def test_a_phrase_from_elsewhere_is_looked_for(room: Grounder) -> None:
    phrase = NounPhrase("picture", superlatives=(("right", 1),), relations=(Relation("above", (NounPhrase("desk"),)),))
    assert room.of_phrase("given", phrase).chosen[0].title == "picture_0"


def test_the_thresholds_hold_on_what_they_were_found_with(room: Grounder) -> None:
    rows = [line.split(" | ") for line in read_lines(HERE / "calibration.txt")]
    missed = [text for kind, text in rows if kind == "room" and not room(text).chosen]
    absent = [text for kind, text in rows if kind == "absent"]
    found = [text for text in absent if room(text).chosen]
    assert len(missed) <= 4, missed
    assert len(found) <= len(absent) / 40, found


def test_a_wish_that_nothing_answers_means_nothing(room: Grounder) -> None:
    rows = [line.split(" | ") for line in read_lines(HERE / "wishes.txt")]
    taken = [text for kind, text in rows if kind == "absent" and room(text).chosen]
    missed = [text for kind, text in rows if kind == "both" and not room(text).chosen]
    assert len(taken) <= 2, taken
    assert len(missed) <= 1, missed
