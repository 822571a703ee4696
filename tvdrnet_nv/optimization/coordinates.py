"""Local coordinates, in which cameras are moved: all without a unit, and of like influence on the image."""

from __future__ import annotations

import math
from typing import Any, Protocol

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, Viewpoint, ViewpointT
from tvdrnet_nv.camera.parameters import widths
from tvdrnet_nv.optimization.orbit_coordinates import OrbitCoordinates
from tvdrnet_nv.optimization.pose_coordinates import PoseCoordinates
from tvdrnet_nv.optimization.visible_center import visible_centers
from tvdrnet_nv.renderer import Renderer

_APART = 0.03  # radians, share of the distance, logarithm of the focal length, half sides: another camera
_SMALL = 1e-5  # a step that can be taken anywhere but at a limit


class Coordinates(Protocol[ViewpointT]):
    """Steps of P numbers from a viewpoint to one nearby. Methods do not depend on what a viewpoint's parameters are.

    `rows` [N] int64 says which of the K starts each of N viewpoints descends from; by default there is one for each.

    Attributes:
        names: the parameters that move.
        rates: [P], what Adam moves each number by in a step at a learning rate of 1.
    """

    names: tuple[str, ...]
    rates: Tensor

    def retract(self, viewpoint: ViewpointT, step: Tensor, rows: Tensor | None = None) -> ViewpointT:
        """The viewpoints that `step` [N, P] leads to, differentiable in it."""
        ...

    def neighbours(self, start: ViewpointT) -> tuple[ViewpointT, Tensor]:
        """The K starts and the cameras around them that a search tries; and the start that each belongs to, [N]."""
        ...

    def refinement_steps(self) -> Tensor:
        """[G, P]: steps from a camera to others between it and its `neighbours`."""
        ...

    def limited(self, viewpoint: ViewpointT, step: Tensor) -> Tensor:
        """[N, P]: the step, cut where it would lead beyond a parameter's limits."""
        ...

    def viewing_distance(self, viewpoint: ViewpointT, rows: Tensor | None = None) -> Tensor:
        """[N]: the distance to what the cameras look at, scene units."""
        ...

    def deviations(
        self, viewpoint: ViewpointT, covariance: Tensor, rows: Tensor | None = None
    ) -> dict[str, float | list[float]]:
        """The standard deviations of one viewpoint's parameters in public units, of a step's [P, P] covariance."""
        ...


def parameters_at_limit(coordinates: Coordinates[ViewpointT], viewpoint: ViewpointT) -> tuple[str, ...]:
    """The parameters of one viewpoint that cannot go farther one way."""
    size = coordinates.rates.new_full((1, len(coordinates.rates)), _SMALL)
    cut = [coordinates.limited(viewpoint.to(size.device), way * size) != way * size for way in (1, -1)]
    parts = (cut[0] | cut[1])[0].split(widths(coordinates.names))
    return tuple(name for name, part in zip(coordinates.names, parts, strict=True) if bool(part.any()))


def coordinates_for(start: Viewpoint, names: tuple[str, ...], renderer: Renderer) -> Coordinates[Any]:
    """The coordinates of K starts in a scene, for viewpoints of their kind; of `Camera`s, from what they see of it."""
    radius = renderer.mesh.radius or 1.0
    if isinstance(start, Orbit):
        return OrbitCoordinates(start, names, radius)
    camera = start.camera()
    return PoseCoordinates(camera, names, radius, visible_centers(renderer, camera))


def is_different_camera(
    viewpoints: ViewpointT, other: ViewpointT, viewing_distance: Tensor, *, by: float = 1.0
) -> Tensor:
    """[N] bool: which of N cameras are another one than `other`, a batch of one; clearly so where `by` is above 1.

    As cameras: about a free look-at point, different orbits are one camera. `viewing_distance` [] is `other`'s.
    """
    cameras, camera = viewpoints.camera(), other.camera()
    turned = torch.linalg.matrix_norm(cameras.R - camera.R) / math.sqrt(2)
    moved = (cameras.position - camera.position).norm(dim=1) / viewing_distance
    zoomed = (cameras.focal / camera.focal).log().abs().amax(1)
    shifted = [
        (getattr(cameras, p.field) - getattr(camera, p.field)).abs().amax(1)
        for p in Camera.parameters
        if p.scale == "sum" and getattr(camera, p.field) is not None
    ]
    return (torch.stack([turned, moved, zoomed, *shifted]) > by * _APART).any(0)
