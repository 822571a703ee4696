"""COLMAP's own library reads what is written, and projects to the same pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.io.cameras.examples import points_before, random_cameras
from tvdrnet_nv.io.cameras import write_cameras


@pytest.mark.parametrize("name", ["colmap", "colmap-binary"])
def test_pycolmap_sees_the_same_pixels(tmp_path: Path, name: str) -> None:
    pycolmap = pytest.importorskip("pycolmap", reason="pycolmap is not installed; COLMAP's files are not checked by it")
    cameras = random_cameras()
    write_cameras(tmp_path / "m", cameras, name)
    images = pycolmap.Reconstruction(str(tmp_path / "m")).images
    assert len(images) == len(cameras)
    for image in images.values():
        camera = cameras[int(image.name)]
        points = points_before(camera)
        seen = np.array([image.project_point(point) for point in points])
        np.testing.assert_allclose(seen, camera.project(points), atol=1e-4)
