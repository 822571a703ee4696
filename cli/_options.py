"""The options that commands share, and what they accept."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from tvdrnet_nv.errors import InputError

MAX_IMAGE_SIZE = 16384

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


def our_name(name: str) -> str:
    """Our name of an option that may be given by TVDRNet's."""
    return TVDRNET_NAMES.get(name, name)


class Device(StrEnum):
    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class Up(StrEnum):
    auto = "auto"
    y = "y"
    z = "z"


def _single(value: float) -> float:
    """The value in the library's precision, where 1e39 is infinite and 179.9999999 is 180."""
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.inf


def checked(test: Callable[[float], bool], wanted: str) -> Callable[[float | None], float | None]:
    """A callback for an option that is a number or absent: finite, and passing `test`."""

    def check(value: float | None) -> float | None:
        if value is not None and not (math.isfinite(_single(value)) and test(_single(value))):
            raise typer.BadParameter(f"{value:g} given, wanted {wanted}")
        return value

    return check


positive = checked(lambda value: value > 0, "a number above 0")
at_least_one = checked(lambda value: value >= 1, "1 or more")


def checked_seed(value: int) -> int:
    """A callback: numpy's generators take no negative seed, torch's none of more than 63 bits."""
    if not 0 <= value < 2**63:
        raise typer.BadParameter(f"{value} given, wanted 0 to 2^63 - 1")
    return value


def _finite_triple(values: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
    if values is not None and not all(math.isfinite(_single(value)) for value in values):
        raise typer.BadParameter("wanted three finite numbers")
    return values


def _color(values: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
    if values is not None and not all(0 <= value <= 1 for value in values):
        raise typer.BadParameter("wanted red, green and blue from 0 to 1")
    return values


SceneArgument = Annotated[
    Path | None,
    typer.Argument(metavar="SCENE", help="PLY, OBJ or GLB.", show_default=False, rich_help_panel=INPUT),
]
MeshOption = Annotated[
    Path | None,
    typer.Option("--mesh", metavar="FILE", help="The scene, named as TVDRNet does.", rich_help_panel=INPUT),
]
ColorOption = Annotated[
    tuple[float, float, float] | None,
    typer.Option(
        "--color",
        metavar="R G B",
        help="One colour, 0 to 1, instead of the file's.",
        callback=_color,
        rich_help_panel=PICTURE,
    ),
]
LightOption = Annotated[
    tuple[float, float, float] | None,
    typer.Option(
        "--light-pos",
        metavar="X Y Z",
        help="Light, in world coordinates. Default: 2 2 -3 from the look-at point, in the orbit's frame.",
        callback=_finite_triple,
        rich_help_panel=PICTURE,
    ),
]
DistanceOption = Annotated[
    float | None,
    typer.Option(
        "--distance",
        metavar="UNITS",
        help="From the look-at point. Default: the whole scene fits.",
        callback=positive,
        rich_help_panel=CAMERA,
    ),
]
ElevationOption = Annotated[
    float,
    typer.Option(
        "--elevation",
        metavar="DEG",
        help="-90 to 90.",
        callback=checked(lambda value: -90 <= value <= 90, "-90 to 90"),
        rich_help_panel=CAMERA,
    ),
]
AzimuthOption = Annotated[
    float,
    typer.Option(
        "--azimuth",
        metavar="DEG",
        help="Around the up axis.",
        callback=checked(lambda value: True, "a finite number"),
        rich_help_panel=CAMERA,
    ),
]
FovOption = Annotated[
    float,
    typer.Option(
        "--fov",
        metavar="DEG",
        help="Field of view along the shorter side.",
        callback=checked(lambda value: 0 < value < 180, "more than 0 and less than 180"),
        rich_help_panel=CAMERA,
    ),
]
AtOption = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="WHERE",
        help="Look-at point: center (of the scene's bounds), origin (TVDRNet's), or X,Y,Z.",
        rich_help_panel=CAMERA,
    ),
]
UpOption = Annotated[
    Up,
    typer.Option("--up", metavar="auto|y|z", help="The scene's up axis; auto guesses.", rich_help_panel=CAMERA),
]
CameraOption = Annotated[
    Path | None,
    typer.Option(
        "--camera",
        metavar="FILE",
        help="The camera from a JSON file, such as an optimized_params.json, instead of the options above.",
        rich_help_panel=CAMERA,
    ),
]
NearOption = Annotated[
    float | None,
    typer.Option("--near", metavar="UNITS", help="Near clip distance.", callback=positive, rich_help_panel=CAMERA),
]
FarOption = Annotated[
    float | None,
    typer.Option("--far", metavar="UNITS", help="Far clip distance.", callback=positive, rich_help_panel=CAMERA),
]
NoAntialiasOption = Annotated[bool, typer.Option("--no-antialias", help="Hard edges.", rich_help_panel=PICTURE)]
DeviceOption = Annotated[
    Device,
    typer.Option(
        "--device",
        metavar="auto|cpu|cuda",
        help="auto is CUDA where it works; see tvdr-nv doctor.",
        rich_help_panel=PICTURE,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder, made if need be; in an existing one, files of the same names are replaced, others are kept. "
        "Default: a new folder with the time in its name.",
        rich_help_panel=OUTPUT,
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Nothing but errors.", rich_help_panel=OUTPUT)]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="The result as JSON on stdout; everything else on stderr.", rich_help_panel=OUTPUT),
]


At = Literal["center", "origin"] | tuple[float, float, float]


def chosen_scene(scene: Path | None, mesh: Path | None) -> Path:
    """The scene file, named in one of two ways."""
    if scene and mesh:
        raise InputError(f"two scenes given, {scene} and --mesh {mesh}; name one")
    chosen = scene or mesh
    if chosen is None:
        raise InputError("no scene given; name a PLY, OBJ or GLB file (tvdr-nv scene OUT.ply makes one)")
    return chosen


def check_camera_alone(ctx: typer.Context, camera: Path | None) -> None:
    """Refuse options that say what a --camera file says."""
    for name in ("distance", "elevation", "azimuth", "fov", "at", "up"):
        source = ctx.get_parameter_source(name)
        if camera is not None and source is not None and source.name == "COMMANDLINE":
            raise InputError(f"--camera {camera} and --{name}: the file says where the camera is; leave one out")


def parse_image_size(text: str) -> tuple[int, int]:
    """(height, width) of "256" or "640x480" (width first)."""
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(f"--image-size {text}: wanted a number of pixels, or WIDTHxHEIGHT, such as 640x480")
    width, height = int(parts[0]), int(parts[-1])
    if not all(1 <= side <= MAX_IMAGE_SIZE for side in (width, height)):
        raise InputError(f"--image-size {text}: wanted 1 to {MAX_IMAGE_SIZE} pixels a side")
    return height, width


def parse_at(text: str) -> At:
    """ "center", "origin" or a point, of "center", "origin" or three numbers between commas or spaces."""
    if text == "center" or text == "origin":
        return text
    try:
        x, y, z = (float(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise InputError(f"--at {text}: wanted center, origin, or three numbers such as 1.5,0,-2") from None
    if not all(math.isfinite(_single(value)) for value in (x, y, z)):
        raise InputError(f"--at {text}: wanted finite numbers")
    return x, y, z
