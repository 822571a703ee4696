"""`transforms.json` of nerfstudio and instant-ngp, and of Blender (NeRF-synthetic).

Poses are camera-to-world with OpenGL's axes; the centre of the top left pixel is at (0.5, 0.5). `applied_transform` and
`applied_scale` are undone, so that cameras are in the world of the scene that nerfstudio was given (COLMAP's, for
ScanNet++): nerfstudio's data parser says that a point x of that world is at applied_scale · applied_transform(x). The
lists that `ns-export cameras` writes are in the dataparser's world; `dataparser_transforms.json` beside them
leads back.
"""

from __future__ import annotations

import json
import math
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
    json_in,
    lost,
    mapping,
    needed_lens,
    no_distortion,
    one_lens,
    picture_near,
    picture_size,
    read_json,
    relative,
    write_file,
)
from tvdrnet_nv.io.cameras.record import (
    Distortion,
    Lens,
    NamedCamera,
    checked_lens,
    checked_pose,
    distortion_of,
    flip_yz,
    number,
)

_PINHOLE, _FISHEYE = ("PINHOLE", "SIMPLE_PINHOLE", "OPENCV", "PERSPECTIVE"), ("OPENCV_FISHEYE",)

_OF_OPENCV, _OF_FISHEYE = ("k1", "k2", "p1", "p2", "k3"), ("k1", "k2", "k3", "k4")
_ROUNDED = 0.01  # of a focal length that the file says in two ways

_LENS = ("fl_x", "fl_y", "cx", "cy", "w", "h")
_COEFFICIENTS = ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2")


