"""Cameras in JSON: what `tvdr-nv optimize` writes, and the few matrices that other programs have."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tvdrnet_nv.camera import Camera, Orbit, Viewpoint
from tvdrnet_nv.camera.parameters import ORBIT
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.json_text import parse_json
from tvdrnet_nv.io.wording import NO_FILE
from tvdrnet_nv.ops.rasterize import MAX_RESOLUTION

if TYPE_CHECKING:
    from tvdrnet_nv.io.cameras.record import NamedCamera

_WANTED = (
    'wanted an optimized_params.json, or {"R": 3×3, "T": [3]} in PyTorch3D\'s convention, {"camera_to_world": 4×4} in '
    'OpenGL\'s, each with "fov" or "focal", or {"opencv": {"R", "t", "K"}, "image_size": {"width", "height"}}'
)


_OF_ORBITS = {"distance", "elevation", "azimuth", "fov", "at", "up", "roll"}
_KNOWN = _OF_ORBITS | {
    "camera", "R", "T", "focal", "principal", "camera_to_world", "opencv", "image_size", "near", "far", "light",
    "background", "antialias", "name", "picture", "distortion", "matrices",
}  # fmt: skip
_OF_RUNS = {"initial", "initial_distance", "loss", "seen_share"}  # a run's results have many more keys


@dataclass(frozen=True)
class SavedCamera:
    """A camera from a file, and what else the file knows of its picture; None where it does not.

    Attributes:
        viewpoint: one camera in the coordinates of the scene's file, float64 on the CPU: an `Orbit`, where the file
            holds one, otherwise a `Camera`. `viewpoint.translated` brings it to the frame of a mesh with an origin.
        near, far: clip planes, scene units.
        resolution: (height, width), pixels.
        light: the light's location, in the coordinates of the scene's file.
        unlit: whether the picture shows the scene's colours as they are.
        head: whether the light is at the camera.
        exposure: what the light is multiplied by.
        background: red, green and blue in 0..1 behind the scene.
        antialias: whether silhouettes are blended.
        record: the camera in float64 in the file's own world, with its picture and distortion, where the file has it.
        notes: sentences on what of the file is not used.
    """

    viewpoint: Viewpoint
    near: float | None = None
    far: float | None = None
    resolution: tuple[int, int] | None = None
    light: tuple[float, float, float] | None = None
    unlit: bool = False
    head: bool = False
    exposure: float | None = None
    background: tuple[float, float, float] | None = None
    antialias: bool | None = None
    record: NamedCamera | None = None
    notes: tuple[str, ...] = ()


def load_camera(path: Path) -> SavedCamera:
    """Read a camera: an `optimized_params.json`, or one of the short forms in docs/conventions.md.

    Raises:
        InputError: the file cannot be read, or holds no camera.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f"{path}: {NO_FILE}")
    try:
        values = parse_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'no such file, or not readable'}") from error
    except ValueError as error:
        raise InputError(f"{path}: {error}; {_WANTED}") from error
    if not isinstance(values, dict):
        raise InputError(f"{path}: holds no camera; {_WANTED}")
    return camera_of(str(path), values)


def camera_of(path: str, values: dict[str, Any], viewpoint: Viewpoint | None = None) -> SavedCamera:
    """The camera of a file's values; `path` is what messages call it.

    A `viewpoint` is taken instead of the values' own, as of a file with a list of cameras.

    Raises:
        InputError: they hold no camera.
    """
    try:
        size = _object("image_size", values.get("image_size"), '{"width": 640, "height": 480}')
        light = _object("light", values.get("light"), '{"location": [2, 2, -3]}')
        resolution = _resolution(size) if size else None
        return SavedCamera(
            _viewpoint(values) if viewpoint is None else viewpoint,
            near=_positive("near", values.get("near")),
            far=_positive("far", values.get("far")),
            resolution=resolution,
            light=_point("light", light.get("location")),
            unlit=_unlit(light),
            head=light.get("head") is True,
            exposure=_positive("exposure", light.get("exposure")),
            background=_background(values.get("background")),
            antialias=_switch("antialias", values.get("antialias")),
            notes=unused(values),
        )
    except KeyError as error:
        raise InputError(f"{path}: {error} is missing; {_WANTED}") from error
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InputError(f"{path}: {error}; {_WANTED}") from error


