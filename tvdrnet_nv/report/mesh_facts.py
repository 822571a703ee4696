"""What there is to know about a scene before rendering it."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.report.units import guess_units
from tvdrnet_nv.up import up_evidence


def mesh_facts(mesh: Mesh) -> dict[str, Any]:
    """Counts, extent, defects and guesses of a mesh as plain JSON values; lengths in scene units, positions in the
    coordinates of the scene's file.

    A face is degenerate when its area is zero. An edge is a border (of the scan, or of a hole) when one face has it,
    and non-manifold when more than two have it; edges count by the file's vertices, so vertices that
    the file itself has twice make borders. A mesh is closed when it has no border. `uv` is whether pictures are shown:
    a mesh has texture coordinates with pictures only, and `notes` name those that a file has without.

    Returns:
        A dict with a fixed set of keys.
    """
    faces = mesh.faces.long()
    of_file = faces if mesh.file_vertices is None else mesh.file_vertices.to(mesh.device)[faces]
    low, high = mesh.bounds
    areas = cross_products(mesh.vertices[faces].double()).norm(dim=1) / 2
    edges = torch.cat([of_file[:, [0, 1]], of_file[:, [1, 2]], of_file[:, [2, 0]]]).sort(dim=1).values
    edges = edges[edges[:, 0] != edges[:, 1]]
    uses = torch.unique(edges[:, 0] * (int(of_file.max()) + 1) + edges[:, 1], return_counts=True)[1]
    colors = mesh.colors
    borders = int((uses == 1).sum())
    evidence = up_evidence(mesh)
    units, why = guess_units(mesh)
    images = () if mesh.textures is None else mesh.textures.images
    uniform = bool((colors == colors[0]).all())
    return {
        "vertices": mesh.num_vertices,
        "faces": mesh.num_faces,
        "unused_vertices": mesh.num_vertices - int(faces.unique().numel()),
        "degenerate_faces": int((areas == 0).sum()),
        "border_edges": borders,
        "border_share": borders / max(1, len(uses)),
        "closed": borders == 0 and len(uses) > 0,
        "non_manifold_edges": int((uses > 2).sum()),
        "area": float(areas.sum()),
        "min": list(mesh.to_file(low.tolist())),
        "max": list(mesh.to_file(high.tolist())),
        "size": (high - low).tolist(),
        "center": list(mesh.to_file(mesh.center.tolist())),
        "radius": mesh.radius,
        "origin": list(mesh.origin),
        "units": units,
        "units_evidence": why,
        "up": max(evidence, key=evidence.__getitem__),
        "up_evidence": {str(axis): round(value, 4) for axis, value in evidence.items()},
        "colors": "uniform" if uniform else "per vertex",
        "mean_color": colors.mean(dim=0).tolist(),
        "uv": mesh.textures is not None,
        "textures": [{"width": image.shape[1], "height": image.shape[0]} for image in images],
        "notes": list(mesh.notes),
    }
