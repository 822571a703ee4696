"""A segmentation from Python."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tvdrnet_nv import SegmentJob
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import Event, Kind


def test_it_runs_and_tells_of_each_view(room: Path, tmp_path: Path) -> None:
    told: list[Event] = []
    job = SegmentJob(scene=room, text="the desk", segmenter="oracle", views=2, image_size=(48, 64), out=tmp_path)
    found = job.run(told.append)
    assert [event.text.split(":")[0] for event in told if event.kind == Kind.STEP] == ["view 1", "view 2"]
    assert found.sentence == "the desk"
    assert found.iou is not None
    assert found.iou > 0.5
    assert found.files[0].name == "segmentation.json"
    facts = json.loads(found.files[0].read_text())
    assert SegmentJob(**json.loads(facts["command"])) == SegmentJob(**json.loads(job.to_json()))
    assert np.load(tmp_path / "mask.npy").sum() == int(found.found.lifted.mask.sum())
    assert "segmenting views" in found.seconds


def test_the_seed_decides_the_oracles_errors(room: Path, tmp_path: Path) -> None:
    masks = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        job = SegmentJob(
            scene=room,
            text="the desk",
            segmenter="oracle:border=0.5",
            views=1,
            image_size=(48, 64),
            seed=seed,
            out=tmp_path / name,
        )
        masks.append(job.run().found.views[0].scores)
    assert (masks[0] == masks[1]).all()
    assert not (masks[0] == masks[2]).all()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"camera": "cameras.json"}, "`camera`: the views are chosen by what they tell; leave `camera` out"),
        ({"azimuth": 30.0}, "`azimuth`: the views are chosen"),
        ({"text": None}, "`text`: is missing"),
        ({"referral": "r.json", "object_id": 1}, "`text` and `referral` exclude each other"),
        ({"segmenter": 5}, "`segmenter`: is empty"),
        ({"around": 1}, "`around` 1: wanted True or False"),
        ({"first": 0}, "`first` 0: wanted 1 or more"),
        ({"features": "f.npy", "parser": "p"}, "`features` and `parser` exclude each other"),
    ],
)
def test_fields_are_checked_as_soon_as_it_is_made(fields: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SegmentJob(**{"scene": "room.ply", "text": "a sofa", **fields})  # type: ignore[arg-type]
