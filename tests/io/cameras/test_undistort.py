"""A distorted blob comes to where the pinhole camera sees its point; without OpenCV the picture is refused."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.io.cameras.examples import random_cameras
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import Distortion, undistorted

MODELS = [Distortion("opencv", (-0.2, 0.05, 1e-3, -2e-3, 0, 0, 0, 0)), Distortion("fisheye", (0.05, -0.01, 0, 0))]


@pytest.mark.parametrize("distortion", MODELS)
def test_a_blob_comes_to_the_pinholes_pixel(distortion: Distortion) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed; nothing is undistorted")
    camera = replace(random_cameras(1)[0], distortion=distortion)
    point = np.array([[[0.35, -0.2, 1.0]]])
    project = cv2.fisheye.projectPoints if distortion.model == "fisheye" else cv2.projectPoints
    K, D = camera.calibration(0.0), np.array(distortion.parameters)
    bent = project(point, np.zeros(3), np.zeros(3), K, D)[0].reshape(2)
    straight = (K @ point[0, 0])[:2]
    assert np.abs(bent - straight).max() > 3
    rows, columns = np.mgrid[: camera.lens.height, : camera.lens.width]
    blob = np.exp(-((columns - bent[0]) ** 2 + (rows - bent[1]) ** 2) / 18).astype(np.float32)
    out = undistorted(np.repeat(blob[..., None], 3, 2), camera)
    weight = out[..., 0] / out[..., 0].sum()
    np.testing.assert_allclose([(weight * columns).sum(), (weight * rows).sum()], straight, atol=0.1)


def test_without_opencv_the_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    camera = replace(random_cameras(1)[0], distortion=MODELS[0])
    with pytest.raises(InputError, match=r"needs OpenCV; type: pip install 'tvdrnet_nv\[cameras\]'"):
        undistorted(np.zeros((4, 6, 3), np.float32), camera)
