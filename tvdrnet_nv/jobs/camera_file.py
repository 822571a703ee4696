"""The cameras that `camera` FILE or FILE:NAME names, and the pictures that they took."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.choices import ObjectiveName
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SavedCamera, load_camera, read_picture
from tvdrnet_nv.io.camera_json import camera_of
from tvdrnet_nv.io.cameras import CameraFile, NamedCamera, format_of, only, read_named, split_name, to_camera
from tvdrnet_nv.io.cameras.files import read_json
from tvdrnet_nv.io.cameras.ours import holds_record
from tvdrnet_nv.io.cameras.record import checked_lens
from tvdrnet_nv.io.cameras.undistort import undistorted
from tvdrnet_nv.io.picture import stored_size
from tvdrnet_nv.jobs.data_set import own_cameras
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.names import distinct
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.part import EVERYTHING
from tvdrnet_nv.jobs.scene_job import SceneJob, parse_image_size, parse_intrinsics


def named_cameras(job: SceneJob) -> CameraFile | None:
    """All cameras of FILE, or the one of FILE:NAME; None for one as `load_camera` reads it.

    Raises:
        InputError: the file cannot be read, or has no camera of that name.
    """
    if job.camera is None:
        return None
    path, name = split_name(Path(job.camera))
    lens = None if job.intrinsics is None else checked_lens("`intrinsics`", *parse_intrinsics(job.intrinsics))
    own = own_cameras(job, path)
    if own is not None and lens is not None:
        raise InputError(f"{path}: has intrinsics of its own; leave `intrinsics` out")
    if own is not None and name is not None:
        return only(path, own, name)
    try:
        kind = format_of(path)
    except InputError:
        if name is None and not path.is_dir() and path.suffix.lower() not in (".yml", ".yaml"):
            return None  # load_camera reads JSON of any name, or says what is wrong
        raise
    if kind == "tvdr-nv" and name is None and not holds_record(path) and lens is None:
        return None
    return own or read_named(path, name, kind, lens)


def saved_camera(job: SceneJob) -> SavedCamera | None:
    """What the job's camera file holds, where it names one.

    Raises:
        InputError: the file cannot be read, or holds several cameras.
    """
    if job.camera is None:
        return None
    found = named_cameras(job)
    if found is None:
        return load_camera(Path(job.camera))
    if len(found.cameras) > 1:
        some = ", ".join(camera.name for camera in found.cameras[:3])
        raise InputError(f"`camera` {job.camera}: holds {len(found.cameras)} cameras ({some}, …); name one: FILE:NAME")
    return replace(saved(job, found.cameras[0]), notes=found.notes)


def saved(job: SceneJob, record: NamedCamera) -> SavedCamera:
    """A file's camera with what else the file says: light and antialiasing, where it is ours."""
    path, _ = split_name(Path(str(job.camera)))
    base = SavedCamera(to_camera(record))
    if path.suffix.lower() == ".json" and format_of(path) == "tvdr-nv":
        base = camera_of(str(path), read_json(path), base.viewpoint)
    return replace(
        base, viewpoint=to_camera(record), near=record.near, far=record.far, resolution=record.size, record=record
    )


def takes_pictures(job: OptimizeJob) -> bool:
    """Whether the pictures that the camera file names are the targets: nothing else says what is wanted."""
    undecided = not job.wants_something and job.objective == ObjectiveName.auto
    return job.camera is not None and undecided and job.views == 1 and job.part == EVERYTHING


def with_picture_of_camera(job: OptimizeJob, reporter: Reporter) -> OptimizeJob:
    """The job with the picture that its one camera took as the target, where nothing says what is wanted."""
    found = named_cameras(job) if takes_pictures(job) else None
    if found is None:
        return job
    for note in found.notes:
        reporter.report(Kind.NOTE, f"{job.camera}: {note}")
    picture = found.cameras[0].picture
    if len(found.cameras) > 1 or picture is None:
        return job
    if not picture.is_file():
        raise InputError(f"`camera` {job.camera}: its picture {picture} is not there; put it there, or give `target`")
    reporter.report(Kind.NOTE, f"`target` is the camera's own picture, {picture}")
    return replace(job, target=picture)


