"""Carries out a `RenderJob`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.atomic import check_writable, staged_folder
from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.choices import Mode, TurntableFormat
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import NamedCamera, to_camera
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.camera_file import file_names, named_cameras, note_shape, saved, saved_camera
from tvdrnet_nv.jobs.drawing import Drawing
from tvdrnet_nv.jobs.events import RENDERING, Kind, OnEvent, Reporter
from tvdrnet_nv.jobs.outcome import Rendered
from tvdrnet_nv.jobs.output import output_folder
from tvdrnet_nv.jobs.path_frames import path_frames, path_records
from tvdrnet_nv.jobs.render_job import RenderJob
from tvdrnet_nv.jobs.run_figure import figure_size, write_job_figure
from tvdrnet_nv.jobs.run_folder import with_run_file
from tvdrnet_nv.jobs.scene import LoadedScene, load_scene, to_file
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import brightness_note, turntable, view_grid, write_gif, write_mp4, write_png
from tvdrnet_nv.report.dollhouse import Dollhouse
from tvdrnet_nv.up import up_direction

DEFAULT_SIZE = 512  # pixels a side
TURN_MS = 4000  # how long a turntable takes for one turn
TURN_VIEWS = 36


@dataclass(frozen=True)
class _Cameras:
    """The cameras of a job's file: all of them where there are several, and the one that the scene is loaded for."""

    several: list[NamedCamera]
    size: tuple[int, int]
    wanted: tuple[int, int] | None


def run_render(job: RenderJob, on_event: OnEvent | None) -> Rendered:
    """See `RenderJob.run`."""
    reporter = Reporter(on_event)
    job = with_run_file(job)
    target = output_folder(job) if job.figure is None else Path(job.figure)
    check_writable(target if job.figure is None else target.parent)
    if job.figure is not None and target.is_dir():
        raise InputError(f"`figure` {target}: is a folder; name a file")
    cameras, loaded = _load(job, reporter)
    house = Dollhouse(loaded.renderer.mesh, _up(loaded)) if job.dollhouse else None
    for note in () if house is None else house.notes:
        reporter.report(Kind.NOTE, note)
    drawing = Drawing.of(job, house)
    reporter.begin(RENDERING)
    if job.figure is not None:
        blank = write_job_figure(job, list(_views(job, loaded, cameras)), drawing, _up(loaded))
        files = [target]
    else:
        with staged_folder(target) as folder:
            blank = _write_into(folder, job, loaded, cameras, drawing)
            files = [target / name for name in sorted(file.name for file in folder.iterdir())]
    reporter.end()
    # A figure's exposure leaves nothing burnt out.
    bright = brightness_note(loaded.renderer, loaded.viewpoint.camera()) if job.figure is None else None
    if bright is not None:
        reporter.report(Kind.NOTE, bright)
    if blank:
        reporter.report(Kind.NOTE, _says_blank(blank, loaded.renderer))
    return Rendered(
        files=files,
        notes=reporter.notes,
        seconds=reporter.seconds,
        viewpoint=to_file(loaded.viewpoint, loaded.renderer.mesh),
        near=loaded.renderer.near,
        far=loaded.renderer.far,
        background=None if job.background == TRANSPARENT else loaded.renderer.background,
        blank=tuple(blank),
    )


def _load(job: RenderJob, reporter: Reporter) -> tuple[_Cameras, LoadedScene]:
    """The cameras of the job's file, and the scene as the first of them sees it."""
    found = named_cameras(job)
    for note in () if found is None else found.notes:
        reporter.report(Kind.NOTE, f"{job.camera}: {note}")
    several = [] if found is None or len(found.cameras) == 1 else found.cameras
    if job.path is not None:
        several = path_records(job)
    drawn = several or ([] if found is None else found.cameras)
    if any(camera.distortion is not None for camera in drawn):
        reporter.report(Kind.NOTE, f"{job.camera}: pictures are drawn without the lens distortion")
    known = saved(job, several[0]) if several else saved_camera(job)
    if known is not None and job.mode != Mode.single and not isinstance(known.viewpoint, Orbit):
        raise InputError(f"`mode` {job.mode}: needs an orbit, but {job.camera} has a pose; use `mode` single")
    wanted = None if job.image_size is None else parse_image_size(job.image_size)
    note_shape(job, drawn, known, reporter)
    size = wanted or (known.resolution if known is not None else None) or (DEFAULT_SIZE, DEFAULT_SIZE)
    size = size if job.figure is None else figure_size(job, size)
    # Where a pixel has several samples, they say what covers it.
    loaded = load_scene(replace(job, antialias=job.antialias and job.samples_a_pixel == 1), known, size)
    loaded.report(job, reporter)
    return _Cameras(several, size, wanted), loaded


