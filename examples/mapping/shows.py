"""What makes a view of a room good: it shows what was meant, or one of several."""

from functools import cached_property

import torch
from rooms import SIZE
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.renderer import Render

FLOOR = 0.01  # added to a score before its logarithm


class Part:
    """A part of a scene that can be shown. What judges its views is made on first use.

    Attributes:
        mesh: the scene.
        center: [3], the mean of its vertices.
    """

    def __init__(self, mesh: Mesh, weights: Tensor) -> None:
        self.mesh, self._weights = mesh, weights
        self.center = mesh.vertices[weights > 0].mean(0)

    @cached_property
    def focus(self) -> FocusOn:
        return FocusOn(self.mesh, self._weights, size=SIZE)


class ShowAny:
    """`FocusOn` as a mapping is trained on it: -log(score), so that bad views have a gradient as good ones have. Of
    several parts, each camera is judged by the one that is nearest to the middle of its picture.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts

    def __call__(self, render: Render) -> Tensor:
        return -(self.scores(render.camera, render.resolution) + FLOOR).log()

    def scores(self, camera: Camera, resolution: tuple[int, int]) -> Tensor:
        """[B] in [0, 1]."""
        which = self.nearest(camera)
        found = torch.zeros(len(camera))
        for i in which.unique().tolist():
            rows = (which == i).nonzero()[:, 0]
            found = found.index_put((rows,), self.parts[i].focus.scores(camera[rows], resolution).score)
        return found

    @torch.no_grad()
    def nearest(self, camera: Camera) -> Tensor:
        """[B] int64: the parts that the cameras look at."""
        centers = torch.stack([part.center for part in self.parts])
        seen = centers @ camera.R + camera.T[:, None]
        return torch.atan2(seen[..., :2].norm(dim=2), seen[..., 2]).argmin(1)
