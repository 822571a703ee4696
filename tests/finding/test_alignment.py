"""Cameras are aligned with the picture from far beyond where a descent finds it."""

from __future__ import annotations

import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.finding.alignment import Round, aligned
from tvdrnet_nv.finding.candidates import cameras_around
from tvdrnet_nv.finding.search import search
from tvdrnet_nv.objectives.photograph import MatchPhotograph
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.shading import UNLIT


def scene() -> tuple[Renderer, Camera, MatchPhotograph]:
    mesh = room(20_000)
    middle = 0.5 * (mesh.bounds[0] + mesh.bounds[1])
    renderer = Renderer(mesh, (96, 128), light=UNLIT)
    truth = Camera.from_look_at(middle + torch.tensor([1.5, -1.0, 0.3]), middle, (0.1, 0.0, 1.0), 65.0)
    with torch.no_grad():
        picture = 0.1 + 0.7 * renderer(truth).rgb[0].clamp(0, 1)
    return renderer, truth, MatchPhotograph(picture)


def test_most_cameras_within_fifteen_degrees_are_led_to_the_picture():
    renderer, truth, objective = scene()
    begin = cameras_around(truth, 1.8, 16, reach=15.0, zoom=0.0, seed=1)
    rounds = Round(48, 17, 6, 14), Round(64, 15, 6, 8), Round(96, 15, 8, 5)
    found, agreement = aligned(renderer, objective, begin, rounds, focal=False)
    near = (found.position - truth.position).norm(dim=1) < 0.05
    assert int(near.sum()) >= 12
    assert bool(near[agreement.argmax()])
    assert int(((begin.position - truth.position).norm(dim=1) < 0.05).sum()) <= 3


def test_the_best_of_many_is_the_picture_s():
    """From twice as far, and with a lens that is not known."""
    renderer, truth, objective = scene()
    candidates = cameras_around(truth, 1.8, 64, reach=40.0, zoom=0.15, seed=2)
    best = search(renderer, objective, candidates, parameters=("rotation", "position", "focal"))
    assert len(best) == 3
    assert float((best[:1].position - truth.position).norm()) < 0.05
    assert abs(float(best.fov[0] / truth.fov) - 1) < 0.05
