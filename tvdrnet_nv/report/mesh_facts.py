"""What there is to know about a scene before rendering it."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.up import guess_up


def mesh_facts(mesh: Mesh) -> dict[str, Any]:
    """Counts, extent and defects of a mesh as plain JSON values; lengths in scene units.

    A face is degenerate when its area is zero. An edge is a border (of the scan, or of a hole) when one face has it,
    and non-manifold when more than two have it; edges count by vertex index, so split vertices make borders.

    Returns:
        A dict with a fixed set of keys.
    """
    faces = mesh.faces.long()
    low, high = mesh.bounds
    areas = cross_products(mesh.vertices[faces].double()).norm(dim=1) / 2
    edges = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).sort(dim=1).values
    uses = torch.unique(edges[:, 0] * mesh.num_vertices + edges[:, 1], return_counts=True)[1]
    colors = mesh.colors
    uniform = bool((colors == colors[0]).all())
    return {
        "vertices": mesh.num_vertices,
        "faces": mesh.num_faces,
        "unused_vertices": mesh.num_vertices - int(faces.unique().numel()),
        "degenerate_faces": int((areas == 0).sum()),
        "border_edges": int((uses == 1).sum()),
        "non_manifold_edges": int((uses > 2).sum()),
        "area": float(areas.sum()),
        "min": low.tolist(),
        "max": high.tolist(),
        "size": (high - low).tolist(),
        "center": mesh.center.tolist(),
        "radius": mesh.radius,
        "up": guess_up(mesh),
        "colors": "uniform" if uniform else "per vertex",
        "mean_color": colors.mean(dim=0).tolist(),
    }
