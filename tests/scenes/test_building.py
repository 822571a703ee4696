"""The building made by code: size, rooms, and what a camera within it sees."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.scenes import make_building


def test_rooms_stand_beside_and_above_one_another():
    building = make_building(61_001, seed=2, floors=3, rooms=(2, 2))
    assert building.mesh.num_faces == 61_001
    assert building.centers.shape == (12, 3)
    size = building.mesh.bounds[1] - building.mesh.bounds[0]
    assert (size > torch.tensor([12.0, 10.0, 7.5])).all()
    assert (size < torch.tensor([14.0, 12.0, 8.5])).all()
    heights = building.centers[:, 2].unique()
    assert len(heights) == 3
    assert heights[0] == pytest.approx(1.6)
    # The rooms are apart: no face joins two.
    corners = building.mesh.vertices[building.mesh.faces.long()]
    assert float((corners.amax(1) - corners.amin(1)).max()) < 1.5


def test_the_same_seed_gives_the_same_building():
    first, again, other = (make_building(20_000, seed, floors=1, rooms=(2, 2)).mesh for seed in (1, 1, 2))
    assert torch.equal(first.vertices, again.vertices)
    assert first.vertices.shape != other.vertices.shape or not torch.equal(first.vertices, other.vertices)


@pytest.mark.parametrize(
    ("triangles", "options", "message"),
    [
        (19_999, {"floors": 1, "rooms": (2, 2)}, "4 rooms need at least 20000"),
        (20_000, {"floors": 0}, "at least one room"),
    ],
)
def test_what_cannot_be_built_is_refused(triangles, options, message):
    with pytest.raises(ValueError, match=message):
        make_building(triangles, **options)