def _up(loaded: LoadedScene) -> torch.Tensor:
    """[3]: up in the scene."""
    viewpoint = loaded.viewpoint
    return up_direction(loaded.renderer.mesh, viewpoint.up if isinstance(viewpoint, Orbit) else None)


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


def _write_into(folder: Path, job: RenderJob, loaded: LoadedScene, cameras: _Cameras, drawing: Drawing) -> list[str]:
    """The job's pictures, into a folder; returns the names of those that show nothing."""
    if job.path is not None:
        pole = loaded.viewpoint if isinstance(loaded.viewpoint, Orbit) else None
        way = path_frames(job, cameras.several, loaded.renderer, pole)
        return _write_series(folder, job, loaded.renderer, way, drawing, "path", job.format or TurntableFormat.mp4)
    if cameras.several:
        return _write_each(folder, job, loaded, cameras, drawing)
    return _write(folder, job, loaded.renderer, loaded.viewpoint, drawing)


def _write(folder: Path, job: RenderJob, renderer: Renderer, viewpoint: Viewpoint, drawing: Drawing) -> list[str]:
    """The pictures of the job's mode."""
    blank = []
    if job.mode in (Mode.single, Mode.all):
        seen: list[bool] = []
        write_png(folder / "single_view.png", next(drawing.pictures(renderer, viewpoint, seen)))
        blank += [] if any(seen) else ["single_view.png"]
    if job.mode in (Mode.turntable, Mode.all):
        assert isinstance(viewpoint, Orbit)
        kind = job.format or TurntableFormat.gif
        usual = round(TURN_MS / 1000 * job.fps) if kind == TurntableFormat.mp4 else TURN_VIEWS
        turn = turntable(viewpoint, job.num_views or usual)
        blank += _write_series(folder, job, renderer, turn, drawing, "turntable", kind)
    if job.mode in (Mode.grid, Mode.all):
        assert isinstance(viewpoint, Orbit)
        seen = []
        write_png(folder / "multi_view_grid.png", view_grid(renderer, viewpoint, seen=seen))
        blank += [] if any(seen) else ["multi_view_grid.png"]
    return blank


def _views(job: RenderJob, loaded: LoadedScene, cameras: _Cameras) -> Iterator[tuple[str, Renderer, Viewpoint]]:
    """Each camera of a file, or the only one: its name, and the renderer in its size where none is wanted."""
    renderer, origin = loaded.renderer, np.array(loaded.renderer.mesh.origin)
    if not cameras.several:
        yield "single_view", renderer, loaded.viewpoint
    for camera, name in zip(cameras.several, file_names(cameras.several), strict=True):
        size = cameras.wanted or (camera.size if job.figure is None else figure_size(job, camera.size))
        renderer = renderer if renderer.resolution == size else renderer.at_resolution(size)
        yield name, renderer, to_camera(camera, origin).to(renderer.mesh.device)


def _write_each(folder: Path, job: RenderJob, loaded: LoadedScene, cameras: _Cameras, drawing: Drawing) -> list[str]:
    """One picture for each camera of a file, by its name."""
    blank = []
    for name, renderer, viewpoint in _views(job, loaded, cameras):
        seen: list[bool] = []
        write_png(folder / f"{name}.png", next(drawing.pictures(renderer, viewpoint, seen)))
        blank += [] if any(seen) else [f"{name}.png"]
    return blank


def _write_series(
    folder: Path, job: RenderJob, renderer: Renderer, viewpoint: Viewpoint, drawing: Drawing, name: str, kind: str
) -> list[str]:
    """A turntable or a film; returns its files' names where none of its views shows anything."""
    seen: list[bool] = []
    frames, count = drawing.pictures(renderer, viewpoint, seen), len(viewpoint)
    names = [f"{name}.{kind}"]
    if kind == TurntableFormat.png:
        digits = max(3, len(str(count - 1)))
        names = [f"{name}_{index:0{digits}d}.png" for index in range(count)]
        for file, frame in zip(names, frames, strict=True):
            write_png(folder / file, frame)
    elif kind == TurntableFormat.mp4:
        write_mp4(folder / names[0], frames, fps=job.fps)
    else:
        turn = min(max(TURN_MS // count // 10 * 10, 30), 500)
        write_gif(folder / names[0], list(frames), frame_ms=turn if job.path is None else round(1000 / job.fps))
    return [] if any(seen) else names
