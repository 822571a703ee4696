"""Carries out a `RenderJob`."""

from __future__ import annotations

from pathlib import Path

from tvdrnet_nv.atomic import check_writable, staged_folder
from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.choices import Mode, TurntableFormat
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.events import RENDERING, OnEvent, Reporter
from tvdrnet_nv.jobs.outcome import Rendered
from tvdrnet_nv.jobs.output import output_folder
from tvdrnet_nv.jobs.render_job import RenderJob
from tvdrnet_nv.jobs.scene import load_scene, saved_camera, to_file
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
    saved = saved_camera(job)
    if saved is not None and job.mode != Mode.single and not isinstance(saved.viewpoint, Orbit):
        raise InputError(f"`mode` {job.mode}: needs an orbit, but {job.camera} has a pose; use `mode` single")
    wanted = None if job.image_size is None else parse_image_size(job.image_size)
    size = wanted or (saved.resolution if saved is not None else None) or (DEFAULT_SIZE, DEFAULT_SIZE)
    loaded = load_scene(job, saved, size)
    loaded.report(job, reporter)
    reporter.begin(RENDERING)
    with staged_folder(out) as folder:
        _write(folder, job, loaded.renderer, loaded.viewpoint)
        names = sorted(file.name for file in folder.iterdir())
    reporter.end()
    return Rendered(
        files=[out / name for name in names],
        notes=reporter.notes,
        seconds=reporter.seconds,
        viewpoint=to_file(loaded.viewpoint, loaded.renderer.mesh),
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
