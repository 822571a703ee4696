"""Which view comes next, and what the views together give."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.lifting import MaskOfViews
from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.scenes import make_room, textured_box
from tvdrnet_nv.segmentation import Oracle, View, explore, overlap
from tvdrnet_nv.segmentation.candidates import Candidates, cameras_around
from tvdrnet_nv.segmentation.information import Surroundings, information
from tvdrnet_nv.starts import scene_orbit

ROOM = make_room(6000)
RENDERER = Renderer(ROOM.mesh, (60, 80))
START = scene_orbit(ROOM.mesh, up="z")
BUILDER = MaskOfViews(ROOM.mesh)


def truth(name: str) -> Tensor:
    return ROOM.labels.long() == ROOM.names.index(name)


def test_closeness_is_one_on_the_part_and_falls_beside_it() -> None:
    box: Mesh = textured_box(32)
    top = box.vertices[:, 2] > box.vertices[:, 2].max() - 1e-4
    part = Surroundings(box).of(top)
    assert part is not None
    height = box.vertices[box.faces.long()].mean(1)[:, 2]
    inside = top[box.faces.long()].sum(1) >= 2
    assert torch.equal(part.closeness == 1, inside)
    beside = part.closeness[~inside]
    order = height[~inside].argsort(descending=True)
    assert float(beside[order][0]) > 0.5
    assert float(beside[order][-1]) < 0.01
    areas = cross_products(box.vertices[box.faces.long()]).norm(dim=1) / 2
    assert part.area == pytest.approx(float(areas[inside].sum()))
    assert Surroundings(box).of(torch.zeros_like(top)) is None


def test_information_is_what_is_unseen_or_uncertain() -> None:
    faces = torch.tensor([[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 1, 2]])
    probability = torch.tensor([0.5] * 3 + [1.0] * 3 + [torch.nan] * 3)
    seen = torch.tensor([1.0, 1.0, 0.0, 0.5])
    found = information(probability, seen, faces, None)
    torch.testing.assert_close(found, torch.tensor([1.0, 0.0, 1.0, 1.0]))
    certain = information(torch.ones(9), seen, faces, None)
    torch.testing.assert_close(certain, torch.tensor([0.0, 0.0, 1.0, 0.5]))


def test_a_gain_is_the_area_that_a_camera_sees() -> None:
    box = textured_box(16)
    renderer = Renderer(box, (96, 96))
    low, high = box.bounds
    size = high - low
    front = Orbit.create(4.0 * float(size.max()), 0.0, 0.0, 30.0, at=((low + high) / 2).tolist(), up="y")
    candidates = Candidates(renderer, front)
    gain = float(candidates.gains(torch.ones(box.num_faces))[0])
    assert gain == pytest.approx(float(size[0] * size[1]), rel=0.05)
    assert float(candidates.gains(torch.zeros(box.num_faces))[0]) == 0


def test_candidates_are_around_the_part_and_look_at_it() -> None:
    box = torch.tensor([[1.0, 2.0, 0.0], [2.0, 3.0, 1.0]])
    orbit = cameras_around(box, START)
    assert len(orbit) == 300
    torch.testing.assert_close(orbit.at, torch.tensor([1.5, 2.5, 0.5]).expand(300, 3))
    assert len(orbit.distance.unique()) == 3
    assert len(cameras_around(box, START, thin=True)) == 100


def test_things_that_do_not_touch_are_pieces_with_cameras_of_their_own() -> None:
    chairs = torch.tensor([name.startswith("chair") for name in ROOM.names])[ROOM.labels.long()]
    part = Surroundings(ROOM.mesh).of(chairs)
    assert part is not None
    middles = torch.stack([ROOM.mesh.vertices[truth(name)].mean(0) for name in ROOM.names if name.startswith("chair")])
    assert 2 <= len(part.boxes) <= 8
    nearest = (part.boxes.mean(1)[:, None] - middles[None]).norm(dim=-1).amin(0)
    assert float(nearest.max()) < 0.5
    # What is small must be seen from nearer than what is large.
    sofa = Surroundings(ROOM.mesh).of(truth("sofa_0"))
    cushion = Surroundings(ROOM.mesh).of(truth("cushion_0"))
    assert sofa is not None
    assert cushion is not None
    assert float(cushion.detail.min()) < 0.5 * float(sofa.detail.min())


def test_views_of_a_known_part_find_all_of_it_and_end() -> None:
    sofa, seen = truth("sofa_0"), []

    def watch(number: int, view: View) -> None:
        seen.append((number, overlap(view.mask, sofa)))

    found = explore(
        RENDERER, Oracle(ROOM.mesh, sofa.float()), BUILDER.empty(), START, part=sofa, views=10, callback=watch
    )
    assert [number for number, _ in seen] == list(range(1, len(found.views) + 1))
    assert len(found.views) < 10
    assert found.reason in ("the mask no longer changes", "no view would tell more")
    assert seen[-1][1] == overlap(found.lifted.mask, sofa) > 0.9
    assert seen[-1][1] > seen[0][1]
    gains = [view.gain for view in found.views]
    assert gains[0] > 0.9 * max(gains) > gains[-1]
    axes = found.orbit.camera().R[:, :, 2]
    assert float((axes[:3] @ axes[:3].T).fill_diagonal_(-1).max()) < 0.95  # the first views look from elsewhere


def test_without_a_hint_the_thing_is_found_all_over_the_scene() -> None:
    desk = truth("desk_0")
    found = explore(RENDERER, Oracle(ROOM.mesh, desk.float()), BUILDER.empty(), START, views=10, first=4)
    assert overlap(found.lifted.mask, desk) > 0.7
    middle = ROOM.mesh.vertices[desk].mean(0)
    assert float((found.views[-1].orbit.at[0] - middle).norm()) < 0.5
    again = explore(RENDERER, Oracle(ROOM.mesh, desk.float()), BUILDER.empty(), START, views=10, first=4)
    assert torch.equal(again.lifted.mask, found.lifted.mask)


def test_what_nothing_shows_has_an_empty_mask() -> None:
    def nothing(render: Render) -> Tensor:
        return torch.zeros(len(render.camera), *render.resolution)

    found = explore(RENDERER, nothing, BUILDER.empty(), START, views=3)
    assert len(found.views) == 3
    assert not found.lifted.mask.any()
    assert len(concatenate([view.orbit for view in found.views])) == 3


def test_the_caller_may_stop_it() -> None:
    sofa = truth("sofa_0")
    found = explore(
        RENDERER,
        Oracle(ROOM.mesh, sofa.float()),
        BUILDER.empty(),
        START,
        part=sofa,
        callback=lambda number, view: number == 2,
    )
    assert (len(found.views), found.reason) == (2, "the caller stopped")


def test_no_view_is_taken_twice_where_the_same_stays_uncertain() -> None:
    def unsure(render: Render) -> Tensor:
        return torch.full((len(render.camera), *render.resolution), 0.5)

    found = explore(RENDERER, unsure, BUILDER.empty(), START, part=truth("sofa_0"), views=6, first=6)
    assert len(found.views) == 6
    places = found.orbit.camera().position
    assert float((torch.cdist(places, places) + torch.eye(6)).min()) > 0.05 * float(found.orbit.distance.min())


def test_overlap() -> None:
    a, b = torch.tensor([True, True, False]), torch.tensor([False, True, True])
    assert overlap(a, b) == pytest.approx(1 / 3)
    assert overlap(a & False, b & False) == 1
    assert overlap(a, b & False) == 0
