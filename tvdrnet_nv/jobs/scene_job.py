"""What every job on a scene has: the scene, a camera, how it is rendered, where the files go."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Literal

from tvdrnet_nv.camera.parameters import ORBIT, PARAMETERS
from tvdrnet_nv.choices import DEVICES, Device, Lighting, Up, split_device
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.background import parse_background
from tvdrnet_nv.jobs.checks import (
    POSITIVE,
    Limit,
    check_choice,
    check_numbers,
    check_paths,
    check_switches,
    check_triple,
    single,
)
from tvdrnet_nv.jobs.exposure import parse_exposure

LARGEST_SIDE = 16384  # pixels

ImageSize = int | str | tuple[int, int]
At = Literal["center", "origin"] | tuple[float, float, float]

_CAMERA_FIELDS = (*PARAMETERS, "up")
_LIMITS = {row.name: Limit(str(row.valid), row.valid.__contains__) for row in ORBIT if not row.shape}
_LIMITS |= {"near": POSITIVE, "far": POSITIVE}
_COLOR = Limit("red, green and blue from 0 to 1", lambda value: 0 <= value <= 1)
_POINT = Limit("three finite numbers", lambda value: True)


@dataclass(frozen=True, kw_only=True)
class SceneJob:
    """The fields that jobs share. A message of an `InputError` has the names of fields in backticks.

    Attributes:
        scene: a PLY, OBJ, GLB, OFF or STL file, or a scene of a data set: its folder, or "scannet:FOLDER/SCENE";
            docs/datasets.md lists them.
        align: draw a data set's scene in its axis-aligned coordinates; the poses of its folder follow.
        image_size: pixels: a number, (height, width), or text such as "640x480", the width first.
        distance: from the look-at point, scene units; by default, all of the scene is in view.
        elevation: degrees, -90 to 90; 30 by default.
        azimuth: degrees around the up axis; 45 by default.
        fov: field of view along the shorter side, degrees; 60 by default.
        at: the look-at point, in the file's coordinates: "center" of the scene's bounds (the default), "origin", three
            numbers, or text such as "1.5,0,-2".
        up: the scene's up axis, "x", "y", "z", "-x", "-y" or "-z"; guessed by default.
        camera: a file that holds the camera, or FILE:NAME for one of several, instead of the six fields above;
            docs/cameras.md lists the formats.
        intrinsics: for a `camera` file without them, such as TUM's and KITTI's trajectories: fx, fy, cx, cy, width and
            height in pixels, or text such as "525,525,320,240,640,480"; the top left pixel's centre is at 0.5, 0.5.
        near: depth of the near clip plane, scene units; by default from the camera file or the scene's size.
        far: depth of the far clip plane, likewise.
        color: one colour for all of the scene, red, green and blue in 0..1, instead of the file's.
        light: where the light is, in the file's coordinates; by default TVDRNet's place about the camera's
            look-at point.
        lighting: "point": TVDRNet's light; "none": the scene's colours as they are, as suits a scan; "head": a lamp at
            the camera, which moves with it. "auto": that of the camera file, or the point light; with a target,
            whichever of "none", that one and "head" explains it.
        light_exposure: what the light is multiplied by; "auto": by as much as leaves no colour above 1, which would be
            drawn as white. By default that of the camera file, or 1.
        background: what is behind the scene: "white", "black", "grey", or red, green and blue in 0..1, as numbers or
            as text such as "0.2,0.2,0.3"; to render also "transparent". By default that of the camera file, or white.
        antialias: blend silhouettes, which their gradients need.
        device: "cpu", "cuda", "fused", a GPU by its number as "cuda:1", or "auto", which is CUDA where it works.
        out: the folder for the files; made where there is none. By default a new one with the time in its name.
    """

    name: ClassVar[str]

    scene: str | Path
    align: bool = False
    image_size: ImageSize | None = None
    distance: float | None = None
    elevation: float | None = None
    azimuth: float | None = None
    fov: float | None = None
    at: str | Sequence[float] | None = None
    up: str | None = None
    camera: str | Path | None = None
    intrinsics: str | Sequence[float] | None = None
    near: float | None = None
    far: float | None = None
    color: Sequence[float] | None = None
    light: Sequence[float] | None = None
    lighting: str = Lighting.auto
    light_exposure: str | float | None = None
    background: str | Sequence[float] | None = None
    antialias: bool = True
    device: str = Device.auto
    out: str | Path | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is not None:
                raise InputError(f"`{field.name}` None: wanted a value; leave `{field.name}` out for the default")
            # Arrays and numbers of numpy and torch become Python's, as JSON has them.
            to_python = getattr(value, "tolist", None)
            if to_python is not None:
                object.__setattr__(self, field.name, to_python())
        check_paths(vars(self), ("scene", "camera", "out"))
        check_switches(vars(self), ("align", "antialias"))
        check_numbers(vars(self), _LIMITS)
        check_triple("color", self.color, _COLOR)
        check_triple("light", self.light, _POINT)
        check_choice("up", self.up, Up)
        if not isinstance(self.device, str) or split_device(self.device) is None:
            raise InputError(f"`device` {self.device}: choose from {DEVICES}")
        check_choice("lighting", self.lighting, Lighting)
        if self.light is not None and self.lighting == Lighting.none:
            raise InputError("`light`: there is no light with `lighting` none; leave one of them out")
        if self.light is not None and self.lighting == Lighting.head:
            raise InputError("`light`: the light is at the camera with `lighting` head; leave one of them out")
        if self.light_exposure is not None:
            parse_exposure(self.light_exposure)
            if self.lighting == Lighting.none:
                raise InputError("`light_exposure`: there is no light with `lighting` none; leave one of them out")
        if self.image_size is not None:
            parse_image_size(self.image_size)
        if self.background is not None:
            parse_background(self.background)
        if self.at is not None:
            parse_at(self.at)
        if self.intrinsics is not None:
            parse_intrinsics(self.intrinsics)
            if self.camera is None:
                raise InputError("`intrinsics`: works only with `camera`, a file without intrinsics of its own")
        for name in _CAMERA_FIELDS:
            if self.camera is not None and getattr(self, name) is not None:
                raise InputError(
                    f"`camera` {self.camera} and `{name}`: the file says where the camera is; leave one out"
                )

    def to_json(self) -> str:
        """The fields that differ from their defaults, as one line of JSON; `type(job)(**json.loads(…))` is the job."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        changed = {name: value for name, value in given.items() if name == "scene" or value != _default(self, name)}
        return json.dumps(changed, default=str, ensure_ascii=False)


