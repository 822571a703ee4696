"""Draws the figure of a `RenderJob`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.choices import Lighting
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.background import TRANSPARENT, WHITE, parse_background
from tvdrnet_nv.jobs.drawing import Drawing
from tvdrnet_nv.jobs.render_job import RenderJob
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.figure import write_figure
from tvdrnet_nv.report.figure_pictures import exposure, figure_light, figure_pictures, over_black, with_light

SHORTEST = 1024  # pixels, of a figure's pictures along the shorter side, where no size is wanted


def figure_size(job: RenderJob, size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) of a figure's pictures, of a camera's size where the job wants none."""
    if job.image_size is not None:
        return size
    factor = max(1.0, SHORTEST / min(size))
    return round(size[0] * factor), round(size[1] * factor)


def write_job_figure(
    job: RenderJob, views: Sequence[tuple[str, Renderer, Viewpoint]], drawing: Drawing, up: torch.Tensor
) -> list[str]:
    """Write the figure; returns the names of the views that show nothing.

    Args:
        job: has a figure.
        views: the name, the renderer in the view's size, and one camera each.
        drawing: how pictures are drawn.
        up: [3], world frame.
    """
    columns, blank = [], []
    unchosen = job.lighting == Lighting.auto and job.light is None and job.light_exposure is None
    drawn = [(name, over_black(drawing.opened(renderer, view)), view.camera()) for name, renderer, view in views]
    if unchosen:
        drawn = [(n, with_light(r, figure_light(r.mesh, c, up)), c) for n, r, c in drawn]
    # One exposure for all pictures; a scene's own colours, and an exposure that is chosen, stay as they are.
    kept = job.light_exposure is not None
    gains = [1.0 if kept or renderer.light.is_none else exposure(renderer, camera) for _, renderer, camera in drawn]
    for name, renderer, camera in drawn:
        panels = figure_pictures(
            renderer,
            camera,
            job.wanted_layers,
            samples=drawing.samples,
            gain=min(gains),
            name=name if len(drawn) > 1 else "",
        )
        columns.append(panels)
        blank += [] if panels[0].image[..., 3].any() else [name]
    rows = [columns[0]] if len(columns) == 1 else [list(row) for row in zip(*columns, strict=True)]
    chosen = WHITE if job.background is None else parse_background(job.background)
    ground = None if chosen == TRANSPARENT else chosen
    path = Path(str(job.figure))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            write_figure(temporary, rows, caption=job.caption or "", ground=ground)
    except OSError as error:
        raise InputError(f"`figure` {path}: cannot be written: {(error.strerror or str(error)).lower()}") from error
    return blank
