"""The tables of words."""

from __future__ import annotations

import pytest

from tvdrnet_nv.grounding.vocabulary import entries, entry_of, key, other_words, places, singular
from tvdrnet_nv.io.labels import NYU40
from tvdrnet_nv.io.scannet_names import SCANNET200
from tvdrnet_nv.scenes import make_room


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trash Cans", "trashcan"),
        ("box of tissues", "tissue box"),
        ("book-shelf", "Bookshelves"),
        ("dishes", "dish"),
        ("floor_mat", "floor mats"),
        ("batteries", "battery"),
    ],
)
def test_spellings_of_a_name_are_alike(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize("word", ["glass", "bus", "clothes", "stairs", "bed", "axis"])
def test_what_only_looks_like_a_plural_stays(word: str) -> None:
    assert singular(word) == word


def test_every_class_of_the_data_sets_and_of_the_rooms_is_known() -> None:
    rooms = {name.rsplit("_", 1)[0] for name in make_room(5000).names}
    unknown = [name for name in (*NYU40, *SCANNET200.values(), *rooms) if entry_of(name.replace("_", " ")) is None]
    assert not unknown


def test_things_that_people_use_have_uses() -> None:
    silent = [item.name for item in entries().values() if not item.uses]
    assert len(silent) < len(entries()) / 8, silent
    assert {"kitchen", "bathroom", "bedroom"} <= places()
    assert 200 < len(other_words()) < 400
