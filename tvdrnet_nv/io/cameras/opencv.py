"""OpenCV's calibration files, YAML and JSON: one lens, and a pose for each picture.

Keys are those of OpenCV's calibration sample: `camera_matrix`, `distortion_coefficients`, `image_width`,
`image_height`, and `extrinsic_parameters` (a row of rotation vector and translation for each picture; world-to-camera),
or one `R` (or `rvec`) and `t`. The centre of the top left pixel is at (0, 0). YAML is read by PyYAML.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    array,
    cameras_of,
    lost,
    mapping,
    one_lens,
    read_json,
    read_text,
    relative,
    write_file,
)
from tvdrnet_nv.io.cameras.record import (
    Distortion,
    NamedCamera,
    checked_lens,
    checked_pose,
    distortion_of,
    inverse,
    pinhole,
    rigid,
    rotation_of_vector,
    vector_of_rotation,
)
from tvdrnet_nv.io.wording import counted

SUFFIXES = (".yml", ".yaml", ".json")
_MATRIX = ("camera_matrix", "cameraMatrix", "intrinsic_matrix", "K")
_DISTORTION = ("distortion_coefficients", "distCoeffs", "dist_coeffs", "dist_coeff", "D")
_WIDTH, _HEIGHT = ("image_width", "width"), ("image_height", "height")
_ROTATION = ("R", "rvec", "rotation_matrix", "rotation_vector")
_TRANSLATION = ("t", "T", "tvec", "translation_vector", "translation")
_BROWN, _FISHEYE = ("plumb_bob", "rational_polynomial", "radtan", "opencv"), ("equidistant", "fisheye")
_ORDER = {4: 4, 5: 5, 8: 8, 0: 0}  # how many coefficients a model may have


def read(path: Path, lens: object = None) -> CameraFile:
    """See `read_cameras`."""
    values = mapping(str(path), read_json(path)) if path.suffix.lower() == ".json" else read_yaml(path)
    found = _lens(path, values)
    distortion = _distortion(path, values)
    names = (
        [str(name) for name in values.get("image_names") or []] if isinstance(values.get("image_names"), list) else []
    )
    many = _matrix(f"{path}: extrinsic_parameters", values.get("extrinsic_parameters"))
    rows = [None] if many is None else list(many) if isinstance(many, (list, np.ndarray)) else []

    def camera(k: int, row: Any) -> NamedCamera:
        pose = _pose(path, values) if row is None else _pose_of_row(f"{path}, extrinsic_parameters {k}", row)
        name = names[k] if k < len(names) else str(k)
        picture = path.parent / name if k < len(names) and Path(name).suffix else None
        return NamedCamera(name, inverse(pose), found, picture, distortion)

    cameras = cameras_of(path, "poses", rows or [[]], camera)
    if names and len(names) != len(rows):
        note = f"it has {counted(len(names), 'image name')} for {counted(len(rows), 'pose')}; perhaps names are missing"
        return replace(cameras, notes=(*cameras.notes, note))
    return cameras


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A YAML file, or with the ending `.json` a JSON file, with one lens for all cameras."""
    first = one_lens(path, cameras, "opencv")
    poses = []
    for camera in cameras:
        pose = camera.world_to_camera
        poses.append([*vector_of_rotation(pose[:3, :3]).tolist(), *pose[:3, 3].tolist()])
    values: dict[str, Any] = {
        "image_width": first.lens.width,
        "image_height": first.lens.height,
        "camera_matrix": first.calibration(0.0),
        "extrinsic_parameters": np.array(poses),
        "image_names": [relative(c.picture, path.parent) if c.picture else c.name for c in cameras],
    }
    if first.distortion is not None:
        parameters = list(first.distortion.parameters)
        values["distortion_coefficients"] = np.array([parameters])
        values["fisheye_model"] = int(first.distortion.model == "fisheye")
    as_json = path.suffix.lower() == ".json"
    write_file(path, _json_text(values) if as_json else _yaml_text(values))
    return lost(cameras)


def detect(path: Path) -> bool:
    """Whether a YAML or JSON file has a camera matrix under one of OpenCV's names."""
    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        return False
    if path.suffix.lower() == ".json":
        try:
            values = read_json(path)
        except InputError:
            return False
        return isinstance(values, dict) and any(key in values for key in _MATRIX) and "R" not in _ours(values)
    text = read_text(path)
    return any(f"{key}:" in text for key in _MATRIX)


