"""Scenes as plots that can be turned, as `pytorch3d.vis.plotly_vis`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer.camera_utils import camera_to_eye_at_up
from tvdrnet_nv.compat.pytorch3d.vis._traces import (
    Lighting,
    camera_wireframe,
    cameras_trace,
    cloud_trace,
    mesh_trace,
)
from tvdrnet_nv.errors import InputError

__all__ = ["AxisArgs", "Lighting", "get_camera_wireframe", "plot_batch_individually", "plot_scene"]


class AxisArgs(NamedTuple):
    """How plotly draws the axes; its documentation explains the names."""

    showgrid: bool = False
    zeroline: bool = False
    showline: bool = False
    ticks: str = ""
    showticklabels: bool = False
    backgroundcolor: str = "#fff"
    showaxeslabels: bool = False


def get_camera_wireframe(scale: float = 0.3) -> Tensor:
    """[15, 3]: a line through a camera's outline in its own view space."""
    return camera_wireframe(scale)


def _plotly() -> Any:
    try:
        import plotly.subplots
    except ImportError:
        raise InputError("plots need plotly; install it: pip install plotly") from None
    return plotly


def plot_scene(
    plots: dict[str, dict[str, Any]],
    *,
    viewpoint_cameras: Any = None,
    ncols: int = 1,
    camera_scale: float = 0.3,
    pointcloud_max_points: int = 20000,
    pointcloud_marker_size: int = 1,
    raybundle_max_rays: int = 20000,
    raybundle_max_points_per_ray: int = 1000,
    raybundle_ray_point_marker_size: int = 1,
    raybundle_ray_line_width: int = 1,
    **kwargs: Any,
) -> Any:
    """Subplots of meshes, clouds of points and cameras.

    Args:
        plots: for each subplot, by title, what is in it by name: Meshes, Pointclouds or cameras.
        viewpoint_cameras: from where the subplots are seen, one camera for all or one for each.
        ncols: subplots beside each other.
        camera_scale: of cameras' outlines, scene units.
        pointcloud_max_points: larger clouds show so many points.
        pointcloud_marker_size: pixels.
        raybundle_max_rays: accepted; bundles of rays are not plotted.
        raybundle_max_points_per_ray: accepted; without effect.
        raybundle_ray_point_marker_size: accepted; without effect.
        raybundle_ray_line_width: accepted; without effect.
        **kwargs: `axis_args` (AxisArgs), `lighting` (Lighting), `xaxis`, `yaxis`, `zaxis` (dict), `height`, `width`.

    Returns:
        plotly's Figure.

    Raises:
        InputError: plotly is not installed.
        ValueError: something else is to be plotted, or there are as many cameras as there are not subplots.
    """
    plotly = _plotly()
    rows = -(-len(plots) // ncols)
    axes = kwargs.get("axis_args", AxisArgs())._asdict()
    labelled = axes.pop("showaxeslabels")
    lighting = kwargs.get("lighting", Lighting())
    if viewpoint_cameras is not None and len(viewpoint_cameras) not in (1, len(plots)):
        raise ValueError(f"there are {len(plots)} subplots and {len(viewpoint_cameras)} viewpoint_cameras")
    figure = plotly.subplots.make_subplots(
        rows=rows, cols=ncols, specs=[[{"type": "scene"}] * ncols] * rows, subplot_titles=list(plots)
    )
    for index, contents in enumerate(plots.values()):
        row, column = index // ncols + 1, index % ncols + 1
        seen = []
        for name, struct in contents.items():
            trace, points = _trace(struct, name, lighting, camera_scale, pointcloud_max_points, pointcloud_marker_size)
            figure.add_trace(trace, row=row, col=column)
            seen.append(points)
        scene = _bounds(torch.cat(seen), axes, labelled, kwargs) if seen else {}
        if viewpoint_cameras is not None:
            scene["camera"] = _seen_from(viewpoint_cameras, index if len(viewpoint_cameras) > 1 else 0, seen)
        figure.update_scenes(scene, row=row, col=column)
    figure.update_layout(height=kwargs.get("height", 500 * rows), width=kwargs.get("width"))
    return figure


def _trace(struct: Any, name: str, lighting: Lighting, scale: float, max_points: int, size: int) -> tuple[Any, Tensor]:
    if hasattr(struct, "faces_packed"):
        return mesh_trace(struct, name, lighting)
    if hasattr(struct, "points_packed"):
        return cloud_trace(struct, name, max_points, size)
    if hasattr(struct, "get_world_to_view_transform"):
        return cameras_trace(struct, name, scale)
    raise ValueError(f"{name}: Meshes, Pointclouds and cameras are plotted; got {type(struct).__name__}")


def _bounds(points: Tensor, axes: dict[str, Any], labelled: bool, kwargs: dict[str, Any]) -> dict[str, Any]:
    """A cube about all that is in a subplot, so that the axes have one scale."""
    low, high = points.amin(0), points.amax(0)
    middle, reach = (low + high) / 2, float((high - low).max()) / 2
    scene: dict[str, Any] = {"aspectmode": "cube"}
    for axis, centre in zip("xyz", middle.tolist(), strict=True):
        given = kwargs.get(f"{axis}axis", {})
        title = {"text": axis if labelled else ""}
        scene[f"{axis}axis"] = {**axes, "title": title, "range": [centre - reach, centre + reach], **given}
    return scene


def _seen_from(cameras: Any, index: int, seen: Sequence[Tensor]) -> dict[str, Any]:
    """Plotly's camera, in units of half the cube about the subplot's middle."""
    eye, at, up = (t[index] for t in camera_to_eye_at_up(cameras.get_world_to_view_transform().cpu()))
    points = torch.cat(list(seen)) if seen else torch.stack([eye, at])
    low, high = points.amin(0), points.amax(0)
    middle, reach = (low + high) / 2, ((high - low).max() / 2).clamp_min(1e-12)

    def xyz(values: Tensor) -> dict[str, float]:
        return dict(zip("xyz", values.detach().tolist(), strict=True))

    return {"eye": xyz((eye - middle) / reach), "center": xyz((at - middle) / reach), "up": xyz(up)}


def plot_batch_individually(
    batched_structs: Any,
    *,
    viewpoint_cameras: Any = None,
    ncols: int = 1,
    extend_struct: bool = True,
    subplot_titles: Sequence[str] | None = None,
    **kwargs: Any,
) -> Any:
    """A subplot for each element of a batch, or of several batches.

    Args:
        batched_structs: Meshes, Pointclouds or cameras, or a list of such batches.
        viewpoint_cameras: as `plot_scene`.
        ncols: subplots beside each other.
        extend_struct: whether a batch of one is in every subplot.
        subplot_titles: one for each element.
        **kwargs: for `plot_scene`.

    Raises:
        ValueError: batch sizes do not match.
    """
    structs = batched_structs if isinstance(batched_structs, (list, tuple)) else [batched_structs]
    count = max((len(s) for s in structs), default=0)
    if any(len(s) not in ((1, count) if extend_struct else (count,)) for s in structs):
        raise ValueError(f"batches of {[len(s) for s in structs]} elements do not go together")
    titles = list(subplot_titles) if subplot_titles is not None else [f"trace{i + 1}" for i in range(count)]
    if len(titles) != count:
        raise ValueError(f"there are {count} elements and {len(titles)} subplot_titles")
    plots = {
        title: {f"trace{j + 1}": s[i if len(s) > 1 else 0] for j, s in enumerate(structs)}
        for i, title in enumerate(titles)
    }
    return plot_scene(plots, viewpoint_cameras=viewpoint_cameras, ncols=ncols, **kwargs)
