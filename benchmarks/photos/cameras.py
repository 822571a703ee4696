"""Cameras as people hold them in the room made by code: a few outside of it that look in, most of them inside."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch

from tvdrnet_nv.benchmarks.photos.picture import depth_ahead
from tvdrnet_nv.camera import Camera, rotation_from_vector
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import scene_orbit

# Metres and degrees.
_MARGIN, _EYES, _PITCH, _YAW_ERROR, _ROLL, _FOV = 0.7, (1.4, 1.75), (6.0, 28.0), 55.0, 6.0, (48.0, 60.0)
_NEAREST, _MEDIAN, _COVERED = 0.5, (1.5, 5.0), 0.75
_ORBIT_DISTANCE, _ORBIT_ELEVATION = (0.6, 0.75), (38.0, 60.0)


def inside(renderer: Renderer, rng: np.random.Generator) -> Iterator[Camera]:
    """Cameras at a person's height in a scene with z up, that look at it and down a little, with some roll.

    Nothing is closer than half a metre, and the scene covers three quarters of the picture.
    """
    mesh = renderer.mesh
    low, high = (bound.cpu().numpy() for bound in (mesh.vertices.amin(0), mesh.vertices.amax(0)))
    middle = (low + high) / 2
    while True:
        eye = rng.uniform(low + _MARGIN, high - _MARGIN)
        eye[2] = low[2] + rng.uniform(*_EYES)
        ahead = math.atan2(middle[1] - eye[1], middle[0] - eye[0]) + math.radians(rng.uniform(-1, 1) * _YAW_ERROR)
        pitch = math.radians(rng.uniform(*_PITCH))
        at = eye + np.array([math.cos(ahead), math.sin(ahead), -math.tan(pitch)])
        camera = Camera.from_look_at(eye, at, (0.0, 0.0, 1.0), rng.uniform(*_FOV)).to(torch.float32)
        camera = rolled(camera, rng.uniform(-1, 1) * _ROLL)
        if _is_clear(renderer, camera):
            yield camera


def outside(renderer: Renderer, rng: np.random.Generator) -> Iterator[Camera]:
    """Cameras on an orbit that look down at the scene, with some roll."""
    base = scene_orbit(renderer.mesh)
    while True:
        orbit = base.replace(
            distance=base.distance * rng.uniform(*_ORBIT_DISTANCE),
            elevation=base.elevation.new_tensor([rng.uniform(*_ORBIT_ELEVATION)]),
            azimuth=base.azimuth.new_tensor([rng.uniform(0, 360)]),
            fov=base.fov.new_tensor([rng.uniform(*_FOV)]),
        )
        yield rolled(orbit.camera().to("cpu"), rng.uniform(-1, 1) * _ROLL)


def rolled(camera: Camera, degrees: float) -> Camera:
    """The camera turned about its viewing direction."""
    turn = rotation_from_vector(camera.T.new_tensor([0.0, 0.0, math.radians(degrees)])).T
    return camera.replace(R=camera.R @ turn, T=camera.T @ turn)


def _is_clear(renderer: Renderer, camera: Camera) -> bool:
    with torch.no_grad():
        render = renderer(camera.to(renderer.mesh.device))
        seen = render.face_ids >= 0
    if float(seen.float().mean()) < _COVERED or float(render.depth[seen].min()) < _NEAREST:
        return False
    return _MEDIAN[0] <= depth_ahead(renderer, camera) <= _MEDIAN[1]
