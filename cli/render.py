"""`tvdr-nv render`: pictures of a scene from given cameras."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from tvdrnet_nv.camera import Camera, Orbit
    from tvdrnet_nv.renderer import Renderer

DEFAULT_SIZE = 512
TURN_MS = 4000  # how long a turntable takes for one turn


class Mode(StrEnum):
    single = "single"
    turntable = "turntable"
    grid = "grid"
    all = "all"


class Format(StrEnum):
    png = "png"
    gif = "gif"
    mp4 = "mp4"


def command(
    ctx: typer.Context,
    scene: o.SceneArgument = None,
    mode: Annotated[
        Mode,
        typer.Option(
            "--mode",
            metavar="MODE",
            help="single view, turntable (a turn around the scene), grid (4 elevations × 8 azimuths), or all three.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = Mode.single,
    image_format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            metavar="gif|mp4|png",
            help="Of the turntable; png: numbered pictures. The others are PNG. Default: gif.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    num_views: Annotated[
        int,
        typer.Option(
            "--num-views",
            metavar="N",
            help="Views of the turntable.",
            callback=o.at_least_one,
            rich_help_panel=o.OUTPUT,
        ),
    ] = 36,
    image_size: Annotated[
        str | None,
        typer.Option(
            "--image-size",
            metavar="N|WxH",
            help="Pixels. Default: what the --camera file says, else 512.",
            rich_help_panel=o.PICTURE,
        ),
    ] = None,
    distance: o.DistanceOption = None,
    elevation: o.ElevationOption = 30.0,
    azimuth: o.AzimuthOption = 45.0,
    fov: o.FovOption = 60.0,
    at: o.AtOption = "center",
    up: o.UpOption = o.Up.auto,
    camera: o.CameraOption = None,
    near: o.NearOption = None,
    far: o.FarOption = None,
    mesh: o.MeshOption = None,
    color: o.ColorOption = None,
    light_pos: o.LightOption = None,
    no_antialias: o.NoAntialiasOption = False,
    device: o.DeviceOption = o.Device.auto,
    out: o.OutOption = None,
    quiet: o.QuietOption = False,
    as_json: o.JsonOption = False,
) -> None:
    """Render a scene from one camera, from all around, or from many angles on one page.

    Writes single_view.png, turntable.gif (or turntable.mp4, or turntable_000.png and so on), multi_view_grid.png.
    """
    path = o.chosen_scene(scene, mesh)
    wanted = None if image_size is None else o.parse_image_size(image_size)
    o.check_camera_alone(ctx, camera)
    where = o.parse_at(at)
    if image_format not in (None, Format.png) and mode in (Mode.single, Mode.grid):
        raise InputError(f"--format {image_format}: --mode {mode} writes PNG; turntables can be gif, mp4 or png")

    from tvdrnet_nv.camera import Orbit
    from tvdrnet_nv.cli._output import new_folder, notes, print_json, results, say
    from tvdrnet_nv.cli._setup import renderer_and_camera
    from tvdrnet_nv.io import load_camera
    from tvdrnet_nv.report import check_writable, staged_folder

    console = notes(quiet)
    out = out or new_folder("render")
    check_writable(out)
    saved = None if camera is None else load_camera(camera)
    if saved is not None and mode is not Mode.single and not isinstance(saved.viewpoint, Orbit):
        raise InputError(f"--mode {mode}: goes around on an orbit, and {camera} holds a pose; use --mode single")
    renderer, viewpoint, _ = renderer_and_camera(
        path,
        wanted or (saved.resolution if saved is not None else None) or (DEFAULT_SIZE, DEFAULT_SIZE),
        device=device,
        color=color,
        distance=distance,
        elevation=elevation,
        azimuth=azimuth,
        fov=fov,
        at=where,
        up=up,
        light_pos=light_pos,
        antialias=not no_antialias,
        near=near,
        far=far,
        saved=saved,
    )
    with console.status(f"rendering {path.name} …"), staged_folder(out) as folder:
        _write(folder, renderer, viewpoint, mode, image_format or Format.gif, num_views)
        names = sorted(file.name for file in folder.iterdir())
    files = [out / name for name in names]
    if as_json:
        planes = {"near": renderer.near, "far": renderer.far}
        print_json({"camera": viewpoint.to_dict() | planes, "files": [str(file.absolute()) for file in files]})
    else:
        for file in files:
            say(results(quiet), str(file))


def _write(
    folder: Path,
    renderer: Renderer,
    viewpoint: Orbit | Camera,
    mode: Mode,
    image_format: Format,
    num_views: int,
) -> None:
    from tvdrnet_nv.camera import Camera
    from tvdrnet_nv.report import render_views, turntable, view_grid, write_gif, write_mp4, write_png

    if mode in (Mode.single, Mode.all):
        write_png(folder / "single_view.png", next(render_views(renderer, viewpoint)))
    if mode in (Mode.turntable, Mode.all):
        assert not isinstance(viewpoint, Camera)
        frames = render_views(renderer, turntable(viewpoint, num_views))
        pause = min(max(TURN_MS // num_views // 10 * 10, 30), 500)
        if image_format == Format.gif:
            write_gif(folder / "turntable.gif", list(frames), frame_ms=pause)
        elif image_format == Format.mp4:
            write_mp4(folder / "turntable.mp4", frames, frame_ms=pause)
        else:
            for index, frame in enumerate(frames):
                write_png(folder / f"turntable_{index:03d}.png", frame)
    if mode in (Mode.grid, Mode.all):
        assert not isinstance(viewpoint, Camera)
        write_png(folder / "multi_view_grid.png", view_grid(renderer, viewpoint))
