"""The pieces of a mask on a scene's surface."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.grounding import Things
from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.segmentation.pieces import pieces

_LEAST = 0.002  # of the largest piece's area


def mask_instances(mesh: Mesh, mask: Tensor, scores: Tensor, things: Things | None) -> list[dict[str, Any]]:
    """What `instances.json` lists: the pieces of a mask that are apart from each other, the largest area first.

    Each has its number, the number of its vertices, its area, the mean of its vertices' scores, the middle and the
    sides of its box in the coordinates of the scene's file, and its vertices in that file as runs [first, count]. Where
    the scene has objects, also the one that it overlaps most, with the intersection over the union.

    Args:
        mesh: the scene.
        mask: [V] bool.
        scores: [V] in [0, 1].
        things: the scene's objects, where these are known.
    """
    faces = mesh.faces.long()
    inside = mask.to(faces.device)[faces].all(1).nonzero()[:, 0]
    found = []
    for place, piece in enumerate(pieces(mesh, inside, least=_LEAST), start=1):
        corners = faces[piece].cpu()
        rows = corners.unique().numpy()
        area = float(cross_products(mesh.vertices.detach().cpu()[corners]).norm(dim=1).sum()) / 2
        points = mesh.vertices.detach().cpu()[torch.from_numpy(rows)]
        low, high = points.amin(0), points.amax(0)
        item = {
            "id": place,
            "vertices": len(rows),
            "area": area,
            "score": float(scores.cpu()[torch.from_numpy(rows)].mean()),
            "center": list(mesh.to_file(((low + high) / 2).tolist())),
            "size": (high - low).tolist(),
            **_overlapped(rows, things),
        }
        of_file = rows if mesh.file_vertices is None else np.unique(mesh.file_vertices.numpy()[rows])
        found.append({**item, "runs": _runs(of_file)})
    return found


def _overlapped(rows: np.ndarray, things: Things | None) -> dict[str, Any]:
    """The object that a piece overlaps most."""
    if things is None or not things.items:
        return {}
    shared = [len(np.intersect1d(rows, item.vertices, assume_unique=True)) for item in things.items]
    ious = [n / (len(rows) + len(item.vertices) - n) for n, item in zip(shared, things.items, strict=True)]
    best = int(np.argmax(ious))
    if not ious[best] > 0:
        return {}
    return {"object_id": things.items[best].id, "object_name": things.items[best].title, "iou": ious[best]}


def _runs(rows: np.ndarray) -> list[list[int]]:
    """Ascending numbers as [first, count] of each run."""
    if not len(rows):
        return []
    ends = np.flatnonzero(np.diff(rows) != 1)
    first = rows[np.concatenate([[0], ends + 1])]
    last = rows[np.concatenate([ends, [len(rows) - 1]])]
    return np.stack([first, last - first + 1], 1).tolist()
