"""TVDRNet's heuristic of a good view."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops import image_statistics
from tvdrnet_nv.ops.losses_cuda import view_heuristic_cuda
from tvdrnet_nv.renderer import Render


def view_heuristic(render: Render) -> Tensor:
    """TVDRNet's unsupervised loss: |mean(rgb) - 0.5| - 0.1 std(rgb) - 0.5 mean(alpha), for each camera.

    It asks for medium brightness, contrast and coverage. The coverage has a gradient through antialiased silhouettes.
    """
    if cuda.fuses(render.rgba):
        return view_heuristic_cuda(render.rgba)
    mean, deviation, coverage = image_statistics(render.rgba).unbind(1)
    return (mean - 0.5).abs() - 0.1 * deviation - 0.5 * coverage
