"""Camera optimisation by differentiable rasterization: TVDRNet on nvdiffrast's ops, on the GPU and on the CPU."""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

TYPE_CHECKING = False  # typing's, which takes milliseconds to load: until the command has loaded, Ctrl-C is Python's
if TYPE_CHECKING:
    from typing import Any

    from tvdrnet_nv.camera import Camera, Orbit
    from tvdrnet_nv.errors import InputError
    from tvdrnet_nv.io import load_mesh, save_ply
    from tvdrnet_nv.jobs import OptimizeJob, RenderJob, SegmentJob
    from tvdrnet_nv.mesh import Mesh
    from tvdrnet_nv.objectives import FocusOn, MatchImage, Objective, ViewScores, view_heuristic
    from tvdrnet_nv.optimization import (
        Progress,
        Result,
        Status,
        ViewSet,
        choose_views,
        optimize,
        search_focus,
        search_orbit,
    )
    from tvdrnet_nv.renderer import Render, Renderer
    from tvdrnet_nv.shading import PhongLight
    from tvdrnet_nv.starts import scene_light, scene_orbit, spread_starts

# Imported on first use: the command line answers without waiting for torch.
_HOMES = {
    "Camera": "camera",
    "FocusOn": "objectives",
    "InputError": "errors",
    "MatchImage": "objectives",
    "Mesh": "mesh",
    "Objective": "objectives",
    "OptimizeJob": "jobs",
    "Orbit": "camera",
    "PhongLight": "shading",
    "Progress": "optimization",
    "Render": "renderer",
    "RenderJob": "jobs",
    "Renderer": "renderer",
    "Result": "optimization",
    "SegmentJob": "jobs",
    "Status": "optimization",
    "ViewScores": "objectives",
    "ViewSet": "optimization",
    "choose_views": "optimization",
    "load_mesh": "io",
    "optimize": "optimization",
    "save_ply": "io",
    "scene_light": "starts",
    "scene_orbit": "starts",
    "search_focus": "optimization",
    "search_orbit": "optimization",
    "spread_starts": "starts",
    "view_heuristic": "objectives",
}

__all__ = [
    "Camera",
    "FocusOn",
    "InputError",
    "MatchImage",
    "Mesh",
    "Objective",
    "OptimizeJob",
    "Orbit",
    "PhongLight",
    "Progress",
    "Render",
    "RenderJob",
    "Renderer",
    "Result",
    "SegmentJob",
    "Status",
    "ViewScores",
    "ViewSet",
    "choose_views",
    "load_mesh",
    "optimize",
    "save_ply",
    "scene_light",
    "scene_orbit",
    "search_focus",
    "search_orbit",
    "spread_starts",
    "view_heuristic",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
