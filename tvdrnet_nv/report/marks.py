"""Marks of the objects in pictures: boxes and masks in COCO's form, so that other programs can be asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.renderer import Renderer

MARKS_FILE = "marks.json"
_LEAST = 12  # pixels that an object must have in a picture


@dataclass(frozen=True, eq=False)
class Marked:
    """An object to mark.

    Attributes:
        id: its number in the scene.
        name: what it is: COCO's category.
        vertices: int64 [N], of the mesh.
        asked: whether it is what the sentence means.
    """

    id: int
    name: str
    vertices: np.ndarray
    asked: bool


def coco_marks(
    objects: Sequence[Marked], renderer: Renderer, viewpoint: Viewpoint, pictures: Sequence[str]
) -> dict[str, Any]:
    """The objects in K pictures, as COCO's data format has them.

    Each annotation is one object in one picture: `bbox` is [x, y, width, height] in pixels from the top left corner,
    `segmentation` a mask as uncompressed run lengths, column after column, `area` its pixels, `object_id` the scene's
    number, `asked` whether the sentence means it. An object is marked where it is the nearest thing at 12 pixels.

    Args:
        objects: those of the scene.
        renderer: gives the pictures' size.
        viewpoint: K cameras.
        pictures: the K files' names.
    """
    mesh = renderer.mesh
    owner = torch.full((mesh.num_vertices,), -1, dtype=torch.int64)
    for place, item in enumerate(objects):
        owner[torch.from_numpy(item.vertices)] = place
    corners = owner[mesh.faces.cpu().long()]
    agreed = torch.where(corners[:, 1] == corners[:, 2], corners[:, 1], corners[:, 0])  # at least two, or the first
    of_face = torch.cat([agreed, torch.tensor([-1])])  # the last for the background, whose face is -1
    names = sorted({item.name for item in objects})
    categories = {name: number for number, name in enumerate(names, start=1)}
    height, width = renderer.resolution
    annotations: list[dict[str, Any]] = []
    for k, _ in enumerate(pictures):
        with torch.no_grad():
            faces = renderer(viewpoint[k].to(mesh.device).camera()).face_ids[0].cpu().long()
        seen = of_face[faces].numpy()
        for place, item in enumerate(objects):
            mask = seen == place
            if int(mask.sum()) < _LEAST:
                continue
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": k + 1,
                    "category_id": categories[item.name],
                    "object_id": item.id,
                    "asked": item.asked,
                    "bbox": [int(value) for value in box],
                    "area": int(mask.sum()),
                    "iscrowd": 0,
                    "segmentation": {"size": [height, width], "counts": run_lengths(mask)},
                }
            )
    return {
        "images": [
            {"id": k + 1, "file_name": name, "width": width, "height": height} for k, name in enumerate(pictures)
        ],
        "categories": [{"id": number, "name": name} for name, number in categories.items()],
        "annotations": annotations,
    }


def run_lengths(mask: np.ndarray) -> list[int]:
    """COCO's uncompressed code of a mask bool [H, W]: the lengths of runs, column after column, of 0 first."""
    flat = np.concatenate([[False], mask.T.reshape(-1), [False]])
    ends = np.flatnonzero(flat[1:] != flat[:-1])
    lengths = np.diff(np.concatenate([[0], ends, [mask.size]]))
    return lengths[:-1].tolist() if lengths[-1] == 0 else lengths.tolist()
