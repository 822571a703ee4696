"""The searches that come before the steps, on smaller images and a coarser mesh."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.optimization.recovery import assert_found, picture, setting
from tvdrnet_nv import Camera, MatchImage, Mesh, Renderer, optimize, spread_starts
from tvdrnet_nv.camera import concatenate
from tvdrnet_nv.camera.parameters import PARAMETERS
from tvdrnet_nv.optimization.clustering import clustered
from tvdrnet_nv.optimization.coordinates import coordinates_for
from tvdrnet_nv.optimization.pyramid import averaged, shrunk
from tvdrnet_nv.optimization.search import search, search_orbit
from tvdrnet_nv.renderer import Render


def test_averages_are_means_over_squares() -> None:
    images = torch.rand(2, 5, 7, 3)
    means = averaged(images, 2)
    assert means.shape == (2, 3, 4, 3)
    torch.testing.assert_close(means[1, 0, 1], images[1, :2, 2:4].mean((0, 1)))
    torch.testing.assert_close(means[0, 2, 3], images[0, 4, 6])
    assert averaged(images, 1) is images
    assert shrunk((480, 640), 64) == (64, 85)
    assert shrunk((20, 30), 64) == (20, 30)


def test_the_search_finds_the_candidate_that_is_nearest(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.replace(azimuth=start.azimuth + 35.0, distance=start.distance * math.exp(0.5 + 0.25 / 3))
    objective = MatchImage(picture(renderer, target))
    all_of_it, tilting = (coordinates_for(start, names, renderer) for names in (PARAMETERS, ("elevation",)))
    found, losses, _ = search(renderer, all_of_it, objective, start)
    assert float(found.azimuth) == pytest.approx(float(target.azimuth), abs=5.01)  # a step of the finer grid
    assert float(found.elevation) == pytest.approx(float(target.elevation), abs=5.01)
    assert float(found.distance) == pytest.approx(float(target.distance), rel=0.09)
    assert float(losses) < 3e-3
    stays, _, _ = search(renderer, tilting, objective, start)
    assert float(stays.azimuth) == float(start.azimuth)
    assert float(stays.distance) == float(start.distance)


def test_the_search_gives_each_start_what_is_nearest_to_it(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.replace(azimuth=start.azimuth + 75.0, elevation=start.elevation + 15.0)
    objective = MatchImage(picture(renderer, target))
    starts = concatenate([start, start.replace(azimuth=start.azimuth + 60.0)])
    coordinates = coordinates_for(starts, PARAMETERS, renderer)
    found, losses, _ = search(renderer, coordinates, objective, starts)
    assert float(found.azimuth[1]) == pytest.approx(float(target.azimuth), abs=5.01)
    assert float(found.azimuth[0] - start.azimuth) <= 35.0  # beyond, the other start is nearer
    assert losses[1] < 0.2 * losses[0]


def test_the_search_looks_in_small_at_a_mesh_no_finer_than_it_shows(
    small_room: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ... unless the objective sees more than colours.
    renderer, start = setting(small_room, 128)
    coordinates = coordinates_for(start, PARAMETERS, renderer)
    seen: set[int] = set()
    look = Renderer.__call__

    def watched(self: Renderer, camera: Camera) -> Render:
        seen.add(self.mesh.num_faces)
        assert self.resolution == (64, 64)
        return look(self, camera)

    class Another:
        def __call__(self, render: Render) -> Tensor:
            return self.residuals(render).square().mean((1, 2, 3))

        def residuals(self, render: Render) -> Tensor:
            return render.rgb

    far = start.replace(distance=start.distance * 3)
    monkeypatch.setattr(Renderer, "__call__", watched)
    search(renderer, coordinates, MatchImage(torch.zeros(128, 128, 3)), far)
    assert max(seen) < small_room.num_faces / 2
    seen.clear()
    search(renderer, coordinates, Another(), far)
    assert seen == {small_room.num_faces}


def test_a_clustered_mesh_looks_the_same_from_afar(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    few = clustered(small_room, 0.07 * small_room.radius)
    assert few.num_faces < small_room.num_faces / 2
    small = renderer.of(few, 64)
    assert small.light == renderer.light
    a, b = (averaged(picture(r, start)[None], 8) for r in (renderer, small))
    aside = averaged(picture(renderer, start.replace(azimuth=start.azimuth + 15.0))[None], 8)
    assert float((a - b).square().mean()) < 0.2 * float((a - aside).square().mean())
    # What would not get smaller stays.
    assert clustered(small_room, 1e-4 * small_room.radius) is small_room
    for cell in (1e-9, 1e-300, math.nan, math.inf):
        assert clustered(few, cell) is few


def test_the_search_all_around_finds_a_camera_on_the_other_side(small_room: Mesh) -> None:
    renderer, start = setting(small_room)
    target = start.replace(azimuth=start.azimuth + 165.0, elevation=start.elevation + 5.0)
    objective = MatchImage(picture(renderer, target))
    found = search_orbit(renderer, objective, start, 3)
    assert len(found) == 3
    assert abs(float(found.azimuth[0] - target.azimuth)) <= 15.0
    turns = found.camera().R
    for a, b in ((0, 1), (0, 2), (1, 2)):
        cosine = (float((turns[a] * turns[b]).sum()) - 1) / 2
        assert cosine < math.cos(math.radians(20)) or abs(math.log(found.distance[a] / found.distance[b])) > 0.18
    result = optimize(renderer, found, objective)
    assert_found(result.best, target)


def test_the_search_all_around_takes_any_objective(small_room: Mesh) -> None:
    renderer, start = setting(small_room, 32)
    found = search_orbit(renderer, lambda render: -render.camera.position[:, 2], start, 1)
    assert float(found.elevation) == 75.0
    assert float(found.distance / start.distance) == pytest.approx(1.3)
    with pytest.raises(ValueError, match="one camera"):
        search_orbit(renderer, MatchImage(torch.zeros(8, 8, 3)), spread_starts(start, 2), 1)
