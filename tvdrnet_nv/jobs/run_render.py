"""Carries out a `RenderJob`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.atomic import check_writable, staged_folder
from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.choices import Mode, TurntableFormat
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import NamedCamera, to_camera
from tvdrnet_nv.jobs.camera_file import file_names, named_cameras, saved, saved_camera
from tvdrnet_nv.jobs.events import RENDERING, Kind, OnEvent, Reporter
from tvdrnet_nv.jobs.outcome import Rendered
from tvdrnet_nv.jobs.output import output_folder
from tvdrnet_nv.jobs.render_job import RenderJob
from tvdrnet_nv.jobs.scene import LoadedScene, load_scene
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import render_views, turntable, view_grid, write_gif, write_mp4, write_png

DEFAULT_SIZE = 512  # pixels a side
TURN_MS = 4000  # how long a turntable takes for one turn


def run_render(job: RenderJob, on_event: OnEvent | None) -> Rendered:
    """See `RenderJob.run`."""
    reporter = Reporter(on_event)
    out = output_folder(job)
    check_writable(out)
    found = named_cameras(job)
    for note in () if found is None else found.notes:
        reporter.report(Kind.NOTE, f"{job.camera}: {note}")
    if found is not None and any(camera.distortion is not None for camera in found.cameras):
        reporter.report(Kind.NOTE, f"{job.camera}: pictures are drawn without the lens distortion")
    several = [] if found is None or len(found.cameras) == 1 else found.cameras
    known = saved(job, several[0]) if several else saved_camera(job)
    if known is not None and job.mode != Mode.single and not isinstance(known.viewpoint, Orbit):
        raise InputError(f"`mode` {job.mode}: needs an orbit, but {job.camera} has a pose; use `mode` single")
    wanted = None if job.image_size is None else parse_image_size(job.image_size)
    size = wanted or (known.resolution if known is not None else None) or (DEFAULT_SIZE, DEFAULT_SIZE)
    loaded = load_scene(job, known, size)
    loaded.report(job, reporter)
    reporter.begin(RENDERING)
    with staged_folder(out) as folder:
        if several:
            _write_each(folder, loaded, several, wanted)
        else:
            _write(folder, job, loaded.renderer, loaded.viewpoint)
        names = sorted(file.name for file in folder.iterdir())
    reporter.end()
    return Rendered(
        files=[out / name for name in names],
        notes=reporter.notes,
        seconds=reporter.seconds,
        viewpoint=loaded.viewpoint,
        near=loaded.renderer.near,
        far=loaded.renderer.far,
    )


def _write(folder: Path, job: RenderJob, renderer: Renderer, viewpoint: Viewpoint) -> None:
    """The pictures of the job's mode, into a folder."""
    if job.mode in (Mode.single, Mode.all):
        write_png(folder / "single_view.png", next(render_views(renderer, viewpoint)))
    if job.mode in (Mode.turntable, Mode.all):
        assert isinstance(viewpoint, Orbit)
        _write_turntable(folder, job, renderer, viewpoint)
    if job.mode in (Mode.grid, Mode.all):
        assert isinstance(viewpoint, Orbit)
        write_png(folder / "multi_view_grid.png", view_grid(renderer, viewpoint))


def _write_each(
    folder: Path, loaded: LoadedScene, cameras: Sequence[NamedCamera], wanted: tuple[int, int] | None
) -> None:
    """One picture for each camera of a file, by its name, of its own size where none is wanted."""
    renderer, origin = loaded.renderer, np.array(loaded.renderer.mesh.origin)
    for camera, name in zip(cameras, file_names(cameras), strict=True):
        size = wanted or camera.size
        renderer = renderer if renderer.resolution == size else renderer.at_resolution(size)
        viewpoint = to_camera(camera, origin).to(renderer.mesh.device)
        write_png(folder / f"{name}.png", next(render_views(renderer, viewpoint)))


def _write_turntable(folder: Path, job: RenderJob, renderer: Renderer, orbit: Orbit) -> None:
    frames = render_views(renderer, turntable(orbit, job.num_views))
    frame_ms = min(max(TURN_MS // job.num_views // 10 * 10, 30), 500)
    if job.format == TurntableFormat.mp4:
        write_mp4(folder / "turntable.mp4", frames, frame_ms=frame_ms)
    elif job.format == TurntableFormat.png:
        for index, frame in enumerate(frames):
            write_png(folder / f"turntable_{index:03d}.png", frame)
    else:
        write_gif(folder / "turntable.gif", list(frames), frame_ms=frame_ms)
