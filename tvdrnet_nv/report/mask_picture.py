"""Pictures of a scene in which a true and a predicted mask are tinted, from where each of them is seen best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.evaluation import mask_iou
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.optimization import search_focus
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.views import render_views
from tvdrnet_nv.shading import UNLIT
from tvdrnet_nv.starts import scene_orbit

RIGHT = (0.10, 0.45, 0.95)
MISSED = (1.00, 0.80, 0.05)
WRONG = (0.90, 0.10, 0.30)
_STRENGTH = 0.7
_MARGIN = 0.55  # of the picture's half sides, around the mask
_ALIKE = 0.5
_SIZE = 64  # pixels of the pictures by which a view is chosen


class MaskPictures:
    """Draws masks in one scene.

    Args:
        mesh: the scene, in its own colours.
        resolution: (height, width) in pixels.
    """

    def __init__(self, mesh: Mesh, resolution: tuple[int, int] = (360, 480)) -> None:
        self.mesh, self._resolution = mesh, resolution
        self._start = scene_orbit(mesh)  # which looks for the up axis, and so takes a while

    def draw(self, truth: np.ndarray, found: np.ndarray) -> list[np.ndarray]:
        """The scene with what is in both masks blue, what is only in the truth yellow, only in the other red.

        Args:
            truth: bool [V], of the vertices of the mesh's file.
            found: likewise.

        Returns:
            uint8 [H, W, 3] each: a view of the truth; where the two have less than half in common, also one of the
            other.
        """
        if self.mesh.file_vertices is not None:
            of_file = self.mesh.file_vertices.numpy()
            truth, found = truth[of_file], found[of_file]
        colors = self.mesh.colors.clone()
        for mask, tint in ((truth & found, RIGHT), (truth & ~found, MISSED), (found & ~truth, WRONG)):
            marked = torch.from_numpy(mask)
            colors[marked] = (1 - _STRENGTH) * colors[marked] + _STRENGTH * colors.new_tensor(tint)
        painted = replace(self.mesh, colors=colors, textures=None)
        renderer = Renderer(painted, self._resolution, light=UNLIT, background=(1.0, 1.0, 1.0))
        shown = [truth, found] if mask_iou(truth, found) < _ALIKE else [truth]
        views = [view for mask in shown if (view := self._best_view(mask)) is not None]
        return [next(render_views(renderer, view)) for view in views or [self._start]]

    def _best_view(self, mask: np.ndarray) -> Orbit | None:
        """Where a mask is seen best, with its surroundings; None where it marks no surface."""
        try:
            focus = FocusOn(self.mesh, torch.from_numpy(mask).float(), margin=_MARGIN, size=_SIZE)
        except ValueError:
            return None
        start = self._start.replace(at=focus.center.to(self._start.at)[None])
        return search_focus(focus, start, 1, resolution=self._resolution, steps=0)
