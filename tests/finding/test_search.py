"""The cameras that a search ends with."""

from __future__ import annotations

import torch

from tvdrnet_nv.camera import concatenate
from tvdrnet_nv.finding.search import distinct_finalists
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.starts import scene_light, scene_orbit


def test_finalists_that_are_the_same_camera_are_refined_once():
    """Half a degree is the same camera, a fifth of the distance another one; what explains much less is left out."""
    mesh = room(6000)
    start = scene_orbit(mesh)
    renderer = Renderer(mesh, (36, 48), light=scene_light(start))
    one = start.camera()
    same = start.replace(azimuth=start.azimuth + 0.5).camera()
    other = start.replace(distance=1.2 * start.distance).camera()
    three = concatenate([same, one, other])
    chosen = distinct_finalists(renderer, three, [0.7, 0.8, 0.7])
    assert torch.equal(chosen.R, torch.cat([one.R, other.R]))
    assert len(distinct_finalists(renderer, three, [0.7, 0.8, 0.6])) == 1
