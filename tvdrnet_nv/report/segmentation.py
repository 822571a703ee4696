"""The files that a segmentation of a scene leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.atomic import staged_folder
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.grounding import Things
from tvdrnet_nv.io.ply import file_positions, write_ply
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.decorations import Warn, decorate, python_warning
from tvdrnet_nv.report.focus import highlighted
from tvdrnet_nv.report.instances import mask_instances
from tvdrnet_nv.report.params import camera_matrices, to_json, versions
from tvdrnet_nv.report.pictures import Panel, side_by_side, write_png
from tvdrnet_nv.report.record import Record
from tvdrnet_nv.report.render_command import in_file
from tvdrnet_nv.report.views import render_views, to_uint8
from tvdrnet_nv.segmentation import Exploration

_UNSEEN = 128  # grey
_TINT = np.array([255, 89, 13], dtype=np.float32)
_SIDE = 360  # pixels of a picture in the figure
_HEIGHT = 60.0  # degrees, from which the figure shows the scene: over the walls
_SHOWN = 5  # views in the figure, beside the scene


@dataclass(frozen=True)
class SegmentationReport:
    """What was found, for the files.

    Attributes:
        sentence: what was looked for.
        segmenter: by what.
        found: the scene's mask, and the views.
        meaning: what the sentence means among the scene's objects, as plain values, where that is known.
        truth: [V] bool, these objects.
        iou: of the mask with them.
        things: all objects of the scene.
    """

    sentence: str
    segmenter: str
    found: Exploration
    meaning: Mapping[str, Any] | None = None
    truth: Tensor | None = None
    iou: float | None = None
    things: Things | None = None


def write_segmentation(
    out: Path,
    report: SegmentationReport,
    renderer: Renderer,
    start: Orbit,
    record: Record,
    *,
    warn: Warn = python_warning,
) -> list[Path]:
    """Writes a segmentation into the folder `out`: its numbers, then its pictures.

    `segmentation.json` (how the mask was found: views with their cameras, and shares), `instances.json` (the mask's
    pieces), `mask.npy` (bool, one for each vertex of the scene's file), `mask.ply` (the scene with the scores as
    colours, and with the properties `score` and `mask`), `segmentation.png` (the scene with the mask tinted, and
    views), and `view_1.png`, `view_1_mask.png` and so on. A picture that cannot be drawn is left out, with a warning.

    Args:
        out: folder, made when it does not exist.
        report: what was found.
        renderer: of the scene.
        start: one camera around the scene, for the figure.
        record: how the run was made.
        warn: is called with one line that names the pictures that are missing, and why.

    Returns:
        The files written, in the order above.

    Raises:
        InputError: `out` is a file or cannot be written.
    """
    mesh, lifted = renderer.mesh, report.found.lifted
    instances = mask_instances(mesh, lifted.mask, lifted.scores, report.things)
    names = ["segmentation.json", "instances.json", "mask.npy", "mask.ply"]
    with staged_folder(out) as folder:
        facts = _facts(report, renderer, record)
        (folder / names[0]).write_text(to_json(facts) + "\n", encoding="utf-8", errors="backslashreplace")
        (folder / names[1]).write_text(to_json({"instances": instances}) + "\n", encoding="utf-8")
        np.save(folder / names[2], of_file(mesh, lifted.mask).numpy())
        _write_ply(folder / names[3], report, mesh)
    decorations: dict[str, Callable[[Path], object]] = {
        "segmentation.png": partial(_write_figure, report, renderer, start)
    }
    for k in range(len(report.found.views)):
        decorations[f"view_{k + 1}.png"] = partial(_write_view, report, renderer, k)
        decorations[f"view_{k + 1}_mask.png"] = partial(_write_mask, report, k)
    return [out / name for name in names] + decorate(out, decorations, warn)


def of_file(mesh: Mesh, values: Tensor) -> Tensor:
    """Values [V] of the mesh's vertices as those of its file; of a vertex that was split, the largest."""
    if mesh.file_vertices is None:
        return values
    found = torch.zeros(int(mesh.file_vertices.max()) + 1, dtype=torch.float32)
    found.scatter_reduce_(0, mesh.file_vertices, values.float(), "amax")
    return found.to(values.dtype)


