"""Scenes, objectives and steps of gradient descent on tensors without values; see `cuda_on_meta`."""

from __future__ import annotations

import torch

from tvdrnet_nv import MatchImage, Mesh, Orbit, Renderer, view_heuristic
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.optimization.adam_stepper import AdamStepper
from tvdrnet_nv.optimization.descent import GradientDescent
from tvdrnet_nv.optimization.orbit_coordinates import OrbitCoordinates
from tvdrnet_nv.optimization.tvdrnet import TVDRNetStepper
from tvdrnet_nv.scenes import sphere

NAMES = ("distance", "elevation", "azimuth")


def scene(size: int, cameras: int) -> tuple[Renderer, Orbit]:
    made = sphere(2)
    mesh = object.__new__(Mesh)  # its own checks read the indices, once for a mesh
    known = {
        "vertices": made.vertices,
        "faces": made.faces,
        "colors": made.colors,
        "_cached_normals": made.vertex_normals,
    }
    mesh.__dict__.update(
        {name: tensor.to("meta") for name, tensor in known.items()}, textures=None, radius=1.0, far_center=None
    )
    fields = {name: (2.0 + torch.rand(cameras)).to("meta") for name in ("distance", "elevation", "azimuth", "fov")}
    return Renderer(mesh, size), Orbit(**fields, at=torch.zeros((cameras, 3), device="meta"))


def on_meta(objective: MatchImage) -> MatchImage:
    """An objective whose checks, once for a target, have read the values."""
    objective._target = objective._target.to("meta")
    return objective


def descent(method: str, loss: str, start: Orbit, renderer: Renderer) -> GradientDescent:
    """Steps by "adam" or "tvdrnet", on the "heuristic" or on the "squared error" to some picture."""
    size = renderer.resolution
    objective: Objective = on_meta(MatchImage(torch.rand(*size, 3))) if loss == "squared error" else view_heuristic
    if method == "adam":
        stepper = AdamStepper(start, OrbitCoordinates(start, NAMES, 1.0), 1.0, 10)
    else:
        stepper = TVDRNetStepper(start, NAMES, 1.0, None)
    return GradientDescent(stepper, renderer, objective)
