"""`tvdr-nv optimize`: move a camera by gradient descent, and report."""

from __future__ import annotations

import threading
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvdrnet_nv.camera.parameters import PARAMETERS, POSE_PARAMETERS
from tvdrnet_nv.cli import _focus as f
from tvdrnet_nv.cli import _options as o
from tvdrnet_nv.cli._errors import INTERRUPTED
from tvdrnet_nv.defaults import FOCUS_ITERATIONS, FOCUS_LEARNING_RATE
from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

    from tvdrnet_nv.objectives import Objective
    from tvdrnet_nv.optimization import Progress
    from tvdrnet_nv.renderer import Renderer

ORBIT, POSE = "distance,elevation,azimuth", "pose"
DEFAULT_SIZE = 256
DEFAULT_ITERATIONS = 256
TARGET_SIZE_CAP = 1024


class Method(StrEnum):
    auto = "auto"
    lm = "lm"
    adam = "adam"
    tvdrnet = "tvdrnet"


class Robust(StrEnum):
    none = "none"
    huber = "huber"
    geman_mcclure = "geman-mcclure"


def parse_parameters(text: str) -> tuple[str, ...]:
    """The names in "distance,elevation" or "pose,focal", each known, named once, and of one kind: orbit or pose."""
    names = tuple(text.replace(" ", "").replace("pose", "rotation,position").split(","))
    for name in names:
        if name not in PARAMETERS + POSE_PARAMETERS:
            known = f"{','.join(PARAMETERS)}, or from pose,{','.join(POSE_PARAMETERS)}"
            raise InputError(f"--optimize {text}: unknown parameter {name!r}; choose from {known}")
    if len(set(names)) < len(names):
        raise InputError(f"--optimize {text}: a parameter is named twice")
    if set(names) & set(PARAMETERS) and set(names) & set(POSE_PARAMETERS):
        raise InputError(
            f"--optimize {text}: mixes an orbit's parameters ({','.join(PARAMETERS)}) with a pose's "
            f"(pose,{','.join(POSE_PARAMETERS)}); choose from one of the two"
        )
    return names


def check_start(text: str, names: tuple[str, ...], camera: Path, pose: bool) -> None:
    """Refuse to move a pose as an orbit."""
    if pose and not set(names) <= set(POSE_PARAMETERS):
        raise InputError(f"--optimize {text}: {camera} holds a pose, which is no orbit; use --optimize pose")


