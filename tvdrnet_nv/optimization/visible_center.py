"""The points of a scene in the middle of what cameras see."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.renderer import Renderer

_SIZE = 64  # pixels along the shorter side
_LEAST = 0.01  # radii


def visible_centers(renderer: Renderer, cameras: Camera) -> Tensor:
    """The points on the cameras' axes at the median depth of what each sees: [K, 3], world frame, on their device.

    Where one sees nothing: as far ahead as the middle of the scene is from it.
    """
    small = renderer.at_resolution(shrunk(renderer.resolution, _SIZE))
    least = _LEAST * (renderer.mesh.radius or 1.0)
    points = []
    with torch.no_grad():
        for k in range(len(cameras)):
            camera = cameras[k]
            render = small(camera.to(renderer.mesh.device))
            depths = render.depth[render.face_ids >= 0]
            middle = (renderer.mesh.center.to(camera.T) - camera.position[0]).norm()
            depth = (depths.median().to(camera.T) if len(depths) else middle).clamp_min(least)
            points.append(camera.position[0] + depth * camera.R[0, :, 2])
    return torch.stack(points)
