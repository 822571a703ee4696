"""The mapping that comes with the package."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv import Orbit, Renderer, scene_orbit
from tvdrnet_nv.jobs.proposal import mapping_file, proposed_view
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.scenes import make_room


def test_phrasings_that_it_was_not_trained_on_show_what_they_name_in_a_room_that_it_was_not_trained_on() -> None:
    pytest.importorskip("tokenizers", reason="the extra `text` is not installed")
    room = make_room(5000, 1, shuffled=True)
    renderer, start = Renderer(room.mesh, 64), scene_orbit(room.mesh, up="z")
    kinds = {
        "sofa": "could you point the camera at the sofa, please?",
        "dining_table": "I'm trying to find the dining tabel",
        "plant": "any plants around here?",
    }

    def scores(view: Orbit) -> torch.Tensor:
        found = []
        for kind in kinds:
            mine = [name.rsplit("_", 1)[0] == kind for name in room.names]
            focus = FocusOn(room.mesh, torch.tensor(mine, dtype=torch.float32)[room.labels.long()], size=64)
            found.append(focus.scores(view.camera(), renderer.resolution).score[0])
        return torch.stack(found)

    views = [proposed_view(mapping_file("default"), text, room.mesh, start) for text in kinds.values()]
    table = torch.stack([scores(view) for view in views])  # [sentences, kinds]
    assert bool((table.diagonal() > 0.5).all())
    assert table.argmax(1).tolist() == [0, 1, 2]