def _ours(values: dict[str, Any]) -> tuple[str, ...]:
    return ("R",) if "focal" in values or "fov" in values else ()


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file's values, matrices as in OpenCV's JSON. (OpenCV's own reader aborts the process on damaged files.)"""
    try:
        import yaml
    except ImportError:
        raise InputError(f"{path}: reading YAML needs PyYAML; type: pip install 'tvdrnet_nv[cameras]'") from None

    class Loader(yaml.SafeLoader):
        pass

    def matrix(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise InputError(f"{path}: the key {str(twice[0])[:40]!r} is there twice; remove one")
        return loader.construct_mapping(node, deep=True)

    for tag in ("opencv-matrix", "map"):
        Loader.add_constructor(f"tag:yaml.org,2002:{tag}", matrix)
    lines = read_text(path).splitlines()
    text = "\n".join(["", *lines[1:]] if lines and lines[0].startswith("%YAML") else lines)
    try:
        return mapping(str(path), yaml.load(text, Loader))
    except InputError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
        raise InputError(f"{path}: is not YAML, or is damaged or truncated{at}") from error


def _first(path: Path, values: dict[str, Any], keys: Sequence[str]) -> Any:
    return next((_matrix(f"{path}: {key}", values[key]) for key in keys if key in values), None)


def _matrix(where: str, value: Any) -> Any:
    """A matrix of OpenCV's JSON, {"type_id": "opencv-matrix", "rows", "cols", "data"}, as its rows."""
    if isinstance(value, dict) and "data" in value:
        try:
            return np.asarray(value["data"], dtype=np.float64).reshape(int(value["rows"]), int(value["cols"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise InputError(f"{where}: its data are not rows × cols numbers") from None
    return value


def _lens(path: Path, values: dict[str, Any]) -> Any:
    K = _first(path, values, _MATRIX)
    if K is None:
        raise InputError(f"{path}: has no camera_matrix")
    K = array(f"{path}: camera_matrix", K, 9).reshape(3, 3)
    width, height = _first(path, values, _WIDTH), _first(path, values, _HEIGHT)
    size = values.get("image_size")
    if width is None and isinstance(size, list) and len(size) == 2:
        width, height = size
    fx, fy, cx, cy = pinhole(f"{path}: camera_matrix", K)
    if width is None or height is None:
        raise InputError(f"{path}: says no size of its pictures; add image_width and image_height, in pixels")
    lens = fx, fy, cx + 0.5, cy + 0.5, width, height
    return checked_lens(str(path), *lens, names=("fx", "fy", "cx", "cy", "image_width", "image_height"))


def _distortion(path: Path, values: dict[str, Any]) -> Distortion | None:
    given = _first(path, values, _DISTORTION)
    if given is None:
        return None
    try:
        count = int(np.size(np.asarray(given, dtype=np.float64)))
    except (TypeError, ValueError):
        raise InputError(f"{path}: distortion_coefficients are not made of numbers") from None
    flat = array(f"{path}: distortion_coefficients", given, count)
    if flat.size in (12, 14) and not flat[8:].any():
        flat = flat[:8]
    if flat.size not in _ORDER:
        raise InputError(
            f"{path}: {flat.size} distortion_coefficients; wanted 4, 5 or 8 (thin prisms and tilts are not supported)"
        )
    named = str(values.get("distortion_model") or "").lower()  # ROS's camera_info, Kalibr
    if named and named not in (*_BROWN, *_FISHEYE):
        raise InputError(
            f"{path}: distortion_model {named[:40]} is not supported; wanted {', '.join((*_BROWN, *_FISHEYE))}"
        )
    fisheye = bool(values.get("fisheye_model", 0)) or named in _FISHEYE
    if fisheye and flat.size != 4:
        raise InputError(f"{path}: {flat.size} distortion_coefficients of a fisheye; wanted 4")
    return distortion_of("fisheye" if fisheye else "opencv", flat.tolist())


def _pose_of_row(where: str, row: Any) -> np.ndarray:
    """World-to-camera [4, 4] of a rotation vector and a translation."""
    values = array(where, row, 6)
    return checked_pose(where, rigid(rotation_of_vector(where, values[:3]), values[3:]))


def _pose(path: Path, values: dict[str, Any]) -> np.ndarray:
    """World-to-camera [4, 4] of a file with one."""
    R, t = _first(path, values, _ROTATION), _first(path, values, _TRANSLATION)
    if R is None or t is None:
        raise InputError(f"{path}: is a calibration without a pose; wanted extrinsic_parameters, or R and t")
    flat_t = array(f"{path}: t", t, 3)
    if np.size(R) == 3:
        turned = rotation_of_vector(str(path), array(f"{path}: rvec", R, 3))
        return checked_pose(str(path), rigid(turned, flat_t))
    matrix = array(f"{path}: R", R, 9).reshape(3, 3)
    return checked_pose(str(path), np.concatenate([matrix, flat_t[:, None]], 1))


def _yaml_text(values: dict[str, Any]) -> str:
    lines = ["%YAML:1.0", "---"]
    for key, value in values.items():
        if isinstance(value, np.ndarray):
            data = ", ".join(map(repr, map(float, value.reshape(-1))))
            lines += [f"{key}: !!opencv-matrix", f"   rows: {value.shape[0]}", f"   cols: {value.shape[1]}"]
            lines += ["   dt: d", f"   data: [ {data} ]"]
        elif isinstance(value, list):
            lines += [f"{key}:", *(f"   - {json.dumps(item, ensure_ascii=False)}" for item in value)]
        else:
            lines.append(f"{key}: {value}")
    return "\n".join(lines) + "\n"


def _json_text(values: dict[str, Any]) -> str:
    def plain(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        shape = {"rows": value.shape[0], "cols": value.shape[1]}
        return {"type_id": "opencv-matrix", **shape, "dt": "d", "data": value.reshape(-1).tolist()}

    return json.dumps({key: plain(value) for key, value in values.items()}, indent=1) + "\n"
