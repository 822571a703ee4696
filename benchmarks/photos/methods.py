"""How a picture's camera is looked for. What `optimize` does by default is said here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.finding import find_camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.optimization import Result, optimize
from tvdrnet_nv.renderer import Renderer, Resolution
from tvdrnet_nv.shading import UNLIT

PARAMETERS = ("rotation", "position")

Method = Callable[[Renderer, Camera, torch.Tensor, int], Result[Camera]]
"""From the scene's renderer, one start, the picture [H, W, 3] and a seed to what was found."""


def renderer_for(mesh: Mesh, resolution: Resolution) -> Renderer:
    """The renderer that all methods get: the scene in its own colours, on white."""
    return Renderer(mesh, resolution, light=UNLIT)


def default(renderer: Renderer, start: Camera, picture: torch.Tensor, seed: int) -> Result[Camera]:
    """What a user gets who gives nothing but a start."""
    found = find_camera(renderer, MatchImage(picture), start, near_start=True, lens_known=True, seed=seed)
    if found.stopped:  # also where an earlier attempt is the result
        raise KeyboardInterrupt
    return found.result


def colours(renderer: Renderer, start: Camera, picture: torch.Tensor, seed: int) -> Result[Camera]:
    """The squared error of colours, in one optimisation."""
    return optimize(renderer, start, MatchImage(picture), parameters=PARAMETERS, seed=seed)


def robust_exposure(renderer: Renderer, start: Camera, picture: torch.Tensor, seed: int) -> Result[Camera]:
    """With the robust loss, and the exposure free."""
    objective = MatchImage(picture, robust="geman-mcclure", exposure=True)
    return optimize(renderer, start, objective, parameters=PARAMETERS, seed=seed)


METHODS: dict[str, Method] = {"default": default, "colours": colours, "robust, exposure": robust_exposure}
