"""A picture with the camera that took it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.renderer import Renderer

HEIGHT = 120  # pixels: what pictures are searched at, 160×120 where they are four by three


@dataclass(frozen=True)
class Picture:
    """What a camera is looked for with.

    Attributes:
        name: of the file, or of how it was made.
        source: the kind of picture; success is counted by it.
        pixels: [h, w, 3] float32, RGB in [0, 1] as a screen shows them, row 0 at the top.
        resolution: height and width of the renders that it is compared with, pixels.
        camera: the one that took it, float32 on the CPU; where `has_answer` is False, one that starts are made from.
        distance: metres from the camera to the point on its axis that starts are turned about.
        has_answer: whether the scene has a camera that sees this picture.
        exact: whether `camera` is exact, so that errors can be compared with their standard deviations.
    """

    name: str
    source: str
    pixels: Tensor
    resolution: tuple[int, int]
    camera: Camera
    distance: float
    has_answer: bool = True
    exact: bool = True


def shrunk_to(pixels: Tensor, height: int = HEIGHT) -> Tensor:
    """[height, W, 3]: a picture [H, W, 3] averaged over areas; W keeps its aspect, to the nearest pixel."""
    width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
    planes = pixels.permute(2, 0, 1)[None]
    small = torch.nn.functional.interpolate(planes, (height, width), mode="area")
    return small[0].permute(1, 2, 0).contiguous()


def depth_ahead(renderer: Renderer, camera: Camera) -> float:
    """Return the median depth, scene units, of what one camera sees of the scene; infinite where it sees nothing."""
    with torch.no_grad():
        render = renderer(camera.to(renderer.mesh.device))
        seen = render.depth[render.face_ids >= 0]
    return float(seen.median()) if len(seen) else math.inf
