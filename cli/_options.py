"""The options that several commands have, and how a command gets them.

An option is a type that Typer reads: `Annotated[type, typer.Option(…)]`. A group of options is a dict of such types by
the name of the job's field that each one fills.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from tvdrnet_nv.choices import Device, Up
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.checks import SEED
from tvdrnet_nv.jobs.scene_job import SceneJob

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


def checked_seed(value: int) -> int:
    """A callback for a seed."""
    if not SEED.holds(value):
        raise typer.BadParameter(f"{value} given, wanted {SEED.text}")
    return value


def option(kind: Any, flag: str, metavar: str | None, help_text: str, panel: str) -> Any:
    """The type of an option whose default stands elsewhere."""
    return Annotated[kind, typer.Option(flag, metavar=metavar, help=help_text, rich_help_panel=panel)]


SceneArgument = Annotated[
    Path | None,
    typer.Argument(metavar="SCENE", help="PLY, OBJ or GLB.", show_default=False, rich_help_panel=INPUT),
]
MeshOption = Annotated[
    Path | None,
    typer.Option("--mesh", metavar="FILE", help="The scene, named as TVDRNet does.", rich_help_panel=INPUT),
]
DeviceOption = Annotated[
    Device,
    typer.Option(
        "--device",
        metavar="auto|cpu|cuda",
        help="Where to compute. auto: CUDA where it works; see tvdr-nv doctor.",
        rich_help_panel=PICTURE,
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.", rich_help_panel=OUTPUT)]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print the result as JSON on stdout, and all else on stderr.", rich_help_panel=OUTPUT),
]

SCENE_OPTIONS: Group = {"scene": SceneArgument, "mesh": MeshOption}

CAMERA_OPTIONS: Group = {
    "distance": option(
        float | None, "--distance", "UNITS", "From the look-at point. Default: the whole scene fits.", CAMERA
    ),
    "elevation": option(float | None, "--elevation", "DEG", "-90 to 90. Default: 30.", CAMERA),
    "azimuth": option(float | None, "--azimuth", "DEG", "Around the up axis. Default: 45.", CAMERA),
    "fov": option(float | None, "--fov", "DEG", "Field of view along the shorter side. Default: 60.", CAMERA),
    "at": option(
        str | None,
        "--at",
        "WHERE",
        "Look-at point: center (of the scene's bounds, the default), origin (TVDRNet's), or X,Y,Z.",
        CAMERA,
    ),
    "up": option(Up | None, "--up", "auto|y|z", "The scene's up axis. Default: auto, a guess.", CAMERA),
    "camera": option(
        Path | None,
        "--camera",
        "FILE",
        "The camera from a JSON file, such as an optimized_params.json, instead of the options above.",
        CAMERA,
    ),
    "near": option(float | None, "--near", "UNITS", "Depth of the near clip plane.", CAMERA),
    "far": option(float | None, "--far", "UNITS", "Depth of the far clip plane.", CAMERA),
}

RENDERING_OPTIONS: Group = {
    "color": option(
        tuple[float, float, float] | None, "--color", "R G B", "One colour, 0 to 1, instead of the file's.", PICTURE
    ),
    "light": option(
        tuple[float, float, float] | None,
        "--light-pos",
        "X Y Z",
        "Light, in world coordinates. Default: 2 2 -3 from the look-at point, in the orbit's frame.",
        PICTURE,
    ),
    "antialias": Annotated[
        bool,
        typer.Option(" /--no-antialias", help="Hard edges.", show_default=False, rich_help_panel=PICTURE),
    ],
    "device": DeviceOption,
}

OUTPUT_OPTIONS: Group = {
    "out": option(
        Path | None,
        "--out",
        "DIR",
        "Folder for the files; made if it is not there. Files of the same names are replaced, others are kept. "
        "Default: a new folder with the time in its name.",
        OUTPUT,
    ),
    "quiet": QuietOption,
    "as_json": JsonOption,
}


def takes(*groups: Group, job: type[SceneJob]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Makes a function (context, given options by name) a command that takes the options of some groups.

    An option's default is that of the job's field of the same name. A scene, and what is no field of the job, may be
    left out: None, or False for a switch.
    """
    defaults = {field.name: field.default for field in fields(job) if field.name != "scene"}

    def decorate(body: Callable[[typer.Context, dict[str, Any]], int]) -> Callable[..., int]:
        def command(ctx: typer.Context, **given: Any) -> int:
            return body(ctx, given)

        kinds = {"ctx": typer.Context, **{name: kind for group in groups for name, kind in group.items()}}
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter(name, keyword, annotation=kind, default=_default(name, kind, defaults))
            for name, kind in kinds.items()
        ]
        command.__doc__ = body.__doc__
        command.__annotations__ = kinds
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return command

    return decorate


def _default(name: str, kind: Any, defaults: Mapping[str, Any]) -> Any:
    if name == "ctx":
        return inspect.Parameter.empty
    return defaults.get(name, False if get_args(kind)[0] is bool else None)


def flags_of(groups: list[Group]) -> dict[str, str]:
    """The flag of each option by the name of the field that it fills; "field=False" for one that switches off."""
    flags = {}
    for name, kind in (item for group in groups for item in group.items()):
        info = get_args(kind)[1]
        if isinstance(info, typer.models.OptionInfo):
            on, _, off = str(info.default).strip().partition("/")
            flags[name] = on.strip() or off
            if off:
                flags[f"{name}=False"] = off
    return flags


def in_flags(text: str, flags: Mapping[str, str]) -> str:
    """A message of the library in the words of the command line: `learning_rate` becomes --lr."""
    return re.sub(r"`([\w=]+)`", lambda found: flags.get(found[1], found[0]), text)


def chosen_scene(scene: Path | None, mesh: Path | None) -> Path:
    """The scene file, named in one of two ways."""
    if scene and mesh:
        raise InputError(f"two scenes given, {scene} and --mesh {mesh}; name one")
    chosen = scene or mesh
    if chosen is None:
        raise InputError("no scene given; name a PLY, OBJ or GLB file (tvdr-nv scene OUT.ply makes one)")
    return chosen
