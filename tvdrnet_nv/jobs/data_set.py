"""What a job takes from the folder of a data set's scene: its mesh, its alignment, its frames."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from tvdrnet_nv.datasets import SceneFolder, aligned_camera, aligned_mesh, find_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.io.cameras import CameraFile, NamedCamera, choose
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.kept_meshes import kept
from tvdrnet_nv.jobs.optimize_job import FRAME, OptimizeJob
from tvdrnet_nv.jobs.scene_job import SceneJob
from tvdrnet_nv.mesh import Mesh


def scene_file(job: SceneJob) -> Path:
    """The file of the job's mesh: the scene, or what is drawn of a data set's scene.

    Raises:
        InputError: there is no such scene.
    """
    known = find_scene(Path(job.scene))
    return Path(job.scene) if known is None else known.mesh_file


def scene_mesh(job: SceneJob, color: tuple[float, float, float] | None) -> Mesh:
    """The job's mesh, on the CPU, in aligned coordinates where the job wants these; see `kept_meshes`.

    Raises:
        InputError: it cannot be loaded, or there is no alignment.
    """
    known = find_scene(Path(job.scene))

    def load() -> Mesh:
        mesh = load_mesh(Path(job.scene), color) if known is None else known.load_mesh(color)
        alignment = scene_alignment(job)
        return mesh if alignment is None else aligned_mesh(mesh, alignment)

    return kept(scene_file(job), (color, job.align), load)


def scene_alignment(job: SceneJob) -> np.ndarray | None:
    """float64 [4, 4]: the alignment that the job applies; None where it wants none.

    Raises:
        InputError: it wants one, and the scene has none.
    """
    if not job.align:
        return None
    known = find_scene(Path(job.scene))
    found = None if known is None else known.alignment()
    if found is None:
        what = "no scene of a data set" if known is None else f"a {known.dataset} scene without an alignment"
        raise InputError(f"`align`: {job.scene} is {what}; leave `align` out")
    return found


def own_cameras(job: SceneJob, path: Path) -> CameraFile | None:
    """The cameras of a path that is a data set's own, as the job's scene is drawn: they follow the alignment.

    None where the path is not one of the scene's. Its cameras are then taken as they are.

    Raises:
        InputError: they cannot be read.
    """
    known = find_scene(Path(job.scene))
    own = [] if known is None else [file.resolve() for file in known.camera_files() if file.exists()]
    if known is None or not own or path.resolve() not in (*own, known.folder.resolve()):
        return None
    found = known.read_cameras(path)
    alignment = scene_alignment(job)
    if alignment is None:
        return found
    return replace(found, cameras=[aligned_camera(camera, alignment) for camera in found.cameras])


def with_frame(job: OptimizeJob, reporter: Reporter) -> OptimizeJob:
    """The job with a frame's picture as its target and the frame's pose and lens as its start, for "frame:NAME".

    A camera that the job gives stays.

    Raises:
        InputError: the scene has no such frame, or no picture of it.
    """
    target = None if job.target is None else str(job.target)
    if target is None or not target.startswith(FRAME) or Path(target).exists():
        return job
    name = target.removeprefix(FRAME)
    known = find_scene(Path(job.scene))
    if known is None:
        raise InputError(
            f"`target` {target}: {job.scene} is no scene of a data set, so it has no frames; give a picture"
        )
    file = _camera_file(known, target)
    cameras = known.read_cameras(file)
    try:
        camera = _frame(file, cameras.cameras, name)
    except InputError as error:  # perhaps it was left out
        raise InputError("; ".join([str(error), *cameras.notes])) from None
    if camera.picture is None or not camera.picture.is_file():
        raise InputError(f"`target` {target}: there is no picture of it in {known.folder}; export the frames' pictures")
    reporter.report(Kind.NOTE, f"`target` {target} is {camera.picture}")
    if job.camera is not None:
        return replace(job, target=camera.picture)
    return replace(job, target=camera.picture, camera=f"{file}:{camera.name}")


def _frame(file: Path, cameras: list[NamedCamera], name: str) -> NamedCamera:
    """The camera of a name, or the only one whose name ends in this number: 120 is frame-000120."""
    if name.isdecimal():
        numbered = [(camera, re.search(r"(\d+)$", Path(camera.name).stem)) for camera in cameras]
        found = [camera for camera, match in numbered if match and int(match[1]) == int(name)]
        if len(found) == 1:
            return found[0]
    return choose(file, cameras, name)


def _camera_file(known: SceneFolder, target: str) -> Path:
    """The first of the scene's files of poses that is there."""
    files = known.camera_files()
    found = next((file for file in files if file.exists()), None)
    if found is None:
        if not files:
            raise InputError(
                f"`target` {target}: {known.dataset} scenes have no frames; give a picture, and its `camera`"
            )
        wanted = " or ".join(map(str, files))
        raise InputError(f"`target` {target}: there is no {wanted}; export the frames of {known.name} first")
    return found
