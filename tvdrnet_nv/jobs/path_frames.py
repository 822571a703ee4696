"""The cameras of a film: a smooth way through named ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.camera import Camera, Orbit, camera_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import NamedCamera, choose, read_cameras, split_name, to_camera
from tvdrnet_nv.io.cameras.ours import read_run
from tvdrnet_nv.jobs.camera_file import named_cameras
from tvdrnet_nv.jobs.render_job import ALL, RenderJob
from tvdrnet_nv.optimization import visible_centers
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.up import up_direction

_SECONDS, _SECONDS_EACH = 3.0, 2.5  # of a film between two cameras, and for each part between more


def path_records(job: RenderJob) -> list[NamedCamera]:
    """The cameras that the job's path names, in its order.

    Raises:
        InputError: the file has none of that name, or there are fewer than two.
    """
    assert job.camera is not None  # a job with a path has a camera file
    assert job.path is not None
    file, name = split_name(Path(job.camera))
    if name is not None:
        raise InputError(f"`camera` {job.camera}: `path` names the cameras; leave :{name} out")
    known = named_cameras(job)
    run = read_run(file) if file.suffix.lower() == ".json" and file.is_file() else None
    found = run or known or read_cameras(file)
    if job.path == ALL:
        records = list(found.cameras)
    else:
        records = [choose(file, found.cameras, name.strip()) for name in job.path.split(",")]
    if len(records) < 2:
        raise InputError(f"`path` {job.path}: {file} has one camera only; a film needs two or more")
    return records


def path_frames(job: RenderJob, records: Sequence[NamedCamera], renderer: Renderer, up: Orbit | None) -> Camera:
    """The film's cameras, on the renderer's device.

    Args:
        job: gives the frame rate, and how many frames there are.
        records: at least two.
        renderer: says what each camera looks at.
        up: gives the pole, where it is known.
    """
    mesh = renderer.mesh
    origin = np.array(mesh.origin)
    cameras = [to_camera(record, origin) for record in records]
    centers = torch.cat([visible_centers(renderer, camera) for camera in cameras])
    positions = torch.cat([camera.position for camera in cameras])
    seconds = _SECONDS if len(cameras) == 2 else _SECONDS_EACH * (len(cameras) - 1)
    count = job.num_views or round(seconds * job.fps)
    pole = up_direction(mesh, None if up is None else up.up)
    return camera_path(cameras, (centers - positions).norm(dim=1), max(2, count), pole).to(mesh.device)
