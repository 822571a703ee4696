"""From the options to a renderer and a camera."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.cli._device import choose_device
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SavedCamera, load_mesh
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer, default_clip_planes
from tvdrnet_nv.starts import scene_light, scene_orbit


def renderer_and_camera(
    path: Path,
    resolution: tuple[int, int],
    *,
    device: o.Device,
    color: tuple[float, float, float] | None,
    distance: float | None,
    elevation: float,
    azimuth: float,
    fov: float,
    at: o.At,
    up: o.Up,
    light_pos: tuple[float, float, float] | None,
    antialias: bool,
    near: float | None,
    far: float | None,
    saved: SavedCamera | None = None,
) -> tuple[Renderer, Orbit | Camera, str]:
    """The renderer and the one camera that the options describe, and why this device was chosen.

    A camera's file, where there is one, gives the camera, and the light, antialiasing and clip planes unless the
    options do.
    """
    backend, reason = choose_device(device)
    mesh = load_mesh(path, color).to(backend)
    orbit = scene_orbit(mesh, distance=distance, elevation=elevation, azimuth=azimuth, fov=fov, at=at, up=up.value)
    light = scene_light(orbit)
    viewpoint: Orbit | Camera = orbit
    if saved is not None:
        viewpoint = saved.viewpoint.to(backend)
        light_pos = saved.light if light_pos is None else light_pos
        antialias = antialias and saved.antialias is not False
    if light_pos is not None:
        light = replace(light, location=light_pos)
    near, far = _clip_planes(mesh, near, far, saved)
    renderer = Renderer(mesh, resolution, light=light, antialias=antialias, near=near, far=far)
    return renderer, viewpoint, reason


def _clip_planes(mesh: Mesh, near: float | None, far: float | None, saved: SavedCamera | None) -> tuple[float, float]:
    """The given clip planes, those of a camera's file, or the library's."""
    defaults = default_clip_planes(mesh)
    if saved is not None:
        defaults = saved.near or defaults[0], saved.far or defaults[1]
    planes = defaults[0] if near is None else near, defaults[1] if far is None else far
    if planes[0] >= planes[1]:
        raise InputError(f"--near {planes[0]:g} and --far {planes[1]:g}: wanted near less than far")
    return planes
