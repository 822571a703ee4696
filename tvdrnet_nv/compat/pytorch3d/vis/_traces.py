"""Meshes, clouds of points and cameras as plotly's traces."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor


class Lighting(NamedTuple):
    """Plotly's light on meshes; its documentation explains the numbers."""

    ambient: float = 0.8
    diffuse: float = 1.0
    fresnel: float = 0.0
    specular: float = 0.0
    roughness: float = 0.5
    facenormalsepsilon: float = 1e-6
    vertexnormalsepsilon: float = 1e-12


def camera_wireframe(scale: float = 0.3) -> Tensor:
    """[15, 3]: a line through a camera's outline in its own view space: the image's border with a mark at its upper
    side, the rays to its corners, and the viewing direction."""
    corners = {"a": (-1.0, 0.75, 2.0), "b": (1.0, 0.75, 2.0), "c": (-1.0, -0.75, 2.0), "d": (1.0, -0.75, 2.0)}
    marks = {"u": (0.0, 0.75, 2.0), "t": (0.0, 1.0, 2.0), "o": (0.0, 0.0, 0.0), "f": (0.0, 0.0, 3.0)}
    known = {**corners, **marks}
    return torch.tensor([known[name] for name in "autubdcaobdocof"]) * scale


def _rgb(colors: Tensor) -> list[str]:
    return ["rgb({},{},{})".format(*row) for row in (colors.clamp(0, 1) * 255).round().int().tolist()]


def mesh_trace(mesh: Any, name: str, lighting: Lighting) -> tuple[Any, Tensor]:
    """The trace of a batch of one mesh, and its vertices [V, 3]."""
    import plotly.graph_objects as go

    verts, faces = mesh.verts_packed().detach().cpu(), mesh.faces_packed().detach().cpu()
    colors: dict[str, Any] = {}
    if hasattr(mesh.textures, "verts_features_packed"):
        features = mesh.textures.verts_features_packed().detach().cpu()
        if features.shape[1] == 3:
            colors["vertexcolor"] = _rgb(features)
    elif mesh.textures is not None:
        corners = mesh.textures.faces_verts_textures_packed().detach().cpu()
        if corners.shape[2] == 3:
            colors["facecolor"] = _rgb(corners.mean(1))
    x, y, z = verts.unbind(1)
    i, j, k = faces.unbind(1)
    trace = go.Mesh3d(
        x=x.numpy(), y=y.numpy(), z=z.numpy(), i=i.numpy(), j=j.numpy(), k=k.numpy(),
        name=name, lighting=lighting._asdict(), **colors,
    )  # fmt: skip
    return trace, verts


def cloud_trace(cloud: Any, name: str, max_points: int, marker_size: int) -> tuple[Any, Tensor]:
    """The trace of a batch of one cloud, of at most so many of its points, and the points [P, 3]."""
    import plotly.graph_objects as go

    points = cloud.points_packed().detach().cpu()
    features = cloud.features_packed()
    features = None if features is None else features.detach().cpu()
    if len(points) > max_points:
        rows = torch.randperm(len(points))[:max_points]
        points, features = points[rows], None if features is None else features[rows]
    marker: dict[str, Any] = {"size": marker_size}
    if features is not None and features.shape[1] == 4:
        colors = (features.clamp(0, 1) * torch.tensor([255.0, 255.0, 255.0, 1.0])).tolist()
        marker["color"] = ["rgba({:.0f},{:.0f},{:.0f},{:g})".format(*row) for row in colors]
    elif features is not None and features.shape[1] == 3:
        marker["color"] = _rgb(features)
    x, y, z = points.unbind(1)
    trace = go.Scatter3d(x=x.numpy(), y=y.numpy(), z=z.numpy(), mode="markers", marker=marker, name=name)
    return trace, points


def cameras_trace(cameras: Any, name: str, scale: float) -> tuple[Any, Tensor]:
    """The trace of all cameras of a batch, and their outlines' points [P, 3]."""
    import plotly.graph_objects as go

    outline = camera_wireframe(scale).to(cameras.device)
    lines = cameras.get_world_to_view_transform().inverse().transform_points(outline).detach().cpu()
    lines = lines.reshape(-1, len(outline), 3)
    gap = torch.full((len(lines), 1, 3), torch.nan)  # where the line is not drawn
    x, y, z = torch.cat([lines, gap], dim=1).reshape(-1, 3).unbind(1)
    trace = go.Scatter3d(x=x.numpy(), y=y.numpy(), z=z.numpy(), mode="lines", marker={"size": 1}, name=name)
    return trace, lines.reshape(-1, 3)
