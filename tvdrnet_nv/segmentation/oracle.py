"""A segmenter that knows what is meant: it sees the labels in the view."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.segmentation.noise import Noise
from tvdrnet_nv.shading import UNLIT

_LEAST = 0.002  # share of a picture's pixels that an object must have to be taken for another


class Oracle:
    """The mask of an object in renders of its scene, with controlled errors; a `Look`.

    A pixel shows the object where its vertices' weights, interpolated over the face at the pixel's centre, are above
    1/2. What is wrong with a picture depends on the seed and on how many pictures came before: of n pictures in a row,
    `noise.missed` n and `noise.confused` n are missed and confused, to one picture.

    Args:
        mesh: the scene.
        weights: [V] in [0, 1], 1 for the vertices of what is meant.
        labels: [V] int, of the objects that may be taken for it; -1 for none. Needed for `noise.confused`.
        noise: what is wrong.
        seed: of the errors.

    Attributes:
        confused: which pictures, by their number, showed another object's mask.

    Raises:
        ValueError: weights or labels are not one for each vertex, or labels are missing.
    """

    name = "oracle"

    def __init__(
        self, mesh: Mesh, weights: Tensor, labels: Tensor | None = None, noise: Noise | None = None, *, seed: int = 0
    ) -> None:
        for name, values in (("weights", weights), ("labels", labels)):
            if values is not None and values.shape != (mesh.num_vertices,):
                raise ValueError(f"{name} must have shape [{mesh.num_vertices}]; got {list(values.shape)}")
        self._noise = noise or Noise()
        if self._noise.confused and labels is None:
            raise ValueError("labels must be given for noise that confuses objects")
        self._mesh = replace(mesh, textures=None)
        self._painter = self._painting(weights)
        self._weights = weights
        self._labels = None if labels is None else labels.to(mesh.device).long()
        self._random = torch.Generator().manual_seed(seed)
        self._phases = torch.rand(2, generator=self._random).tolist()
        self._count = 0
        self.confused: list[int] = []

    def __call__(self, render: Render) -> Tensor:
        """See `Look`."""
        masks = self._seen(self._painter, render)
        for row in range(len(masks)):
            if _is_due(self._count, self._noise.confused, self._phases[0]):
                other = self._other(render, row)
                if other is not None:
                    masks[row] = other
                    self.confused.append(self._count)
            if _is_due(self._count, self._noise.missed, self._phases[1]):
                masks[row] = False
            self._count += 1
        return self._noise.at_border(masks, self._random).float()

    def _painting(self, weights: Tensor) -> Renderer:
        colors = weights.to(self._mesh.colors)[:, None].expand(-1, 3).contiguous()
        painted = replace(self._mesh, colors=colors)
        return Renderer(painted, 1, light=UNLIT, background=(0.0, 0.0, 0.0), antialias=False)

    def _seen(self, painter: Renderer, render: Render) -> Tensor:
        """[B, H, W] bool."""
        with torch.no_grad():
            return painter.at_resolution(render.resolution)(render.camera.detach()).rgb[..., 0] > 0.5

    def _other(self, render: Render, row: int) -> Tensor | None:
        """[H, W] bool: the mask of another object in the picture; None where there is none."""
        assert self._labels is not None  # checked above
        ids = render.face_ids[row].flatten().long()
        corners = self._mesh.faces[ids[ids >= 0], 0].long()
        labels = self._labels[corners[self._weights.to(corners.device)[corners] <= 0.5]]
        found, counts = labels[labels >= 0].unique(return_counts=True)
        found = found[counts >= _LEAST * ids.numel()]
        if not len(found):
            return None
        other = found[int(torch.randint(len(found), (), generator=self._random))]
        painter = self._painting((self._labels == other).float())
        return self._seen(painter, render)[row]


def _is_due(number: int, share: float, phase: float) -> bool:
    """Whether the picture of a number is one of those, a share of all, that are spread evenly from a phase on."""
    return math.floor((number + 1) * share + phase) > math.floor(number * share + phase)
