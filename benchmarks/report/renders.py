"""Pictures of what a benchmark ran on: its scenes as the renderer draws them, its photographs beside renders."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np
import torch

from tvdrnet_nv.benchmarks.parity.cases import SCENES, views
from tvdrnet_nv.benchmarks.photos.methods import renderer_for
from tvdrnet_nv.benchmarks.photos.path_traced import pictures_of, read_path_traced
from tvdrnet_nv.benchmarks.recovery.run import scenes as recovery_scenes
from tvdrnet_nv.benchmarks.speed.cases import AZIMUTH, ELEVATION, main_scene
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views, to_uint8
from tvdrnet_nv.report.pictures import Panel
from tvdrnet_nv.shading import PhongLight
from tvdrnet_nv.starts import scene_light, scene_orbit

_SIZE = 256  # pixels a side
_PHOTOGRAPHS = 3  # of each room
_TRIANGLES = 100_000  # of a photographed room


def scene_pictures(sections: Iterable[str], device: torch.device, scene: tuple[str, Mesh] | None) -> list[Panel]:
    """A picture of each scene of a run, once; of photographs, the first three of each room beside their renders.

    Args:
        sections: names of the run's parts.
        device: where to render.
        scene: the name and mesh that the user gave.
    """
    found: dict[str, Panel] = {}
    wanted = set(sections)
    if wanted & {"speed", "bars", "views", "text", "segment"}:
        name, make = main_scene(*((None, "") if scene is None else (scene[1], scene[0])))
        found[name] = _of_scene(name, make(), device)
    if wanted & {"parity", "trajectory", "truth"}:
        for name, make in SCENES.items():
            found.setdefault(f"parity: {name}", _of_case(name, make(), device))
    if "recovery" in wanted:
        for name, mesh in recovery_scenes(scene).items():
            found.setdefault(name, _of_scene(name, mesh, device))
    photographs = _photographs(device) if "photos" in wanted else ()
    return [*found.values(), *photographs]


def _of_scene(name: str, mesh: Mesh, device: torch.device) -> Panel:
    mesh = mesh.to(device)
    orbit = scene_orbit(mesh, elevation=ELEVATION, azimuth=AZIMUTH)
    renderer = Renderer(mesh, _SIZE, light=scene_light(orbit, mesh))
    return Panel(next(render_views(renderer, orbit)), name, [f"{mesh.num_faces:,} triangles"])


def _of_case(name: str, mesh: Mesh, device: torch.device) -> Panel:
    case = next(views(name, mesh))
    renderer = Renderer(mesh.to(device), _SIZE, light=PhongLight(location=case.light), **case.clip_planes)
    picture = next(render_views(renderer, case.orbit(torch.float32).detach().to(device)))
    return Panel(picture, f"parity: {name}", [f"{mesh.num_faces:,} triangles", f"camera {case.camera}"])


def _photographs(device: torch.device) -> Iterator[Panel]:
    for room, entries in read_path_traced().items():
        mesh = room.mesh(_TRIANGLES).to(device)
        for picture in itertools.islice(pictures_of(entries, mesh), _PHOTOGRAPHS):
            renderer = renderer_for(mesh, picture.resolution)
            render = next(render_views(renderer, picture.camera.to(device)))
            both = np.concatenate([to_uint8(picture.pixels), render], axis=1)
            yield Panel(both, f"{room.name}: {picture.name}", ["the picture, and the scene from its camera"])