def unused(values: dict[str, Any]) -> tuple[str, ...]:
    """Notes on a camera's keys that are not read, where it is no run's result, and on a lens that it does not give."""
    if _OF_RUNS & set(values):
        return ()
    inner = values.get("opencv")
    names = [name for name in values if name not in _KNOWN]
    names += (
        [f"opencv.{name}" for name in inner or () if name not in ("R", "t", "K")] if isinstance(inner, dict) else []
    )
    notes = [f"keys that are not used: {', '.join(names)}"] if names else []
    if {"R", "camera_to_world"} & set(values) and not {"camera", "distance", "fov", "focal"} & set(values):
        fov = next(parameter.default for parameter in ORBIT if parameter.name == "fov")
        notes.append(f"it has neither fov nor focal; a field of view of {fov:g}° is taken")
    return tuple(notes)


def _object(name: str, value: Any, example: str) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"{name} must be an object such as {example}, got {json.dumps(value)[:40]}")
    return value or {}


def _number(name: str, value: Any) -> float:
    try:
        if not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name} must be a number, got {json.dumps(value)[:40]}")


def _three(name: str, value: Any) -> tuple[float, float, float]:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f"{name} must be three numbers, got {json.dumps(value)[:40]}")
    x, y, z = (_number(name, part) for part in value)
    return x, y, z


def _background(value: Any) -> tuple[float, float, float] | None:
    if value is None:
        return None
    red, green, blue = _three("background", value)
    if not all(0 <= part <= 1 for part in (red, green, blue)):
        raise ValueError(f"background must be red, green and blue from 0 to 1, got {red:g}, {green:g}, {blue:g}")
    return red, green, blue


def _unlit(light: dict[str, Any]) -> bool:
    return (light.get("ambient"), light.get("diffuse"), light.get("specular")) == (1, 0, 0)


def _viewpoint(values: dict[str, Any]) -> Viewpoint:
    for name, read in _FORMS.items():
        if name in values:
            viewpoint = read(_in_float64(values))
            if len(viewpoint) != 1:
                raise ValueError(f"holds {len(viewpoint)} cameras, wanted one")
            return viewpoint
    raise ValueError("holds no camera")


def _in_float64(values: dict[str, Any]) -> dict[str, Any]:
    """The values with numbers, and lists of numbers, as float64 tensors."""
    return {name: _in_float64(value) if isinstance(value, dict) else _tensor(value) for name, value in values.items()}


def _tensor(value: Any) -> Any:
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return value
    return torch.from_numpy(array.astype(np.float64)) if array.dtype.kind in "fiu" else value


def _lens(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("fov", "focal", "principal") if name in values}


def _matrices(values: dict[str, Any]) -> Camera:
    return Camera.from_pytorch3d(values["R"], values["T"], **_lens(values))


def _pose(values: dict[str, Any]) -> Camera:
    given = values["camera"]
    if not isinstance(given, dict):
        raise ValueError('camera must be an object {"R", "T", "focal"}')
    for name in Camera.fields:
        if not isinstance(given.get(name, torch.zeros(0)), torch.Tensor):
            raise ValueError(f"camera's {name} must be made of numbers")
    return Camera.from_dict(given)


def _opencv(values: dict[str, Any]) -> Camera:
    given = values["opencv"]
    if not isinstance(given, dict):
        raise ValueError('opencv must be an object {"R", "t", "K"}')
    size = values["image_size"] or {}  # whose numbers are checked
    return Camera.from_opencv(given["R"], given["t"], given["K"], (int(size["height"]), int(size["width"])))


def _camera_to_world(values: dict[str, Any]) -> Camera:
    return Camera.from_camera_to_world(values["camera_to_world"], **_lens(values))


# The first whose key is there.
_FORMS: dict[str, Callable[[dict[str, Any]], Viewpoint]] = {
    "camera": _pose,
    "distance": Orbit.from_dict,
    "R": _matrices,
    "camera_to_world": _camera_to_world,
    "opencv": _opencv,
}


def _positive(name: str, value: Any) -> float | None:
    if value is None:
        return None
    number = _number(name, value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be positive and finite, got {number:g}")
    return number


def _resolution(size: dict[str, Any]) -> tuple[int, int]:
    height, width = (_number(f"image_size's {side}", size[side]) for side in ("height", "width"))
    if not (height.is_integer() and width.is_integer()):
        raise ValueError(f"image_size must be whole numbers of pixels, got {width:g} x {height:g}")
    if not (1 <= height <= MAX_RESOLUTION and 1 <= width <= MAX_RESOLUTION):
        raise ValueError(f"image_size must be 1 to {MAX_RESOLUTION} pixels a side, got {width:g} x {height:g}")
    return int(height), int(width)


def _point(name: str, value: Any) -> tuple[float, float, float] | None:
    if value is None:
        return None
    x, y, z = _three(f"{name}'s location", value)
    if not all(map(math.isfinite, (x, y, z))):
        raise ValueError(f"{name} must be at three finite numbers, got {x:g}, {y:g}, {z:g}")
    return x, y, z


def _switch(name: str, value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, got {value!r}")
    return value
