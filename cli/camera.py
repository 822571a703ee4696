"""`tvdr-nv camera`: camera files of other programs, converted and listed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from tvdrnet_nv.cli._tables import Grid
    from tvdrnet_nv.io.cameras import Lens, NamedCamera

NAMES = (
    "colmap, colmap-binary, nerfstudio (also instant-ngp), blender, open3d, polycam, opencv, scannet, arkitscenes, "
    "kitti, tum, tvdr-nv"
)


EXAMPLES = (
    ("The cameras of a COLMAP model", "tvdr-nv camera list sparse/0"),
    ("The same cameras for nerfstudio", "tvdr-nv camera convert sparse/0 transforms.json --to nerfstudio"),
)


def command(
    what: Annotated[
        str, typer.Argument(metavar="convert|list", help="What to do.", show_default=False, rich_help_panel=o.INPUT)
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="IN",
            help="A camera file or folder, or one camera of it: FILE:NAME.",
            show_default=False,
            rich_help_panel=o.INPUT,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="convert: the file or folder to write.", rich_help_panel=o.OUTPUT),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="Default: what IN looks like.", rich_help_panel=o.INPUT),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="Wanted by convert.", rich_help_panel=o.OUTPUT)
    ] = None,
    intrinsics: Annotated[
        str | None,
        typer.Option(
            "--intrinsics",
            metavar="FX,FY,CX,CY,W,H",
            help="In pixels, for files without them (tum, kitti); the centre of the top left pixel is at 0.5, 0.5.",
            rich_help_panel=o.INPUT,
        ),
    ] = None,
    fov: Annotated[
        float | None,
        typer.Option(
            "--fov",
            metavar="DEG",
            help="Instead of --intrinsics, with --image-size: field of view along the shorter side.",
            rich_help_panel=o.INPUT,
        ),
    ] = None,
    image_size: Annotated[
        str | None, typer.Option("--image-size", metavar="WxH", help="With --fov.", rich_help_panel=o.INPUT)
    ] = None,
    quiet: o.QuietOption = False,
) -> None:
    """Convert a camera file to another format, or list its cameras.

    Formats: colmap, colmap-binary, nerfstudio (also instant-ngp), blender, open3d, polycam, opencv, scannet,
    arkitscenes, kitti, tum, tvdr-nv. docs/cameras.md says what each holds, and its axes and pixels.
    """
    if what not in ("convert", "list"):
        raise InputError(f"tvdr-nv camera {what}: wanted convert or list")
    if what == "convert" and (out is None or target is None):
        raise InputError(f"tvdr-nv camera convert: wanted IN OUT --to FORMAT; formats: {NAMES}")

    from tvdrnet_nv.cli._output import notes, results, say
    from tvdrnet_nv.io.cameras import format_of, read_named, split_name, write_cameras
    from tvdrnet_nv.io.wording import counted

    path, name = split_name(file)
    source = source or format_of(path)
    found = read_named(path, name, source, _lens(intrinsics, fov, image_size))
    for note in found.notes:
        say(notes(quiet), f"note: {note}")
    if out is None or target is None or what == "list":
        say(results(quiet), f"{file}: {counted(len(found.cameras), 'camera')}, {source}", "bold")
        results(quiet).print(_listed(found.cameras))
        return
    missing = write_cameras(out, found.cameras, target)
    if missing:
        say(notes(quiet), f"note: {target} does not hold {', '.join(missing)}")
    say(results(quiet), f"{out}: {counted(len(found.cameras), 'camera')}, {source} to {target}")


def _listed(cameras: Sequence[NamedCamera]) -> Grid:
    """A row for each camera: its name, position, picture, lens, and distortion where any has one."""
    from tvdrnet_nv.cli._tables import Grid

    headings = ["camera", "distortion", "x", "y", "z", "pixels", "fx", "fy"]
    rows = []
    for camera in cameras:
        lens, place = camera.lens, camera.camera_to_world[:3, 3]
        model = camera.distortion.model if camera.distortion else ""
        at = (f"{value:.6g}" for value in place)
        rows.append([camera.name, model, *at, f"{lens.width}×{lens.height}", f"{lens.fx:.5g}", f"{lens.fy:.5g}"])
    words = 2
    if not any(row[1] for row in rows):
        headings, rows, words = headings[:1] + headings[2:], [row[:1] + row[2:] for row in rows], 1
    return Grid(headings, rows, words=words)


def _lens(intrinsics: str | None, fov: float | None, image_size: str | None) -> Lens | None:
    """What the options give for files without intrinsics."""
    import math

    from tvdrnet_nv.io.cameras.record import checked_lens
    from tvdrnet_nv.jobs.scene_job import parse_image_size, parse_intrinsics

    if intrinsics is not None:
        if fov is not None or image_size is not None:
            raise InputError("--intrinsics and --fov exclude each other; give one of them")
        return checked_lens("--intrinsics", *parse_intrinsics(intrinsics))
    if fov is None and image_size is None:
        return None
    if fov is None or image_size is None:
        raise InputError("--fov and --image-size go together; give both, or --intrinsics FX,FY,CX,CY,WIDTH,HEIGHT")
    if not 0 < fov < 180:
        raise InputError(f"--fov {fov:g}: wanted more than 0 and less than 180 degrees")
    height, width = parse_image_size(image_size)
    focal = min(height, width) / 2 / math.tan(math.radians(fov) / 2)
    return checked_lens("--fov", focal, focal, width / 2, height / 2, width, height)
