"""TVDRNet's heuristic of a good view."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops import view_heuristic_loss
from tvdrnet_nv.renderer import Render


def view_heuristic(render: Render) -> Tensor:
    """TVDRNet's unsupervised loss: |mean(rgb) - 0.5| - 0.1 std(rgb) - 0.5 mean(alpha), for each camera.

    It asks for medium brightness, contrast and coverage. The coverage has a gradient through antialiased silhouettes.
    """
    return view_heuristic_loss(render.rgba)