def _facts(report: SegmentationReport, renderer: Renderer, record: Record) -> dict[str, Any]:
    found, mesh, (height, width) = report.found, renderer.mesh, renderer.resolution
    lifted = found.lifted
    views = [
        {
            "picture": f"view_{k + 1}.png",
            "mask": f"view_{k + 1}_mask.png",
            **in_file(view.orbit, renderer).to_dict(),
            "mask_share": float((view.scores > 0.5).float().mean()),
            "expected_information": view.gain,
            "changed": view.changed,
            "matrices": camera_matrices(view.orbit, renderer),
        }
        for k, view in enumerate(found.views)
    ]
    return {
        "sentence": report.sentence,
        "segmenter": report.segmenter,
        "vertices": int(lifted.mask.sum()),
        "scene_vertices": mesh.num_vertices,
        "seen_share": float(lifted.seen.float().mean()),
        "ended": found.reason,
        "iou_with_meant_objects": report.iou,
        "text": report.meaning,
        "views": views,
        "near": renderer.near,
        "far": renderer.far,
        "background": list(renderer.background),
        "image_size": {"width": width, "height": height},
        "scene": str(Path(record.scene).absolute()),
        "origin": list(mesh.origin),
        "notes": list(mesh.notes),
        "alignment": None if record.alignment is None else record.alignment.tolist(),
        "command": record.command,
        "versions": versions(),
        "device": str(mesh.device),
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _write_ply(path: Path, report: SegmentationReport, mesh: Mesh) -> None:
    """Scores as colours: blue 0, yellow 1, grey where no view showed the vertex."""
    import matplotlib

    lifted, positions = report.found.lifted, file_positions(mesh)
    columns = [(axis, positions.dtype.str) for axis in "xyz"]
    columns += [("red", "u1"), ("green", "u1"), ("blue", "u1"), ("score", "<f4"), ("mask", "u1"), ("seen", "u1")]
    rows = np.empty(mesh.num_vertices, dtype=columns)
    for i, axis in enumerate("xyz"):
        rows[axis] = positions[:, i]
    scores = lifted.scores.numpy()
    colors = (matplotlib.colormaps["cividis"](scores)[:, :3] * 255).round().astype(np.uint8)
    colors[~lifted.seen.numpy()] = _UNSEEN
    rows["red"], rows["green"], rows["blue"] = colors.T
    rows["score"], rows["mask"], rows["seen"] = scores, lifted.mask.numpy(), lifted.seen.numpy()
    comments = ["score: how surely a vertex is what the sentence means, 0 to 1; mask: 1 for what is meant"]
    write_ply(path, rows, mesh.faces.cpu().numpy(), comments)


def _write_view(report: SegmentationReport, renderer: Renderer, k: int, path: Path) -> None:
    write_png(path, _picture(report, renderer, k))


def _write_mask(report: SegmentationReport, k: int, path: Path) -> None:
    from PIL import Image

    Image.fromarray(to_uint8(report.found.views[k].scores)).save(path, format="PNG")


def _write_figure(report: SegmentationReport, renderer: Renderer, start: Orbit, path: Path) -> None:
    """The scene from its usual start with the mask tinted, and the first views with what was found in them."""
    found = report.found
    tinted = highlighted(renderer, found.lifted.mask.float().to(renderer.mesh.device))
    title = f"“{report.sentence}”"
    fields = [f"{int(found.lifted.mask.sum()):,} vertices", report.segmenter]
    above = start.replace(elevation=torch.full_like(start.elevation, _HEIGHT)).to(renderer.mesh.device)
    panels = [Panel(next(render_views(tinted, above)), title, fields)]
    for k, view in enumerate(found.views[:_SHOWN]):
        picture = _picture(report, renderer, k).astype(np.float32)
        share = 0.6 * view.scores.numpy()[..., None]
        shown = ((1 - share) * picture + share * _TINT).round().clip(0, 255).astype(np.uint8)
        panels.append(Panel(shown, f"View {k + 1}", [f"changed by {view.changed:.1%}"]))
    write_png(path, side_by_side(panels, max_side=_SIDE, across=3))


def _picture(report: SegmentationReport, renderer: Renderer, k: int) -> np.ndarray:
    return next(render_views(renderer, report.found.views[k].orbit.to(renderer.mesh.device)))
