"""The light of a job's scene, from its fields and the camera file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.choices import Lighting
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.exposure import parse_exposure
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.shading import UNLIT, PhongLight
from tvdrnet_nv.starts import scene_light

if TYPE_CHECKING:
    from tvdrnet_nv.io import SavedCamera
    from tvdrnet_nv.jobs.scene_job import SceneJob


def job_light(job: SceneJob, saved: SavedCamera | None, orbit: Orbit, mesh: Mesh) -> PhongLight:
    """The light, in the mesh's frame: the job's, else that of the camera file, else the library's.

    Args:
        job: its fields `light`, `lighting` and `light_exposure` say what is wanted.
        saved: what the camera file holds.
        orbit: about whose look-at point the library's light stands.
        mesh: the scene.
    """
    light, place, auto = scene_light(orbit, mesh), job.light, job.lighting == Lighting.auto
    if saved is not None and place is None:
        place = saved.light
    if job.lighting == Lighting.none or (auto and saved is not None and saved.unlit):
        light = replace(UNLIT, location=light.location)
    head = job.lighting == Lighting.head or (auto and saved is not None and saved.head)
    light = replace(light, head=head and job.light is None)
    if place is not None:
        x, y, z = place
        light = replace(light, location=mesh.from_file((x, y, z)))
    if light.is_none:
        if job.light_exposure is not None:
            raise InputError(f"`light_exposure`: {job.camera} has no light; choose a `lighting`, or leave it out")
        return light
    if job.light_exposure is None:
        exposure = 1.0 if saved is None or saved.exposure is None else saved.exposure
        return replace(light, exposure=exposure)
    exposure = parse_exposure(job.light_exposure)
    return light.dimmed(mesh.brightest) if exposure is None else replace(light, exposure=exposure)
