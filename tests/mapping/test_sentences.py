"""What the package's mapping is trained on, and what it is tested with (examples/mapping)."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from tvdrnet_nv.scenes import make_room

EXAMPLES = Path(__file__).parents[2] / "examples" / "mapping"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return {name: importlib.import_module(name) for name in ("asks", "relations", "furnished", "shows")}


def test_nothing_that_is_kept_for_tests_is_learned(example: dict[str, ModuleType]) -> None:
    asks, relations = example["asks"], example["relations"]
    learned = {sentence for group in asks.asks().values() for sentence in group}
    assert len(learned) > 1000
    for kind in asks.KINDS:
        tests = asks.tests_of(kind)
        assert all(tests.values()), kind
        assert tests.pop("the NAME")[0] in learned
        for sort, sentences in tests.items():
            assert not learned.intersection(sentences), (kind, sort)
        held = asks.HELD_OUT[kind]
        for words in (*held.names, *held.uses):
            assert not any(words in (sentence, sentence.removeprefix("the ")) for sentence in learned), words
    for relation, forms in relations.LEARNED.items():
        assert not set(forms) & set(relations.OTHERWISE[relation])


def test_a_word_of_several_kinds_means_any_of_them(example: dict[str, ModuleType]) -> None:
    meant = {sentence: kinds for (kinds, _), group in example["asks"].asks().items() for sentence in group}
    assert meant["the reading light"] == ("floor_lamp", "lamp")
    assert meant["where can I sit down?"] == ("sofa", "chair", "office_chair")
    assert meant["the chair"] == ("chair",)
    without = example["asks"].asks(["sofa", "plant"])
    assert {kinds for kinds, _ in without} == {("sofa",), ("plant",)}


def test_a_relation_is_of_the_thing_that_the_grounder_finds(example: dict[str, ModuleType]) -> None:
    pytest.importorskip("tokenizers", reason="the extra `text` is not installed")
    from tvdrnet_nv.grounding import Grounder
    from tvdrnet_nv.language import load_text_encoder

    room = make_room(5000, 1000, shuffled=True)
    things = example["relations"].things_of(room)
    found = example["relations"].relations_in(Grounder(things, load_text_encoder()))
    assert len(found) > 30
    points = {item.title: torch.from_numpy(item.points) for item in things.items}
    anchors = {"desk": "desk_0", "sofa": "sofa_0", "plant": "plant_0"}
    checked = 0
    for item in found:
        assert item.handed == (item.relation in ("left", "right"))
        if (item.target, item.relation) == ("window", "closest") and item.anchor in anchors:
            anchor = points[anchors[item.anchor]]
            gaps = [float(torch.cdist(points[window], anchor).min()) for window in ("window_0", "window_1")]
            assert item.title == f"window_{int(np.argmin(gaps))}"
            checked += 1
    assert checked > 1
    room_tasks = example["furnished"].Furnished(room, np.random.default_rng(0), varied=True)
    embedded = {sentence: torch.ones(4) for item in found for sentence in item.sentences}
    asked = {(("sofa",), "name"): torch.ones(2, 4), (("chair",), "use"): torch.ones(1, 4)}
    tasks = room_tasks.tasks(asked, found, embedded)
    assert len(tasks) == 2 + len(found)
    assert sum(task.weight for task in tasks) == pytest.approx(1.0)
    assert tasks[1].places is not None
    assert tasks[1].places.shape == (4, 3)
    assert bool((tasks[0].scene.positions.norm(dim=1) < 1).all())


def test_each_camera_is_judged_by_the_part_that_it_looks_at(example: dict[str, ModuleType]) -> None:
    room = make_room(5000, 3, shuffled=True)
    ready = example["furnished"].Furnished(room, np.random.default_rng(0))
    chairs = ready.parts["chair"]
    assert len(chairs) == 4
    at = torch.stack([chair.center for chair in chairs])
    views = ready.start[torch.zeros(4, dtype=torch.long)].replace(
        at=at, distance=torch.full((4,), 2.0), elevation=torch.full((4,), 50.0)
    )
    show = example["shows"].ShowAny(chairs)
    assert show.nearest(views.camera()).tolist() == [0, 1, 2, 3]
    scores = show.scores(views.camera(), (64, 64))
    for row, chair in enumerate(chairs):
        alone = chair.focus.scores(views[row].camera(), (64, 64)).score
        torch.testing.assert_close(scores[row : row + 1], alone, rtol=1e-4, atol=1e-4)
