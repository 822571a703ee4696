"""What programs keep, send to other processes and copy."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch

from tvdrnet_nv import FocusOn, MatchImage, Renderer, optimize, scene_orbit, scenes


def saved(value: Any) -> Any:
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.fixture(params=["pickle", "deepcopy", "torch.save"])
def again(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    return {
        "pickle": lambda value: pickle.loads(pickle.dumps(value)),
        "deepcopy": copy.deepcopy,
        "torch.save": saved,
    }[request.param]


def test_a_renderer_draws_the_same_afterwards(again):
    mesh = scenes.bumpy_sphere(8, 12)
    renderer = Renderer(mesh, (16, 20), background=(0.1, 0.2, 0.3), antialias=False, near=0.2)
    camera = scene_orbit(mesh).camera()
    camera = camera.replace(T=camera.T.requires_grad_())
    render = renderer(camera)
    wanted = render.rgba
    other = again(renderer)
    assert torch.equal(other(again(camera.detach())).rgba, wanted)
    assert (other.near, other.far, other.resolution) == (renderer.near, renderer.far, (16, 20))
    kept = again(render)
    assert not kept.rgba.requires_grad
    for name in ("rgba", "depth", "normals", "face_ids"):
        assert torch.equal(getattr(kept, name), getattr(render, name).detach())


def test_results_and_objectives_go_along(again):
    mesh = scenes.bumpy_sphere(8, 12)
    renderer, start = Renderer(mesh, 16), scene_orbit(mesh)
    target = renderer(start.camera()).rgb.detach()[0]
    moved = start.replace(azimuth=start.azimuth + 3.0)
    result = optimize(renderer, moved, MatchImage(target), iterations=4)
    resumed = optimize(again(renderer), again(moved), again(MatchImage(target)), iterations=4)
    assert torch.equal(again(result).best.azimuth, resumed.best.azimuth)
    focus = FocusOn(mesh, torch.ones(len(mesh.vertices)))
    assert torch.equal(again(focus)(renderer(start.camera())), focus(renderer(start.camera())))
