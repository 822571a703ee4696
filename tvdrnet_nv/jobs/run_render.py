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
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.camera_file import file_names, named_cameras, saved, saved_camera
from tvdrnet_nv.jobs.events import RENDERING, Kind, OnEvent, Reporter
from tvdrnet_nv.jobs.outcome import Rendered
from tvdrnet_nv.jobs.output import output_folder
from tvdrnet_nv.jobs.render_job import RenderJob
from tvdrnet_nv.jobs.scene import LoadedScene, load_scene, to_file
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import brightness_note, render_views, turntable, view_grid, write_gif, write_mp4, write_png

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
            blank = _write_each(folder, job, loaded, several, wanted)
        else:
            blank = _write(folder, job, loaded.renderer, loaded.viewpoint)
        names = sorted(file.name for file in folder.iterdir())
    reporter.end()
    bright = brightness_note(loaded.renderer, loaded.viewpoint.camera())
    if bright is not None:
        reporter.report(Kind.NOTE, bright)
    if blank:
        reporter.report(Kind.NOTE, _says_blank(blank, loaded.renderer))
    return Rendered(
        files=[out / name for name in names],
        notes=reporter.notes,
        seconds=reporter.seconds,
        viewpoint=to_file(loaded.viewpoint, loaded.renderer.mesh),
        near=loaded.renderer.near,
        far=loaded.renderer.far,
        background=None if job.background == TRANSPARENT else loaded.renderer.background,
        blank=tuple(blank),
    )


def _says_blank(names: Sequence[str], renderer: Renderer) -> str:
    """Which pictures show nothing, and what that may come of."""
    mesh = renderer.mesh
    some = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    if mesh.is_invisible:
        return f"blank: nothing is drawn in {some}: {' '.join(mesh.notes)}"
    low, high = (mesh.to_file(bound.tolist()) for bound in mesh.bounds)
    box = " to ".join(f"({', '.join(f'{value:.6g}' for value in corner)})" for corner in (low, high))
    return (
        f"blank: the scene fills no pixel of {some}; it lies at {box}: the camera looks past it, it is not between "
        f"`near` {renderer.near:.4g} and `far` {renderer.far:.4g}, or it is thinner than a pixel"
    )


def _write(folder: Path, job: RenderJob, renderer: Renderer, viewpoint: Viewpoint) -> list[str]:
    """The pictures of the job's mode, into a folder; returns the names of those that show nothing."""
    blank = []
    if job.mode in (Mode.single, Mode.all):
        seen: list[bool] = []
        pictures = render_views(renderer, viewpoint, seen=seen, transparent=job.background == TRANSPARENT)
        write_png(folder / "single_view.png", next(pictures))
        blank += [] if any(seen) else ["single_view.png"]
    if job.mode in (Mode.turntable, Mode.all):
        assert isinstance(viewpoint, Orbit)
        blank += _write_turntable(folder, job, renderer, viewpoint)
    if job.mode in (Mode.grid, Mode.all):
        assert isinstance(viewpoint, Orbit)
        seen = []
        write_png(folder / "multi_view_grid.png", view_grid(renderer, viewpoint, seen=seen))
        blank += [] if any(seen) else ["multi_view_grid.png"]
    return blank


def _write_each(
    folder: Path,
    job: RenderJob,
    loaded: LoadedScene,
    cameras: Sequence[NamedCamera],
    wanted: tuple[int, int] | None,
) -> list[str]:
    """One picture for each camera of a file, by its name, of its own size where none is wanted; returns the names of
    those that show nothing."""
    renderer, origin = loaded.renderer, np.array(loaded.renderer.mesh.origin)
    blank = []
    for camera, name in zip(cameras, file_names(cameras), strict=True):
        size = wanted or camera.size
        renderer = renderer if renderer.resolution == size else renderer.at_resolution(size)
        viewpoint = to_camera(camera, origin).to(renderer.mesh.device)
        seen: list[bool] = []
        pictures = render_views(renderer, viewpoint, seen=seen, transparent=job.background == TRANSPARENT)
        write_png(folder / f"{name}.png", next(pictures))
        blank += [] if any(seen) else [f"{name}.png"]
    return blank


def _write_turntable(folder: Path, job: RenderJob, renderer: Renderer, orbit: Orbit) -> list[str]:
    """The turntable; returns its files' names where none of its views shows anything."""
    seen: list[bool] = []
    orbits, transparent = turntable(orbit, job.num_views), job.background == TRANSPARENT
    frames = render_views(renderer, orbits, seen=seen, transparent=transparent)
    frame_ms = min(max(TURN_MS // job.num_views // 10 * 10, 30), 500)
    if job.format == TurntableFormat.png:
        names = [f"turntable_{index:03d}.png" for index in range(job.num_views)]
        for name, frame in zip(names, frames, strict=True):
            write_png(folder / name, frame)
    elif job.format == TurntableFormat.mp4:
        names = ["turntable.mp4"]
        write_mp4(folder / names[0], frames, frame_ms=frame_ms)
    else:
        names = ["turntable.gif"]
        write_gif(folder / names[0], list(frames), frame_ms=frame_ms)
    return [] if any(seen) else names
