"""Aligned coordinates: of a mesh near zero and far away, and of a camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tests.datasets.folders import ALIGNMENT, BOX, frame
from tvdrnet_nv.datasets import aligned_camera, aligned_mesh


def test_a_mesh_is_moved_as_its_points_are() -> None:
    points = np.c_[BOX.vertices.numpy(), np.ones(BOX.num_vertices)] @ ALIGNMENT.T
    moved = aligned_mesh(BOX, ALIGNMENT)
    np.testing.assert_allclose(moved.vertices.numpy(), points[:, :3], atol=1e-6)
    assert moved.origin == (0, 0, 0)
    assert torch.equal(moved.faces, BOX.faces)


def test_the_origin_of_a_far_mesh_is_moved_in_float64() -> None:
    far = (4_000_000.25, -500_000.5, 100.0)
    moved = aligned_mesh(replace(BOX, origin=far), ALIGNMENT)
    points = np.c_[BOX.vertices.double().numpy() + far, np.ones(BOX.num_vertices)] @ ALIGNMENT.T
    np.testing.assert_allclose(moved.vertices.double().numpy() + moved.origin, points[:, :3], atol=1e-6)


def test_a_camera_sees_the_aligned_mesh_where_it_saw_the_mesh() -> None:
    before = frame().project(BOX.vertices.double().numpy())
    after = aligned_camera(frame(), ALIGNMENT).project(aligned_mesh(BOX, ALIGNMENT).vertices.double().numpy())
    np.testing.assert_allclose(after, before, atol=1e-4)
