"""What a job shows of a scene."""

from __future__ import annotations

from pathlib import Path

import torch

from tvdrnet_nv import Mesh
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.jobs import Optimized, OptimizeJob
from tvdrnet_nv.scenes import textured_box


def test_the_near_plane_does_not_hide_a_part_that_is_tiny_beside_the_scene(tmp_path: Path) -> None:
    """A cube of 1 m on a plane of 2 km, whose near plane would be at 14 m."""
    box = textured_box(8)
    plane = torch.tensor([[-1e3, -1.0, -1e3], [1e3, -1.0, -1e3], [1e3, -1.0, 1e3], [-1e3, -1.0, 1e3]])
    sides = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32) + box.num_vertices
    vertices = torch.cat([box.vertices, plane])
    scene = Mesh(vertices, torch.cat([box.faces, sides]), torch.full_like(vertices, 0.5))
    save_ply(scene, tmp_path / "plane.ply")
    low, high = (",".join(f"{x:.4f}" for x in bound.tolist()) for bound in box.bounds)
    job = OptimizeJob(
        scene=tmp_path / "plane.ply", focus=f"box={low},{high}", up="y", image_size=48, out=tmp_path / "a"
    )
    outcome = job.run()
    assert isinstance(outcome, Optimized)
    assert outcome.focus is not None
    assert float(outcome.focus.scores.visible) > 0.9
    assert any("the near plane is at" in note for note in outcome.notes)