def command(
    ctx: typer.Context,
    scene: o.SceneArgument = None,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iters",
            metavar="N",
            help=f"Steps, at most; lm ends by itself. Default: {DEFAULT_ITERATIONS}; with --focus {FOCUS_ITERATIONS}.",
            callback=o.at_least_one,
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option(
            "--target",
            metavar="PICTURE",
            help="The picture whose camera is wanted. Without it, nor --focus: TVDRNet's heuristic of a view.",
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    focus: f.FocusOption = None,
    labels: f.LabelsOption = None,
    views: f.ViewsOption = 1,
    parameters: Annotated[
        str | None,
        typer.Option(
            "--optimize",
            metavar="LIST",
            help=f"What may move: any of {','.join(PARAMETERS)}, on an orbit; or any of {','.join(POSE_PARAMETERS)}, "
            f"anywhere (pose: rotation,position). Default: {ORBIT}, or {POSE} where --camera holds one.",
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    robust: Annotated[
        Robust,
        typer.Option(
            "--robust",
            metavar="none|huber|geman-mcclure",
            help="How much say pixels have that do not fit: for a target with something in the way, or another light.",
            rich_help_panel=o.SEARCH,
        ),
    ] = Robust.none,
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            metavar="PICTURE",
            help="Of the target's size: what is black in it does not count, what is white does.",
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    exposure: Annotated[
        bool,
        typer.Option(
            "--free-exposure",
            help="The target may be brighter, darker or of another white balance than the scene is rendered.",
            rich_help_panel=o.SEARCH,
        ),
    ] = False,
    method: Annotated[
        Method,
        typer.Option(
            "--method",
            metavar="auto|lm|adam|tvdrnet",
            help="lm: Levenberg-Marquardt, coarse to fine, needs --target; adam: Adam on the parameters; tvdrnet: "
            "TVDRNet's network. auto: lm with a --target and no --lr, else adam.",
            rich_help_panel=o.SEARCH,
        ),
    ] = Method.auto,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--lr",
            metavar="RATE",
            help="Default: the method's own. lm has none.",
            callback=o.positive,
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    starts: Annotated[
        int | None,
        typer.Option(
            "--starts",
            metavar="K",
            help="Start from K cameras in one batch, the given one and others near it; the best is kept. Default: 1.",
            callback=o.at_least_one,
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    search: Annotated[
        bool | None,
        typer.Option(
            "--search/--no-search",
            help="Look from all around the look-at point first, and start from the best K views. With --focus: on, "
            "but for --mapping.",
            rich_help_panel=o.SEARCH,
            show_default=False,
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            metavar="FILE",
            help="Start from the view that this learned mapping proposes.",
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option(
            "--query",
            metavar="EMBEDDING",
            help="What the mapping is asked: an .npy or .pt file, or numbers such as 0.1,0.2.",
            rich_help_panel=o.SEARCH,
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="N",
            help="The same seed, the same result.",
            callback=o.checked_seed,
            rich_help_panel=o.SEARCH,
        ),
    ] = 0,
    image_size: Annotated[
        str | None,
        typer.Option(
            "--image-size",
            metavar="N|WxH",
            help=f"Pixels. Default: the target's size (at most {TARGET_SIZE_CAP} a side), else {DEFAULT_SIZE}.",
            rich_help_panel=o.PICTURE,
        ),
    ] = None,
    profile: Annotated[
        bool,
        typer.Option(
            "--profile",
            help="Only show where the time of a step of adam goes.",
            rich_help_panel=o.OTHER,
        ),
    ] = False,
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
) -> int:
    """Move a camera by gradient descent until the view is best, matches a picture, or shows a part of the scene.

    The camera starts where the whole scene is in view, or where the options say. The best camera seen is kept, with
    pictures, in the folder --out.

    Ctrl-C ends the search early, keeps the best so far and exits with 130.

    TVDRNet's own option names are accepted too: --initial-distance, --initial-elevation, --initial-azimuth,
    --iterations, --learning-rate, --target-image, --output-dir.
    """
    path = o.chosen_scene(scene, mesh)
    resolution = o.parse_image_size(image_size) if image_size is not None else None
    where = o.parse_at(at)
    moving = parse_parameters(ORBIT if parameters is None else parameters)
    o.check_camera_alone(ctx, camera)
    matching = {"--robust": robust is not Robust.none, "--mask": mask is not None, "--free-exposure": exposure}
    for option, given in matching.items():
        if given and target is None:
            raise InputError(f"{option}: is about the picture to match, and needs a --target")
    if method is Method.tvdrnet and set(moving) & set(POSE_PARAMETERS):
        raise InputError(f"--optimize {parameters}: --method tvdrnet moves on an orbit; use lm or adam")
    part = f.parse_focus(focus, labels, views, target)
    if part is not None:
        f.check_company(views, method.value, starts, search, profile)
        if camera is not None or set(moving) & set(POSE_PARAMETERS):
            raise InputError("--focus: moves on an orbit about the part; leave out --camera, and a pose's parameters")
    iterations = iterations or (DEFAULT_ITERATIONS if part is None else FOCUS_ITERATIONS)
    starts = starts or 1
    search = part is not None and mapping is None if search is None else search
    if method is Method.lm and target is None:
        raise InputError("--method lm: compares pictures and needs a --target; use --method adam without one")
    if learning_rate is not None and method is Method.lm:
        raise InputError(f"--lr {learning_rate:g}: Levenberg-Marquardt has no learning rate; add --method adam")
    if query is not None and mapping is None:
        raise InputError(f"--query {query}: asks a learned mapping; name its file with --mapping")
    if mapping is not None and (camera is not None or set(moving) & set(POSE_PARAMETERS)):
        raise InputError(
            f"--mapping {mapping}: proposes a view on an orbit; leave out --camera, and a pose's parameters"
        )

    import json

    import torch

    from tvdrnet_nv.camera import Camera, Orbit
    from tvdrnet_nv.cli._interrupt import Interruptible
    from tvdrnet_nv.cli._output import new_folder, notes, print_json, tell
    from tvdrnet_nv.cli._progress import OptimizationProgress
    from tvdrnet_nv.cli._setup import renderer_and_camera
    from tvdrnet_nv.cli._starts import starting_cameras
    from tvdrnet_nv.cli._summary import print_summary
    from tvdrnet_nv.cli._target import read_mask, read_target
    from tvdrnet_nv.io import load_camera
    from tvdrnet_nv.objectives import FocusOn, MatchImage, view_heuristic
    from tvdrnet_nv.optimization import optimize, search_focus
    from tvdrnet_nv.report import FILES, FocusReport, check_writable, highlighted, preload, write_report

    console = notes(quiet)
    out = out or new_folder("optimize")
    if not profile:
        check_writable(out, FILES if views == 1 else f.files(views))
    picture = None if target is None else read_target(target)
    resolution = _resolution_for(target, picture, resolution, console)
    saved = None if camera is None else load_camera(camera)
    if camera is not None and saved is not None and isinstance(saved.viewpoint, Camera):
        moving = parse_parameters(POSE if parameters is None else parameters)
        check_start(parameters or POSE, moving, camera, pose=True)
    renderer, start, reason = renderer_and_camera(
        path,
        resolution,
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
    if set(moving) <= set(POSE_PARAMETERS):
        start = start.camera()
    backend = renderer.mesh.device
    objective = (
        view_heuristic
        if picture is None
        else MatchImage(
            torch.from_numpy(picture).to(backend),
            robust=None if robust is Robust.none else robust.value,
            mask=None if mask is None else torch.from_numpy(read_mask(mask, picture.shape[:2])).to(backend),
            exposure=exposure,
        )
    )
    usual = start
    weights = None if part is None else part.weights(renderer.mesh, path, labels)
    if weights is not None and isinstance(start, Orbit):
        objective, start = f.focused(renderer, start, weights, keep_at=at != "center", distance=distance)
        learning_rate = FOCUS_LEARNING_RATE if learning_rate is None and method is not Method.tvdrnet else learning_rate

    height, width = resolution
    up_is = f", {start.up} is up" if isinstance(start, Orbit) else ""
    triangles = f"{renderer.mesh.num_faces:,} triangles"
    tell(console, f"{path.name}: {triangles}, {width}×{height} pixels{up_is}", "bold")
    tell(console, f"{backend.type} backend: {reason}", "dim")
    if mapping is not None and isinstance(usual, Orbit):
        from tvdrnet_nv.cli._mapping import described, proposed_view

        start = proposed_view(mapping, query, renderer.mesh, usual)
        tell(console, f"{mapping.name} proposes {described(start)}")
    if profile:
        begin = starting_cameras(renderer, start, objective, starts, search=False, seed=seed)
        _print_profile(renderer, begin, objective, moving, as_json)
        return 0
    threading.Thread(target=preload, daemon=True).start()
    extra = _render_options(color, device)
    arguments = ctx.obj or ["tvdr-nv", "optimize"]
    if part and weights is not None and views > 1 and isinstance(start, Orbit) and isinstance(objective, FocusOn):
        record = f.Record(part.text, weights, path, out, arguments, extra)
        return f.find_views(
            renderer,
            objective,
            start,
            views,
            record,
            moving,
            iterations,
            learning_rate or FOCUS_LEARNING_RATE,
            console,
            quiet,
            as_json,
        )
    with console.status("looking from all around …"):
        # Of one kind or the other, which the library's functions are typed for.
        begin: Any
        if search and isinstance(objective, FocusOn) and isinstance(start, Orbit):
            begin = search_focus(objective, start, starts, resolution=resolution, parameters=moving)
        else:
            begin = starting_cameras(renderer, start, objective, starts, search=search, seed=seed)
    lens = bool({"fov", "focal"} & set(moving))
    with Interruptible() as interruptible, OptimizationProgress(console, iterations, fov=lens) as progress:

        def watch(step: Progress) -> None:
            progress(step)
            interruptible.check()

        result = optimize(
            renderer,
            begin,
            objective,
            parameters=moving,
            method=method.value,
            iterations=iterations,
            learning_rate=learning_rate,
            seed=seed,
            callback=watch,
        )
    seen = None
    if part is not None and weights is not None and isinstance(objective, FocusOn):
        scores = objective.scores(result.best.to(backend).camera(), resolution)
        seen = FocusReport(part.text, scores, highlighted(renderer, weights))
    with console.status("writing the pictures …"):
        files = write_report(
            out,
            result,
            renderer,
            target=picture,
            command=arguments,
            scene=path,
            render_options=extra,
            focus=seen,
        )
    if interruptible.pressed:
        tell(console, f"interrupted: kept the best of {result.iterations} iterations", "bold yellow")
    params = json.loads(files[0].read_text(encoding="utf-8"))
    if as_json:
        print_json({**params, "files": [str(file.absolute()) for file in files]})
    elif not quiet:
        print_summary(result, files, params["render_command"], seen)
    return INTERRUPTED if interruptible.pressed else 0


def _print_profile(
    renderer: Renderer,
    start: Any,
    objective: Objective,
    parameters: tuple[str, ...],
    as_json: bool,
) -> None:
    """A table of a step's parts, or JSON."""
    from dataclasses import asdict

    from rich.table import Table

    from tvdrnet_nv.cli._output import print_json, results
    from tvdrnet_nv.optimization import profile

    parts = profile(renderer, start, objective, parameters=parameters)
    if as_json:
        print_json([asdict(part) for part in parts])
        return
    whole = parts[-1].milliseconds
    table = Table(box=None, pad_edge=False)
    table.add_column("part of a step")
    table.add_column("ms", justify="right")
    table.add_column("share", justify="right", style="dim")
    for part in (part for part in parts if not part.of):
        table.add_row(part.name, f"{part.milliseconds:.2f}", f"{part.milliseconds / whole:.0%}")
        for inner in (inner for inner in parts if inner.of == part.name):
            table.add_row(
                f"  {inner.name}", f"{inner.milliseconds:.2f}", f"{inner.milliseconds / whole:.0%}", style="dim"
            )
    results(quiet=False).print(table)


def _resolution_for(
    path: Path | None, picture: np.ndarray | None, wanted: tuple[int, int] | None, console: Console
) -> tuple[int, int]:
    """(height, width) to render at; says so when the target, `[H, W, 3]`, is compared at another size than its own."""
    from tvdrnet_nv.cli._output import tell
    from tvdrnet_nv.report.pictures import shrunk_size

    if picture is None:
        return wanted or (DEFAULT_SIZE, DEFAULT_SIZE)
    height, width = picture.shape[:2]
    chosen = wanted or shrunk_size(height, width, TARGET_SIZE_CAP)
    if chosen == (height, width):
        return chosen
    text = f"note: {path} is {width}×{height}; compared at {chosen[1]}×{chosen[0]}"
    if abs(chosen[1] / chosen[0] - width / height) > 0.02 * width / height:
        factor = min(chosen) / min(height, width)
        text += f", which changes its shape (--image-size {round(width * factor)}x{round(height * factor)} keeps it)"
    tell(console, text, "yellow")
    return chosen


def _render_options(color: tuple[float, float, float] | None, device: o.Device) -> list[str]:
    """What the command that renders the best view has to repeat from this one."""
    extra = [] if color is None else ["--color", *(repr(value) for value in color)]
    return extra if device == o.Device.auto else [*extra, "--device", device.value]
