"""A headless Chromium, and what is seen in it."""

from __future__ import annotations

import io
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.io.cameras import Lens, NamedCamera
from tvdrnet_nv.io.cameras.record import rigid, rotation_of_quaternion

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WINDOW = (800, 500)  # width, height
# OpenGL in software, which machines without a GPU have as well.
OPTIONS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; skips the test where there is none."""
    library = pytest.importorskip(
        "playwright.sync_api", reason="THE VIEWER WAS NOT TRIED IN A BROWSER: pip install 'tvdrnet_nv[browser]'"
    )
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"THE VIEWER WAS NOT TRIED IN A BROWSER: none of {', '.join(NAMES)} is installed")
    with library.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def seen(tab: Any) -> np.ndarray:
    """uint8 [H, W, 3]: the scene in a tab, without the panels."""
    return np.asarray(Image.open(io.BytesIO(tab.locator("canvas").first.screenshot())).convert("RGB"))


def pixel_of(client: Any, point: np.ndarray) -> tuple[float, float]:
    """Where in the window a browser shows a point of the mesh's frame."""
    camera = client.camera
    width, height = camera.image_width, camera.image_height
    focal = height / 2 / math.tan(camera.fov / 2)
    pose = rigid(rotation_of_quaternion("camera", *camera.wxyz), camera.position)
    named = NamedCamera("seen", pose, Lens(focal, focal, width / 2, height / 2, width, height))
    x, y = named.project(point[None])[0].tolist()
    return x, y
