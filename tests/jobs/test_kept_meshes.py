"""Scenes that stay in memory from one job to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.io import save_ply
from tvdrnet_nv.jobs import RenderJob
from tvdrnet_nv.jobs.data_set import scene_mesh
from tvdrnet_nv.jobs.kept_meshes import kept_meshes
from tvdrnet_nv.scenes import textured_box

GREY = (0.5, 0.5, 0.5)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    save_ply(textured_box(2), tmp_path / "box.ply")
    return tmp_path / "box.ply"


def test_jobs_share_a_mesh_while_meshes_are_kept(scene: Path) -> None:
    job = RenderJob(scene=scene)
    with kept_meshes():
        first = scene_mesh(job, None)
        assert scene_mesh(RenderJob(scene=scene, azimuth=3.0), None) is first
        painted = scene_mesh(job, GREY)
        assert painted is not first
        assert painted.colors[0].tolist() == list(GREY)
        assert scene_mesh(job, None) is not first  # only one is kept
        scene_mesh(job, GREY)
        save_ply(textured_box(3), scene)
        assert scene_mesh(job, GREY).num_faces > painted.num_faces
    assert scene_mesh(job, None) is not scene_mesh(job, None)


def test_two_may_be_kept(scene: Path) -> None:
    job = RenderJob(scene=scene)
    with kept_meshes(2):
        first = scene_mesh(job, None)
        scene_mesh(job, GREY)
        assert scene_mesh(job, None) is first
