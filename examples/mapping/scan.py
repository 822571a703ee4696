"""How a mapping does on a scene with objects, such as a scan of ScanNet: "the NAME", for each name that it has.

python scan.py SCENE [--mapping default.pt] [--names sofa chair]

For each name: the score of the proposed view, of whichever object of that name it looks at; that of the view that 40
steps of Adam make of the proposal; and that of the view that a search finds which knows where that object is.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from asks import KINDS, name_of
from rooms import SIZE, best_view
from shows import Part, ShowAny

from tvdrnet_nv import Renderer, optimize, scene_orbit
from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.grounding import scene_things
from tvdrnet_nv.grounding.vocabulary import entry_of
from tvdrnet_nv.jobs.proposal import mapping_file
from tvdrnet_nv.language import load_text_encoder
from tvdrnet_nv.mapping import ScenePoints, Task, answers, load_mapping

_MOVING = ("distance", "elevation", "azimuth", "at")
_SHELL = ("wall", "floor", "ceiling")


def is_known(name: str) -> bool:
    """Whether the mapping was trained on this name, or another of its kind's."""
    known = [entry_of(kind.replace("_", " ")) for kind in KINDS]
    return any(
        entry is not None and (name in entry.names or name == name_of(kind))
        for kind, entry in zip(KINDS, known, strict=True)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scene", type=Path)
    parser.add_argument("--mapping", type=Path, default=mapping_file("default"))
    parser.add_argument("--names", nargs="+", help="only these")
    args = parser.parse_args()
    mesh = open_scene(args.scene).load_mesh()
    things = scene_things(mesh, args.scene, None, torch.tensor([0.0, 0.0, 1.0]))
    if things is None:
        raise SystemExit(f"{args.scene}: has no objects")
    mapping, encoder = load_mapping(args.mapping), load_text_encoder()
    start, scene, renderer = scene_orbit(mesh, up="z"), ScenePoints.of(mesh, "z"), Renderer(mesh, SIZE)
    print(f"{'':24s} objects  proposed  optimised  searched")
    rows: dict[str, list[tuple[float, float, float]]] = {"names that it knows": [], "others": []}
    names = {item.name for item in things.items if item.name not in _SHELL}
    for name in sorted(names if args.names is None else names & set(args.names)):
        parts = []
        for item in things.items:
            if item.name == name:
                weights = torch.zeros(mesh.num_vertices)
                weights[torch.from_numpy(item.vertices)] = 1
                parts.append(Part(mesh, weights))
        (query,) = encoder.encode([f"the {name}"])
        (view,) = answers(mapping, [Task(scene, renderer, start, query, ShowAny(parts))])
        part = parts[int(ShowAny(parts).nearest(view.camera())[0])]
        task = Task(scene, renderer, start, query, ShowAny([part]))
        better = optimize(renderer, view, task.objective, parameters=_MOVING, method="adam", iterations=40).best
        views = (view, better, best_view(task, part.focus))
        with torch.no_grad():
            found = [float(part.focus.scores(one.camera(), renderer.resolution).score) for one in views]
        rows["names that it knows" if is_known(name) else "others"].append((found[0], found[1], found[2]))
        numbers = "  ".join(f"{value:8.2f}" for value in found)
        print(f"{name:20s}{'known' if is_known(name) else '':8s}{len(parts):3d}  {numbers}", flush=True)
    for sort, values in rows.items():
        if values:
            numbers = "  ".join(f"{value:8.3f}" for value in np.mean(values, axis=0))
            print(f"{sort:28s}{len(values):3d}  {numbers}")


if __name__ == "__main__":
    main()