def parse_image_size(size: ImageSize) -> tuple[int, int]:
    """(height, width) in pixels of 256, (480, 640) or "640x480", in which the width comes first.

    Raises:
        InputError: something else, or no size of a picture.
    """
    if isinstance(size, str):
        parts = size.lower().split("x")
        if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
            raise InputError(f"`image_size` {size}: wanted a number of pixels, or WIDTHxHEIGHT, such as 640x480")
        height, width = int(parts[-1]), int(parts[0])
    else:
        try:
            height, width = map(operator.index, size if isinstance(size, Sequence) else (size, size))
        except (TypeError, ValueError):
            raise InputError(f"`image_size` {size}: wanted a number of pixels, or (height, width)") from None
    if not all(1 <= side <= LARGEST_SIDE for side in (width, height)):
        raise InputError(f"`image_size` {size}: wanted 1 to {LARGEST_SIDE} pixels a side")
    return height, width


def parse_intrinsics(intrinsics: str | Sequence[float]) -> tuple[float, ...]:
    """fx, fy, cx, cy, width and height in pixels, of numbers or of text with commas or blanks between them.

    Raises:
        InputError: something else, or a focal length or a size that is not above 0.
    """
    try:
        parts = intrinsics.replace(",", " ").split() if isinstance(intrinsics, str) else intrinsics
        found = tuple(float(part) for part in parts)
    except (TypeError, ValueError):
        found = ()
    good = len(found) == 6 and all(map(math.isfinite, found)) and min(found[0], found[1], *found[4:]) > 0
    if not good or any(side != int(side) or side > LARGEST_SIDE for side in found[4:]):
        raise InputError(
            f"`intrinsics` {intrinsics}: wanted FX,FY,CX,CY,WIDTH,HEIGHT in pixels, such as 525,525,320,240,640,480"
        )
    return found


def parse_at(at: str | Sequence[float]) -> At:
    """ "center", "origin" or a point, of the same or of text with three numbers between commas or spaces.

    Raises:
        InputError: something else.
    """
    if isinstance(at, str) and (at == "center" or at == "origin"):
        return at
    try:
        x, y, z = (float(part) for part in (at.replace(",", " ").split() if isinstance(at, str) else at))
    except (TypeError, ValueError):
        raise InputError(f"`at` {at}: wanted center, origin, or three numbers such as 1.5,0,-2") from None
    if not all(math.isfinite(single(value)) for value in (x, y, z)):
        raise InputError(f"`at` {at}: wanted finite numbers")
    return x, y, z


def _default(job: SceneJob, name: str) -> Any:
    return next(field.default for field in fields(job) if field.name == name)
