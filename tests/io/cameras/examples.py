"""Cameras made by code."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.io.cameras import Lens, NamedCamera


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    Q, R = np.linalg.qr(rng.normal(size=(3, 3)))
    Q = Q * np.sign(np.diag(R))
    return Q if np.linalg.det(Q) > 0 else -Q


def random_cameras(count: int = 4, *, seed: int = 0, centred: bool = False, far: float = 1e3) -> list[NamedCamera]:
    """One lens for all; by default not square, the principal point off the centre; far from the world's zero."""
    rng = np.random.default_rng(seed)
    lens = Lens(411.7, 433.2, 331.3, 210.9, 640, 427)
    if centred:
        lens = Lens(411.7, 411.7, 320.0, 213.5, 640, 427)
    cameras = []
    for k in range(count):
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = random_rotation(rng), far * rng.normal(size=3)
        cameras.append(NamedCamera(f"{k}", pose, lens))
    return cameras


def points_before(camera: NamedCamera, *, seed: int = 1) -> np.ndarray:
    """World points [20, 3] that the camera sees."""
    rng = np.random.default_rng(seed)
    view = np.concatenate([rng.uniform(-0.5, 0.5, (20, 2)), np.ones((20, 1))], 1) * rng.uniform(1, 5, (20, 1))
    return view @ camera.camera_to_world[:3, :3].T + camera.camera_to_world[:3, 3]