def read(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`."""
    path = path / "transforms.json" if path.is_dir() else path
    values = read_json(path)
    if isinstance(values, list):
        return _exported(path, values, lens)
    values = mapping(str(path), values)
    frames, held_out = values.get("frames"), values.get("test_frames")  # ScanNet++'s
    if not isinstance(frames, list) or not frames:
        what = "its frames are no list" if frames and not isinstance(frames, list) else "has no frames, so no cameras"
        raise InputError(f"{path}: {what}")
    frames = [*frames, *held_out] if isinstance(held_out, list) else frames
    applied = values.get("applied_transform")
    back = np.eye(4) if applied is None else _inverse(f"{path}: applied_transform", applied)
    scale = _scale(f"{path}: applied_scale", values.get("applied_scale"))

    contradictions: dict[str, None] = {}

    def camera(k: int, frame: Any) -> NamedCamera:
        where = f"{path}, frame {k}"
        frame = mapping(where, frame)
        file = _file_path(frame)
        picture = _picture(path.parent, file)
        merged = {name: value for name, value in {**values, **frame}.items() if value is not None}
        found = _lens(where, merged, picture, lens)
        contradictions.update(dict.fromkeys(_contradictions(where, merged, found)))
        if "transform_matrix" not in frame:
            raise InputError(f"{where}: has no transform_matrix, so no pose")
        pose = flip_yz(checked_pose(where, frame["transform_matrix"]))
        pose[:3, 3] /= scale
        pose = checked_pose(where, back @ _scaled_out(pose, back))
        return NamedCamera(file or f"{k}", pose, found, picture, _distortion(where, merged))

    found = cameras_of(path, "frames", frames, camera)
    return replace(found, notes=(*found.notes, *contradictions))


def _exported(path: Path, values: list[Any], lens: Lens | None) -> CameraFile:
    """What `ns-export cameras` writes: a list of file_path and transform, in the dataparser's world."""
    lens = needed_lens(path, lens, "a list of ns-export cameras has no intrinsics")
    beside = path.parent / "dataparser_transforms.json"
    scale, back = 1.0, np.eye(4)
    if beside.is_file():
        transform = mapping(str(beside), read_json(beside))
        back = _inverse(f"{beside}: transform", transform.get("transform"))
        scale = _scale(f"{beside}: scale", transform.get("scale"))
    if not values:
        raise InputError(f"{path}: holds no cameras")

    def camera(k: int, entry: Any) -> NamedCamera:
        where = f"{path}, entry {k}"
        entry = mapping(where, entry)
        pose = flip_yz(checked_pose(where, entry.get("transform", [])))
        pose[:3, 3] /= scale
        file = _file_path(entry)
        pose = checked_pose(where, back @ pose)
        return NamedCamera(file or f"{k}", pose, lens, _picture(path.parent, file))

    found = cameras_of(path, "entries", values, camera)
    note = "they stay in the dataparser's world, as dataparser_transforms.json is not beside them"
    return found if beside.is_file() else replace(found, notes=(*found.notes, note))


def write_nerfstudio(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A transforms.json with the intrinsics in each frame."""
    path = path / "transforms.json" if path.suffix.lower() != ".json" else path
    models = {"OPENCV_FISHEYE" if c.distortion and c.distortion.model == "fisheye" else "OPENCV" for c in cameras}
    if len(models) > 1:
        raise InputError(f"{path}: nerfstudio has one camera_model for all frames, and some are fisheye; write colmap")
    frames = []
    for camera in cameras:
        (fx, fy, cx, cy, width, height) = camera.lens
        frame = _frame(path, camera)
        frame |= {"fl_x": fx, "fl_y": fy, "cx": cx, "cy": cy, "w": width, "h": height}
        if camera.distortion is not None:
            names = ("k1", "k2", "k3", "k4") if camera.distortion.model == "fisheye" else ("k1", "k2", "p1", "p2", "k3")
            rest = camera.distortion.parameters[len(names) :]
            if any(rest):
                raise InputError(f"{path}: nerfstudio cannot hold k4, k5, k6 of {camera.name}; write colmap or opencv")
            frame |= dict(zip(names, camera.distortion.parameters, strict=False))
        frames.append(frame)
    write_file(path, json.dumps({"camera_model": models.pop(), "frames": frames}, indent=1) + "\n")
    return lost(cameras)


def write_blender(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A transforms.json with `camera_angle_x`, the horizontal field of view in radians, for all frames."""
    path = path / "transforms.json" if path.suffix.lower() != ".json" else path
    no_distortion(path, cameras, "blender")
    lens = one_lens(path, cameras, "blender").lens
    if abs(lens.cx - lens.width / 2) > 1e-6 or abs(lens.cy - lens.height / 2) > 1e-6:
        raise InputError(
            f"{path}: blender has no principal point, but it is at {lens.cx:g}, {lens.cy:g} of {lens.width}×"
            f"{lens.height}; write nerfstudio"
        )
    if abs(lens.fx - lens.fy) > 1e-9 * lens.fx:
        raise InputError(
            f"{path}: blender has one focal length, but they are {lens.fx:g} and {lens.fy:g}; write nerfstudio"
        )
    angle = 2 * math.atan2(lens.width / 2, lens.fx)
    head = {"camera_angle_x": angle, "w": lens.width, "h": lens.height}
    frames = [_frame(path, camera) for camera in cameras]
    write_file(path, json.dumps({**head, "frames": frames}, indent=1) + "\n")
    return lost(cameras)


def detect(path: Path) -> bool:
    """Whether a JSON file has frames, or is a list of `ns-export cameras`; or a folder has a transforms.json."""
    path = path / "transforms.json" if path.is_dir() else path
    values = json_in(path)
    if isinstance(values, list):
        return bool(values) and isinstance(values[0], dict) and "transform" in values[0]
    return isinstance(values, dict) and "frames" in values


def detect_blender(path: Path) -> bool:
    """Whether a transforms.json gives the lens by `camera_angle_x` alone."""
    path = path / "transforms.json" if path.is_dir() else path
    if not detect(path):
        return False
    values = read_json(path)
    return isinstance(values, dict) and "camera_angle_x" in values and "fl_x" not in values


def _frame(path: Path, camera: NamedCamera) -> dict[str, Any]:
    file = relative(camera.picture, path.parent) if camera.picture is not None else camera.name
    return {"file_path": file, "transform_matrix": flip_yz(camera.camera_to_world).tolist()}


def _inverse(where: str, values: Any) -> np.ndarray:
    flat = array(where, values, len(np.ravel(values)) if isinstance(values, list) and len(values) == 4 else 12)
    matrix = np.eye(4)
    matrix[:3] = flat[:12].reshape(3, 4)
    determinant = abs(np.linalg.det(matrix[:3, :3]))
    if not determinant > 1e-12:
        raise InputError(f"{where}: cannot be inverted")
    return np.linalg.inv(matrix)


def _scale(where: str, value: Any) -> float:
    """What positions were multiplied by; 1 where the file does not say it."""
    scale = 1.0 if value is None else number(where, value)
    if scale <= 0:
        raise InputError(f"{where} is {scale:g}; wanted more than 0")
    return scale


def _scaled_out(pose: np.ndarray, back: np.ndarray) -> np.ndarray:
    """The pose with its rotation divided by the scale of `back`, which moves positions only."""
    scale = abs(np.linalg.det(back[:3, :3])) ** (1 / 3)
    out = pose.copy()
    out[:3, :3] /= scale
    return out


def _file_path(frame: dict[str, Any]) -> str:
    """What a frame names, with slashes: on Windows, programs write the other ones."""
    return str(frame.get("file_path") or "").replace("\\", "/")


def _picture(folder: Path, file: str) -> Path | None:
    """What a frame names; Blender leaves `.png` out."""
    if not file:
        return None
    return picture_near(folder, file) or folder / (file if Path(file).suffix else f"{file}.png")


def _lens(where: str, values: dict[str, Any], picture: Path | None, given: Lens | None) -> Lens:
    width, height = values.get("w"), values.get("h")
    if (width is None or height is None) and picture is not None and picture.is_file():
        width, height = picture_size(picture)
    if width is None or height is None:
        if given is None:
            raise InputError(
                f"{where}: has no w and h, and its picture is not there; add "
                "them, or, where all pictures are missing, give --intrinsics FX,FY,CX,CY,WIDTH,HEIGHT, in pixels"
            )
        return given
    w, h = number(f"{where}: w", width), number(f"{where}: h", height)
    focal = {axis: values.get(f"fl_{axis}") for axis in "xy"}
    for axis, side in (("x", w), ("y", h)):
        angle = values.get(f"camera_angle_{axis}")
        if focal[axis] is None and angle is not None:
            radians = number(f"{where}: camera_angle_{axis}", angle)
            if not 0 < radians < math.pi:
                raise InputError(f"{where}: camera_angle_{axis} is {radians:g}; wanted radians between 0 and π")
            focal[axis] = side / 2 / math.tan(radians / 2)
    fx = focal["x"] if focal["x"] is not None else focal["y"]
    fy = focal["y"] if focal["y"] is not None else focal["x"]
    if fx is None:
        if given is not None:
            return given
        raise InputError(f"{where}: has neither fl_x nor camera_angle_x; wanted a focal length")
    return checked_lens(where, fx, fy, values.get("cx", w / 2), values.get("cy", h / 2), w, h, names=_LENS)


def _contradictions(where: str, values: dict[str, Any], lens: Lens) -> list[str]:
    """Notes on angles that say another focal length than the one that counts."""
    found = []
    for axis, side, focal in (("x", lens.width, lens.fx), ("y", lens.height, lens.fy)):
        angle = values.get(f"camera_angle_{axis}")
        if angle is None or values.get(f"fl_{axis}") is None:
            continue
        radians = number(f"{where}: camera_angle_{axis}", angle)
        other = side / 2 / math.tan(radians / 2) if 0 < radians < math.pi else math.nan
        if not abs(other - focal) <= _ROUNDED * focal:
            found.append(
                f"fl_{axis} is {focal:g}, but camera_angle_{axis} {radians:g} means {other:.5g} pixels of {side}; "
                f"fl_{axis} counts"
            )
    return found


def _distortion(where: str, values: dict[str, Any]) -> Distortion | None:
    model = str(values.get("camera_model", "OPENCV")).upper()
    if model not in (*_PINHOLE, *_FISHEYE):
        raise InputError(
            f"{where}: camera_model {model[:40]} is not supported; wanted OPENCV, OPENCV_FISHEYE or PINHOLE"
        )
    fisheye = model in _FISHEYE or values.get("is_fisheye") is True
    used = _OF_FISHEYE if fisheye else _OF_OPENCV
    given = {name: number(f"{where}: {name}", values.get(name, 0.0)) for name in _COEFFICIENTS}
    for name, value in given.items():
        if value and name not in used:
            kind = "fisheye" if fisheye else "nerfstudio's OPENCV"
            raise InputError(f"{where}: {name} is no parameter of {kind} camera_model; undistort the images first")
    return distortion_of("fisheye" if fisheye else "opencv", [given[name] for name in used])
