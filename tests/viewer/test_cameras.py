"""Cameras as the browser has them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import from_camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import textured_box
from tvdrnet_nv.viewer.cameras import BrowserCamera, at_longer_side, from_browser, to_browser

ORIGIN = (458_000.0, 5_428_000.0, 100.0)


@pytest.fixture
def far_box() -> Mesh:
    return replace(textured_box(2), origin=ORIGIN)


def test_a_camera_goes_to_the_browser_and_back(far_box: Mesh) -> None:
    made = from_camera(
        Camera.from_look_at((3.0, 1.0, 2.0), (0.2, 0.1, 0.0), (0.0, 0.1, 1.0), 50.0),
        (240, 320),
        "view",
        np.array(ORIGIN),
    )
    shown = to_browser(made, far_box)
    np.testing.assert_allclose(shown.position, [3.0, 1.0, 2.0], atol=1e-5)
    forward = np.array([-2.8, -0.9, -2.0])
    np.testing.assert_allclose(shown.forward, forward / np.linalg.norm(forward), atol=1e-5)
    assert shown.aspect == pytest.approx(320 / 240)
    assert math.degrees(shown.fov_y) == pytest.approx(50, abs=1e-4)  # along the shorter side, here the height
    back = from_browser(shown, far_box, 320)
    np.testing.assert_allclose(back.camera_to_world, made.camera_to_world, atol=1e-5)
    np.testing.assert_allclose(back.lens, made.lens, rtol=1e-5)


@pytest.mark.parametrize(("aspect", "size"), [(2.0, (50, 100)), (0.5, (100, 50)), (math.nan, (100, 100))])
def test_the_longer_side_has_the_pixels(aspect: float, size: tuple[int, int], far_box: Mesh) -> None:
    camera = BrowserCamera(np.array([1.0, 0, 0, 0]), np.zeros(3), 1.0, aspect)
    assert from_browser(camera, far_box, 100).size == size


def test_a_smaller_picture_has_the_same_view(far_box: Mesh) -> None:
    camera = from_browser(BrowserCamera(np.array([1.0, 0, 0, 0]), np.zeros(3), 1.0, 4 / 3), far_box, 400)
    small = at_longer_side(camera, 100)
    assert small.size == (75, 100)
    points = np.array([[0.1, 0.2, 1.0], [-0.3, 0.1, 2.0]]) + np.array(ORIGIN)
    np.testing.assert_allclose(small.project(points) * 4, camera.project(points), rtol=1e-6)
    assert at_longer_side(camera, 1000).lens == camera.lens


def test_a_rotation_that_is_none_is_refused(far_box: Mesh) -> None:
    with pytest.raises(InputError, match="quaternion"):
        from_browser(BrowserCamera(np.zeros(4), np.zeros(3), 1.0, 1.0), far_box, 100)
