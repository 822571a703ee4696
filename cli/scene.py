"""`tvdr-nv scene`: a scene made by code, to try things with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.errors import InputError

MIN_TRIANGLES = 5_000
MAX_TRIANGLES = 5_000_000


EXAMPLES = (
    ("A room, and labels for --focus label=NAME", "tvdr-nv scene room.ply --labels"),
    (
        "A smaller room with its furniture along other walls",
        "tvdr-nv scene other.ply --triangles 20000 --shuffled --seed 7",
    ),
)


def command(
    path: Annotated[
        Path, typer.Argument(metavar="OUT.ply", help="The file to write.", show_default=False, rich_help_panel=o.OUTPUT)
    ],
    triangles: Annotated[
        int,
        typer.Option(
            "--triangles",
            metavar="N",
            help=f"How many, about: {MIN_TRIANGLES:,} to {MAX_TRIANGLES:,}.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = 100_000,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="N",
            help="Each seed gives another room.",
            callback=o.checked_seed,
            rich_help_panel=o.OUTPUT,
        ),
    ] = 0,
    labels: Annotated[
        bool,
        typer.Option(
            "--labels",
            help="Also write OUT.labels.ply: the object that each vertex belongs to, in ScanNet's format.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    shuffled: Annotated[
        bool,
        typer.Option(
            "--shuffled",
            help="Place the furniture along other walls for each seed, not in its usual places.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    quiet: o.QuietOption = False,
) -> None:
    """Write a furnished room made by code: about 6 × 5 × 2.6 metres, z up, with the defects of a real scan."""
    if path.suffix.lower() != ".ply":
        raise InputError(f"{path}: wanted a name that ends in .ply")
    if not path.parent.is_dir():  # before the work
        raise InputError(f"{path}: cannot be written (no such folder); check that its folder exists")
    if not MIN_TRIANGLES <= triangles <= MAX_TRIANGLES:
        raise InputError(f"--triangles {triangles}: wanted {MIN_TRIANGLES} to {MAX_TRIANGLES}")

    from tvdrnet_nv.cli._console import working
    from tvdrnet_nv.cli._output import notes, results, say
    from tvdrnet_nv.io import Labels, labels_beside, save_labels, save_ply
    from tvdrnet_nv.scenes import make_room

    with working(notes(quiet), "building the room"):
        room = make_room(triangles, seed, shuffled=shuffled)
        mesh = room.mesh
        save_ply(mesh, path)
        if labels:  # 0 is no label
            names = dict(enumerate(room.names, start=1))
            save_labels(mesh, Labels(room.labels.numpy().astype("int64") + 1, names), labels_beside(path))
    say(results(quiet), f"{path}: {mesh.num_vertices:,} vertices, {mesh.num_faces:,} triangles")
    if labels:
        say(results(quiet), f"{labels_beside(path)}: {len(room.names)} objects")
