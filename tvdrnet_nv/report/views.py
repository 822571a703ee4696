"""Series of views of a scene: batches of cameras into pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, Viewpoint
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.pictures import labelled_grid, shrunk_size
from tvdrnet_nv.report.supersample import jittered
from tvdrnet_nv.report.text import angle, number

GRID_ELEVATIONS = (0.0, 30.0, 60.0, 90.0)
GRID_AZIMUTHS = tuple(45.0 * i for i in range(8))

_BATCH_PIXELS = 2**21  # about half a gigabyte of buffers in the renderer
_BATCH_VERTICES = 2**24


def render_views(
    renderer: Renderer,
    viewpoint: Viewpoint,
    *,
    seen: list[bool] | None = None,
    transparent: bool = False,
    samples: int = 1,
) -> Iterator[np.ndarray]:
    """Renders the K cameras of `viewpoint` in batches that keep memory bounded, without gradients.

    Args:
        renderer: gives the pictures' size.
        viewpoint: K cameras.
        seen: takes, for each picture in its turn, whether the scene fills any pixel of it.
        transparent: give the pictures alpha, the covered share of a pixel; the renderer's background is black then.
        samples: in each pixel, a square number; with several, the renderer need not antialias.

    Yields:
        K pictures, `uint8 [H, W, 3]`, row 0 at the top, in order; `[H, W, 4]` with alpha, which the colours are not
        multiplied by.
    """
    height, width = renderer.resolution
    most = min(_BATCH_PIXELS // (height * width), _BATCH_VERTICES // renderer.mesh.num_vertices)
    batch = max(1, min(32, most))
    for first in range(0, len(viewpoint), batch):
        part = viewpoint.detach()[first : first + batch]
        rgba = _sampled(renderer, part.camera(), samples)
        if seen is not None:
            seen += (rgba[..., 3] > 0).flatten(1).any(dim=1).tolist()
        if transparent:
            # Before black, a silhouette's colour is its own times its coverage.
            color, alpha = rgba[..., :3], rgba[..., 3:]
            yield from to_uint8(torch.cat([color / torch.where(alpha > 0, alpha, 1), alpha], -1))
        else:
            yield from to_uint8(rgba[..., :3])


def _sampled(renderer: Renderer, camera: Camera, samples: int) -> Tensor:
    """[B, H, W, 4]: the mean of the samples, each as a screen shows it."""
    with torch.no_grad():
        if samples == 1:
            return renderer(camera).rgba
        shifted = jittered(camera, renderer.resolution, samples)
        total = torch.zeros(())
        for one in shifted:
            total = total + renderer(one).rgba.clamp(0, 1)
        return total / samples


def to_uint8(rgb: Tensor) -> np.ndarray:
    """Float pictures in 0..1, of any shape, as 8 bits per channel, rounded; values outside are clamped."""
    return (rgb.detach().clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()


def turntable(orbit: Orbit, num_views: int) -> Orbit:
    """`num_views` cameras once around the scene, evenly, from the azimuth of `orbit` (one camera) on."""
    steps = 360.0 * torch.arange(num_views, dtype=orbit.azimuth.dtype, device=orbit.azimuth.device) / num_views
    return _with_angles(orbit, orbit.elevation.expand(num_views), orbit.azimuth + steps)


def view_grid(
    renderer: Renderer,
    orbit: Orbit,
    *,
    elevations: Sequence[float] = GRID_ELEVATIONS,
    azimuths: Sequence[float] = GRID_AZIMUTHS,
    max_side: int = 256,
    seen: list[bool] | None = None,
) -> np.ndarray:
    """One labelled picture of the scene from every pair of elevation and azimuth, in degrees.

    Args:
        renderer: each cell has its shape, with the longer side at most `max_side` pixels.
        orbit: one camera, whose distance, field of view and look-at point all cells share.
        elevations: one row each, the highest at the top.
        azimuths: one column each.
        max_side: pixels.
        seen: takes, for each cell, whether the scene fills any pixel of it.

    Returns:
        `uint8 [H', W', 3]`.
    """
    rows = sorted(elevations, reverse=True)
    pairs = torch.tensor(list(product(rows, azimuths)), dtype=orbit.distance.dtype, device=orbit.distance.device)
    small = renderer.at_resolution(shrunk_size(*renderer.resolution, max_side))
    cells = list(render_views(small, _with_angles(orbit, pairs[:, 0], pairs[:, 1]), seen=seen))
    title = f"distance {number(orbit.distance.item())}   field of view {angle(orbit.fov.item())}"
    return labelled_grid(cells, [f"E {e:g}°" for e in rows], [f"A {a:g}°" for a in azimuths], title)


def _with_angles(orbit: Orbit, elevation: Tensor, azimuth: Tensor) -> Orbit:
    return orbit.expand(len(azimuth)).replace(elevation=elevation, azimuth=azimuth)