def is_as_stored(target: Path, known: SavedCamera | None, reporter: Reporter) -> bool:
    """Whether a target that its EXIF data turns is taken as its file has it: then its size is that of the camera file.

    COLMAP and others count pixels as they are stored.
    """
    size = None if known is None or known.record is None else stored_size(target)
    if known is None or size is None or known.resolution is None or not _same_shape(size, known.resolution):
        return False
    reporter.report(
        Kind.NOTE, "the target is taken as it is stored: its EXIF data would turn it, but the camera file fits its rows"
    )
    return True


def _same_shape(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether pictures of two sizes (height, width) are of one shape; the sides of a scaled one are rounded."""
    (height, width), (h, w) = size, other
    return abs(width * h - height * w) <= 0.5 * (w + h) + 1e-9 * w * h


def check_size(job: SceneJob, known: SavedCamera | None, size: tuple[int, int], reporter: Reporter) -> None:
    """Compare a picture's size (height, width) with that for which the camera file's intrinsics are.

    Raises:
        InputError: the pictures have another shape, so that the intrinsics do not hold.
    """
    if known is None or known.resolution is None or known.resolution == size:
        return
    (height, width), (h, w) = size, known.resolution
    same = _same_shape(size, known.resolution)
    says = f"`camera` {job.camera} is for pictures of {w}×{h}, but the target is {width}×{height}"
    if same:
        if isinstance(known.viewpoint, Camera):
            reporter.report(Kind.NOTE, f"{says}; its intrinsics are scaled by {width / w:.4g}")
        return
    if isinstance(known.viewpoint, Camera):
        raise InputError(
            f"{says}, which is another shape; give the picture as it was taken, or a camera file whose principal point "
            "and size are those of the crop"
        )
    reporter.report(Kind.NOTE, f"{says}; of the file's view only the field of view along the shorter side is kept")


def note_shape(job: SceneJob, drawn: Sequence[NamedCamera], known: SavedCamera | None, reporter: Reporter) -> None:
    """Note that `image_size` is of another shape than the pictures that a camera's intrinsics are for.

    `drawn` are the cameras of the job's file, none where it is JSON of one camera; `known` is what the file holds.
    """
    if job.image_size is None:
        return
    sizes = [(camera.name, camera.size) for camera in drawn]
    if not sizes and known is not None and known.resolution is not None and isinstance(known.viewpoint, Camera):
        sizes = [("it", known.resolution)]
    height, width = parse_image_size(job.image_size)
    for name, (h, w) in sizes:
        if not _same_shape((height, width), (h, w)):
            reporter.report(
                Kind.NOTE,
                f"`camera` {job.camera}: {name} is for pictures of {w}×{h}, but `image_size` is {width}×{height}, "
                "which is another shape: the view along its shorter side is kept, that along the other one changes",
            )
            return


def pinhole_target(target: np.ndarray, known: SavedCamera | None, reporter: Reporter) -> np.ndarray:
    """The target without the distortion that the camera file tells of.

    Raises:
        InputError: OpenCV is not installed, which does this.
    """
    record = None if known is None else known.record
    if record is None or record.distortion is None:
        return target
    reporter.report(Kind.NOTE, f"the target is undistorted by the camera file's {record.distortion.model} model")
    return undistorted(target, record)


def check_pictures(path: Path, cameras: Sequence[NamedCamera]) -> dict[str, str]:
    """Why cameras have no picture that can be read, by their names; before hours are spent on the others.

    Raises:
        InputError: none of them has one.
    """
    without = {}
    for camera in cameras:
        try:
            if camera.picture is None:
                without[camera.name] = "names no picture"
            else:
                read_picture(camera.picture)
        except InputError as fault:
            without[camera.name] = str(fault)
    if len(without) == len(cameras):
        name, why = next(iter(without.items()))
        raise InputError(
            f"{path}: none of its {len(cameras)} cameras has a picture that can be read, such as {name}: {why}; name "
            "one camera with FILE:NAME, and its picture with `target`"
        )
    return without


def file_names(cameras: Sequence[NamedCamera]) -> list[str]:
    """A name for a file of each camera, all different, without an ending."""

    def base(camera: NamedCamera) -> str:
        path = Path(camera.name)
        stem = path.with_suffix("") if re.fullmatch(r"\.[A-Za-z]\w{2,3}", path.suffix) else path
        parts = [part for part in stem.parts if part not in ("..", ".", "/")]
        return re.sub(r"[^\w.+-]+", "_", "_".join(parts)).strip("._")[:100] or "camera"

    return distinct(map(base, cameras))
