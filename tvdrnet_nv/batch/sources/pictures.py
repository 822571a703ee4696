"""Jobs from pictures: a folder of photographs, or a file of cameras that name theirs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.fields import checked_job
from tvdrnet_nv.batch.job import BatchJob, folder_names
from tvdrnet_nv.errors import InputError

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def photo_files(folder: Path) -> list[Path]:
    """The pictures of a folder and of the folders in it, in alphabetical order.

    Raises:
        InputError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; wanted one with pictures")
    found = sorted(file for file in folder.rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())
    if not found:
        raise InputError(f"{folder}: has no pictures ({', '.join(ENDINGS)})")
    return found


def jobs_of_photos(folder: Path, common: Mapping[str, Any]) -> list[BatchJob]:
    """A job for each picture of a folder: the camera that took it.

    Args:
        folder: the folder; folders in it are looked into.
        common: fields of all jobs, among them the scene.

    Raises:
        InputError: there are no pictures, or the fields cannot be used.
    """
    files = photo_files(folder)
    names = folder_names(str(file.relative_to(folder).with_suffix("")) for file in files)
    return _checked(files, names, [{**common, "target": str(file.absolute())} for file in files])


def jobs_of_cameras(file: Path, common: Mapping[str, Any]) -> list[BatchJob]:
    """A job for each camera of a file: it is refined on the picture that it took.

    Args:
        file: of any format of docs/cameras.md.
        common: fields of all jobs, among them the scene, and `intrinsics` for files without.

    Raises:
        InputError: the file cannot be read, a camera names no picture, or the fields cannot be used.
    """
    from tvdrnet_nv.jobs.camera_file import named_cameras

    job = checked_job({**common, "camera": str(file.absolute())})
    found = named_cameras(job)
    if found is None:
        raise InputError(f"{file}: holds one camera without a picture; wanted cameras that name their pictures")
    without = [camera.name for camera in found.cameras if camera.picture is None]
    if without:
        raise InputError(f"{file}: {len(without)} cameras name no picture, such as {without[0]}; give them as --photos")
    names = folder_names(str(Path(camera.name).with_suffix("")) for camera in found.cameras)
    rows = [
        {**common, "camera": f"{file.absolute()}:{camera.name}", "target": str(Path(str(camera.picture)).absolute())}
        for camera in found.cameras
    ]
    return _checked([camera.name for camera in found.cameras], names, rows)


def _checked(places: list[Any], names: list[str], rows: list[dict[str, Any]]) -> list[BatchJob]:
    for row in rows:
        checked_job(row)
    return [BatchJob(name, row, str(place)) for place, name, row in zip(places, names, rows, strict=True)]
