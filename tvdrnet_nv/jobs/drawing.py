"""How a job's pictures are drawn: several samples a pixel, and with a room opened for each camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.render_job import RenderJob
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views
from tvdrnet_nv.report.dollhouse import Dollhouse


@dataclass(frozen=True)
class Drawing:
    """How pictures are drawn.

    Attributes:
        transparent: whether they have alpha.
        samples: in each pixel.
        house: what is left out for each camera; None where all is drawn.
    """

    transparent: bool
    samples: int
    house: Dollhouse | None

    @classmethod
    def of(cls, job: RenderJob, house: Dollhouse | None) -> Drawing:
        """As a job wants it."""
        return cls(job.background == TRANSPARENT, job.samples_a_pixel, house)

    def pictures(self, renderer: Renderer, viewpoint: Viewpoint, seen: list[bool]) -> Iterator[np.ndarray]:
        """`render_views` of K cameras, with what is seen of the house by each."""
        options = {"seen": seen, "transparent": self.transparent, "samples": self.samples}
        if self.house is None:
            yield from render_views(renderer, viewpoint, **options)
            return
        for k in range(len(viewpoint)):
            yield from render_views(self.opened(renderer, viewpoint[k]), viewpoint[k], **options)

    def opened(self, renderer: Renderer, viewpoint: Viewpoint) -> Renderer:
        """The renderer of what one camera is to see."""
        if self.house is None:
            return renderer
        return renderer.of(self.house.seen_by(viewpoint.camera()), renderer.resolution)
