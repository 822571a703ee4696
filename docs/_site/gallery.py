"""The gallery: pictures of rooms made by code, each with the commands that make it.

    python docs/_site/gallery.py docs/generated

runs the commands in a folder of its own, and writes gallery.md with the pictures beside it. A minute on two cores.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tvdrnet_nv.cli import run

WIDEST = 1200
"""Pixels: a wider picture is made smaller."""


@dataclass(frozen=True)
class Entry:
    """A heading, what there is to see, the commands, and the rows of those of their pictures that are shown."""

    title: str
    words: str
    commands: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


VIEW = "--mode single --elevation 35 --azimuth 60 --image-size 480x360"
ENTRIES = (
    Entry(
        "A room made by code",
        "The same room in three lights: its colours as they are, with the shadows that were baked into them; TVDRNet's "
        "lamp, the default; and a lamp at the camera.",
        (
            "tvdr-nv scene room.ply --triangles 60000 --labels",
            f"tvdr-nv render room.ply {VIEW} --light none --out none",
            f"tvdr-nv render room.ply {VIEW} --light point --out point",
            f"tvdr-nv render room.ply {VIEW} --light head --out head",
        ),
        (("none/single_view.png", "point/single_view.png", "head/single_view.png"),),
    ),
    Entry(
        "Other rooms",
        "Each seed is another room; with `--shuffled`, the furniture stands along other walls.",
        (
            "tvdr-nv scene first.ply --triangles 60000 --shuffled --seed 1",
            "tvdr-nv scene second.ply --triangles 60000 --shuffled --seed 2",
            f"tvdr-nv render first.ply {VIEW} --light none --out first",
            f"tvdr-nv render second.ply {VIEW} --light none --out second",
        ),
        (("first/single_view.png", "second/single_view.png"),),
    ),
    Entry(
        "From all around",
        "Four elevations and eight azimuths in one picture.",
        ("tvdr-nv render room.ply --mode grid --image-size 140 --light none --out around",),
        (("around/multi_view_grid.png",),),
    ),
    Entry(
        "The best view of a part",
        "The start, the view found, and the desk tinted in it.",
        ("tvdr-nv optimize room.ply --focus label=desk --light none --image-size 400x300 --out desk",),
        (("desk/optimization_comparison.png",),),
    ),
    Entry(
        "Four views that go together",
        "They differ, and show most of the surface of the dining table.",
        ("tvdr-nv optimize room.ply --focus label=dining_table --views 4 --light none --image-size 300 --out table",),
        (("table/views.png",),),
    ),
    Entry(
        "A picture's camera, found again",
        "Above: the start, the view found, the target. Below: how well the last two agree. Then the way, and the loss.",
        (
            "tvdr-nv render room.ply --mode single --elevation 50 --azimuth 75 --image-size 320x240 --out target",
            "tvdr-nv optimize room.ply --target target/single_view.png --elevation 35 --azimuth 50 --out found",
        ),
        (("found/optimization_comparison.png",), ("found/optimization_process.gif", "found/loss.png")),
    ),
    Entry(
        "A sentence chooses the view",
        "A window that has to be found by what stands before it, and then the picture on its right.",
        (
            'tvdr-nv optimize room.ply --text "the picture to the right of the window behind the sofa" --light none '
            "--image-size 400x300 --out picture",
        ),
        (("picture/optimization_comparison.png",),),
    ),
    Entry(
        "The vertices that a sentence means",
        "The mask is put together from views, each of which shows what the others left open. Here the masks in the "
        "views are the room's own labels, in place of a model's.",
        ('tvdr-nv segment room.ply --text "the sofa" --segmenter oracle --light none --out sofa',),
        (("sofa/segmentation.png",),),
    ),
)


def main(folder: Path) -> None:
    """Make all pictures and the page."""
    pictures = folder / "gallery"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    parts = ["# Gallery\n\nRooms made by code, and the commands that make the pictures; `make docs` runs them.\n"]
    with tempfile.TemporaryDirectory() as work, contextlib.chdir(work):
        for number, entry in enumerate(ENTRIES, start=1):
            print(f"gallery: {entry.title}", flush=True)
            for command in entry.commands:
                _run(command)
            rows = [[_kept(Path(work) / picture, pictures, number) for picture in row] for row in entry.rows]
            parts.append(_section(entry, rows))
    (folder / "gallery.md").write_text("\n".join(parts), "utf-8")


def _run(command: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        code = run([*shlex.split(command)[1:], "--quiet"])
    if code != 0:
        raise RuntimeError(f"exit code {code}: {command}")


def _kept(picture: Path, folder: Path, number: int) -> str:
    """Copies a picture under a name of its own, not too wide, and gives this name."""
    kept = folder / f"{number}-{picture.parent.name}-{picture.name}"
    with Image.open(picture) as opened:
        if opened.width > WIDEST and kept.suffix != ".gif":
            height = round(opened.height * WIDEST / opened.width)
            opened.resize((WIDEST, height), Image.Resampling.LANCZOS).save(kept, optimize=True)
        else:
            shutil.copyfile(picture, kept)
    return kept.name


def _section(entry: Entry, rows: list[list[str]]) -> str:
    shown = [" ".join(f'![{entry.title}](gallery/{name}){{width="{98 // len(row)}%"}}' for name in row) for row in rows]
    commands = "\n".join(["```sh", *entry.commands, "```\n"])
    return "\n\n".join([f"## {entry.title}", entry.words, *shown, commands])


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    main(Path(sys.argv[1]).resolve())
