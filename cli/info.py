"""`tvdr-nv info`: what there is to know about a scene."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.cli._command import chosen_scene

if TYPE_CHECKING:
    from rich.console import Console


EXAMPLES = (
    ("Size, colours, up axis, defects", "tvdr-nv info room.ply"),
    ("The labels that --focus label=NAME knows", "tvdr-nv info room.labels.ply"),
)


def command(scene: o.SceneArgument = None, mesh: o.MeshOption = None, as_json: o.JsonOption = False) -> None:
    """Show what a scene's file holds: size, colours, textures, defects, labels, and what of it is not used.

    Positions are in the coordinates of the file. The up axis and the unit are guesses. Of a data set's scene, also its
    objects by name, its segments, how its labels are numbered, and its alignment.
    """
    path = chosen_scene(scene, mesh)

    from tvdrnet_nv.cli._console import working
    from tvdrnet_nv.cli._output import notes, print_json, results, say
    from tvdrnet_nv.cli._tables import Facts
    from tvdrnet_nv.datasets import find_scene
    from tvdrnet_nv.io import load_labels, load_mesh
    from tvdrnet_nv.report import mesh_facts, scene_facts
    from tvdrnet_nv.starts import scene_orbit

    known = find_scene(path)
    path = path if known is None else known.mesh_file
    with working(notes(quiet=False), f"reading {path.name}"):
        loaded = load_mesh(path) if known is None else known.load_mesh()
        facts: dict[str, Any] = {"scene": str(path.absolute()), "bytes": path.stat().st_size, **mesh_facts(loaded)}
        if known is not None:
            facts["dataset"] = scene_facts(known, loaded)
        facts["start_distance"] = float(f"{scene_orbit(loaded).distance.item():.6g}")
    if path.name.lower().endswith(".labels.ply"):
        labels = load_labels(path)
        facts["labels"] = [
            {"label": label, "name": labels.names.get(label), "vertices": count}
            for label, count in labels.counts().items()
        ]
    if as_json:
        print_json(facts)
        return
    console = results(quiet=False)
    say(console, f"{path.name}   {facts['bytes'] / 1e6:.1f} MB", "bold")
    console.print(Facts(_rows(facts)))
    if facts["notes"]:
        say(console, "Not used, or changed", "bold")
        for note in facts["notes"]:
            say(console, f"  {note}")
    if "dataset" in facts:
        _say_dataset(facts["dataset"], console)
    if "labels" in facts:
        say(console, f"{len(facts['labels'])} labels", "bold")
        rows = [(f"{x['label']} {x['name'] or ''}", f"{x['vertices']:,} vertices") for x in facts["labels"]]
        console.print(Facts(rows))


def _say_dataset(facts: dict[str, Any], console: Console) -> None:
    """A data set's scene: its objects by name, with the ids of each."""
    from tvdrnet_nv.cli._output import say
    from tvdrnet_nv.cli._tables import Facts

    by_name: dict[str, list[str]] = {}
    for item in sorted(facts["objects"] or [], key=lambda item: (item["name"], item["id"])):
        by_name.setdefault(item["name"], []).append(str(item["id"]))
    say(console, f"{facts['dataset']} scene {facts['name']}", "bold")
    found = facts["objects_missing"] or f"{len(facts['objects']):,}, of {len(by_name):,} names"
    rows = [("objects", found), ("labels", facts["label_scheme"] or "no file")]
    if facts["segments"]:
        rows.insert(1, ("segments", f"{facts['segments']:,}"))
    alignment = "none given" if facts["alignment"] is None else "given; --align applies it"
    rows.append(("alignment", facts["alignment_missing"] or alignment))
    console.print(Facts(rows))
    for note in facts["objects_notes"]:
        say(console, f"  {note}")
    if by_name:
        say(console, "objects by name, with their ids", "bold")
        console.print(Facts([(name, ", ".join(ids)) for name, ids in by_name.items()]))


def _rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    # A thousandth of a unit, or of the radius where that is less than a unit.
    decimals = min(max(3, 3 - math.floor(math.log10(max(facts["radius"], 1e-12)))), 15)

    def point(name: str) -> str:
        return "  ".join(f"{value:9.{decimals}f}" for value in facts[name])

    closed = "closed" if facts["closed"] else f"open: {facts['border_share']:.2%} of the edges are on borders"
    evidence = ", ".join(f"{axis} {value:+.2f}" for axis, value in facts["up_evidence"].items())
    red, green, blue = facts["mean_color"]
    return [
        ("vertices", f"{facts['vertices']:,}  ({facts['unused_vertices']:,} in no face)"),
        ("faces", f"{facts['faces']:,}  ({facts['degenerate_faces']:,} of zero area)"),
        ("edges", f"{facts['border_edges']:,} on borders, {facts['non_manifold_edges']:,} in more than two faces"),
        ("surface", closed),
        ("area", f"{facts['area']:.4g} square units"),
        ("bounds, low", point("min")),
        ("bounds, high", point("max")),
        ("size", point("size")),
        ("centre", point("center")),
        ("radius", f"{facts['radius']:.4g} about the centre"),
        *([("origin", f"{point('origin')}, from which the scene is drawn")] if any(facts["origin"]) else []),
        ("units", f"{facts['units'] or 'unknown'}, a guess: {facts['units_evidence']}"),
        ("up axis", f"{facts['up']}, a guess; choose another with --up (evidence: {evidence})"),
        ("colours", f"{facts['colors']}, mean {red:.2f} {green:.2f} {blue:.2f}"),
        ("textures", _textures(facts)),
        ("start distance", f"{facts['start_distance']:.4g} from here all of it is in view, at 60° field of view"),
    ]


def _textures(facts: dict[str, Any]) -> str:
    if not facts["uv"]:
        return "none"
    sizes = Counter(f"{image['width']}×{image['height']}" for image in facts["textures"])
    return ", ".join(f"{count} of {size}" for size, count in sizes.items()) + ", with texture coordinates"
