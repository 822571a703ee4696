"""Cameras to be found again: the setting, a wrong start, and whether they were found."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import Camera, Mesh, Orbit, Renderer, scene_light, scene_orbit
from tvdrnet_nv.camera import rotation_from_vector


def setting(mesh: Mesh, size: int = 64, **fields: float) -> tuple[Renderer, Orbit]:
    start = scene_orbit(mesh, **{"elevation": 35.0, **fields})  # type: ignore[arg-type]
    return Renderer(mesh, size, light=scene_light(start)), start


def picture(renderer: Renderer, orbit: Orbit) -> Tensor:
    with torch.no_grad():
        return renderer(orbit.camera()).rgb[0]


def assert_found(result_orbit: Orbit, target: Orbit) -> None:
    mine, theirs = result_orbit.camera(), target.camera()
    cosine = float((mine.R[0, :, 2].double() @ theirs.R[0, :, 2].double()).clamp(-1, 1))
    assert math.degrees(math.acos(cosine)) < 0.5
    apart = float((mine.position - theirs.position).norm() / target.distance)
    assert apart < 0.01
    assert float(result_orbit.fov / target.fov) == pytest.approx(1.0, abs=0.005)


def off(target: Camera, reach: float, rotation: float, position: float, seed: int) -> Camera:
    """Turned by degrees about any axis, roll included, and moved by a share of the reach."""
    generator = torch.Generator().manual_seed(seed)
    axis, way = (torch.nn.functional.normalize(torch.randn(3, generator=generator), dim=0) for _ in range(2))
    R = target.R @ rotation_from_vector(math.radians(rotation) * axis)
    eye = target.position + position * reach * way
    return target.replace(R=R, T=-(eye[:, None] @ R)[:, 0])


def assert_pose_found(found: Camera, target: Camera, reach: float) -> None:
    turned = torch.linalg.matrix_norm(found.R.double() - target.R.double()) / math.sqrt(2)
    assert math.degrees(float(turned)) < 0.5
    assert float((found.position - target.position).norm()) / reach < 0.005
    assert float((found.focal / target.focal - 1).abs().max()) < 0.005
    assert float((found.principal - target.principal).abs().max()) < 0.005
