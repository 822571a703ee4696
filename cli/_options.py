"""The options that several commands have.

An option is a type that Typer reads: `Annotated[type, typer.Option(…)]`. A group of options is a dict of such types by
the name of the job's field that each one fills.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tvdrnet_nv.camera.parameters import ORBIT, Parameter
from tvdrnet_nv.choices import DEVICES, Device, Lighting, Up, split_device
from tvdrnet_nv.jobs.checks import COUNT, POSITIVE, SEED, Limit, single

INPUT = "Input"
SEARCH = "Search"
CAMERA = "Camera"
PICTURE = "Rendering"
OUTPUT = "Output"
OTHER = "Other"
PANELS = (INPUT, SEARCH, CAMERA, PICTURE, OUTPUT, OTHER)

TVDRNET_NAMES = {
    "initial-distance": "distance",
    "initial-elevation": "elevation",
    "initial-azimuth": "azimuth",
    "iterations": "iters",
    "learning-rate": "lr",
    "target-image": "target",
    "output-dir": "out",
}

Group = dict[str, Any]


def our_name(name: str) -> str:
    """Our name of an option that may be given by TVDRNet's."""
    return TVDRNET_NAMES.get(name, name)


def within(limit: Limit) -> Callable[[Any], Any]:
    """A callback for an option that is absent or a number within a limit, where no job checks it."""

    def check(value: float | None) -> float | None:
        if value is not None and not (math.isfinite(single(value)) and limit.holds(value)):
            raise typer.BadParameter(f"{value} given, wanted {limit.text}")
        return value

    return check


positive = within(POSITIVE)
at_least_one = within(COUNT)
checked_seed = within(SEED)


def checked_device(value: str) -> str:
    """A callback: the value is a device's name, as `split_device` takes it."""
    if split_device(value) is None:
        raise typer.BadParameter(f"{value} given, choose from {DEVICES}")
    return value


def devices_that_begin(incomplete: str) -> list[str]:
    """For the tab key."""
    return [name for name in Device if name.startswith(incomplete)]


def option(kind: Any, flag: str, metavar: str | None, help_text: str, panel: str) -> Any:
    """The type of an option whose default stands elsewhere."""
    return Annotated[kind, typer.Option(flag, metavar=metavar, help=help_text, rich_help_panel=panel)]


SceneArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="SCENE",
        help="PLY, OBJ, GLB, OFF or STL, or the folder of a scene of ScanNet and others (also scannet:DIR/SCENE).",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
MeshOption = Annotated[
    Path | None,
    typer.Option(
        "--mesh", metavar="FILE", help="The same as SCENE; this is TVDRNet's name for it.", rich_help_panel=INPUT
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="auto|cpu|cuda|fused",
        help="Where to compute. auto: CUDA with nvdiffrast if it works here, otherwise the CPU. fused: CUDA with our "
        "own kernels. cuda:1, fused:1: the second GPU. See tvdr-nv doctor.",
        callback=checked_device,
        autocompletion=devices_that_begin,
        rich_help_panel=PICTURE,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder for the files; created if it is missing. Files with the same names are replaced, others stay. "
        "Default: a new folder with the time in its name.",
        rich_help_panel=OUTPUT,
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.", rich_help_panel=OUTPUT)]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json", help="Print the result as JSON on stdout, and everything else on stderr.", rich_help_panel=OUTPUT
    ),
]

SCENE_OPTIONS: Group = {"scene": SceneArgument, "mesh": MeshOption}

_METAVARS = {"scene units": "UNITS", "degrees": "DEG"}


def _orbit_option(row: Parameter) -> Any:
    """The option of one number of an orbit's start."""
    limits = f" {str(row.valid).capitalize()}." if math.isfinite(row.valid.high) else ""
    default = "far enough to see the whole scene" if row.default is None else f"{row.default:g}"
    text = f"{row.description}{limits} Default: {default}."
    return option(float | None, f"--{row.name}", _METAVARS[row.unit], text, CAMERA)


CAMERA_OPTIONS: Group = {
    "align": Annotated[
        bool,
        typer.Option(
            "--align",
            help="Draw a data set's scene in its axis-aligned coordinates; its folder's poses follow.",
            rich_help_panel=INPUT,
        ),
    ],
    **{row.name: _orbit_option(row) for row in ORBIT if not row.shape},
    "at": option(
        str | None,
        "--at",
        "WHERE",
        "Look-at point: center (the middle of the scene's bounds), origin (as in TVDRNet), or X,Y,Z. Default: center.",
        CAMERA,
    ),
    "up": option(
        Up | None,
        "--up",
        "auto|x|y|z|-x|-y|-z",
        "The scene's up axis; auto guesses it from floor and furniture. Default: auto.",
        CAMERA,
    ),
    "camera": option(
        Path | None,
        "--camera",
        "FILE[:NAME]",
        "Read the camera from a file, instead of the options above: an optimized_params.json, or one of COLMAP, "
        "nerfstudio, Blender, OpenCV, Open3D, ScanNet, Polycam, ARKitScenes, TUM or KITTI (tvdr-nv camera lists the "
        "formats). FILE:NAME is one camera of several.",
        CAMERA,
    ),
    "intrinsics": option(
        str | None,
        "--intrinsics",
        "FX,FY,CX,CY,W,H",
        "In pixels, for a --camera file without them (TUM, KITTI); the centre of the top left pixel is at 0.5, 0.5.",
        CAMERA,
    ),
    "near": option(
        float | None, "--near", "UNITS", "Depth of the near clip plane. Default: from the scene's size.", CAMERA
    ),
    "far": option(
        float | None, "--far", "UNITS", "Depth of the far clip plane. Default: from the scene's size.", CAMERA
    ),
}

RENDERING_OPTIONS: Group = {
    "color": option(
        tuple[float, float, float] | None,
        "--color",
        "R G B",
        "One colour for the scene, 0 to 1, instead of the file's colours.",
        PICTURE,
    ),
    "light": option(
        tuple[float, float, float] | None,
        "--light-pos",
        "X Y Z",
        "Position of the light, in the file's coordinates. Default: (2, 2, -3) from the look-at point, in the orbit's "
        "frame.",
        PICTURE,
    ),
    "lighting": option(
        Lighting,
        "--light",
        "auto|none|point|head",
        "none: the scene's colours as they are, which have the room's light in them in a scan; point: TVDRNet's light; "
        "head: a lamp at the camera, which moves with it. auto: whichever explains the --target of tvdr-nv "
        "optimize; otherwise that of the --camera file, or point.",
        PICTURE,
    ),
    "light_exposure": option(
        str | None,
        "--light-exposure",
        "auto|NUMBER",
        "What the light is multiplied by. auto: by as much as leaves no colour above 1, which is drawn as white. "
        "Default: that of the --camera file, or 1.",
        PICTURE,
    ),
    "background": option(
        str | None,
        "--background",
        "white|black|grey|R,G,B",
        "What is behind the scene; R,G,B from 0 to 1. Also transparent for tvdr-nv render, as PNG with alpha. "
        "Default: that of the --camera file, or white.",
        PICTURE,
    ),
    "antialias": Annotated[
        bool,
        typer.Option(
            " /--no-antialias",
            help="Do not blend silhouettes.",
            show_default=False,
            rich_help_panel=PICTURE,
        ),
    ],
    "device": DeviceOption,
}

OUTPUT_OPTIONS: Group = {"out": OutOption, "quiet": QuietOption, "as_json": JsonOption}
