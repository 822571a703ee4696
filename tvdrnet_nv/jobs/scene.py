"""From a job to a renderer and a camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.device import choose_device
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SavedCamera
from tvdrnet_nv.io.cameras import to_camera
from tvdrnet_nv.jobs.background import TRANSPARENT, WHITE, parse_background
from tvdrnet_nv.jobs.data_set import scene_mesh
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.light import job_light
from tvdrnet_nv.jobs.scene_job import SceneJob, parse_at
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.renderer import Renderer, default_clip_planes
from tvdrnet_nv.starts import scene_orbit

_LINE = 160  # characters of the notes that are told


@dataclass(frozen=True)
class LoadedScene:
    """What the fields that all jobs have lead to.

    Attributes:
        renderer: of the scene, on the job's device.
        viewpoint: one camera, that of the camera file or of the job's fields.
        reason: why this device was chosen.
    """

    renderer: Renderer
    viewpoint: Viewpoint
    reason: str
    notes: tuple[str, ...] = ()

    def report(self, job: SceneJob, reporter: Reporter) -> None:
        """Tell what the scene is, and where it is rendered."""
        mesh, (height, width) = self.renderer.mesh, self.renderer.resolution
        up = f", {self.viewpoint.up} is up" if isinstance(self.viewpoint, Orbit) else ""
        size = f"{mesh.num_faces:,} triangles, {width}×{height} pixels"
        reporter.report(Kind.SCENE, f"{Path(job.scene).name}: {size}{up}")
        reporter.report(Kind.DEVICE, f"{backend_for(mesh.device).name} backend: {self.reason}")
        if mesh.notes:
            reporter.report(Kind.NOTE, notes_line(Path(job.scene).name, mesh.notes))
        for note in self.notes:
            reporter.report(Kind.NOTE, note)


def notes_line(name: str, notes: Sequence[str]) -> str:
    """What a scene's file holds and the mesh does not, as one line of a bearable length."""
    clauses = "; ".join(
        (note[0].lower() if note[1:2].islower() else note[0]) + note[1:].removesuffix(".") for note in notes
    )
    whole = f"{name}: {clauses}"
    if len(whole) <= _LINE:
        return whole
    count = f"{len(notes)} notes" if len(notes) > 1 else "a note"
    line = f"{name}: {count}: {clauses}"
    return f"{line[:_LINE].rsplit(' ', 1)[0].rstrip(';,:')} …; `tvdr-nv info` tells all"


def load_scene(job: SceneJob, saved: SavedCamera | None, resolution: tuple[int, int]) -> LoadedScene:
    """Load the scene, and make a renderer and one camera of it.

    Light, background, antialiasing and clip planes are the job's, else those of the camera file, else the library's.

    Args:
        job: what is wanted.
        saved: what `saved_camera` found.
        resolution: (height, width) of the pictures.

    Raises:
        InputError: the scene cannot be loaded, or the device is missing.
    """
    device, reason = choose_device(job.device)
    mesh = scene_mesh(job, _triple(job.color)).to(device)
    orbit = _orbit(job, mesh)
    viewpoint: Viewpoint = orbit
    antialias = job.antialias
    if saved is not None:
        if saved.record is None:
            viewpoint = from_file(saved.viewpoint, mesh).to(device)
        else:
            viewpoint = to_camera(saved.record, np.array(mesh.origin)).to(device)
        antialias = antialias and saved.antialias is not False
    light = job_light(job, saved, orbit, mesh)
    near, far = _clip_planes(job, mesh, saved)
    renderer = Renderer(
        mesh, resolution, light=light, background=_background(job, saved), antialias=antialias, near=near, far=far
    )
    notes = () if saved is None else tuple(f"{job.camera}: {note}" for note in saved.notes)
    return LoadedScene(renderer, viewpoint, reason, notes)


def from_file(viewpoint: Viewpoint, mesh: Mesh) -> Viewpoint:
    """A viewpoint in the coordinates of the mesh's file as one in the mesh's frame, float32."""
    return viewpoint.translated([-x for x in mesh.origin]).to(torch.float32)


def to_file(viewpoint: Viewpoint, mesh: Mesh) -> Viewpoint:
    """A viewpoint in the mesh's frame as one in the coordinates of its file; float64, where these are not the same."""
    return viewpoint.detach().translated(mesh.origin)


def _orbit(job: SceneJob, mesh: Mesh) -> Orbit:
    """The camera that the job's fields describe; what they leave out is `scene_orbit`'s choice."""
    given = {name: getattr(job, name) for name in ("distance", "elevation", "azimuth", "fov", "up")}
    at = None if job.at is None else parse_at(job.at)
    given["at"] = mesh.from_file(at) if isinstance(at, tuple) else at
    return scene_orbit(mesh, **{name: value for name, value in given.items() if value is not None})


def _clip_planes(job: SceneJob, mesh: Mesh, saved: SavedCamera | None) -> tuple[float, float]:
    """Those of the job, of the camera file, or the library's."""
    near, far = default_clip_planes(mesh)
    if saved is not None:
        near, far = saved.near or near, saved.far or far
    near, far = job.near or near, job.far or far
    if near >= far:
        raise InputError(f"`near` {near:g} and `far` {far:g}: wanted near less than far")
    return near, far


def _background(job: SceneJob, saved: SavedCamera | None) -> tuple[float, float, float]:
    """That of the job, of the camera file, or white; black behind what is to be transparent."""
    if job.background is None:
        return WHITE if saved is None or saved.background is None else saved.background
    wanted = parse_background(job.background)
    return (0.0, 0.0, 0.0) if wanted == TRANSPARENT else wanted


def _triple(values: Sequence[float] | None) -> tuple[float, float, float] | None:
    if values is None:
        return None
    x, y, z = values
    return x, y, z
