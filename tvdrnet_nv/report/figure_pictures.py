"""The pictures of a figure: supersampled, in a light that keeps white surfaces, with maps of depth and normals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.choices import Layer
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Render, Renderer, shrunk
from tvdrnet_nv.report.figure import FigurePanel
from tvdrnet_nv.report.pictures import Scale
from tvdrnet_nv.report.supersample import jittered
from tvdrnet_nv.report.units import guess_units
from tvdrnet_nv.report.views import to_uint8
from tvdrnet_nv.shading import PhongLight

_AMBIENT, _DIFFUSE = 0.7, 0.3  # together 1: no surface is drawn brighter than its colour
_HEIGHT, _ASIDE = 6.0, 2.5  # radii: above the scene, and toward the camera
_BRIGHT, _QUANTILE = 0.97, 0.995  # what the brightest half per cent of the surface is exposed to
_GAINS = 0.35, 1.6  # the exposure's limits
_METER = 128  # pixels, of the picture that the exposure is measured on
_TITLES = {Layer.color: "colours", Layer.depth: "depth", Layer.normals: "normals"}
_SYMBOLS = {"metres": "m", "centimetres": "cm", "millimetres": "mm"}


def figure_light(mesh: Mesh, camera: Camera, up: Tensor) -> PhongLight:
    """A light above the scene and on the camera's side, without highlights, in which white surfaces stay white.

    Args:
        mesh: the scene.
        camera: one camera.
        up: [3], world frame.
    """
    center = mesh.center.double().cpu()
    up = torch.nn.functional.normalize(up.double().cpu(), dim=0)
    toward = camera.position[0].detach().double().cpu() - center
    level = torch.nn.functional.normalize(toward - (toward @ up) * up, dim=0, eps=1e-9)
    radius = mesh.radius or 1.0
    x, y, z = (center + radius * (_HEIGHT * up + _ASIDE * level)).tolist()
    return PhongLight(location=(x, y, z), ambient=_AMBIENT, diffuse=_DIFFUSE, specular=0.0)


def exposure(renderer: Renderer, camera: Camera) -> float:
    """The factor on the colours of a picture's surface that brings its brightest parts just below white."""
    small = renderer.at_resolution(shrunk(renderer.resolution, _METER))
    with torch.no_grad():
        render = small(camera)
        brightest = render.rgb[render.face_ids >= 0].amax(-1)
    if not brightest.numel():
        return 1.0
    low, high = _GAINS
    return float((_BRIGHT / torch.quantile(brightest.float(), _QUANTILE).clamp_min(1e-6)).clamp(low, high))


def figure_pictures(
    renderer: Renderer, camera: Camera, layers: tuple[Layer, ...], *, samples: int, gain: float, name: str = ""
) -> list[FigurePanel]:
    """A panel for each layer of one view.

    Args:
        renderer: with a black background, and without antialiasing where there are several samples.
        camera: one camera.
        layers: what is wanted.
        samples: for each pixel, a square number.
        gain: a factor on the colours of the surface.
        name: of the camera, for the captions; empty where there is one.
    """
    sums: dict[Layer, Tensor] = {}
    covered = torch.zeros(())
    for shifted in jittered(camera, renderer.resolution, samples):
        with torch.no_grad():
            render = renderer(shifted)
            covered = covered + render.alpha[0]
            for layer in layers:
                sums[layer] = sums.get(layer, 0) + _VALUES[layer](render, gain)
    alpha = (covered / samples).clamp(0, 1)
    share = torch.where(covered > 0, covered, 1.0)
    panels = []
    for layer in layers:
        values = sums[layer] / share
        rgb, scale = _SHOWN[layer](values, covered[..., 0] > 0)
        if layer == Layer.depth and scale is not None:
            unit = _SYMBOLS.get(guess_units(renderer.mesh)[0] or "", "scene units")
            title = f"depth, {unit}"
        else:
            alone = layer == Layer.color and len(layers) == 1
            title = "" if alone else _TITLES[layer]
        rgba = torch.cat([rgb.clamp(0, 1), alpha], -1)
        panels.append(FigurePanel(to_uint8(rgba), ", ".join(text for text in (name, title) if text), scale))
    return panels


def _colors(render: Render, gain: float) -> Tensor:
    # Clamped sample by sample, as a screen would show each: a highlight does not outshine its neighbours' edges.
    return torch.minimum(gain * render.rgb[0], render.alpha[0]).clamp_min(0)


def _depths(render: Render, gain: float) -> Tensor:
    return render.depth[0] * render.alpha[0]


def _normals(render: Render, gain: float) -> Tensor:
    """In the camera's frame, OpenGL's axes: red to the right, green upward, blue toward the camera."""
    flip = torch.tensor([-1.0, 1.0, -1.0]).to(render.normals)
    return (render.normals[0] @ render.camera.R[0]) * flip * render.alpha[0]


def _show_colors(values: Tensor, seen: Tensor) -> tuple[Tensor, None]:
    return values, None


def _show_depth(values: Tensor, seen: Tensor) -> tuple[Tensor, Scale | None]:
    from matplotlib import colormaps  # late: see `preload`

    table = (colormaps["viridis_r"](np.linspace(0, 1, 256))[:, :3] * 255).round().astype(np.uint8)
    if not bool(seen.any()):
        return values.expand(-1, -1, 3), None
    inside = values[..., 0][seen]
    low, high = float(inside.min()), float(inside.max())
    share = ((values[..., 0] - low) / max(high - low, 1e-12)).clamp(0, 1)
    colors = torch.from_numpy(table).to(values.device)[(255 * share).round().long()]
    return colors.to(values) / 255, Scale(table, [f"{x:.3g}" for x in np.linspace(low, high, 3)])


def _show_normals(values: Tensor, seen: Tensor) -> tuple[Tensor, None]:
    return 0.5 + 0.5 * torch.nn.functional.normalize(values, dim=-1, eps=1e-6), None


_VALUES: dict[Layer, Callable[[Render, float], Tensor]] = {
    Layer.color: _colors,
    Layer.depth: _depths,
    Layer.normals: _normals,
}
_SHOWN: dict[Layer, Callable[[Tensor, Tensor], tuple[Tensor, Scale | None]]] = {
    Layer.color: _show_colors,
    Layer.depth: _show_depth,
    Layer.normals: _show_normals,
}


def over_black(renderer: Renderer) -> Renderer:
    """The renderer with nothing behind the scene, so that colours are those of the surface times its coverage."""
    other = renderer.at_resolution(renderer.resolution)
    other.background = (0.0, 0.0, 0.0)
    return other


def with_light(renderer: Renderer, light: PhongLight) -> Renderer:
    """The renderer in another light."""
    other = renderer.at_resolution(renderer.resolution)
    other.light = replace(light)
    return other
