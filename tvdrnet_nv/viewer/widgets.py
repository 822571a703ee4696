"""What the page's panels share."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import numpy as np
import viser

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import NamedCamera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.viewer.cameras import BrowserCamera, from_browser, to_browser

_NOTICE_SECONDS = 10.0
BLANK = np.full((2, 2, 3), 246, dtype=np.uint8)


def notice(client: viser.ClientHandle | None, title: str, text: str, color: str = "blue") -> None:
    """Tell one browser something; nothing where it has gone."""
    if client is not None:
        plain = re.sub(r"`(\w+)`", r"\1", text)  # the names of a job's fields
        client.add_notification(title, plain, auto_close_seconds=_NOTICE_SECONDS, color=color)  # pyright: ignore[reportArgumentType]


@contextlib.contextmanager
def refusals_told(client: viser.ClientHandle | None) -> Iterator[None]:
    """While it is open, input that cannot be used is told in the browser."""
    try:
        yield
    except InputError as error:
        notice(client, "This cannot be done", str(error), "red")


def camera_of(client: viser.ClientHandle, mesh: Mesh, longer: int) -> NamedCamera:
    """The camera with which a browser looks at the scene, in the coordinates of the scene's file."""
    seen = client.camera
    aspect = seen.image_width / max(seen.image_height, 1)
    return from_browser(BrowserCamera(seen.wxyz, seen.position, float(seen.fov), aspect), mesh, longer)


def go_to(client: viser.ClientHandle, camera: NamedCamera, mesh: Mesh) -> None:
    """Let a browser look from a camera. Its window has another shape; the height of what is seen is the camera's."""
    wanted = to_browser(camera, mesh)
    with client.atomic():
        client.camera.wxyz = wanted.wxyz
        client.camera.position = wanted.position
        client.camera.fov = wanted.fov_y
